"""Import of filled score sheets: every row is checked, and all are taken or none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app import engine
from app.engine import Refused
from app.enums import ReviewStep
from app.ground.actor import Actor
from app.models import Application, Plan
from app.services.exports import workbook
from app.services.imports import cells, tables
from app.services.imports.languages import in_every_language
from app.services.imports.refusals import RowError, SheetRefused
from app.services.imports.tables import Template
from app.services.judging import anonymity, assessments, case_notes
from app.services.judging.score_workbook import (
    NAME,
    NUMBER,
    REMARK,
    Column,
    columns_of,
    decisions,
    headings,
)
from app.validators import Invalid, numbers
from app.validators import text as plain_text
from app.validators.texts import folded


@dataclass
class Line:
    """One row: its number in the sheet, its application, the typed values."""

    row: int
    application: Application
    typed: dict[str, Any] = field(default_factory=dict)
    remark: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(value not in ("", None) for value in self.typed.values())


def read(
    plan: Plan,
    step: ReviewStep,
    cases: Sequence[Application],
    stream: IO[bytes],
    *,
    is_final: bool,
    notes: Mapping[int, str],
) -> list[Line]:
    """Parse a filled template and return its rows, also those without an entry.

    `is_final`: rows with any value must be complete. `cases`: the unfinished cases of the judge, `notes`: the
    private notes on them by id. Raises SheetRefused with row and column of every fault, also when a row is
    gone, nothing is entered or a private note stands in the place of a reason.
    """
    template = Template(
        title=lambda: str(step.label),
        headings=lambda: headings(plan, step),
        key=NUMBER,
        key_sheet=workbook.KEY_SHEET,
        most_rows=len(cases),
        too_many=gettext("The sheet has far more rows than cases."),
    )
    filled = tables.open_filled(template, stream)
    _check_key(filled.facts(), plan, step)
    table = filled.table()
    reader = _Reader(plan, step, cases, notes, table.letters, is_final)
    for line in table.lines:
        reader.read_line(line)
    reader.note_missing([number for name, number in filled.facts() if name == "row"])
    if reader.errors:
        raise SheetRefused(reader.errors, "sheet")
    lines = list(reader.lines.values())
    if all(line.is_empty and not line.remark for line in lines):
        raise SheetRefused([RowError(0, gettext("No row has an entry."))], "sheet")
    return lines


def _check_key(facts: Sequence[tuple[str, str]], plan: Plan, step: ReviewStep) -> None:
    if not {("plan", str(plan.id)), ("step", step.value)} <= set(facts):
        raise Refused(
            gettext("This is not the sheet of this step. Download it here and fill in that one."),
            "sheet",
        )


class _Reader:
    """Parses the rows of one sheet and collects their errors."""

    def __init__(
        self,
        plan: Plan,
        step: ReviewStep,
        cases: Sequence[Application],
        notes: Mapping[int, str],
        letters: Mapping[str, str],
        is_final: bool,
    ) -> None:
        self.plan, self.step, self.letters, self.is_final = plan, step, letters, is_final
        self.by_number, self.notes = {item.number: item for item in cases}, notes
        self.columns = columns_of(plan, step)
        self.lines: dict[int, Line] = {}
        self.errors: list[RowError] = []

    def read_line(self, found: tables.Line) -> None:
        """Parse one row; record an error for an unknown or repeated application number."""
        number = cells.plain(found.cells[NUMBER])
        item = self.by_number.get(number)
        if item is None:
            why = gettext("“%(number)s” is none of your unfinished cases.", number=number[:20])
            self._add_error(found.row, NUMBER, why)
        elif item.id in self.lines:
            why = gettext("“%(number)s” is there a second time.", number=number)
            self._add_error(found.row, NUMBER, why)
        else:
            self.lines[item.id] = self._line(item, found)

    def note_missing(self, made_for: Sequence[str]) -> None:
        """Record an error for every unfinished case that the sheet was made for and that has no row."""
        for number, item in self.by_number.items():
            if item.id not in self.lines and number in (made_for or self.by_number):
                why = gettext(
                    "“%(number)s” is missing. Give it back its row; it may stay empty.",
                    number=number,
                )
                self.errors.append(RowError(0, why))

    def _line(self, item: Application, found: tables.Line) -> Line:
        if not self.plan.is_anonymous and not cells.is_same_name(
            found.cells[NAME], anonymity.name_of(item)
        ):
            why = gettext(
                "The name does not belong to %(number)s; the rows were mixed up.",
                number=item.number,
            )
            self._add_error(found.row, NAME, why)
        line = Line(found.row, item)
        for column in self.columns:
            line.typed[column.key] = self._value(found, column)
        line.remark = self._remark(found)
        self._check_note(line)
        if self.is_final and not line.is_empty:
            self._check_complete(line, found)
        return line

    def _remark(self, found: tables.Line) -> str:
        try:
            words = cells.text(found.cells[REMARK])
            return plain_text(words, max_length=case_notes.LONGEST, multiline=True)
        except Invalid as invalid:
            self._add_error(found.row, REMARK, str(invalid))
            return ""

    def _check_note(self, line: Line) -> None:
        """Record an error for a private note that was moved to the official reason."""
        note = folded(self.notes.get(line.application.id, ""))
        if note and folded(line.typed.get("reason", "")) == note != folded(line.remark):
            why = gettext(
                "this is your private remark and no reason; the columns were mixed up. Put it back below “%(heading)s”.",
                heading=headings(self.plan, self.step)[REMARK],
            )
            self._add_error(line.row, "reason", why)

    def _value(self, found: tables.Line, column: Column) -> Any:
        """Return the value of a cell as the web form would send it; record an error for an invalid one."""
        value = found.cells[column.key]
        if value is None:
            return ""
        try:
            if column.most is not None:
                return _points(value, column.most)
            return _decision(value) if column.key == "is_passed" else cells.text(value)
        except Invalid as invalid:
            self._add_error(found.row, column.key, str(invalid))
            return ""

    def _check_complete(self, line: Line, found: tables.Line) -> None:
        """Record an error for every missing value of a row that is to be submitted."""
        is_passing = self.step is ReviewStep.MATERIAL_REVIEW and line.typed["is_passed"] == "1"
        for column in self.columns:
            is_needed = not (is_passing and column.key == "reason")
            if found.cells[column.key] is None and is_needed:
                self._add_error(line.row, column.key, gettext("nothing is entered."))

    def _add_error(self, row: int, field: str, why: str) -> None:
        self.errors.append(RowError(row, tables.in_column(self.letters[field], why)))


def _points(value: Any, most: int) -> int:
    number = numbers.whole_number_in_cell(value)
    if number is None or number > most:
        raise Invalid(
            gettext(
                "“%(value)s” is no whole number from 0 to %(most)s.",
                value=str(value)[:20],
                most=most,
            )
        )
    return number


def _decision(value: Any) -> str:
    """Return the value of the web form for a decision in any language."""
    words = folded(cells.text(value))
    for known in in_every_language(decisions):
        for word, passed in known.items():
            if folded(word) == words:
                return passed
    raise Invalid(gettext("Write %(words)s.", words=gettext(" or ").join(decisions())))


def take_over(
    session: Session,
    step: ReviewStep,
    lines: Sequence[Line],
    *,
    actor: Actor,
    at: datetime,
    is_final: bool,
) -> int:
    """Save the rows as drafts, or submit them if `is_final`; return the number of rows.

    The caller commits or rolls back. Raises SheetRefused with every row that the web form would refuse.
    """
    errors = list(_save_lines(session, step, lines, actor=actor, at=at, is_final=is_final))
    if errors:
        raise SheetRefused(errors, "sheet")
    return sum(not line.is_empty for line in lines)


def _save_lines(
    session: Session,
    step: ReviewStep,
    lines: Sequence[Line],
    *,
    actor: Actor,
    at: datetime,
    is_final: bool,
) -> Iterator[RowError]:
    """Save every line; yield an error for each refused one."""
    for line in lines:
        try:
            _save_line(session, step, line, actor=actor, at=at, is_final=is_final)
        except Refused as refusal:
            yield RowError(line.row, refusal.sentence)


def _save_line(
    session: Session, step: ReviewStep, line: Line, *, actor: Actor, at: datetime, is_final: bool
) -> None:
    if line.remark:
        seat = assessments.seat_for(session, line.application, actor)
        if seat is None:
            raise Refused(gettext("This candidate is not assigned to your seat."))
        case_notes.save_note(session, seat.id, line.application.id, line.remark, at)
    if line.is_empty:
        return
    sheet = assessments.save_draft(line.application, step, line.typed, actor=actor, at=at)
    if is_final:
        engine.fire(sheet, "submit", actor=actor, at=at)
