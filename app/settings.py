"""Values of the named settings, by the day: what was set is in the database, what may be set in `app.numbers`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from app.extensions import db
from app.ground import clock
from app.models.settings import Setting
from app.numbers import NUMBERS, Number, Value
from app.validators import Invalid

__all__ = ["NUMBERS", "Number", "Setting", "display_value", "get", "store_value"]
STORED = (
    select(Setting.key, Setting.valid_from, Setting.value)
    .where(Setting.cancelled_at.is_(None))
    .order_by(Setting.valid_from, Setting.number)
)
Stored = dict[str, Sequence[tuple[date, str]]]
"""The values of each setting with the day from which each holds, earliest first."""


def get(key: str, on: date | None = None) -> Any:
    """Return the value of the setting `key` that holds on a day, today if none is named, or its default.

    Raises `KeyError` for an unknown key. A stored value outside the present bounds is ignored. The table is read
    once per request, whatever days are asked for.
    """
    number = NUMBERS[key]
    day = on or clock.local_date(clock.now())
    held = [value for first, value in _stored().get(key, ()) if first <= day]
    return usable(number, held[-1]) if held else number.usual


def usable(number: Number, stored: str) -> Value:
    """Return a stored value, or the default where it lies outside the present bounds."""
    try:
        return number.parse(stored)
    except Invalid:
        return number.usual


def display_value(key: str, on: date | None = None) -> str:
    """Return the value of the setting `key` as its page shows it."""
    return NUMBERS[key].show(get(key, on))


def store_value(
    key: str, raw: str, *, seen: str | None = None, valid_from: date | None = None, **facts: Any
) -> Setting:
    """Store the value typed as `raw`, valid from a day on (today), and return its row; the caller commits.

    `seen` is the value the page showed as today's; raises StaleDataError if it has changed since, and `Invalid`.
    `facts` are further columns of the row, such as who set it.
    """
    today = clock.local_date(clock.now())
    value, first = NUMBERS[key].parse(raw), valid_from or today
    rows = chain(key)
    if seen is not None and seen != display_value(key, today):
        raise StaleDataError(f"{key} was changed meanwhile")
    row = Setting(
        key=key,
        number=max((one.number for one in rows), default=0) + 1,
        value=NUMBERS[key].show(value),
        before=display_value(key, first),
        valid_from=first,
        **facts,
    )
    if (following := next_after(rows, first)) is not None:
        following.before = row.value
    db.session.add(row)
    db.session.flush()
    forget()
    return row


def chain(key: str) -> Sequence[Setting]:
    """Return every value of a setting in the order in which they hold, cancelled ones too, and lock them."""
    forget()
    return db.session.scalars(
        select(Setting)
        .where(Setting.key == key)
        .order_by(Setting.valid_from, Setting.number)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def next_after(rows: Sequence[Setting], day: date) -> Setting | None:
    """Return the value of a chain that takes over first after a day, or None."""
    later = (one for one in rows if one.cancelled_at is None and one.valid_from > day)
    return next(later, None)


def forget() -> None:
    """Read the values anew at the next question of this request, after they were changed."""
    g.pop("settings", None)


def _stored() -> Stored:
    """Return the stored values, cached for the current request only, never for the process."""
    if not has_request_context():
        return _read()
    current = request._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
    if "settings" not in g or g.settings[0] is not current:
        g.settings = (current, _read())
    values: Stored = g.settings[1]
    return values


def _read() -> Stored:
    found: dict[str, list[tuple[date, str]]] = {}
    for key, first, value in db.session.execute(STORED).tuples():
        found.setdefault(key, []).append((first, value))
    return dict(found)
