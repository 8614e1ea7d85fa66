"""Columns of a maintained table as values of a file: written, read with a sentence for what is wrong, put into words."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext
from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, String, Text

from app.services.form import condition_texts
from app.validators import Invalid
from app.validators import text as plain_text
from app.validators.dates import day as read_day

LONGEST = 4000
SMALLEST, LARGEST = -(2**31), 2**31 - 1
Values = Mapping[str, Any]


def written(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return columns of a row as a file holds them: days as ISO text, choices as their value."""
    return {name: _plain(getattr(row, name)) for name in names}


def read(column: Column[Any], value: Any) -> Any:
    """Return the value of a file as the column stores it. Raises Invalid."""
    if value is None and column.nullable:
        return None
    for kind, reader in READERS.items():
        if isinstance(column.type, kind):
            return reader(column, value)
    raise TypeError(column)


def label(column: Column[Any]) -> str:
    """Return the name of a column on pages."""
    return str(column.info.get("label", column.key))


def words(column: Column[Any], value: Any) -> str:
    """Return a value of a file in words; one of another type than the column's as it stands there."""
    if value in (None, "", {}, []):
        return gettext("(empty)")
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(column.type, Enum):
        return next((str(one.label) for one in choices(column) if one.value == value), str(value))
    if isinstance(value, dict) and all(isinstance(one, list) for one in value.values()):
        return condition_texts.condition_text(value)
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def choices(column: Column[Any]) -> Any:
    """Return the enumeration of a column of choices."""
    return column.type.enum_class  # type: ignore[attr-defined]  # asked for columns of choices only


def _text(column: Column[Any], value: Any) -> str:
    if not isinstance(value, str):
        raise Invalid(gettext("A text is expected, not “%(value)s”.", value=str(value)[:40]))
    is_long = isinstance(column.type, Text)
    most = getattr(column.type, "length", None) or LONGEST
    has_default = column.default is not None or column.server_default is not None
    least = 0 if has_default or column.nullable else 1
    return plain_text(value, max_length=most, min_length=least, multiline=is_long)


def _number(column: Column[Any], value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not SMALLEST <= value <= LARGEST:
        raise Invalid(
            gettext("A whole number is expected, not “%(value)s”.", value=str(value)[:40])
        )
    return value


def _tick(column: Column[Any], value: Any) -> bool:
    if not isinstance(value, bool):
        raise Invalid(gettext("Yes or no is expected, not “%(value)s”.", value=str(value)[:40]))
    return value


def _day(column: Column[Any], value: Any) -> date:
    return read_day(str(value)[:40])


def _choice(column: Column[Any], value: Any) -> Any:
    for one in choices(column):
        if one.value == value:
            return one
    raise Invalid(
        gettext(
            "“%(value)s” is none of: %(choices)s.",
            value=str(value)[:40],
            choices=gettext(", ").join(one.value for one in choices(column)),
        )
    )


def _group(column: Column[Any], value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid(
            gettext("A group of named values is expected, not “%(value)s”.", value=str(value)[:40])
        )
    return value


READERS: Mapping[type[Any], Callable[[Column[Any], Any], Any]] = {
    Enum: _choice,
    String: _text,
    Boolean: _tick,
    Integer: _number,
    Date: _day,
    JSON: _group,
}
"""By the type of the column; a choice before the text that it is stored as."""
