"""Import a unit's people from an Excel template; all rows are imported or none (domain rule 61)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from app.engine import Refused
from app.enums import Employment, IdKind, Sex
from app.extensions import db
from app.ground.actor import Actor
from app.services.accounts import persons, row_import
from app.services.exports import sheet_rows
from app.services.exports.sheet_rows import Column, Layout
from app.services.ground.audit import audit
from app.services.imports import row_sheets
from app.services.imports.tables import Line

VERSION = "1"
KEY_SHEET = "_people"
MOST_ROWS = 2000


@dataclass(frozen=True)
class Taken:
    """Result of an import: how many persons were added to the unit and how many were in it already."""

    added: int
    known: int


def columns() -> list[Column]:
    """Return the columns of the template."""
    return [
        Column("name", gettext("Name"), width=14),
        Column("id_kind", gettext("ID kind"), IdKind, width=26),
        Column("id_number", gettext("ID number"), kind="number", width=26),
        Column("sex", gettext("Sex"), Sex, width=8),
        Column("birth_date", gettext("Date of birth"), kind="day", width=14),
        Column("phone", gettext("Mobile"), width=16),
        Column("email", gettext("Email"), width=26),
        Column("employment", gettext("Employment"), Employment, width=22),
    ]


def _layout() -> Layout:
    return Layout(KEY_SHEET, VERSION, _title, columns, "id_number", MOST_ROWS)


def _title() -> str:
    return gettext("Own people")


def template() -> bytes:
    """Return the empty template; a hidden sheet holds its version."""
    guidance = gettext(
        "One person per row, from row 3 on. Sex and date of birth only where the number does not"
        " tell them; mobile and email may stay empty. Keep every heading; the columns may stand in any order."
    )
    return sheet_rows.template(_layout(), guidance)


def import_people(actor: Actor, stream: Any, *, at: datetime) -> Taken:
    """Import every person of a filled template into the actor's unit.

    Raises SheetRefused with every wrong row; the caller must then roll back.
    """
    layout = _layout()
    counts = {True: 0, False: 0}

    def enter(values: dict[str, Any]) -> list[str]:
        try:
            counts[persons.enroll(actor, values, at=at)[1]] += 1
        except Refused as refusal:
            return [refusal.sentence]
        return []

    row_import.import_rows(
        layout, stream, read=lambda line: _read_row(layout, line, at), enter=enter
    )
    audit(
        "people_import",
        actor=actor,
        subject=f"unit:{actor.unit_id}",
        details={"added": counts[True], "known": counts[False]},
    )
    db.session.flush()
    return Taken(counts[True], counts[False])


def _read_row(layout: Layout, line: Line, at: datetime) -> tuple[dict[str, Any], list[str]]:
    """Return the values of a row and one sentence for each wrong cell."""
    typed, faults = row_sheets.read(layout, line)
    for field in ("id_kind", "employment"):
        if not typed.get(field):
            faults.setdefault(field, gettext("Choose one of the list."))
    values, wrong = persons.read(typed, at=at, needs_phone=False)
    values["employment"] = typed.get("employment")
    return values, row_sheets.sentences(layout, wrong | faults)
