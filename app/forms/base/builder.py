"""Build the form of a section from the form definition: one field per definition, one row form per row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import wtforms
from flask_babel import gettext
from wtforms import widgets
from wtforms.fields.choices import Choice, SelectFieldBase

from app.forms.base.aliases import Label
from app.forms.base.base import Form, RowForm
from app.forms.base.fields import Stop
from app.forms.base.widgets import DAY, MONTH
from app.services.form import section_values
from app.services.form.form_parts import Condition, Field, Offered, SectionDef
from app.services.form.section_values import Faults
from app.validators import Invalid

ROW = re.compile(r"rows-([0-9]{1,4})-([a-z_][a-z0-9_]{0,39})")


class _DefinedField:
    """Mixin of fields made from a definition; validates with the function that saving uses, so both agree."""

    data: Any

    def __init__(
        self, label: Label | None = None, *, one: Field, offered: Offered, **kwargs: Any
    ) -> None:
        hints = _hints(one)
        super().__init__(label, description=one.help, render_kw=hints, **kwargs)  # type: ignore[call-arg]  # a field is mixed in
        self.one, self.every_choice = one, offered
        self.flags.required = one.is_required  # type: ignore[attr-defined]  # the mixed-in field has it

    def pre_validate(self, form: wtforms.Form) -> None:
        try:
            self.data = section_values.read(self.one, self.data, self.every_choice)
        except Invalid as invalid:
            raise Stop(str(invalid)) from invalid


class LineField(_DefinedField, wtforms.StringField):
    """One line of text, as typed."""


class TextAreaField(_DefinedField, wtforms.TextAreaField):
    """Several lines of text, as typed."""


class BooleanField(_DefinedField, wtforms.BooleanField):
    """A checkbox in a row."""


class OfferedField(_DefinedField, SelectFieldBase):
    """A code of a dictionary; a stored code no longer offered stays visible and is marked so."""

    widget = widgets.Select()

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = valuelist[0] or None

    def iter_choices(self) -> Iterator[Choice]:
        labels = self.every_choice.get(self.one.dictionary, {})
        yield Choice("", gettext("Please choose"), not self.data, {})
        for code, label in labels.items():
            yield Choice(code, label, str(self.data) == code, {})
        if self.data and str(self.data) not in labels:
            yield Choice(str(self.data), gettext("(not offered any more)"), True, {})


FIELDS: Mapping[str, Any] = {"choice": OfferedField, "tick": BooleanField, "area": TextAreaField}
WIDGETS: Mapping[str, Any] = {
    "day": DAY,
    "month": MONTH,
    "email": widgets.EmailInput(),
    "phone": widgets.TelInput(),
}
KEYBOARDS: Mapping[str, dict[str, str]] = {
    "integer": {"inputmode": "numeric"},
    "year": {"inputmode": "numeric", "placeholder": "2026"},
    "decimal": {"inputmode": "decimal"},
    "phone": {"inputmode": "tel", "autocomplete": "tel-national"},
    "email": {"inputmode": "email", "autocomplete": "email"},
}
"""On-screen keyboards by kind of field. Not type=number, whose browsers drop input they cannot parse."""


def form_of(
    section: SectionDef,
    rows: Sequence[Mapping[str, Any]],
    offered: Offered,
    faults: Faults | None = None,
) -> Form:
    """Return the form of a section filled with `rows`, stored or typed, with `faults` as field errors."""
    row_form = type("SectionRow", (RowForm,), _row_fields(section, offered))
    form_class = type(
        "SectionForm",
        (Form,),
        {"rows": wtforms.FieldList(wtforms.FormField(row_form), label=section.label)},
    )
    form: Form = form_class(formdata=None, data={"rows": [dict(row) for row in rows]})
    entries = form["rows"].entries
    for (number, key), sentence in (faults or {}).items():
        entries[number].form[key].errors = [sentence]
    form["rows"].errors = [entry.errors for entry in entries] if faults else []
    return form


def typed_rows(sent: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the rows of a submitted section form in order, every value as typed."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in sent.items():
        if match := ROW.fullmatch(name):
            rows.setdefault(int(match[1]), {})[match[2]] = value
    return [rows[number] for number in sorted(rows)]


def _row_fields(section: SectionDef, offered: Offered) -> dict[str, Any]:
    return {one.key: _field(one, offered) for one in section.typed_fields}


def _field(one: Field, offered: Offered) -> wtforms.Field:
    made: dict[str, Any] = {"label": one.label, "one": one, "offered": offered}
    if one.kind in FIELDS:
        return FIELDS[one.kind](**made)
    return LineField(widget=WIDGETS.get(one.kind, widgets.TextInput()), **made)


def _hints(one: Field) -> dict[str, Any]:
    hints: dict[str, Any] = {"required": False, **KEYBOARDS.get(one.kind, {})}
    if one.is_required:
        hints["aria-required"] = "true"
    if one.unit:
        hints["data-unit"] = one.unit
    if one.kind == "area":
        hints["data-max"] = str(one.maximum)
    if one.visible_when:
        hints["data-show-when"] = _condition_text(one.visible_when)
    return hints


def _condition_text(condition: Condition) -> str:
    """Return a condition on other fields of the row in the page script's format: `a=x,y&b=y`."""
    return "&".join(f"{key}={','.join(values)}" for key, values in condition.items())
