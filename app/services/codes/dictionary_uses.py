"""Where a dictionary and its values are used, and what refuses that a value goes."""

from datetime import date, timedelta

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.models import Dictionary, DictItem
from app.services.codes import program_codes, rule_values, usage, used_forms
from app.services.codes.program_codes import NEEDED, PLACES
from app.services.codes.used_forms import UsedForm

Places = list[str]


def places_of_dictionary(session: Session, kind: str) -> Places:
    """Return every place that uses a dictionary: fields, rules, the program."""
    forms = used_forms.used_forms(session)
    found = [str(place) for place in used_forms.fields_of_dictionary(forms, kind)]
    wanted = rule_values.of_dictionary(kind)
    found += [
        _rule(one.name) for one in rule_values.rules(session) if rule_values.takes(one, wanted)
    ]
    return found + ([str(PLACES[kind])] if kind in PLACES else [])


def places_needing(session: Session, kind: str, code: str) -> Places:
    """Return the places that need a value to be offered: conditions of published forms, rules, the program."""
    forms = [one for one in used_forms.used_forms(session) if not one.is_draft]
    found = _conditions(forms, kind, code)
    wanted = rule_values.of_dictionary(kind)
    found += [
        _rule(one.name)
        for one in rule_values.rules(session)
        if code in rule_values.codes_in(one, wanted)
    ]
    return found + ([str(PLACES[kind])] if code in NEEDED.get(kind, ()) else [])


def require_may_end(session: Session, item: DictItem, *, last: date | None, today: date) -> None:
    """Refuse that a value is not offered any more after `last` (None: from today on), naming the places."""
    require_none_closed(session, item.kind)
    places = places_needing(session, item.kind, item.code)
    if not _others_offered(session, item, last + timedelta(days=1) if last else today):
        forms = [one for one in used_forms.used_forms(session) if not one.is_draft]
        places += [
            gettext("%(place)s, which would have nothing left to choose", place=place)
            for place in used_forms.fields_of_dictionary(forms, item.kind)
            if place.is_required
        ]
    if places:
        raise Refused(
            gettext(
                "“%(name)s” has to stay: it is needed by %(places)s. Change these places first.",
                name=item.label,
                places=joined(places),
            )
        )


def require_change(
    session: Session,
    item: DictItem,
    *,
    today: date,
    is_active: bool,
    first: date | None,
    last: date | None,
) -> None:
    """Refuse new days or a retirement that would take a value away where it is needed."""
    if item.merged_into and is_active:
        raise Refused(
            gettext("“%(name)s” was merged into another value and stays retired.", name=item.label)
        )
    is_gone = not is_active or (first is not None and first > today)
    was_gone = not item.is_active or (item.valid_from is not None and item.valid_from > today)
    if is_gone and not was_gone:
        require_may_end(session, item, last=None, today=today)
    elif last is not None and not is_gone and (item.valid_to is None or last < item.valid_to):
        require_may_end(session, item, last=max(last, today - timedelta(days=1)), today=today)


def code_refusal(session: Session, item: DictItem, *, is_thorough: bool = False) -> str | None:
    """Return why the code of a value cannot be changed, None if nothing uses it.

    With `is_thorough` what was handed in earlier is looked through as well.
    """
    if count := usage.count_applications(session, item.kind, item.code):
        return gettext(
            "The code cannot be changed: %(count)s applications have this value.", count=count
        )
    places = places_needing(session, item.kind, item.code)
    if program_codes.meaning(item.kind, item.code) is not None:
        places = list(dict.fromkeys([*places, str(PLACES[item.kind])]))
    if places:
        return gettext("The code cannot be changed: %(places)s.", places=joined(places))
    if is_thorough and usage.is_stored(session, item.kind, item.code):
        return gettext(
            "The code cannot be changed: applications handed in earlier have this value."
        )
    return None


def require_open(session: Session, kind: str) -> None:
    """Refuse new values for a closed dictionary."""
    head = session.get_one(Dictionary, kind)
    if head.is_closed:
        raise Refused(
            gettext(
                "“%(name)s” is closed: it takes no new values. Open it first, if its meaning allows that.",
                name=head.name,
            )
        )


def dictionary_refusal(session: Session, head: Dictionary) -> str | None:
    """Return why a dictionary cannot be retired, naming the places that use it, or None."""
    if places := places_of_dictionary(session, head.code):
        return gettext(
            "“%(name)s” has to stay: it is used by %(places)s.",
            name=head.name,
            places=joined(places),
        )
    return None


def joined(places: Places) -> str:
    """Return places as one text, the first ten in words."""
    more = [gettext("%(count)s more", count=len(places) - 10)] if len(places) > 10 else []
    return gettext("; ").join([*places[:10], *more])


def require_none_closed(session: Session, kind: str) -> None:
    """Refuse that a value of a closed dictionary goes."""
    head = session.get_one(Dictionary, kind)
    if head.is_closed:
        raise Refused(
            gettext(
                "“%(name)s” is closed: none of its values may go. Open it first, if its meaning allows that.",
                name=head.name,
            )
        )


def _conditions(forms: list[UsedForm], kind: str, code: str) -> Places:
    return [
        gettext("%(place)s, shown or required for this value", place=place)
        for place, codes in used_forms.conditions_on(forms, kind)
        if code in codes
    ]


def _rule(name: str) -> str:
    return gettext("condition for applying “%(name)s”", name=name)


def _others_offered(session: Session, item: DictItem, day: date) -> bool:
    """Return whether another value is offered on `day`."""
    query = select(DictItem.id).where(
        DictItem.kind == item.kind,
        DictItem.id != item.id,
        DictItem.is_offered_on(day),
    )
    return session.scalar(query.limit(1)) is not None
