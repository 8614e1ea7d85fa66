"""Parameters that a system administrator changes, from a day on; two administrators weaken the sign-in, one alone never.

A change is never overwritten: it is a row with its day, its author and its remark (`app/models/settings.py`). One that
has not begun is cancelled; one that holds is undone by a further change with the value before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from app import settings
from app.engine import Act, Refused
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Consent, Setting
from app.numbers import NUMBERS
from app.services.accounts import consents, two_administrators
from app.services.ground.audit import audit

FARTHEST = timedelta(days=5 * 366)
"""How far ahead a value may be set."""


@dataclass(frozen=True)
class Wish:
    """A value somebody wants: as typed, from which day on (None: today), by whose decree, and what the page showed."""

    key: str
    typed: str
    seen: str
    valid_from: date | None = None
    remark: str = ""

    @property
    def first(self) -> date:
        """Return the first day on which it is to hold."""
        return self.valid_from or _today()


def change(
    actor: Actor, wish: Wish, *, second: Actor | None = None, undoes: Setting | None = None
) -> Setting:
    """Store a value; the caller commits.

    Raises Invalid for a value out of bounds, Refused for an impossible day, StaleDataError when somebody else saved
    first, SecondNeeded when the value makes the sign-in weaker, unless `second` agreed.
    """
    check(wish)
    before = settings.display_value(wish.key, wish.first)
    two_administrators.require(actor, second, why_two(wish))
    row = settings.store_value(
        wish.key,
        wish.typed,
        seen=wish.seen,
        valid_from=wish.first,
        remark=wish.remark,
        actor_id=actor.user_id,
        actor_name=actor.name,
        second_name=second.name if second else "",
        undoes_id=undoes.id if undoes else None,
    )
    _log(actor, row, before=before, after=row.value, second=second)
    return row


def check(wish: Wish) -> None:
    """Refuse a value that cannot be set on this day; a value like the one that holds then changes nothing.

    Raises Invalid, Refused, and StaleDataError when somebody else saved first.
    """
    number, today = NUMBERS[wish.key], _today()
    value = number.parse(wish.typed)
    if wish.seen != settings.display_value(wish.key):
        raise StaleDataError(f"{wish.key} was changed meanwhile")
    if wish.first < today:
        raise Refused(
            gettext(
                "A value holds from today (%(today)s) or a later day on; what was done before cannot be changed.",
                today=today.isoformat(),
            ),
            "valid_from",
        )
    if wish.first > today + FARTHEST:
        raise Refused(gettext("Name a day within the next five years."), "valid_from")
    _refuse_same_day(wish, today)
    if value == settings.get(wish.key, wish.first):
        raise Refused(
            gettext(
                "“%(label)s” is already %(value)s on %(day)s; there is nothing to save.",
                label=number.label,
                value=number.show(value),
                day=wish.first.isoformat(),
            ),
            "value",
        )


def cancel(actor: Actor, pk: int, *, at: datetime, second: Actor | None = None) -> Setting:
    """Cancel a value that has not begun and return it; the caller commits. Raises Refused and SecondNeeded."""
    row = _find(pk)
    if row is None or row.cancelled_at is not None:
        raise Refused(gettext("This value was cancelled already; load the page again."))
    if row.valid_from <= _today():
        raise Refused(gettext("This value holds already. Undo it instead."))
    number = NUMBERS[row.key]
    before = settings.display_value(row.key, row.valid_from - timedelta(days=1))
    if number.is_weaker(number.parse(before), _value(row)):
        two_administrators.require(actor, second, _weaker_sentence(row.key))
    following = settings.next_after(settings.chain(row.key), row.valid_from)
    if following is not None:
        following.before = before
    row.cancelled_at, row.cancelled_by = at, actor.name
    db.session.flush()
    settings.forget()
    _log(actor, row, before=row.value, after=before, second=second, cancelled=True)
    return row


def undo(actor: Actor, pk: int, *, second: Actor | None = None) -> Setting:
    """Set the value from before a change again, from today on, and return the new row; the caller commits.

    Raises Refused where a later change was built on it, and SecondNeeded as `change`.
    """
    row = _find(pk)
    if row is None:
        raise Refused(gettext("There is no such change; load the page again."))
    if why := why_not_undone(row, settings.chain(row.key)):
        raise Refused(why)
    return change(actor, wish_to_undo(row), second=second, undoes=row)


def wish_to_undo(row: Setting) -> Wish:
    """Return the value that undoing a change brings back."""
    remark = gettext("Undoes the change of %(day)s", day=row.valid_from.isoformat())
    return Wish(row.key, row.before, settings.display_value(row.key), None, remark)


def why_not_undone(row: Setting, rows: Sequence[Setting]) -> str | None:
    """Return why a change among all of its setting cannot be undone, or None."""
    if row.cancelled_at is not None:
        return gettext("This value was cancelled before its day; there is nothing to undo.")
    if row.valid_from > _today():
        return gettext("This value does not hold yet. Cancel it instead.")
    if not row.before:
        return gettext(
            "What held before was not kept at that time. Enter the value that is to hold."
        )
    order = (row.valid_from, row.number)
    for one in rows:
        if one.cancelled_at is None and (one.valid_from, one.number) > order:
            return gettext(
                "%(name)s set %(value)s from %(day)s on after it. Undo or cancel that first.",
                name=one.actor_name or gettext("Somebody"),
                value=one.value,
                day=one.valid_from.isoformat(),
            )
    return None


def history(key: str) -> list[Setting]:
    """Return every value of a setting, the last one first."""
    query = select(Setting).where(Setting.key == key)
    return list(
        db.session.scalars(query.order_by(Setting.valid_from.desc(), Setting.number.desc()))
    )


def coming(day: date) -> dict[str, Setting]:
    """Return for each setting the value that takes over next after a day, in one statement."""
    query = select(Setting).where(Setting.valid_from > day, Setting.cancelled_at.is_(None))
    rows = db.session.scalars(query.order_by(Setting.valid_from.desc(), Setting.number.desc()))
    return {one.key: one for one in rows}


def ask(actor: Actor, wish: Wish, *, reason: str, at: datetime) -> Consent:
    """Ask a second administrator to agree to a weaker value. Raises as `change`."""
    check(wish)
    number = NUMBERS[wish.key]
    details = {
        "key": wish.key,
        "value": wish.typed,
        "seen": wish.seen,
        "valid_from": wish.first.isoformat(),
        "remark": wish.remark,
    }
    subject = gettext(
        "%(label)s: %(before)s → %(after)s from %(day)s on",
        label=number.label,
        before=settings.display_value(wish.key, wish.first),
        after=number.show(number.parse(wish.typed)),
        day=wish.first.isoformat(),
    )
    return consents.ask(actor, KIND.name, subject=subject, reason=reason, at=at, details=details)


def ask_to_cancel(actor: Actor, row: Setting, *, reason: str, at: datetime) -> Consent:
    """Ask a second administrator to agree that a value that has not begun is cancelled."""
    subject = gettext(
        "%(label)s: cancel %(value)s from %(day)s on",
        label=NUMBERS[row.key].label,
        value=row.value,
        day=row.valid_from.isoformat(),
    )
    details = {"key": row.key, "cancels": row.id, "seen": settings.display_value(row.key)}
    return consents.ask(actor, KIND.name, subject=subject, reason=reason, at=at, details=details)


def _refuse_same_day(wish: Wish, today: date) -> None:
    for one in history(wish.key) if wish.first > today else ():
        if one.cancelled_at is None and one.valid_from == wish.first:
            raise Refused(
                gettext(
                    "%(name)s has set %(value)s from this day on already. Cancel that value first.",
                    name=one.actor_name or gettext("Somebody"),
                    value=one.value,
                ),
                "valid_from",
            )


def why_two(wish: Wish) -> str | None:
    """Return why two administrators decide on a value, or None."""
    number = NUMBERS[wish.key]
    if not number.is_weaker(number.parse(wish.typed), settings.get(wish.key, wish.first)):
        return None
    return _weaker_sentence(wish.key)


def _weaker_sentence(key: str) -> str:
    return gettext(
        "This value makes signing in less safe. Two administrators decide on “%(name)s”.",
        name=NUMBERS[key].label,
    )


def _find(pk: int) -> Setting | None:
    """Return a change of a setting that the program still has, locked."""
    row = db.session.get(Setting, pk, with_for_update=True, populate_existing=True)
    return row if row is not None and row.key in NUMBERS else None


def _value(row: Setting) -> Any:
    return settings.usable(NUMBERS[row.key], row.value)


def _today() -> date:
    return clock.local_date(clock.now())


def _log(
    actor: Actor,
    row: Setting,
    *,
    before: str,
    after: str,
    second: Actor | None,
    cancelled: bool = False,
) -> None:
    facts: dict[str, Any] = {"from": before, "to": after, "valid_from": row.valid_from.isoformat()}
    if row.remark:
        facts["remark"] = row.remark
    if cancelled:
        facts["cancelled"] = True
    if second:
        facts["second"] = second.user_id
    audit("parameter", actor=actor, subject=row.key, details=facts)


def _wish_of(consent: Consent) -> Wish:
    """Return what was asked for; a day that went by while it waited becomes today."""
    kept = consent.details
    day = kept.get("valid_from")
    wish = Wish(kept["key"], kept["value"], kept["seen"], remark=kept.get("remark", ""))
    return replace(wish, valid_from=max(date.fromisoformat(day), _today())) if day else wish


def _carry_out(act: Act) -> None:
    consent: Consent = act.record
    asker = consents.asker_of(consent)
    if "cancels" in consent.details:
        cancel(asker, consent.details["cancels"], at=act.at, second=act.actor)
    else:
        change(asker, _wish_of(consent), second=act.actor)


def _why_not(consent: Consent) -> str | None:
    now = settings.display_value(consent.details["key"])
    if now == consent.details["seen"]:
        return None
    return gettext("The value was changed meanwhile; it is %(value)s now. Decline it.", value=now)


KIND = consents.register(consents.Kind("parameter", _("Change a parameter"), _carry_out, _why_not))
