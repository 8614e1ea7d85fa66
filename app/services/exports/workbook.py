"""Excel: every list as a file, and the result of an offline meeting read back from its template.

What leaves is text and numbers, never a formula; what comes in is checked row by row and taken whole or
not at all.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

from flask import Response
from flask_babel import gettext
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app import settings
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
"""In the template: row 1 says what to do, row 2 names the columns."""
SHOWN_ERRORS = 20


# writing


def safe(value: Any) -> Any:
    """Return `value` as a cell may hold it: whole numbers stay, all else is text no program runs.

    A text that begins like a formula gets an apostrophe in front (CSV injection, also full-width).
    """
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int):
        text = UNPRINTABLE.sub("", as_text(value))[:LONGEST_CELL]
        return f"'{text}" if text.startswith(FORMULA_STARTS) else text
    return value


def as_text(value: Any) -> str:
    """Return a cell in words."""
    if isinstance(value, datetime):
        return f"{clock.local(value):%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def write_xlsx(title: str, columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a workbook with one sheet: a heading row and `rows`.

    Raises Refused when there are more rows than an export may have.
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
    """One sheet of a workbook."""

    title: str
    columns: Sequence[Any]
    rows: Iterable[Sequence[Any]]


def write_sheets(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook of several sheets, each with a heading row."""
    book = Workbook(write_only=True)
    for one in sheets:
        page = book.create_sheet(sheet_name(one.title))
        page.freeze_panes = "A2"
        page.append([_cell(page, str(column), is_heading=True) for column in one.columns])
        for row in one.rows:
            page.append([_cell(page, value) for value in row])
    return to_bytes(book)


def download(title: str, columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Response:
    """Return a list as an Excel file to be saved."""
    return attachment(write_xlsx(title, columns, rows), f"{title}.xlsx", XLSX)


def attachment(content: bytes, name: str, media_type: str, *, is_shown: bool = False) -> Response:
    """Return `content` as a file called `name`, to be saved or shown in the page."""
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
    """Return `title` as a sheet may be called."""
    return re.sub(r"[\[\]:*?/\\']", " ", UNPRINTABLE.sub("", title))[:31].strip() or "1"


def to_bytes(book: Workbook) -> bytes:
    """Return the file of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


# the template of an offline result


def dress(sheet: Worksheet, count: int, widths: Sequence[int], *, fixed: int) -> None:
    """Make a template of `count` rows readable, and let only the cells behind the `fixed` columns be typed in."""
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
    """Say on a hidden sheet what the template was made for."""
    keys = book.create_sheet(KEY_SHEET)
    for name, value in key.items():
        keys.append([name, str(value)])
    keys.sheet_state = "veryHidden"


# reading


@dataclass(frozen=True)
class RowError:
    """What is wrong in one row of a sheet; row 0 is the sheet as a whole."""

    row: int
    sentence: str

    def __str__(self) -> str:
        if not self.row:
            return self.sentence
        return gettext("Row %(row)s: %(why)s", row=self.row, why=self.sentence)


class SheetRefused(Refused):
    """A sheet has wrong rows, so nothing of it was taken; `errors` names each."""

    def __init__(self, errors: Sequence[RowError], field: str | None = None) -> None:
        self.errors = tuple(errors)
        super().__init__(
            " ".join([gettext("Nothing was taken from the file."), *self.lines]), field
        )

    @property
    def lines(self) -> list[str]:
        """One sentence per wrong row, the first ones only."""
        lines = [str(error) for error in self.errors[:SHOWN_ERRORS]]
        if len(self.errors) > SHOWN_ERRORS:
            lines.append(gettext("And %(count)s more.", count=len(self.errors) - SHOWN_ERRORS))
        return lines


def open_book(stream: Any) -> Workbook:
    """Return the workbook in `stream`. Raises Refused for what is no Excel file or unpacks too large."""
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
        # the library raises a dozen kinds of exceptions, of which none says more to the user
        raise Refused(
            gettext(
                "This file cannot be read as Excel (.xlsx). Save it in that format and try again."
            )
        ) from error


def key_of(book: Workbook) -> dict[str, str]:
    """Return what a template was made for, nothing for a workbook that is no template."""
    cells: dict[str, str] = {}
    if KEY_SHEET in book.sheetnames:
        for row in book[KEY_SHEET].iter_rows(max_row=8, max_col=2, values_only=True):
            cells[str(row[0])] = str(row[1]) if len(row) > 1 else ""
    return cells


def remark(value: Any) -> tuple[str, str | None]:
    """Return the remark in a cell, and why it is refused if it is."""
    try:
        return plain_text(as_text(value or "").removeprefix("'"), max_length=300), None
    except Invalid as invalid:
        return "", str(invalid)
