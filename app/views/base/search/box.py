"""The one box of a list: finds a row by any of the list's main columns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, String, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, RelationshipProperty

from app.views.base.aliases import Label, Page
from app.views.base.columns import Column, label_of
from app.views.base.search import indexed
from app.views.base.search.field import LOOKUPS, SearchField, contains, enum_of

WORDS = 5
"""More words than these are taken as one with the last."""

REGISTERS = frozenset(LOOKUPS) - {"ab_user"}
"""Tables so small that all their matching rows are found first."""

Condition = ColumnElement[bool]
Search = Callable[[str, bool], Condition | None]
"""Returns the condition for a word; True lets it read keys from a register first, so that an index can be used."""


class SearchBox(SearchField):
    """Search field over several columns; every word typed must stand in one of them."""

    def __init__(self, searches: Sequence[tuple[Label, Search]]) -> None:
        super().__init__("any", _("Find in list"), "box", None)
        self.searches = searches

    def condition(self, args: Mapping[str, str]) -> Condition | None:
        words = args.get("q.any", "").split(maxsplit=WORDS - 1)
        # one word is enough to find few rows, and each takes statements of its own
        chief = max(words, key=len, default="")
        return and_(*(self._has(word, word == chief) for word in words)) if words else None

    def shown(self, args: Mapping[str, str]) -> Page:
        labels = dict.fromkeys(str(label) for label, _search in self.searches)
        return super().shown(args) | {"hint": gettext(", ").join(labels)}

    def _has(self, word: str, may_read: bool) -> Condition:
        found = (search(word, may_read) for _label, search in self.searches)
        return or_(*(one for one in found if one is not None))


def box_over(
    model: type[Any],
    fields: Sequence[SearchField],
    keys: Sequence[str | Column],
    main: Sequence[str] | None = None,
) -> SearchBox | None:
    """Return the box over the text fields of a list and the texts among its columns; None without any.

    `main` limits it to these columns. A text field is asked itself, so that what it keeps back stays back.
    A column that is computed is not searched.
    """
    searches: dict[str, tuple[Label, Search]] = {
        one.name: (one.label, _asking(one))
        for one in fields
        if one.kind == "text" and (main is None or one.name in main)
    }
    for path in _texts(fields, keys) if main is None else main:
        name = path.removesuffix(".name")
        if name not in searches and (found := _path_search(model, path)):
            searches[name] = found
    return SearchBox(list(searches.values())) if searches else None


def _texts(fields: Sequence[SearchField], keys: Sequence[str | Column]) -> list[str]:
    """Return the attribute paths among the columns and look-ups of a list; none that another field searches."""
    taken = {one.name for one in fields if one.kind != "lookup"}
    paths = [key for key in keys if isinstance(key, str) and key not in taken]
    return [*paths, *(one.name for one in fields if one.kind == "lookup")]


def _asking(field: SearchField) -> Search:
    return lambda word, _may_read: field.condition({f"q.{field.name}": word})


def _path_search(model: type[Any], path: str) -> tuple[Label, Search] | None:
    """Return label and search of the text at an attribute path such as `number`, `unit` or `plan.name`."""
    first, _dot, rest = path.partition(".")
    attribute = getattr(model, first, None)
    if not isinstance(attribute, InstrumentedAttribute):
        return None
    if isinstance(attribute.property, RelationshipProperty):
        return _related_search(model, attribute, rest)
    is_text = isinstance(attribute.type, String) and not attribute.property.columns[0].foreign_keys
    if rest or not is_text or enum_of(attribute):
        return None
    return label_of(model, first, attribute), lambda word, _may_read: contains([attribute], word)


def _related_search(
    model: type[Any], relation: InstrumentedAttribute[Any], rest: str
) -> tuple[Label, Search] | None:
    target = relation.property.mapper.class_
    name = rest or ("real_name" if hasattr(target, "real_name") else "name")
    inner = _path_search(target, name)
    if inner is None or relation.property.uselist:
        return None
    label = label_of(model, relation.key, relation) if name in ("name", "real_name") else inner[0]
    return label, _through(relation, inner[1])


def _through(relation: InstrumentedAttribute[Any], search: Search) -> Search:
    """Return the search of a related text: for a register from its few rows, otherwise row by row by the key."""
    prop = relation.property
    (own, far), *more = prop.local_remote_pairs
    if more or far.table.name not in REGISTERS or prop.direction.name != "MANYTOONE":
        return lambda word, may_read: _if_any(search(word, may_read), relation.has)

    def has_one(word: str, may_read: bool) -> Condition | None:
        if (found := search(word, may_read)) is None:
            return None
        rows = select(far).where(found)
        return indexed.among(own, rows) if may_read else own.in_(rows)

    return has_one


def _if_any(found: Condition | None, within: Callable[[Condition], Condition]) -> Condition | None:
    return None if found is None else within(found)
