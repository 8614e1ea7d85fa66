"""Excel score sheets for paper days: export of a step's unfinished cases, import of all rows or none."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from app import engine
from app.engine import Refused
from app.enums import ReviewStep
from app.ground.actor import Actor
from app.models import Application, Assessment, Plan
from app.services.exports import workbook
from app.services.exports.workbook import FIRST_ROW, RowError, SheetRefused
from app.services.judging import anonymity, assessments, case_notes
from app.validators import numbers

NUMBER, WORDS, REMARK = 20, 14, 30
MORE_ROWS, MORE_COLUMNS = 1000, 100


@dataclass(frozen=True)
class Column:
    """A column to fill in; `key`: item name, `is_passed` or `reason`; `most`: maximum of points."""

    key: str
    label: str
    most: int | None = None


@dataclass
class Line:
    """One filled row: its number in the sheet, its application, the typed values."""

    row: int
    application: Application
    typed: dict[str, Any] = field(default_factory=dict)
    remark: str = ""

    @property
    def is_empty(self) -> bool:
        return not any(value not in ("", None) for value in self.typed.values())


def columns_of(plan: Plan, step: ReviewStep) -> list[Column]:
    """Return the columns a judge fills in, without the remark."""
    if step is ReviewStep.MATERIAL_REVIEW:
        return [Column("is_passed", gettext("Decision")), Column("reason", gettext("Reason"))]
    return [
        Column(
            item["name"],
            gettext("%(item)s (0 to %(most)s)", item=item["name"], most=item["max"]),
            item["max"],
        )
        for item in plan.score_items
    ]


def template(
    plan: Plan,
    step: ReviewStep,
    cases: Sequence[Application],
    drafts: Mapping[int, Assessment],
    notes: Mapping[int, str],
) -> bytes:
    """Return a workbook (xlsx) with one row per case, prefilled with drafts and notes."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = workbook.sheet_name(str(step.label))
    sheet.append([_instruction(plan, step)])
    columns, fixed = columns_of(plan, step), _fixed(plan)
    sheet.append([*fixed, *(workbook.safe(one.label) for one in columns), gettext("Remark")])
    for item in cases:
        typed = _typed(step, columns, drafts.get(item.id))
        facts = _facts(plan, item)
        sheet.append([workbook.safe(one) for one in (*facts, *typed, notes.get(item.id, ""))])
    widths = (*(NUMBER for _one in fixed), *(WORDS for _one in columns), REMARK)
    workbook.format_sheet(sheet, len(cases), widths, fixed=len(fixed))
    _add_decision_choice(sheet, step, len(fixed) + 1, len(cases))
    workbook.add_key(book, {"plan": plan.id, "step": step.value})
    return workbook.to_bytes(book)


def _instruction(plan: Plan, step: ReviewStep) -> Any:
    return workbook.safe(
        gettext(
            "%(step)s, %(plan)s. Fill in the columns behind the specialty; change nothing else. "
            "Empty rows stay unfinished.",
            step=step.label,
            plan=plan.name,
        )
    )


def _fixed(plan: Plan) -> list[str]:
    name = [] if plan.is_anonymous else [gettext("Name")]
    return [gettext("Application number"), *name, gettext("Specialty")]


def _facts(plan: Plan, item: Application) -> list[str]:
    name = [] if plan.is_anonymous else [anonymity.name_of(item)]
    return [item.number, *name, item.specialty.name]


def _typed(step: ReviewStep, columns: Sequence[Column], draft: Assessment | None) -> list[Any]:
    if draft is None:
        return [None for _column in columns]
    if step is ReviewStep.MATERIAL_REVIEW:
        words = {passed: word for word, passed in _decisions().items()}
        return [words.get({True: "1", False: "0"}.get(draft.is_passed, "")), draft.reason]  # type: ignore[arg-type]  # None has no word
    return [draft.scores.get(column.key) for column in columns]


def _decisions() -> dict[str, str]:
    return {gettext("Audit passed"): "1", gettext("Audit not passed"): "0"}


def _add_decision_choice(sheet: Worksheet, step: ReviewStep, column: int, count: int) -> None:
    if step is not ReviewStep.MATERIAL_REVIEW or not count:
        return
    offered = DataValidation(type="list", formula1=f'"{",".join(_decisions())}"', allow_blank=True)
    letter = get_column_letter(column)
    offered.add(f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + count - 1}")
    sheet.add_data_validation(offered)


