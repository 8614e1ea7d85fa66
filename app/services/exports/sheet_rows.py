"""Excel templates with one record per row; `imports.row_sheets` reads them back when filled in.

Row 1 holds the instructions, row 2 the column headings; a hidden sheet holds the version of the template.
Cells are formatted as text, so that Excel does not round ID numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from app.enums import Labelled
from app.services.exports import workbook
from app.services.exports.workbook import FIRST_ROW


class YesNo(Labelled):
    """Yes or no in a workbook cell."""

    YES = "1", _("Yes")
    NO = "0", _("No")


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
    """Layout of one kind of template; `title` and `columns` return words of the present language.

    `key_sheet` is the hidden sheet that holds the version, `key` the field that names a row; `is_of_people` says
    whether refusals call the rows people.
    """

    key_sheet: str
    version: str
    title: Callable[[], str]
    columns: Callable[[], Sequence[Column]]
    key: str
    most_rows: int
    is_of_people: bool = True


def template(layout: Layout, guidance: str, rows: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """Return the bytes of a template, empty or with `rows` by field."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = workbook.sheet_name(layout.title())
    sheet.append([guidance])
    sheet.append([column.heading for column in layout.columns()])
    for row in rows:
        sheet.append([_cell(row.get(column.field)) for column in layout.columns()])
    _format(sheet, layout)
    workbook.add_key(book, [("version", layout.version)], layout.key_sheet)
    return workbook.to_bytes(book)


def _cell(value: Any) -> Any:
    return str(value.label) if isinstance(value, Labelled) else workbook.safe(value)


def _format(sheet: Worksheet, layout: Layout) -> None:
    for place, column in enumerate(layout.columns(), start=1):
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
