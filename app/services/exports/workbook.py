"""Write Excel workbooks: lists to download, and what templates to fill in have in common.

They contain text and numbers, never formulas. `services/imports` reads workbooks back.
"""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

from flask import Response
from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app import settings
from app.engine import Refused
from app.ground import clock

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")
LONGEST_CELL = 32_000
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
KEY_SHEET = "_plan"
FIRST_ROW = 3
"""First data row of the template; row 1 holds the instructions, row 2 the column headings."""


def safe(value: Any) -> Any:
    """Return `value` as a safe cell value: integers are kept, everything else becomes text.

    A text that begins like a formula, also in full-width characters, is prefixed with an apostrophe (CSV
    injection).
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int):
        text = UNPRINTABLE.sub("", as_text(value))[:LONGEST_CELL]
        return f"'{text}" if text.startswith(FORMULA_STARTS) else text
    return value


def as_text(value: Any) -> str:
    """Return a value as text; moments as local time in minutes, dates in ISO format."""
    if isinstance(value, datetime):
        return f"{clock.local(value):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def write_xlsx(title: str, columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return the bytes of a workbook with one sheet: a heading row and `rows`.

    Raises Refused when there are more rows than the limit of an export.
    """
    limit = settings.get("export_max_rows")
    taken = list(islice(rows, limit + 1))
    if len(taken) > limit:
        raise Refused(
            gettext(
                "The list has more than %(limit)s rows. Narrow it by a search and export again.",
                limit=limit,
            )
        )
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_name(title))
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, str(column), is_heading=True) for column in columns])
    for row in taken:
        sheet.append([_cell(sheet, value) for value in row])
    return to_bytes(book)


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: its title, headings and rows."""

    title: str
    columns: Sequence[Any]
    rows: Iterable[Sequence[Any]]


def write_sheets(sheets: Sequence[Sheet]) -> bytes:
    """Return the bytes of a workbook of several sheets, each with a heading row."""
    book = Workbook(write_only=True)
    for one in sheets:
        page = book.create_sheet(sheet_name(one.title))
        page.freeze_panes = "A2"
        page.append([_cell(page, str(column), is_heading=True) for column in one.columns])
        for row in one.rows:
            page.append([_cell(page, value) for value in row])
    return to_bytes(book)


def download(title: str, columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Response:
    """Return a response that downloads a list as an Excel file."""
    return attachment(write_xlsx(title, columns, rows), f"{title}.xlsx", XLSX)


def attachment(content: bytes, name: str, media_type: str, *, is_shown: bool = False) -> Response:
    """Return a response with `content` as a file `name`, to be downloaded or shown inline."""
    way = "inline" if is_shown else "attachment"
    headers = {
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "no-store",
    }
    return Response(content, mimetype=media_type, headers=headers)


def _cell(sheet: Any, value: Any, *, is_heading: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet)
    cell.value = safe(value)
    if isinstance(cell.value, str):
        cell.data_type = "s"
    if is_heading:
        cell.font = Font(bold=True)
    return cell


def sheet_name(title: str) -> str:
    """Return `title` as a valid sheet name: no reserved characters, at most 31 characters, not empty."""
    return re.sub(r"[\[\]:*?/\\']", " ", UNPRINTABLE.sub("", title))[:31].strip() or "1"


def to_bytes(book: Workbook) -> bytes:
    """Return the workbook as the bytes of an .xlsx file."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def format_sheet(sheet: Worksheet, count: int, widths: Sequence[int], *, fixed: int) -> None:
    """Format a template of `count` rows and lock its cells except those right of the `fixed` columns."""
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    for cell in sheet[2]:
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center")
    sheet.freeze_panes = f"A{FIRST_ROW}"
    for row in sheet.iter_rows(
        min_row=FIRST_ROW, max_row=FIRST_ROW + count - 1, min_col=1, max_col=len(widths)
    ):
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"
            if cell.column > fixed:
                cell.protection = Protection(locked=False)
    sheet.protection.sheet = True


def add_key(book: Workbook, facts: Iterable[tuple[str, Any]], key_sheet: str = KEY_SHEET) -> None:
    """Store on a hidden sheet what the template was made for."""
    keys = book.create_sheet(key_sheet)
    for name, value in facts:
        keys.append([name, str(value)])
    keys.sheet_state = "veryHidden"
