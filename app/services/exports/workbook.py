"""Templates in Excel that are filled in and come back, such as the results of an offline meeting.

A template contains text and numbers, never formulas. It is checked row by row and accepted completely or not
at all. Lists to download are in `table_export`.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from flask import Response
from flask_babel import gettext
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.engine import Refused
from app.ground import clock
from app.validators import Invalid
from app.validators import text as plain_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")
LONGEST_CELL = 32_000
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MAX_UNPACKED = 64 * 1024 * 1024
MAX_PARTS = 200
KEY_SHEET = "_plan"
FIRST_ROW = 3
"""First data row of the template; row 1 holds the instructions, row 2 the column headings."""
SHOWN_ERRORS = 20


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


def add_key(book: Workbook, key: Mapping[str, Any]) -> None:
    """Store on a hidden sheet what the template was made for."""
    keys = book.create_sheet(KEY_SHEET)
    for name, value in key.items():
        keys.append([name, str(value)])
    keys.sheet_state = "veryHidden"


@dataclass(frozen=True)
class RowError:
    """An error in one row of a sheet; row 0 means the sheet as a whole."""

    row: int
    sentence: str

    def __str__(self) -> str:
        if not self.row:
            return self.sentence
        return gettext("Row %(row)s: %(why)s", row=self.row, why=self.sentence)


class SheetRefused(Refused):
    """Refusal of a sheet with wrong rows, of which nothing was imported; `errors` lists them."""

    def __init__(self, errors: Sequence[RowError], field: str | None = None) -> None:
        self.errors = tuple(errors)
        super().__init__(
            " ".join([gettext("Nothing was taken from the file."), *self.lines]), field
        )

    @property
    def lines(self) -> list[str]:
        """Return one sentence per error, at most `SHOWN_ERRORS`, then how many more there are."""
        lines = [str(error) for error in self.errors[:SHOWN_ERRORS]]
        if len(self.errors) > SHOWN_ERRORS:
            lines.append(gettext("And %(count)s more.", count=len(self.errors) - SHOWN_ERRORS))
        return lines


def open_book(stream: Any) -> Workbook:
    """Return the workbook in `stream`. Raises Refused if it is no Excel file or too large unpacked."""
    content = io.BytesIO(stream.read())
    try:
        with zipfile.ZipFile(content) as parts:
            entries = parts.infolist()
            if len(entries) > MAX_PARTS or sum(e.file_size for e in entries) > MAX_UNPACKED:
                raise Refused(
                    gettext("The Excel file is too large. Use the template as it was downloaded.")
                )
        return load_workbook(content, read_only=False, data_only=False, keep_links=False)
    except Refused:
        raise
    except Exception as error:
        # openpyxl raises a dozen kinds of exceptions, none of which helps the user
        raise Refused(
            gettext(
                "This file cannot be read as Excel (.xlsx). Save it in that format and try again."
            )
        ) from error


def key_of(book: Workbook) -> dict[str, str]:
    """Return what a template was made for, from its hidden sheet; empty if it is no template."""
    cells: dict[str, str] = {}
    if KEY_SHEET in book.sheetnames:
        for row in book[KEY_SHEET].iter_rows(max_row=8, max_col=2, values_only=True):
            cells[str(row[0])] = str(row[1]) if len(row) > 1 else ""
    return cells


def remark(value: Any) -> tuple[str, str | None]:
    """Return the remark in a cell and None, or an empty text and why the remark is refused."""
    try:
        return plain_text(as_text(value or "").removeprefix("'"), max_length=300), None
    except Invalid as invalid:
        return "", str(invalid)
