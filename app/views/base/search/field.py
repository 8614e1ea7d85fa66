"""One field of the search form above a list: its value in the URL, its SQL condition, and how it is shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask import abort, url_for
from sqlalchemy import Boolean, ColumnElement, String, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.enums import Labelled
from app.models import Person
from app.services.accounts import persons
from app.services.registers import register_lookup
from app.validators import Invalid, characters
from app.views.base.aliases import Label, Page
from app.views.base.search import indexed

LOOKUPS = {
    "unit": "unit",
    "committee": "committee",
    "title": "title",
    "specialty": "specialty",
    "series": "series",
    "region": "region",
    "batch": "batch",
    "plan": "plan",
    "own_role": "own_role",
    "ab_user": "account",
}
"""Tables that a look-up offers: table → its kind."""

ID_NUMBER = "id_number"
"""Name of the search by ID number, which goes by its keyed index."""


@dataclass
class SearchField:
    """A searched column; `kind` is text, exact, select, date_range, number_range or lookup."""

    name: str
    label: Label
    kind: str
    column: Any
    choices: Sequence[tuple[str, Label]] = field(default_factory=list)
    lookup: str = ""

    def parameters(self) -> list[str]:
        """Return the names of its values in the URL."""
        return [f"q.{self.name}"]

    def fault(self, args: Mapping[str, str]) -> str | None:
        """Return a sentence about what the person typed wrongly, None if nothing."""
        return None

    def condition(self, args: Mapping[str, str]) -> ColumnElement[bool] | None:
        """Return the SQL condition for the typed value, None if empty. Aborts 400 on an invalid value."""
        value = args.get(f"q.{self.name}", "").strip()
        if not value:
            return None
        if self.kind == "text":
            return contains([self.column], value)
        if self.kind == "exact":
            return self.column.in_(select(Person.id).where(Person.id_index == index_of(value)))
        return self.column == self._typed(value)

    def _typed(self, value: str) -> Any:
        column_type = self.column.type
        if isinstance(column_type, Boolean):
            return value == "1"
        if isinstance(column_type, String):
            return self._member(value) if enum_of(self.column) else value
        try:
            number = int(characters.number(value))
        except ValueError:
            abort(400)
        return number if abs(number) < 2**31 else abort(400)

    def _member(self, value: str) -> Labelled:
        try:
            return (enum_of(self.column) or abort(400))(value)
        except ValueError:
            abort(400)

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
        if self.kind == "lookup":
            drawn["lookup_url"] = url_for("Lookup.answer", kind=self.lookup)
            drawn["value_label"] = (
                (register_lookup.label_of(self.lookup, value) or value) if value else ""
            )
        return drawn


def contains(columns: Iterable[Any], typed: str) -> ColumnElement[bool]:
    """Return the condition that one of `columns` contains what was typed, in any form in which it is stored.

    Capital and small letters are alike, also on PostgreSQL. A number of a large table begins with it, or
    ends with four characters or more of it.
    """
    spelt = characters.spellings(typed) or [typed]
    forms = {form.lower(): form for form in spelt}.values()
    return or_(*(_has(column, form) for column in columns for form in forms))


def _has(column: Any, form: str) -> ColumnElement[bool]:
    if len(form) > 1 and indexed.is_name(column):
        return indexed.name_contains(column, form)
    if indexed.is_number(column):
        return indexed.number_has(column, form)
    has_letters = form.lower() != form.upper()
    compare = column.icontains if has_letters else column.contains
    found: ColumnElement[bool] = compare(form, autoescape=True)
    return found


def is_index(value: str) -> bool:
    """Return whether `value` is a keyed index, not a typed ID number."""
    return len(value) == 64 and not value.isdigit()


def index_of(value: str) -> str:
    """Return the keyed index of a typed ID number, "" for what is none; an index stays as it is."""
    try:
        return value if is_index(value) else persons.index_of(value)
    except Invalid:
        return ""


def enum_of(column: InstrumentedAttribute[Any]) -> type[Labelled] | None:
    """Return the enumeration whose values the column holds, None for another column."""
    enum = getattr(column.type, "enum_class", None)
    return enum if enum and issubclass(enum, StrEnum) else None
