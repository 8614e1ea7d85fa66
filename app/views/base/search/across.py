"""Conditions of the search across menus (全局查找): each can be answered by an index, over a million rows as well."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, union_all

from app.models import Person, text_indexes
from app.validators import characters
from app.views.base.search import indexed
from app.views.base.search.field import LOOKUPS, contains

LARGE = ("ab_user",)
"""Tables of `LOOKUPS` that are too large to be searched within a text."""

Condition = ColumnElement[bool]


def has_id_number(model: type[Any], index: str) -> Select[Any]:
    """Return the query for the keys of rows of the person whose ID number has this keyed index."""
    key = Person.id if model is Person else model.person_id
    return select(model.id).where(key.in_(select(Person.id).where(Person.id_index == index)))


def matches(model: type[Any], paths: Sequence[str], typed: str) -> Select[Any]:
    """Return the query for the keys of rows of which one of the attribute paths, such as `unit.name`, fits what was typed.

    Texts of small registers contain it; texts of large tables begin with it. Each path is asked by itself, as no
    database uses its indexes for a sub-select beside an OR.
    """
    ways = (select(model.id).where(_fits(model, path, typed)) for path in paths)
    every = union_all(*ways).subquery()
    return select(every.c.id)


def _fits(model: type[Any], path: str, typed: str) -> Condition:
    first, _dot, rest = path.partition(".")
    attribute = getattr(model, first)
    if not rest:
        return _text_of(model)(attribute, typed)
    relation = attribute.property
    target, ((own, far),) = relation.mapper.class_, relation.local_remote_pairs
    rows = select(far).where(_text_of(target)(getattr(target, rest), typed))
    found: Condition = own.in_(rows)
    return found


def _text_of(model: type[Any]) -> Callable[[Any, str], Condition]:
    return _contains if _is_small(model) else _begins


def _is_small(model: type[Any]) -> bool:
    return model.__tablename__ in LOOKUPS and model.__tablename__ not in LARGE


def _contains(column: Any, typed: str) -> Condition:
    return contains([column], typed)


def _begins(column: Any, typed: str) -> Condition:
    return or_(*(_begins_with(column, form) for form in characters.spellings(typed) or [typed]))


def _begins_with(column: Any, text: str) -> Condition:
    if indexed.is_name(column):
        return indexed.name_begins(column, text)
    return indexed.begins(text_indexes.whole(column) if indexed.is_number(column) else column, text)