def read(
    plan: Plan,
    step: ReviewStep,
    cases: Sequence[Application],
    stream: Any,
    *,
    is_final: bool,
) -> list[Line]:
    """Parse a filled template and return its rows. Raises SheetRefused with row and column of every fault.

    `is_final`: rows with any value must be complete. `cases`: the unfinished cases of the judge.
    """
    book = workbook.open_book(stream)
    key = workbook.key_of(book)
    if (key.get("plan"), key.get("step")) != (str(plan.id), step.value):
        raise Refused(
            gettext("This is not the sheet of this step. Download it here and fill in that one."),
            "sheet",
        )
    sheet = book.worksheets[0]
    if sheet.max_row > FIRST_ROW + len(cases) + MORE_ROWS or sheet.max_column > MORE_COLUMNS:
        raise SheetRefused([RowError(0, gettext("The sheet has far more rows than cases."))])
    reader = _Reader(plan, step, cases, is_final)
    rows = sheet.iter_rows(min_row=FIRST_ROW, values_only=True)
    for row, values in enumerate(rows, start=FIRST_ROW):
        if any(value not in (None, "") for value in values):
            reader.read_row(row, list(values))
    if reader.errors:
        raise SheetRefused(reader.errors, "sheet")
    return [line for line in reader.lines.values() if not line.is_empty or line.remark]


class _Reader:
    """Parses the rows of one sheet and collects their errors."""

    def __init__(
        self, plan: Plan, step: ReviewStep, cases: Sequence[Application], is_final: bool
    ) -> None:
        self.plan, self.step, self.is_final = plan, step, is_final
        self.by_number = {item.number: item for item in cases}
        self.columns, self.first = columns_of(plan, step), len(_fixed(plan))
        self.lines: dict[int, Line] = {}
        self.errors: list[RowError] = []

    def read_row(self, row: int, values: list[Any]) -> None:
        """Parse one row; record an error for an unknown or repeated application number."""
        values += [None] * (self.first + len(self.columns) + 1 - len(values))
        number = unicodedata.normalize("NFKC", str(values[0] or "")).strip()
        item = self.by_number.get(number)
        if item is None:
            self._add_error(
                row,
                1,
                gettext("“%(number)s” is none of your unfinished cases.", number=number[:20]),
            )
        elif item.id in self.lines:
            self._add_error(row, 1, gettext("“%(number)s” is there a second time.", number=number))
        else:
            self.lines[item.id] = self._line(row, item, values)

    def _line(self, row: int, item: Application, values: list[Any]) -> Line:
        name = anonymity.name_of(item)
        if not self.plan.is_anonymous and str(values[1] or "").strip() != name:
            why = gettext(
                "The name does not belong to %(number)s; the rows were mixed up.",
                number=item.number,
            )
            self._add_error(row, 2, why)
        line = Line(row, item)
        cells = values[self.first : self.first + len(self.columns)]
        for place, (column, value) in enumerate(zip(self.columns, cells, strict=True)):
            line.typed[column.key] = self._cell(row, self.first + place + 1, column, value)
        line.remark, why_not = workbook.remark(values[self.first + len(self.columns)])
        if why_not:
            self._add_error(row, self.first + len(self.columns) + 1, why_not)
        if self.is_final and not line.is_empty:
            self._check_complete(line, cells)
        return line

    def _cell(self, row: int, place: int, column: Column, value: Any) -> Any:
        """Return the value of a cell as the web form would send it; record an error for an invalid one."""
        if value is None or str(value).strip() == "":
            return ""
        if column.most is not None:
            number = numbers.whole_number_in_cell(value)
            if number is None or number > column.most:
                shown = str(value)[:20]
                why = gettext(
                    "“%(value)s” is no whole number from 0 to %(most)s.",
                    value=shown,
                    most=column.most,
                )
                self._add_error(row, place, why)
            return number
        text = workbook.as_text(value).removeprefix("'").strip()
        if column.key != "is_passed":
            return text
        if text not in _decisions():
            words = gettext(" or ").join(_decisions())
            self._add_error(row, place, gettext("Write %(words)s.", words=words))
        return _decisions().get(text, "")

    def _check_complete(self, line: Line, cells: Sequence[Any]) -> None:
        """Record an error for every missing value of a row that is to be submitted."""
        is_passing = self.step is ReviewStep.MATERIAL_REVIEW and line.typed["is_passed"] == "1"
        for place, (column, value) in enumerate(zip(self.columns, cells, strict=True)):
            is_blank = value is None or str(value).strip() == ""
            if is_blank and not (is_passing and column.key == "reason"):
                self._add_error(line.row, self.first + place + 1, gettext("nothing is entered."))

    def _add_error(self, row: int, place: int, why: str) -> None:
        letter = get_column_letter(place)
        self.errors.append(
            RowError(row, gettext("column %(column)s: %(why)s", column=letter, why=why))
        )


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
