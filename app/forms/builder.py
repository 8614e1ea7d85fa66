"""A form built from a section of the form definition: one field per defined field, one row form per row."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import wtforms
from flask_babel import gettext
from wtforms import widgets
from wtforms.fields.choices import Choice, SelectFieldBase

from app.forms.base import Form, RowForm
from app.services.formdef import Field, Offered, SectionDef
from app.services.section_rules import Faults

ROW = re.compile(r"rows-([0-9]{1,4})-([a-z_]{1,40})")


class _Needed:
    """Marks a field that must be filled before handing in; saving does without."""

    def __init__(self, label: Any = None, *, is_needed: bool = False, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)  # type: ignore[call-arg]
        self.flags.required = is_needed  # type: ignore[attr-defined]


class LineField(_Needed, wtforms.StringField):
    """A line as typed; what it may hold is judged when the section is saved."""


class TextAreaField(_Needed, wtforms.TextAreaField):
    """Several lines as typed."""


class BooleanField(_Needed, wtforms.BooleanField):
    """A tick in a row."""


class OfferedField(_Needed, SelectFieldBase):
    """A code of a dictionary; one that is not offered any more stays visible as such."""

    widget = widgets.Select()

    def __init__(self, label: Any = None, *, choices: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.offered = choices

    def iter_choices(self) -> Any:
        yield Choice("", gettext("Please choose"), not self.data, {})
        for code, label in self.offered.items():
            yield Choice(code, label, str(self.data) == code, {})
        if self.data and str(self.data) not in self.offered:
            yield Choice(str(self.data), gettext("(not offered any more)"), True, {})


WIDGETS = {"day": widgets.DateInput, "month": widgets.MonthInput, "email": widgets.EmailInput}


def form_of(
    section: SectionDef,
    rows: Sequence[Mapping[str, Any]],
    offered: Offered,
    faults: Faults | None = None,
) -> Form:
    """Return the form of a section filled with `rows`, as stored or as typed, and marked with `faults`."""
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
    """Return the rows of a sent section form in their order, every value as typed."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in sent.items():
        if match := ROW.fullmatch(name):
            rows.setdefault(int(match[1]), {})[match[2]] = value
    return [rows[number] for number in sorted(rows)]


def _row_fields(section: SectionDef, offered: Offered) -> dict[str, Any]:
    return {one.key: _field(one, offered) for one in section.typed_fields}


def _field(one: Field, offered: Offered) -> Any:
    common: dict[str, Any] = {
        "label": one.label,
        "description": one.help,
        "render_kw": _hints(one),
        "is_needed": one.is_required,
    }
    if one.kind == "choice":
        return OfferedField(choices=offered[one.dictionary], **common)
    if one.kind == "tick":
        return BooleanField(**common)
    if one.kind == "area":
        return TextAreaField(**common)
    if one.kind == "integer":
        return LineField(widget=widgets.NumberInput(), **common)
    return LineField(widget=WIDGETS.get(one.kind, widgets.TextInput)(), **common)


def _hints(one: Field) -> dict[str, Any]:
    hints: dict[str, Any] = {"required": False}
    if one.is_required:
        hints["aria-required"] = "true"
    if one.unit:
        hints["data-unit"] = one.unit
    if one.kind == "area":
        hints["data-max"] = str(one.maximum)
    if one.kind == "integer":
        hints |= {"min": str(one.minimum), "max": str(one.maximum), "step": "1"}
    return hints
