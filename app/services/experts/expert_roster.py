"""Import and export of the roster of an expert pool (花名册) as Excel; an import takes all rows or none."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext, pgettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Refused
from app.enums import Employment, IdKind, Sex
from app.extensions import db
from app.ground.actor import Actor
from app.models import Committee, Expert, Specialty, Title, Unit
from app.services.accounts import persons, row_import
from app.services.experts import expert_entries
from app.services.experts.expert_service import Service
from app.services.exports import sheet_rows
from app.services.exports.sheet_rows import Column, Layout, YesNo
from app.services.ground.audit import audit
from app.services.imports import row_sheets
from app.services.imports.tables import Line
from app.validators import Invalid
from app.validators import text as plain_text

VERSION = "1"
KEY_SHEET = "_experts"
MOST_ROWS = 500
LONGEST_RESEARCH = 200
REQUIRED = ("id_kind", "employment", "title_code", "specialty_code", "term_from", "term_to")


def columns() -> list[Column]:
    """Return the columns of the import template."""
    return [
        Column("name", gettext("Name"), width=14),
        Column("id_kind", gettext("ID kind"), IdKind, width=26),
        Column("id_number", gettext("ID number"), kind="number", width=26),
        Column("sex", gettext("Sex"), Sex, width=8),
        Column("birth_date", gettext("Date of birth"), kind="day", width=14),
        Column("employment", gettext("Employment"), Employment, width=22),
        Column("unit_id", gettext("Unit"), width=30),
        Column("title_code", gettext("Title held")),
        Column("title_since", gettext("Title held since"), kind="day"),
        Column("employed_since", gettext("Employed at this level since"), kind="day"),
        Column("specialty_code", pgettext("expert", "Specialty")),
        Column("research", gettext("Field of research"), width=26),
        Column("is_scarce", gettext("Scarce expert"), YesNo, width=12),
        Column("term_from", gettext("Term from"), kind="day"),
        Column("term_to", gettext("Term to"), kind="day"),
    ]


def _layout() -> Layout:
    return Layout(KEY_SHEET, VERSION, _title, columns, "id_number", MOST_ROWS)


def _title() -> str:
    return gettext("Roster of experts")


def template() -> bytes:
    """Return an empty workbook to fill in, as XLSX bytes."""
    guidance = gettext(
        "One expert per row, from row 3 on. Unit: full name or credit code, only for people without a"
        " registered unit. Title and specialty: name or code. Days as 2026-05-31. Keep every heading; the columns"
        " may stand in any order."
    )
    return sheet_rows.template(_layout(), guidance)


def import_roster(actor: Actor, committee_id: int, stream: Any, *, at: datetime) -> int:
    """Import a filled-in template into the pool of a committee; return how many experts were added.

    Raises SheetRefused with all faulty rows; the caller then rolls back, so that no row is kept.
    """
    layout = _layout()
    registers = _Registers(db.session(), committee_id)
    pool = {"committee_id": committee_id}
    count = row_import.import_rows(
        layout,
        stream,
        read=lambda line: _read_row(layout, line, registers, at),
        enter=lambda values: _enter(actor, values | pool, layout, at),
    )
    audit(
        "expert_import",
        actor=actor,
        subject=f"committee:{committee_id}",
        details={"added": count},
    )
    db.session.flush()
    return count


def _enter(actor: Actor, values: dict[str, Any], layout: Layout, at: datetime) -> list[str]:
    """Enter one row; return no sentences, or those of a refusal with the column concerned."""
    try:
        expert = expert_entries.membership_entered(actor, values, at=at)
        engine.fire(expert, "enrol", actor=actor, at=at, details=values)
    except Refused as refusal:
        named = row_sheets.sentences(layout, {refusal.field or "": refusal.sentence})
        return named or [refusal.sentence]
    return []


def _read_row(
    layout: Layout, line: Line, registers: "_Registers", at: datetime
) -> tuple[dict[str, Any], list[str]]:
    """Return the values of a row and one sentence for each faulty cell."""
    typed, faults = row_sheets.read(layout, line)
    for field in REQUIRED:
        if not typed.get(field):
            faults.setdefault(field, gettext("Fill in this field."))
    values, wrong = persons.read(typed, at=at, needs_phone=False)
    for field, find in registers.finders().items():
        if typed.get(field):
            try:
                typed[field] = find(typed[field])
            except Invalid as invalid:
                faults[field] = str(invalid)
    typed["is_scarce"] = typed.get("is_scarce") is YesNo.YES
    return typed | values, row_sheets.sentences(layout, wrong | faults)


class _Registers:
    """Resolves names in a roster: titles and specialties of the committee's series, and units."""

    def __init__(self, session: Session, committee_id: int) -> None:
        self.session = session
        series = session.get_one(Committee, committee_id).series_code
        self.titles = self._coded(Title, series)
        self.specialties = self._coded(Specialty, series)

    def finders(self) -> Mapping[str, Any]:
        return {
            "title_code": lambda text: _find(self.titles, text),
            "specialty_code": lambda text: _find(self.specialties, text),
            "unit_id": self._unit,
            "research": lambda text: plain_text(text, max_length=LONGEST_RESEARCH),
        }

    def _coded(self, model: Any, series: str) -> dict[str, str]:
        rows = self.session.execute(
            select(model.code, model.name).where(model.series_code == series).order_by(model.code)
        )
        found: dict[str, str] = {}
        for code, name in rows:
            found.setdefault(name, code)
            found[code] = code
        return found

    def _unit(self, text: str) -> int:
        query = select(Unit.id).where(
            (Unit.name == text) | (Unit.credit_code == text.upper()), Unit.is_active
        )
        found = self.session.scalars(query.limit(2)).all()
        if len(found) != 1:
            raise Invalid(
                gettext("“%(text)s” is no unit of the register, or several.", text=text[:40])
            )
        return found[0]


def _find(known: Mapping[str, str], text: str) -> str:
    if text not in known:
        raise Invalid(gettext("“%(text)s” is not in the register of this series.", text=text[:40]))
    return known[text]


def headings() -> list[str]:
    """Return the column headings of the exported roster."""
    return [
        gettext("Name"), gettext("Unit"), gettext("Title held"), gettext("Level"), pgettext("expert", "Specialty"),
        gettext("Field of research"), gettext("Committee"), gettext("Term from"), gettext("Term to"),
        gettext("State"), gettext("Called to meetings"), pgettext("times", "Accepted"), pgettext("times", "Declined"),
        gettext("Attended"),
    ]  # fmt: skip


def rows(found: Sequence[Expert], served: Mapping[int, Service]) -> Iterator[list[Any]]:
    """Yield one row per membership, in the order of `headings`; `served` maps membership ids to counts.

    The relations of the memberships should be loaded already.
    """
    for one in found:
        service = served.get(one.id, Service())
        yield [
            one.person.name, one.unit.name, one.title.name, str(one.title.level.label), one.specialty.name,
            one.research, one.committee.name, one.term_from, one.term_to, str(one.state.label),
            service.called, service.accepted, service.declined, service.attended,
        ]  # fmt: skip
