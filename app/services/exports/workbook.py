"""Templates in Excel that are filled in and come back, such as the results of an offline meeting.

A template contains text and numbers, never formulas. `services/imports` reads workbooks back, `table_export`
writes the lists to download.
"""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from flask import Response
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

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
        return clock.text(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def attachment(content: bytes, name: str, media_type: str, *, is_shown: bool = False) -> Response:
    """Return a response with `content` as a file `name`, to be downloaded or shown inline."""
    way = "inline" if is_shown else "attachment"
    headers = {
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "no-store",
    }
    return Response(content, mimetype=media_type, headers=headers)


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
