"""Forms of eligibility rules: common fields, numbers of the kind, and facts to try rules with."""

from typing import Any

import wtforms
from flask_babel import lazy_gettext as _

from app.enums import ApplyMode, Employment, Level, Sex, UnitKind
from app.forms.base import base as forms
from app.forms.base.aliases import Groups
from app.forms.base.conditions import condition
from app.services.rules import rule_kinds, rule_numbers
from app.services.rules.rule_kinds import Kind
from app.services.rules.rule_numbers import (
    Choice,
    Many,
    Number,
    Parameter,
    Table,
    Tick,
)
from app.services.rules.rule_subject import Degree

PREFIX = "number_"
"""Prefix of the number fields, so that their names never clash with common fields."""
FIRST_YEAR, LAST_YEAR = 2000, 2100


class KindForm(forms.Form):
    """Kind of a new rule."""

    kind = forms.choice(_("Kind of rule"), rule_kinds.choices)


class RuleForm(forms.Form):
    """Fields common to all rules; `form_for` adds the numbers of the kind."""

    kind: Kind
    code = forms.text(
        _("Code"), 32, help=_("Small letters, digits and underscores; it stays for good.")
    )
    name = forms.text(_("Rule"), 200)
    clause = forms.area(
        _("Clause"), 500, required=False, help=_("What the rule rests on, as applicants read it.")
    )
    condition = condition(
        _("Applies to"), help=_("Nothing ticked: to everybody. Of several groups all must fit.")
    )
    is_hard = forms.tick(
        _("Refuses"), help=_("Only where the law says so. Otherwise the rule explains.")
    )
    is_active = forms.tick(_("Active"), default=True)
    valid_from = forms.integer(_("From review year"), FIRST_YEAR, LAST_YEAR, default=FIRST_YEAR)
    valid_to = forms.integer(_("Until review year"), FIRST_YEAR, LAST_YEAR, required=False)
    order = forms.integer(_("Order"), 0, 9999, default=500)

    def data_for_rule(self) -> dict[str, Any]:
        """Return the columns of the rule, its numbers combined into `parameters`."""
        typed = self.values()
        numbers = {
            one.name: _stored(one, typed.pop(PREFIX + one.name)) for one in self.kind.parameters
        }
        return typed | {"kind": self.kind.key, "parameters": numbers}

    def groups(self) -> Groups:
        """Return the fields grouped for the page."""
        numbers = [self[PREFIX + one.name] for one in self.kind.parameters]
        rest = [
            field for field in self if field not in numbers and field.name not in forms.NO_VALUES
        ]
        return [
            (_("The rule"), [one for one in rest if one.name in ("code", "name", "clause")]),
            *([(self.kind.label, numbers)] if numbers else []),
            (_("Applies to"), [one for one in rest if one.name not in ("code", "name", "clause")]),
        ]


def form_for(kind: Kind, *, is_new: bool) -> type[RuleForm]:
    """Return the form for rules of one kind, with a typed field for each of its numbers."""
    fields: dict[str, Any] = {PREFIX + one.name: _field(one) for one in kind.parameters}
    if not is_new:
        fields["code"] = None
    return type("RuleFormOfKind", (RuleForm,), {"kind": kind, **fields})


def typed(kind: Kind, stored: Any) -> dict[str, Any]:
    """Return stored numbers as form values; unreadable ones become the default."""
    numbers = stored if isinstance(stored, dict) else {}
    shown = {}
    for one in kind.parameters:
        try:
            shown[PREFIX + one.name] = one.read(numbers.get(one.name))
        except rule_numbers.Invalid:
            shown[PREFIX + one.name] = rule_numbers.default_of(one)
    return shown


def _field(one: Parameter) -> wtforms.Field:
    if isinstance(one, Table):
        columns = {column.name: _field(column) for column in one.columns}
        row = type("NumberRow", (forms.RowForm,), columns)
        rows = [dict(line) for line in one.default]
        return forms.rows(
            one.label, row, max_rows=rule_numbers.MOST_ROWS, default=rows, description=one.help
        )
    if isinstance(one, Number):
        return forms.integer(
            one.label, one.minimum, one.maximum, unit=one.unit, default=one.default, help=one.help
        )
    if isinstance(one, Tick):
        return forms.tick(one.label, default=one.default, help=one.help)
    offered = one.offered if callable(one.offered) else list(one.offered)
    if isinstance(one, Many):
        chosen = list(one.default)
        return forms.many(
            one.label, offered, required=one.is_required, default=chosen, help=one.help
        )
    return forms.choice(
        one.label, offered, required=_has_no_blank(one), default=one.default, help=one.help
    )


def _has_no_blank(one: Choice) -> bool:
    return callable(one.offered) or "" not in dict(one.offered)


def _stored(one: Parameter, value: Any) -> Any:
    """Return a typed value as it is stored: enum members by value, None as ""."""
    if isinstance(one, Table):
        return [
            {column.name: _stored(column, row.get(column.name)) for column in one.columns}
            for row in value
        ]
    if isinstance(one, Many):
        return [str(member) for member in value]
    if isinstance(one, Choice):
        return "" if value is None else str(value)
    return value


class TryForm(forms.Form):
    """Invented facts, to see what the rules decide on them."""

    review_year = forms.integer(_("Review year"), FIRST_YEAR, LAST_YEAR)
    mode = forms.choice(_("Way of applying"), ApplyMode)
    series = forms.lookup(_("Series"), "series")
    level = forms.choice(_("Level"), Level)
    employment = forms.choice(_("Employment"), Employment)
    unit_kind = forms.choice(_("Kind of unit"), UnitKind)
    sex = forms.choice(_("Sex"), Sex)
    birth_date = forms.day(_("Date of birth"))
    degree = forms.choice(_("Education"), Degree, required=False)
    technical_since = forms.month(_("In professional work since"), required=False)
    held_series = forms.lookup(_("Series of the title held"), "series", required=False)
    held_level = forms.choice(_("Level of the title held"), Level, required=False)
    obtained_on = forms.day(_("Title obtained on"), required=False)
    poor_years = forms.integer(
        _("Years assessed “basically competent” since"), 0, 20, required=False
    )
    public_hours = forms.integer(_("General hours each year"), 0, 500, required=False)
    special_hours = forms.integer(_("Professional hours each year"), 0, 500, required=False)
