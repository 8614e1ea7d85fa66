"""Write lists to download as Excel tables: dates are dates, numbers are numbers, texts never formulas."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from flask import Response
from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.ground import clock
from app.services.exports.workbook import XLSX, attachment, safe, sheet_name, to_bytes

DAY, MONTH, MOMENT = "yyyy-mm-dd", "yyyy-mm", "yyyy-mm-dd hh:mm:ss"
FIRST_DAY = date(1900, 3, 1)
"""First day that every program counts alike; Excel knows a 29 February 1900."""
EXACT_BELOW = 10**15
"""Excel rounds numbers from here on."""
NARROWEST, WIDEST, SAMPLED = 6, 50, 200


@dataclass(frozen=True)
class Formatted:
    """A day, moment or number with the format in which Excel shows it."""

    value: date | int | float | Decimal
    number_format: str = "General"


class FormattedText(str):
    """A text for display that also knows its cell in Excel, such as “12 months” for the number 12."""

    formatted: Formatted

    @classmethod
    def of(cls, text: str, formatted: Formatted) -> "FormattedText":
        made = cls(text)
        made.formatted = formatted
        return made


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: its title, headings and rows, and what has to be said about them.

    A `note` stands above the headings and below the last row.
    """

    title: str
    columns: Sequence[Any]
    rows: Iterable[Sequence[Any]]
    note: str = ""


def write_sheets(sheets: Sequence[Sheet]) -> bytes:
    """Return the bytes of a workbook of several sheets, each with a heading row."""
    book = Workbook(write_only=True)
    for one in sheets:
        _write(book, one)
    return to_bytes(book)


def download(
    title: str, columns: Sequence[Any], rows: Iterable[Sequence[Any]], *, note: str = ""
) -> Response:
    """Return a response that downloads a list as an Excel file."""
    return download_sheets(title, [Sheet(title, columns, rows, note)])


def download_sheets(title: str, sheets: Sequence[Sheet]) -> Response:
    """Return a response that downloads several lists as the sheets of one Excel file."""
    return attachment(write_sheets(sheets), f"{title}.xlsx", XLSX)


def month(text: str) -> Formatted:
    """Return a month such as 2015-09 as its first day, shown without the day. Raises ValueError."""
    return Formatted(date.fromisoformat(f"{text}-01"), MONTH)


def with_unit(number: int | float, unit: str) -> Formatted:
    """Return a number that Excel shows with its unit behind it."""
    quoted = unit.replace('"', "")
    return Formatted(number, f'General" {quoted}"' if quoted else "General")


def _write(book: Workbook, sheet: Sheet) -> None:
    page, rows = book.create_sheet(sheet_name(sheet.title)), iter(sheet.rows)
    sample = list(islice(rows, SAMPLED))
    page.freeze_panes = "A3" if sheet.note else "A2"
    for place, heading in enumerate(sheet.columns):
        values = [heading, *(row[place] for row in sample if place < len(row))]
        page.column_dimensions[get_column_letter(place + 1)].width = _width(values)
    noted = [[_heading(page, sheet.note)]] if sheet.note else []
    for line in (*noted, [_heading(page, str(one)) for one in sheet.columns]):
        page.append(line)
    for row in chain(sample, rows):
        page.append([_cell(page, value) for value in row])
    for line in noted:
        page.append(line)


def _width(values: Iterable[Any]) -> int:
    """Return a column width in which the values can be read; a date that is cut shows as ####."""
    widest = max(
        len(MOMENT) if isinstance(one, datetime) else len(DAY) if isinstance(one, date) else _length(one)
        for one in values
    )  # fmt: skip
    return min(max(widest + 2, NARROWEST), WIDEST)


def _length(value: Any) -> int:
    return sum(1 if character.isascii() else 2 for character in str(value)[:WIDEST])


def _heading(page: Any, text: str) -> WriteOnlyCell:
    cell = _cell(page, text)
    cell.font = Font(bold=True)
    return cell


def _cell(page: Any, value: Any) -> WriteOnlyCell:
    cell, shown = WriteOnlyCell(page), formatted(value)
    if shown is not None:
        cell.value, cell.number_format = shown.value, shown.number_format
        return cell
    cell.value = safe(_text(value))
    if isinstance(cell.value, str):
        cell.data_type = "s"
    return cell


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return value if value is None else str(value)


def formatted(value: Any) -> Formatted | None:
    """Return `value` as a day, a local moment or a number for Excel, or None if it is a text."""
    if isinstance(value, FormattedText):
        return value.formatted
    if isinstance(value, datetime):
        return Formatted(clock.local(value).replace(tzinfo=None, microsecond=0), MOMENT)
    if isinstance(value, date):
        return Formatted(value, DAY) if value >= FIRST_DAY else None
    return _number(value)


def _number(value: Any) -> Formatted | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if not math.isfinite(value) or not -EXACT_BELOW < value < EXACT_BELOW:
        return None
    return Formatted(value, "0.00" if isinstance(value, Decimal) else "General")
