"""Search fields with a lower and an upper bound: days, moments by their day, and numbers."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import abort
from flask_babel import gettext
from sqlalchemy import ColumnElement, and_

from app.ground import clock
from app.validators import Invalid, characters, dates
from app.views.base.aliases import Label, Page
from app.views.base.search.field import SearchField

Condition = ColumnElement[bool]
LARGEST = 2**31
"""Numbers of this size and above fit into no column of type integer."""


class RangeField(SearchField):
    """Search field for a column between two bounds, both included; one bound may be left empty."""

    def __init__(self, name: str, label: Label, column: Any) -> None:
        python_type = column.type.python_type
        self.is_moment = issubclass(python_type, datetime)
        kind = "date_range" if issubclass(python_type, date) else "number_range"
        super().__init__(name, label, kind, column)
        self.is_whole = python_type is int

    def parameters(self) -> list[str]:
        """Return the names of both bounds; that of the field itself stands for one value as both."""
        return [*self._ends(), f"q.{self.name}"]

    def _ends(self) -> tuple[str, str]:
        return f"q.{self.name}.from", f"q.{self.name}.to"

    def _typed_bounds(self, args: Mapping[str, str]) -> list[str]:
        both = args.get(f"q.{self.name}", "")
        return [args.get(key, both).strip() for key in self._ends()]

    def fault(self, args: Mapping[str, str]) -> str | None:
        """Return a sentence if a bound cannot be read or the bounds are turned round, otherwise None."""
        try:
            first, last = self._bounds(args)
        except Invalid as problem:
            return f"{self.label}{gettext(': ')}{problem}"
        if first is None or last is None or first <= last:
            return None
        return gettext(
            "%(label)s: “from” (%(first)s) is after “to” (%(last)s). Exchange the two.",
            label=self.label,
            first=first,
            last=last,
        )

    def condition(self, args: Mapping[str, str]) -> Condition | None:
        """Return the SQL condition for the typed bounds, None without any. Abort 400 on what `fault` names."""
        if self.fault(args):
            abort(400)
        first, last = self._bounds(args)
        conditions = []
        if first is not None:
            conditions.append(
                self.column >= (clock.start_of_day(first) if self.is_moment else first)
            )
        if last is not None:
            conditions.append(self.column <= (clock.end_of_day(last) if self.is_moment else last))
        if not conditions:
            return None
        return and_(*conditions)

    def shown(self, args: Mapping[str, str]) -> Page:
        first, last = (self._shown_bound(typed) for typed in self._typed_bounds(args))
        return super().shown(args) | {
            "value_from": first,
            "value_to": last,
            "fault": self.fault(args),
        }

    def _bounds(self, args: Mapping[str, str]) -> tuple[Any, Any]:
        first, last = (self._read(typed) for typed in self._typed_bounds(args))
        return first, last

    def _read(self, typed: str) -> Any:
        if not typed:
            return None
        return dates.day(typed) if self.kind == "date_range" else self._number(typed)

    def _number(self, typed: str) -> int | Decimal:
        try:
            number = Decimal(characters.number(typed) if typed[0] not in "-−" else typed)
        except InvalidOperation:
            raise Invalid(
                gettext("“%(typed)s” is no number. Enter digits only.", typed=typed)
            ) from None
        if not number.is_finite() or abs(number) >= LARGEST:
            raise Invalid(gettext("“%(typed)s” is too large a number.", typed=typed))
        if self.is_whole and number != int(number):
            raise Invalid(
                gettext("“%(typed)s” is no whole number. Enter digits only.", typed=typed)
            )
        return int(number) if self.is_whole else number

    def _shown_bound(self, typed: str) -> str:
        """Return a bound as its input takes it; what cannot be read as it was typed."""
        try:
            value = self._read(typed)
        except Invalid:
            return typed
        return "" if value is None else str(value)
