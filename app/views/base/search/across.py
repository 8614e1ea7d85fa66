"""Conditions of the search across menus (全局查找): each can be answered by an index, over a million rows as well."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from app.extensions import db
from app.models import Person
from app.validators import characters
from app.views.base.search.field import LOOKUPS, contains

LARGE = ("ab_user",)
"""Tables of `LOOKUPS` that are too large to be searched within a text."""
LAST = "\U0010ffff"
"""The last character there is, for the end of a range of texts."""

Condition = ColumnElement[bool]


def has_id_number(model: type[Any], index: str) -> Condition:
    """Return the condition for rows of the person whose ID number has this keyed index."""
    key = Person.id if model is Person else model.person_id
    found: Condition = key.in_(select(Person.id).where(Person.id_index == index))
    return found


def matches(model: type[Any], paths: Sequence[str], typed: str) -> Condition:
    """Return the condition that one of the attribute paths, such as `number` or `unit.name`, fits what was typed.

    Texts of small registers contain it; texts of large tables begin with it.
    """
    return or_(*(_fits(model, path, typed) for path in paths))


def _fits(model: type[Any], path: str, typed: str) -> Condition:
    first, _dot, rest = path.partition(".")
    attribute = getattr(model, first)
    if not rest:
        return _text_of(model)(attribute, typed)
    relation = attribute.property
    target, ((own, far),) = relation.mapper.class_, relation.local_remote_pairs
    found: Condition = own.in_(select(far).where(_text_of(target)(getattr(target, rest), typed)))
    return found


def _text_of(model: type[Any]) -> Callable[[Any, str], Condition]:
    is_small = model.__tablename__ in LOOKUPS and model.__tablename__ not in LARGE
    return _contains if is_small else _begins


def _contains(column: Any, typed: str) -> Condition:
    return contains([column], typed)


def _begins(column: Any, typed: str) -> Condition:
    return or_(*(_begins_with(column, form) for form in characters.spellings(typed) or [typed]))


def _begins_with(column: Any, text: str) -> Condition:
    """Compare as a range where texts are in the order of their characters: SQLite uses no index for LIKE."""
    if text.isascii() and text.isdigit():
        is_longer: Condition = column.between(text, text.ljust(column.type.length, "9"))
        return is_longer & column.startswith(text)
    if db.engine.dialect.name == "sqlite":
        in_range: Condition = column.between(text, text + LAST)
        return in_range
    begins: Condition = column.startswith(text, autoescape=True)
    return begins
