"""Conditions on texts that an index answers, over a million rows as well; the indexes are in `models/text_indexes`."""

from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_

from app.extensions import db
from app.models import text_indexes

LAST = "\U0010ffff"
"""The last character there is, for the end of a range of texts."""
MOST_KEYS = 200
"""Rows of a register that are named one by one in a condition."""

Condition = ColumnElement[bool]


def is_name(column: Any) -> bool:
    """Return whether the column is a name of which every part is indexed."""
    return column.key == "name" and column.class_.__tablename__ in text_indexes.NAMED


def is_number(column: Any) -> bool:
    """Return whether the column is a number whose beginning and end are indexed."""
    return column.key == "number" and column.class_.__tablename__ in text_indexes.NUMBERED


def name_contains(name: Any, typed: str) -> Condition:
    """Return the condition that a name contains two or more characters, capital and small letters alike."""
    places = [
        begins(text_indexes.from_place(name, place), typed.lower()) for place in text_indexes.PLACES
    ]
    return or_(*places, text_indexes.is_long(name) & name.icontains(typed, autoescape=True))


def name_begins(name: Any, typed: str) -> Condition:
    """Return the condition that a name begins with a text, capital and small letters alike."""
    return begins(text_indexes.from_place(name, 1), typed.lower())


def number_has(number: Any, typed: str) -> Condition:
    """Return the condition that a number begins with a text, or ends with one of TAIL characters or more."""
    has_begin = begins(text_indexes.whole(number), typed)
    if len(typed) < text_indexes.TAIL:
        return has_begin
    has_tail = text_indexes.tail(number) == typed[-text_indexes.TAIL :]
    return has_begin | (has_tail & number.endswith(typed, autoescape=True))


def begins(expression: Any, text: str) -> Condition:
    """Compare as a range where texts are in the order of their characters: SQLite uses no index for LIKE."""
    if db.engine.dialect.name == "sqlite":
        in_range: Condition = expression.between(text, text + LAST)
        return in_range
    found: Condition = expression.startswith(text, autoescape=True)
    return found


def among(column: Any, rows: Select[Any]) -> Condition:
    """Return the condition that a key is among those that `rows` selects from a register.

    A few are named one by one, since no database uses its indexes for a sub-select beside an OR.
    """
    keys = db.session.scalars(rows.limit(MOST_KEYS + 1)).all()
    if not keys:
        return false()
    found: Condition = column.in_(keys if len(keys) <= MOST_KEYS else rows)
    return found
