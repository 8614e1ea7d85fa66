"""Score sheets on paper's terms: an Excel file of a judge's open cases, taken back whole or not at all."""

import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.models import Application, Plan
from app.services import anonymity, assessments
from app.services.exchange import RowError, SheetRefused, open_book, safe
from app.workflow.engine import Refused

FACTS = 4
"""Columns before the points: number, name, title, specialty."""
FIRST_ROW, HEADING_ROW = 3, 2
SPARE_ROWS = 1000


@dataclass(frozen=True)
class SheetRow:
    """The points of one candidate as they stand in the file."""

    application: Application
    points: dict[str, Any] = field(default_factory=dict)


def template(plan: Plan, cases: Sequence[Application]) -> bytes:
    """Return a workbook with a row for each of `cases` and a column for each item of the plan."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "1"
    sheet.append(
        [gettext("Fill in the points; change nothing else. Rows left empty are not taken.")]
    )
    sheet.append(headings(plan))
    for one in cases:
        facts = (one.number, anonymity.name_of(one), one.title.name, one.specialty.name)
        sheet.append([safe(fact) for fact in facts])
    _dress(sheet, len(cases), len(plan.score_items))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def headings(plan: Plan) -> list[str]:
    """Return the headings of the sheet; those of the items name their maximum."""
    facts = (
        gettext("Application number"), gettext("Name"), gettext("Title applied for"), gettext("Specialty"),
    )  # fmt: skip
    return [*facts, *(_heading(item) for item in plan.score_items)]


def _heading(item: Any) -> str:
    return gettext("%(item)s (0 to %(most)s)", item=item["name"], most=item["max"])


def _dress(sheet: Worksheet, count: int, items: int) -> None:
    widths = (20, 14, 20, 16, *(16,) * items)
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for cell in sheet[HEADING_ROW]:
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center")
    sheet.freeze_panes = f"A{FIRST_ROW}"
    for row in range(FIRST_ROW, FIRST_ROW + count):
        for column in range(FACTS + 1, FACTS + items + 1):
            sheet.cell(row, column).protection = Protection(locked=False)
    sheet.protection.sheet = True


def read(plan: Plan, cases: Sequence[Application], stream: Any) -> list[SheetRow]:
    """Return the filled rows. Raises SheetRefused that names every wrong row and column."""
    sheet = open_book(stream).worksheets[0]
    if sheet.max_row > FIRST_ROW + len(cases) + SPARE_ROWS or sheet.max_column > 100:
        raise SheetRefused([RowError(0, gettext("The sheet has far more rows than candidates."))])
    shown = [str(cell.value or "") for cell in sheet[HEADING_ROW]][: len(headings(plan))]
    if shown != headings(plan):
        raise Refused(
            gettext("This is not the sheet of this meeting. Download it here and fill in that one.")
        )
    known = {one.number: one for one in cases}
    rows: dict[int, SheetRow] = {}
    faults: list[RowError] = []
    for number, values in enumerate(
        sheet.iter_rows(min_row=FIRST_ROW, values_only=True), start=FIRST_ROW
    ):
        faults += _read_row(plan, number, [*values, *(None,) * 100], known, rows)
    if faults:
        raise SheetRefused(faults)
    return list(rows.values())


def _read_row(
    plan: Plan,
    row: int,
    values: Sequence[Any],
    known: dict[str, Application],
    rows: dict[int, SheetRow],
) -> Iterator[RowError]:
    points = dict(zip((one["name"] for one in plan.score_items), values[FACTS:], strict=False))
    if all(value is None or str(value).strip() == "" for value in points.values()):
        return
    number = unicodedata.normalize("NFKC", str(values[0] or "")).strip()
    case = known.get(number)
    if case is None:
        yield RowError(
            row,
            gettext("“%(number)s” is not among your open cases of this step.", number=number[:20]),
        )
    elif case.id in rows:
        yield RowError(
            row, gettext("%(name)s is named a second time.", name=anonymity.name_of(case))
        )
    else:
        rows[case.id] = SheetRow(case, points)
        yield from _faults(plan, row, points)


def _faults(plan: Plan, row: int, points: dict[str, Any]) -> Iterator[RowError]:
    for name, value in points.items():
        try:
            assessments.points(plan, {name: value})
        except Refused as refusal:
            yield RowError(row, refusal.sentence)
