"""The public source of a draw: named with a later day, its value entered by the office and confirmed.

Both sides commit before the day of the source and open their secrets after its value is confirmed, so nobody
can choose a secret, or the value, to suit the result.
"""

from datetime import date

from flask_babel import gettext

from app.engine import Act, Refused
from app.enums import PublicSource, Role
from app.ground import clock
from app.models import Draw, Plan
from app.services.draw import draw_messages, public_sources
from app.services.draw.draw_messages import DRAWS
from app.validators import Invalid, dates, text

NAME_LENGTH = 80


def names_source(act: Act) -> str | None:
    """Store kind, day and name of the public source, if one is named. Raises Refused at its field."""
    draw, given = act.record, act.details
    name, kind = _name(act), given.get("source_kind") or ""
    day = given.get("source_day")
    draw.public_source = ""
    if not kind:
        if name or day:
            raise Refused(gettext("Choose the kind of the public source, too."), "source_kind")
        return None
    draw.source_kind, draw.source_day = _kind(kind), _day(act, day)
    draw.public_source = gettext(
        "%(kind)s %(name)s, result of %(day)s",
        kind=draw.source_kind.label,
        name=name,
        day=draw.source_day.isoformat(),
    )
    act.notes["source"] = draw.public_source
    return None


def _name(act: Act) -> str:
    try:
        return text(act.details.get("public_source") or "", min_length=0, max_length=NAME_LENGTH)
    except Invalid as invalid:
        raise Refused(invalid, "public_source") from None


def _kind(given: str) -> PublicSource:
    if given in list(PublicSource):
        return PublicSource(given)
    raise Refused(gettext("Choose one of the kinds offered."), "source_kind")


def _day(act: Act, given: date | str | None) -> date:
    """Return the day of the source: later than today, while the meeting can still be drawn."""
    plan = act.session.get_one(Plan, act.record.plan_id)
    try:
        day = given if isinstance(given, date) else dates.day(given or "")
    except Invalid as invalid:
        raise Refused(invalid, "source_day") from None
    if clock.local_date(act.at) < day <= plan.closes_on:
        return day
    raise Refused(
        gettext(
            "The source is drawn on a day after today and until %(day)s, the end of the meeting; otherwise its "
            "value is known already.",
            day=plan.closes_on.isoformat(),
        ),
        "source_day",
    )


def is_before_source(act: Act) -> str | None:
    """Refuse a commitment on the day of the source or later: a secret must not be chosen to suit its value."""
    draw: Draw = act.record
    if draw.source_day is None or clock.local_date(act.at) < draw.source_day:
        return None
    return gettext(
        "Both sides had to commit before %(day)s, the day of the public source. Ask to make this draw void and "
        "freeze the pool again with a later day.",
        day=draw.source_day.isoformat(),
    )


def has_kind(act: Act) -> str | None:
    """Refuse a draw without a public source, and one that named it without kind and day."""
    draw: Draw = act.record
    if draw.source_kind is not None:
        return None
    if draw.public_source:
        return gettext(
            "The public source was named without its kind and day. Ask to make this draw void and freeze the "
            "pool again."
        )
    return gettext("No public source was named for this draw; both sides reveal now.")


def is_source_day(act: Act) -> str | None:
    """Refuse the value before the day of the source."""
    draw: Draw = act.record
    if draw.source_day is None or clock.local_date(act.at) >= draw.source_day:
        return None
    return gettext(
        "The public source is drawn on %(day)s; its value can be entered from that day on.",
        day=draw.source_day.isoformat(),
    )


def is_unconfirmed(act: Act) -> str | None:
    """Refuse another value once the supervisor has confirmed one."""
    if act.record.value_confirmed_by is None:
        return None
    return gettext("The value %(value)s is confirmed and stays.", value=act.record.public_value)


def is_value(act: Act) -> str | None:
    """Store the typed value in its one spelling. Raises Refused at `public_value`."""
    draw: Draw = act.record
    try:
        draw.public_value = public_sources.canonical(
            PublicSource(draw.source_kind or ""), str(act.details.get("public_value") or "")
        )
    except Invalid as invalid:
        raise Refused(invalid, "public_value") from None
    act.notes["value"] = draw.public_value
    return None


def note_value(act: Act) -> None:
    """Store who entered the value, and tell the supervisor that it waits for the confirmation."""
    draw: Draw = act.record
    draw.value_by = act.actor.user_id
    _tell(act, Role.SUPERVISOR, "draw.value_entered")


def is_entered(act: Act) -> str | None:
    """Refuse to confirm or return a value that nobody has entered, or that was confirmed already."""
    if act.record.value_by is None:
        return gettext("The office has not entered the value of the public source yet.")
    return is_unconfirmed(act)


def is_not_who_entered(act: Act) -> str | None:
    """Refuse a confirmation by the person who entered the value, even in another position."""
    if act.record.value_by != act.actor.user_id:
        return None
    return gettext("You entered this value; somebody else confirms it.")


def confirm(act: Act) -> None:
    """Store who confirmed the value; it cannot be changed afterwards."""
    act.record.value_confirmed_by = act.actor.user_id
    act.notes["value"] = act.record.public_value
    _tell(act, Role.OFFICE, "draw.value_confirmed")


def drop(act: Act) -> None:
    """Delete the value, so that the office enters it again."""
    act.notes["value"] = act.record.public_value
    act.record.public_value, act.record.value_by = "", None
    _tell(act, Role.OFFICE, "draw.value_returned", opinion=act.opinion)


def is_settled(act: Act) -> str | None:
    """Refuse to open a secret while a public source was named and its value is not confirmed."""
    draw: Draw = act.record
    if not draw.public_source or draw.value_confirmed_by is not None:
        return None
    if draw.source_kind is None:
        return has_kind(act)
    if draw.value_by is None:
        return is_source_day(act) or gettext(
            "First the office enters the value of the public source: %(name)s.",
            name=draw.public_source,
        )
    return gettext(
        "First the supervisor confirms the value of the public source: %(value)s.",
        value=draw.public_value,
    )


def _tell(act: Act, role: Role, template: str, **payload: str) -> None:
    plan = act.session.get_one(Plan, act.record.plan_id)
    draw_messages.tell_side(
        act,
        plan,
        role,
        template,
        url=f"{DRAWS}{act.record.id}",
        value=act.record.public_value,
        source=act.record.public_source,
        **payload,
    )
