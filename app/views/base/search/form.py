"""The search form above a list: one field per searched column, named `q.<column>` in the URL."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import abort
from flask_babel import lazy_gettext as _
from sqlalchemy import Boolean, ColumnElement, String
from sqlalchemy.orm import InstrumentedAttribute

from app.models import Person
from app.validators import birth_of, characters, mask_id
from app.validators.identity import is_citizen_form
from app.views.base.columns import Column
from app.views.base.search.box import box_over
from app.views.base.search.field import LOOKUPS, SearchField, enum_of, index_of, is_index
from app.views.base.search.ranges import RangeField
from app.views.base.search.whose import WhoseField


def fields_for(model: type[Any], names: list[str]) -> list[SearchField]:
    """Return the search fields for `names`; the kind of each follows from its column."""
    return [_field(model, name) for name in names]


def with_box_and_ranges(
    model: type[Any],
    fields: Sequence[SearchField],
    keys: Sequence[str | Column],
    columns: Sequence[Column],
    main: Sequence[str] | None,
) -> list[SearchField]:
    """Return all fields of a list: its box, the declared `fields`, then ranges of its days and numbers.

    `keys` are the listed columns as declared, `columns` as resolved; `main` names the columns that the box
    searches, None stands for all texts among them.
    """
    box = box_over(model, fields, keys, main)
    taken = {one.name for one in fields}
    ranges = [
        RangeField(one.key, one.label, one.order)
        for one in columns
        if one.key not in taken and one.order is not None and _is_ranged(one)
    ]
    return [*([box] if box else []), *fields, *ranges]


def faults(fields: Iterable[SearchField], args: Mapping[str, str]) -> list[str]:
    """Return a sentence for each value in `args` that the person typed wrongly."""
    return [fault for one in fields if (fault := one.fault(args))]


def _is_ranged(column: Column) -> bool:
    """Return whether a column holds days, moments or numbers, and no key of another record."""
    if getattr(column.order, "foreign_keys", None) or not isinstance(
        column.order, InstrumentedAttribute
    ):
        return False
    try:
        python_type = column.order.type.python_type
    except NotImplementedError:  # a JSON column has none
        return False
    return python_type in (date, datetime, int, float, Decimal)


def hidden_id_number(
    fields: Iterable[SearchField], args: Mapping[str, str]
) -> dict[str, str] | None:
    """Return `args` without a typed ID number, also one typed into the box; None if there is none.

    It stands as its keyed index instead, where the list can be searched by it, and is left out elsewhere.
    """
    typed = characters.number(args.get("q.any", ""))
    if not (is_citizen_form(typed) and birth_of(typed) is not None):
        return replace_id_number(args)
    rest = {key: value for key, value in args.items() if key != "q.any"}
    if any(one.name == "id_number" for one in fields):
        return rest | {"q.id_number": index_of(typed)}
    return {**rest, "q.any": mask_id(typed)}


def replace_id_number(args: Mapping[str, str]) -> dict[str, str] | None:
    """Return `args` with a typed ID number replaced by its keyed index, so that no number stands in a URL.

    Return None if there is no number to replace; an invalid number becomes empty.
    """
    value = args.get("q.id_number", "").strip()
    if not value or is_index(value):
        return None
    return {**args, "q.id_number": index_of(value)}


class ZeroOrMoreField(SearchField):
    """Search field for a number: zero or more than zero."""

    def condition(self, args: Mapping[str, str]) -> ColumnElement[bool] | None:
        value = args.get(f"q.{self.name}", "").strip()
        if not value:
            return None
        if value not in dict(self.choices):
            abort(400)
        found: ColumnElement[bool] = self.column > 0 if value == "1" else self.column == 0
        return found


TALLIES = {"rules_unmet": [("0", _("all met")), ("1", _("some not met"))]}


def _field(model: type[Any], name: str) -> SearchField:
    if name == "handler":
        return WhoseField()
    if name in TALLIES:
        column = getattr(model, name)
        label = column.property.columns[0].info["label"]
        return ZeroOrMoreField(name, label, "select", column, TALLIES[name])
    if name == "id_number":
        person_id = Person.id if model is Person else model.person_id
        return SearchField(name, Person.__table__.c.id_number.info["label"], "exact", person_id)
    column = getattr(model, name if hasattr(model, name) else f"{name}_id")
    target = (
        next(iter(column.property.columns[0].foreign_keys), None)
        if hasattr(column.property, "columns")
        else None
    )
    if not hasattr(column.property, "columns"):
        column = getattr(model, f"{name}_id", None) or getattr(model, f"{name}_code")
        target = next(iter(column.property.columns[0].foreign_keys))
    source = column.property.columns[0]
    label = source.info.get("label", name)
    if target is not None and (table := target.column.table.name) in LOOKUPS:
        return SearchField(name, label, "lookup", column, lookup=LOOKUPS[table])
    if enum := enum_of(column):
        choices = [(member.value, member.label) for member in enum]
        return SearchField(name, label, "select", column, choices)
    if isinstance(source.type, Boolean):
        return SearchField(name, label, "select", column, [("1", _("Yes")), ("0", _("No"))])
    if isinstance(source.type, String):
        return SearchField(name, label, "text", column)
    return (
        SearchField(name, label, "number", column)
        if target is not None
        else RangeField(name, label, column)
    )
