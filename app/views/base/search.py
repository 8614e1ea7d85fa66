"""The search form above a list: one field per searched column, named `q.<column>` in the URL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask import abort, url_for
from flask_babel import lazy_gettext as _
from sqlalchemy import Boolean, ColumnElement, String, select
from sqlalchemy.orm import InstrumentedAttribute

from app.enums import Labelled
from app.ground import clock
from app.models import Person
from app.services.accounts import persons
from app.services.registers import register_lookup
from app.validators import Invalid, dates
from app.views.base.aliases import Label, Page

LOOKUPS = {
    "unit": "unit",
    "committee": "committee",
    "title": "title",
    "specialty": "specialty",
    "series": "series",
    "region": "region",
    "batch": "batch",
    "plan": "plan",
    "ab_user": "account",
}


@dataclass
class SearchField:
    """A searched column; `kind` is text, number, exact, select, date_range or lookup."""

    name: str
    label: Label
    kind: str
    column: Any
    choices: Sequence[tuple[str, Label]] = field(default_factory=list)
    lookup: str = ""

    def parameters(self) -> list[str]:
        key = f"q.{self.name}"
        return [f"{key}.from", f"{key}.to"] if self.kind == "date_range" else [key]

    def condition(self, args: Mapping[str, str]) -> ColumnElement[bool] | None:
        """Return the SQL condition for the typed value, None if empty. Aborts 400 on an invalid value."""
        if self.kind == "date_range":
            return self._range(args)
        value = args.get(f"q.{self.name}", "").strip()
        if not value:
            return None
        if self.kind == "text":
            return self.column.contains(value, autoescape=True)
        if self.kind == "exact":
            return self.column.in_(select(Person.id).where(Person.id_index == value))
        return self.column == self._typed(value)

    def _typed(self, value: str) -> Any:
        column_type = self.column.type
        if isinstance(column_type, Boolean):
            return value == "1"
        if isinstance(column_type, String):
            return self._member(value) if _enum_of(self.column) else value
        try:
            number = int(value)
        except ValueError:
            abort(400)
        return number if abs(number) < 2**31 else abort(400)

    def _member(self, value: str) -> Labelled:
        try:
            return (_enum_of(self.column) or abort(400))(value)
        except ValueError:
            abort(400)

    def _range(self, args: Mapping[str, str]) -> ColumnElement[bool] | None:
        first, last = (_day(args.get(key, "").strip()) for key in self.parameters())
        is_moment = issubclass(self.column.type.python_type, datetime)
        conditions = []
        if first:
            conditions.append(self.column >= (clock.start_of_day(first) if is_moment else first))
        if last:
            conditions.append(self.column <= (clock.end_of_day(last) if is_moment else last))
        return (
            None
            if not conditions
            else conditions[0]
            if len(conditions) == 1
            else conditions[0] & conditions[1]
        )

    def shown(self, args: Mapping[str, str]) -> Page:
        """Return the field with its typed value as the template shows it."""
        value = args.get(f"q.{self.name}", "")
        drawn = {
            "name": self.name,
            "label": self.label,
            "kind": self.kind,
            "value": "" if self.kind == "exact" else value,
            "is_set": bool(value),
            "choices": self.choices,
        }
        if self.kind == "date_range":
            drawn["value_from"], drawn["value_to"] = (
                args.get(key, "") for key in self.parameters()
            )
        if self.kind == "lookup":
            drawn["lookup_url"] = url_for("Lookup.answer", kind=self.lookup)
            drawn["value_label"] = (
                (register_lookup.label_of(self.lookup, value) or value) if value else ""
            )
        return drawn


def fields_for(model: type[Any], names: list[str]) -> list[SearchField]:
    """Return the search fields for `names`; the kind of each follows from its column."""
    return [_field(model, name) for name in names]


def replace_id_number(args: Mapping[str, str]) -> dict[str, str] | None:
    """Return `args` with a typed ID number replaced by its keyed index, so that no number stands in a URL.

    Return None if there is no number to replace; an invalid number becomes empty.
    """
    value = args.get("q.id_number", "").strip()
    if not value or (len(value) == 64 and not value.isdigit()):
        return None
    try:
        return {**args, "q.id_number": persons.index_of(value)}
    except Invalid:
        return {**args, "q.id_number": ""}


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
    if enum := _enum_of(column):
        choices = [(member.value, member.label) for member in enum]
        return SearchField(name, label, "select", column, choices)
    if isinstance(source.type, Boolean):
        return SearchField(name, label, "select", column, [("1", _("Yes")), ("0", _("No"))])
    if source.type.python_type in (date, datetime):
        return SearchField(name, label, "date_range", column)
    return SearchField(name, label, "text" if isinstance(source.type, String) else "number", column)


def _enum_of(column: InstrumentedAttribute[Any]) -> type[Labelled] | None:
    enum = getattr(column.type, "enum_class", None)
    return enum if enum and issubclass(enum, StrEnum) else None


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return dates.day(text)
    except Invalid:
        abort(400)
