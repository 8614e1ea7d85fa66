"""Excel templates with one record per row: create the template and read it back when filled in.

Row 1 holds the instructions, row 2 the column headings; a hidden sheet holds the version of the template.
Cells are formatted as text, so that Excel does not round ID numbers.
"""

import io
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from app import settings
from app.engine import Refused
from app.enums import Labelled
from app.services.exports.workbook import RowError, SheetRefused, open_book
from app.validators import Invalid, dates

FIRST_ROW = 3
EXACT_DIGITS = 15
"""Significant digits that Excel keeps of a number."""


@dataclass(frozen=True)
class Column:
    """A column of a template: field, heading, enumeration of allowed values, kind and width.

    `kind` is text, number or day.
    """

    field: str
    heading: str
    offered: type[Labelled] | None = None
    kind: str = "text"
    width: int = 16


@dataclass(frozen=True)
class Layout:
    """Layout of one kind of template; `key` names the hidden sheet that holds the version."""

    key: str
    version: str
    columns: Sequence[Column]
    most_rows: int


def template(layout: Layout, title: str, guidance: str) -> bytes:
    """Return the bytes of an empty template."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    sheet.append([guidance])
    sheet.append([column.heading for column in layout.columns])
    _format(sheet, layout)
    keys = book.create_sheet(layout.key)
    keys.append(["version", layout.version])
    keys.sheet_state = "veryHidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def filled_rows(layout: Layout, stream: Any) -> list[tuple[int, Sequence[Any]]]:
    """Return the non-empty rows with their row numbers.

    Raises Refused for a file that is too large or no present template, and for too many rows or none.
    """
    content = stream.read(settings.get("upload_max_mb") * 1024 * 1024 + 1)
    if len(content) > settings.get("upload_max_mb") * 1024 * 1024:
        raise Refused(
            gettext("The Excel file is too large. Use the template as it was downloaded."), "file"
        )
    book = open_book(io.BytesIO(content))
    known = book[layout.key]["B1"].value if layout.key in book.sheetnames else None
    if str(known) != layout.version:
        raise Refused(
            gettext(
                "This is not the present template. Download the template here and copy the rows into it."
            ),
            "file",
        )
    sheet = book.worksheets[0]
    if sheet.max_row > FIRST_ROW + layout.most_rows + 1000 or sheet.max_column > 100:
        raise _too_many(layout)
    rows = list(_filled(sheet, len(layout.columns)))
    if len(rows) > layout.most_rows:
        raise _too_many(layout)
    if not rows:
        raise SheetRefused(
            [RowError(0, gettext("There is nobody in the file, from row 3 on."))], "file"
        )
    return rows


def read(layout: Layout, cells: Sequence[Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of a row by field, and one sentence for each wrong field."""
    typed: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for column, cell in zip(layout.columns, cells, strict=True):
        try:
            typed[column.field] = _cell(column, cell)
        except Invalid as invalid:
            faults[column.field] = str(invalid)
    return typed, faults


def sentences(layout: Layout, faults: Mapping[str, str]) -> list[str]:
    """Return the faults of a row in column order, each prefixed with the column's heading."""
    return [
        gettext("%(column)s: %(why)s", column=column.heading, why=faults[column.field])
        for column in layout.columns
        if column.field in faults
    ]


def _format(sheet: Worksheet, layout: Layout) -> None:
    for place, column in enumerate(layout.columns, start=1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = "@"
        for row in range(FIRST_ROW, FIRST_ROW + 200):
            sheet.cell(row, place).number_format = "@"
        if column.offered is not None:
            labels = ",".join(str(one.label) for one in column.offered)
            rule = DataValidation("list", formula1=f'"{labels}"', allow_blank=True)
            rule.add(f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + layout.most_rows}")
            sheet.add_data_validation(rule)
    for cell in sheet[2]:
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center")
    sheet.freeze_panes = f"A{FIRST_ROW}"


def _filled(sheet: Any, width: int) -> Iterator[tuple[int, Sequence[Any]]]:
    found = sheet.iter_rows(min_row=FIRST_ROW, values_only=True)
    for number, values in enumerate(found, start=FIRST_ROW):
        if any(str(value).strip() for value in values if value is not None):
            yield number, [*values, *(None,) * width][:width]


def _too_many(layout: Layout) -> SheetRefused:
    sentence = gettext("A file may hold %(most)s people; split it.", most=layout.most_rows)
    return SheetRefused([RowError(0, sentence)], "file")


def _cell(column: Column, value: Any) -> Any:
    """Return a cell converted to the value the form would give. Raises Invalid."""
    if isinstance(value, datetime | date):
        if column.kind != "day":
            raise Invalid(gettext("A date stands here. Format the cell as text."))
        return value.date() if isinstance(value, datetime) else value
    text = READERS.get(column.kind, _text)(value)
    if not text:
        return None
    if column.kind == "day":
        return dates.day(text)
    return chosen(text, column.offered) if column.offered is not None else text


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip().removeprefix("'")


def _number(value: Any) -> str:
    """Return a cell with an ID number as text.

    Raises Invalid if Excel stored a long number as numeric, because its last digits are lost.
    """
    if isinstance(value, bool | int | float) and abs(value) >= 10**EXACT_DIGITS:
        raise Invalid(
            gettext(
                "Excel has taken this for a number and rounded its end. Format the cell as text and enter it again."
            )
        )
    return _text(value)


READERS: dict[str, Callable[[Any], str]] = {"number": _number}


def chosen(text: str, offered: type[Labelled]) -> Labelled:
    """Return the member of `offered` with this label or value. Raises Invalid."""
    folded = unicodedata.normalize("NFKC", text)
    for one in offered:
        if folded in (unicodedata.normalize("NFKC", str(one.label)), one.value):
            return one
    raise Invalid(
        gettext(
            "“%(typed)s” is none of: %(offered)s.",
            typed=text[:30],
            offered=gettext(", ").join(str(one.label) for one in offered),
        )
    )
