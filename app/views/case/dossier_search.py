"""Search fields over values of dossiers: text, choice, numbers and days; answered from an index of the field alone."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, or_, select

from app.models import Application, DossierValue
from app.services.dossier import dossier_values
from app.services.form.form_parts import DATE_KINDS, NUMBER_KINDS, TICKED, Field, SectionDef
from app.validators import Invalid, characters, dates
from app.views.base.search import SearchField
from app.views.base.search.ranges import RangeField

Condition = ColumnElement[bool]
TICKS = {TICKED: _("Yes"), dossier_values.UNSET: _("No")}


def search_field(
    name: str, key: str, label: str, section: SectionDef, field: Field, choices: Mapping[str, Any]
) -> SearchField:
    """Return the search field for a field of the form; `choices` are the labels of its codes."""
    values = Values(key, is_single=not section.is_repeated)
    if field.kind in NUMBER_KINDS or field.kind == "year":
        return ValueRange(name, label, DossierValue.number, values)
    if field.kind in DATE_KINDS:
        return ValueRange(name, label, DossierValue.day, values, is_month=field.kind == "month")
    if field.kind in ("choice", "tick"):
        offered = TICKS if field.kind == "tick" else choices
        return ValueChoice(name, label, list(offered.items()), values)
    return ValueText(name, label, values)


class Values:
    """The stored values of one field; of a repeated section those of all its rows."""

    def __init__(self, key: str, *, is_single: bool) -> None:
        self.key, self.is_single = key, is_single

    def has(self, condition: Condition) -> Condition:
        """Return the condition that a case has a value which meets `condition`."""
        query = select(DossierValue.application_id).where(DossierValue.key == self.key, condition)
        if self.is_single:
            query = query.where(DossierValue.position == 0)
        return Application.id.in_(query)


class ValueText(SearchField):
    """Search field for a text that contains what was typed, in any form in which it may be written."""

    def __init__(self, name: str, label: str, values: Values) -> None:
        super().__init__(name, label, "text", DossierValue.text)
        self.values = values

    def condition(self, args: Mapping[str, str]) -> Condition | None:
        typed = args.get(f"q.{self.name}", "").strip()
        if not typed:
            return None
        forms = {one.lower() for one in characters.spellings(typed) or [typed]}
        found = (DossierValue.text.contains(one, autoescape=True) for one in sorted(forms))
        return self.values.has(or_(*found))


class ValueChoice(SearchField):
    """Search field for one of the codes of a choice."""

    def __init__(
        self, name: str, label: str, choices: list[tuple[str, Any]], values: Values
    ) -> None:
        super().__init__(name, label, "select", DossierValue.text, choices)
        self.values = values

    def condition(self, args: Mapping[str, str]) -> Condition | None:
        code = args.get(f"q.{self.name}", "").strip()
        return self.values.has(DossierValue.text == code) if code else None


class ValueRange(RangeField):
    """Search field for numbers or days between two bounds; a month stands for its first day, as it is stored."""

    def __init__(
        self, name: str, label: str, column: Any, values: Values, *, is_month: bool = False
    ) -> None:
        super().__init__(name, label, column)
        self.values, self.is_month = values, is_month

    def condition(self, args: Mapping[str, str]) -> Condition | None:
        found = super().condition(args)
        return None if found is None else self.values.has(found)

    def _read(self, typed: str) -> Any:
        if typed and self.is_month:
            try:
                return date.fromisoformat(f"{dates.month(typed)}-01")
            except Invalid:
                pass  # a day is taken, too
        value = super()._read(typed)
        return float(value) if isinstance(value, int | Decimal) else value

    def _shown_bound(self, typed: str) -> str:
        shown = super()._shown_bound(typed)
        return shown.removesuffix(".0") if self.kind == "number_range" else shown
