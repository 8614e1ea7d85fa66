"""Build the readable dossier; the staff's detail page, the printed form and Excel all show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from app.extensions import db
from app.models import Application, Attachment, DictItem, Section
from app.services.exports import table_export
from app.services.exports.table_export import Formatted, FormattedText
from app.services.files import attached_files
from app.services.form import form_definition, form_sources, saved_sections
from app.services.form.form_parts import (
    MATERIALS,
    NUMBER_KINDS,
    Field,
    Form,
    Offered,
    Row,
    SectionDef,
)


@dataclass(frozen=True)
class Shown:
    """A section ready for display; `kind` is "pairs" (one row) or "table"."""

    key: str
    label: str
    kind: str
    columns: list[str]
    rows: list[list[Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


def form_of(application: Application) -> Form:
    """Return the form version the application began with, reduced to what concerns the application."""
    return form_definition.of_application(application)


def stored(application: Application) -> dict[str, Section]:
    """Return the saved sections by key."""
    return saved_sections.of(application)


def labels(application: Application) -> Offered:
    """Return the labels of all codes the application may contain, inactive ones included."""
    return all_labels(_session(application), form_of(application))


def merged_codes(application: Application) -> dict[tuple[str, str], str]:
    """Return {(dictionary, code): code of the value it was merged into} of what the application may contain."""
    query = select(DictItem.kind, DictItem.code, DictItem.merged_into).where(
        DictItem.kind.in_(form_of(application).dictionaries()), DictItem.merged_into.is_not(None)
    )
    found = _session(application).execute(query).tuples()
    return {(kind, code): str(new) for kind, code, new in found}


def display(
    application: Application,
    *,
    rows_of: Mapping[str, Sequence[Row]] | None = None,
    attachments: Sequence[Attachment] | None = None,
    is_masked: bool = True,
) -> list[Shown]:
    """Return the whole dossier as display texts; with `is_masked` ID and telephone number are masked.

    Pass `is_masked=False` only for the applicant. `rows_of` and `attachments` show an earlier submission
    instead of the present rows and files. The number of queries does not depend on the number of rows.
    """
    form = form_of(application)
    offered = all_labels(_session(application), form)
    if rows_of is None:
        rows_of = {key: one.rows for key, one in stored(application).items()}
    attached = _by_section(
        form, attached_files.attachments_of(application) if attachments is None else attachments
    )
    shown = []
    for section in form.sections:
        rows = rows_of.get(section.key, [])
        proofs = attached.get(section.key, [])
        if section.is_repeated:
            shown.append(_table(section, rows, offered, proofs))
        else:
            row = rows[0] if rows else {}
            shown.append(_pairs(application, section, row, offered, proofs, is_masked))
    if rest := attached.get(MATERIALS):
        shown.append(Shown(MATERIALS, gettext("Other material"), "table", [], [], rest))
    return shown


def value_text(one: Field, value: Any, offered: Offered) -> str:
    """Return the display text of a stored value."""
    if one.kind == "tick":
        return gettext("Yes") if value else gettext("No")
    if value is None or value == "":
        return ""
    if one.kind == "choice":
        return offered.get(one.dictionary, {}).get(str(value), str(value))
    return f"{value} {one.unit}".strip()


source_text = form_sources.text_of


def typed_text(one: Field, value: Any, offered: Offered) -> str:
    """Return the display text; that of a day, a month or a number knows its cell in Excel."""
    text = value_text(one, value, offered)
    cell = _cell_of(one, value) if text else None
    return FormattedText.of(text, cell) if cell is not None else text


def _cell_of(one: Field, value: Any) -> Formatted | None:
    try:
        if one.kind == "day":
            return table_export.formatted(date.fromisoformat(value))
        if one.kind == "month":
            return table_export.month(value)
    except ValueError:  # a value from an earlier version of the form
        return None
    is_number = one.kind in NUMBER_KINDS | {"year"} and isinstance(value, int | float)
    return table_export.with_unit(value, one.unit) if is_number else None


def typed_source_text(one: Field, application: Application, *, is_masked: bool) -> str:
    """Return the text of a field's source; that of a day or a number knows its cell in Excel."""
    text = source_text(one, application, is_masked=is_masked)
    shown = table_export.formatted(form_sources.value_of(one, application)) if text else None
    return FormattedText.of(text, shown) if shown is not None else text


def _table(
    section: SectionDef, rows: Sequence[Row], offered: Offered, proofs: list[Attachment]
) -> Shown:
    """Return a repeated section as a table; cells of fields hidden in their row stay empty."""
    lines = [
        [
            typed_text(one, row.get(one.key), offered) if one.is_visible(row) else ""
            for one in section.fields
        ]
        for row in rows
    ]
    columns = [one.label for one in section.fields]
    return Shown(section.key, section.label, "table", columns, lines, proofs)


def _pairs(
    application: Application,
    section: SectionDef,
    row: Row,
    offered: Offered,
    proofs: list[Attachment],
    is_masked: bool,
) -> Shown:
    fields = [one for one in section.fields if one.source or one.is_visible(row)]
    line = [
        typed_source_text(one, application, is_masked=is_masked)
        if one.source
        else typed_text(one, row.get(one.key), offered)
        for one in fields
    ]
    columns = [one.label for one in fields]
    return Shown(section.key, section.label, "pairs", columns, [line], proofs)


def all_labels(session: Session, form: Form) -> Offered:
    """Return the labels of all codes, also of those offered no more, because old values still use them."""
    return form_definition.offered_ever(session, form)


def _by_section(form: Form, attachments: Sequence[Attachment]) -> dict[str, list[Attachment]]:
    grouped: dict[str, list[Attachment]] = {}
    for one in attachments:
        key = form.section_of_material(one.kind)
        grouped.setdefault(key, []).append(one)
    return grouped


def _session(application: Application) -> Session:
    return object_session(application) or db.session()
