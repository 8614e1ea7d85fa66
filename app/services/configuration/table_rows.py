"""Rows of a maintained table, found by what names them everywhere and not by their number here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app import settings
from app.extensions import db
from app.ground import read_once
from app.numbers import NUMBERS
from app.validators import Invalid
from app.validators import code as read_code

Key = tuple[str, ...]
MOST_NAMED = 1000
"""So many rows are asked for by name at most; for more the table is read, which has not many more."""


@dataclass(frozen=True)
class Number:
    """A parameter with the value that holds today, as its page shows it."""

    key: str
    value: str

    @property
    def label(self) -> str:
        return str(NUMBERS[self.key].label)


def by_key(table: Any, keys: Collection[Key] | None) -> Mapping[Key, Any]:
    """Return rows of a table by key; all of them, ordered by it, for None."""
    columns = [table.column(name) for name in table.key]
    query = select(table.model).order_by(*columns)
    first = {key[0] for key in keys or ()}
    if keys is not None and len(first) <= MOST_NAMED:
        query = query.where(columns[0].in_(_stored(columns[0], first)))
    found = {
        tuple(str(getattr(row, name)) for name in table.key): row
        for row in db.session.scalars(query)
    }
    return found if keys is None else {key: row for key, row in found.items() if key in keys}


def numbers(table: Any, keys: Collection[Key] | None) -> Mapping[Key, Any]:
    """Return the parameters that the program has."""
    wanted = NUMBERS if keys is None else [key for (key,) in keys]
    return {(key,): Number(key, settings.display_value(key)) for key in wanted if key in NUMBERS}


def names(table: Any) -> Mapping[Key, str]:
    """Return the names of the rows of a table, read once."""
    return read_once.of(
        db.session(),
        ("names of rows", table.name),
        (table.model,),
        lambda: {key: getattr(row, table.title) for key, row in table.rows().items()},
    )


def can_be_key(model: Any, names: Key, parts: Key) -> bool:
    """Return whether these texts can name a row."""
    return all(
        _is_key(model.__table__.c[name], part) for name, part in zip(names, parts, strict=True)
    )


def stored_key(model: Any, names: Key, parts: Key) -> dict[str, Any]:
    """Return the columns of a key as they are stored."""
    return {
        name: _stored(model.__table__.c[name], [part])[0]
        for name, part in zip(names, parts, strict=True)
    }


def _is_key(column: Any, text: str) -> bool:
    try:
        if column.type.python_type is date:
            return date.fromisoformat(text).isoformat() == text
        return len(text) <= column.type.length and read_code(text) == text
    except (ValueError, Invalid):
        return False


def _stored(column: Any, texts: Collection[str]) -> list[Any]:
    is_day = column.type.python_type is date
    return [date.fromisoformat(text) if is_day else text for text in texts]
