"""After an edit conflict, show the stored value beside each field in which something else was typed."""

import wtforms
from flask_babel import gettext
from wtforms.fields.choices import SelectFieldBase

from app.forms.base.conditions import ConditionField
from app.services.form import condition_texts


def show_stored_values(form: wtforms.Form, stored: wtforms.Form) -> None:
    """Add the stored value as an error to each field of `form` that differs from the form `stored`."""
    for field in form:
        if field.name not in stored or _is_hidden(field):
            continue
        kept = readable_value(stored[field.name])
        if readable_value(field) != kept:
            sentence = gettext("Stored now: %(value)s", value=kept or gettext("(empty)"))
            field.errors = [*field.errors, sentence]


def readable_value(field: wtforms.Field) -> str:
    """Return the value of a field as readable text; rows are joined one after the other."""
    if isinstance(field, wtforms.FieldList):
        return gettext("; ").join(readable_value(entry) for entry in field.entries)
    if isinstance(field, wtforms.FormField):
        return " · ".join(readable_value(part) for part in field.form if not _is_hidden(part))
    if isinstance(field, ConditionField):
        return condition_texts.condition_text(field.data)
    if isinstance(field, SelectFieldBase):
        chosen = [one for one in field.iter_choices() if one.selected and one.value]
        return gettext(", ").join(str(one.label) for one in chosen)
    if isinstance(field, wtforms.BooleanField):
        return gettext("Yes") if field.data else gettext("No")
    return "" if field.data is None else str(field.data)


def _is_hidden(field: wtforms.Field) -> bool:
    return getattr(field.widget, "input_type", None) == "hidden"
