"""Rows of a maintained table as an Excel workbook, and read back as what a file of the configuration would say of them."""

from collections.abc import Mapping
from typing import IO, Any

from flask_babel import gettext
from sqlalchemy import JSON, Boolean, Date, Enum, Integer

from app.services.configuration import row_values
from app.services.configuration.configuration_file import Content
from app.services.configuration.tables import Table
from app.services.configuration.tables_area import TABLE_ROWS
from app.services.exports import sheet_rows
from app.services.exports.sheet_rows import Column, Layout, YesNo
from app.services.form import condition_texts
from app.services.imports import row_sheets
from app.services.imports.refusals import RowError, SheetRefused
from app.validators import Invalid

MOST_ROWS = 5000
BETWEEN = "; "
"""Stands between the ticks of a condition, such as `level=1; series=01`."""


def write(table: Table) -> bytes:
    """Return all rows of a table as XLSX bytes, to be changed and read back."""
    guidance = gettext(
        "One row per code. A code that is there already is changed, a new one added; rows that are not in the file stay"
        " as they are. Conditions are written as level=1; series=01. Keep every heading."
    )
    names = (*table.key, *table.columns)
    rows = [
        {name: _cell(table, name, value) for name, value in row_values.written(row, names).items()}
        for row in table.rows().values()
    ]
    return sheet_rows.template(_layout(table), guidance, rows)


def read(table: Table, stream: IO[bytes]) -> Content:
    """Return what a workbook says of a table. Raises Refused, or SheetRefused naming every row that cannot be read."""
    layout, cells, errors = _layout(table), {}, []
    for line in row_sheets.filled_rows(layout, stream):
        typed, faults = row_sheets.read(layout, line)
        values, wrong = _values(table, typed)
        name = str(typed.get(table.key[0]) or "")
        cell = (table.name, name, "")
        if cell[:2] not in TABLE_ROWS.items():
            wrong[table.key[0]] = gettext("“%(code)s” cannot be a code here.", code=name[:40])
        elif cell in cells:
            wrong[table.key[0]] = gettext("The same code stands in a row above.")
        errors += [RowError(line.row, why) for why in row_sheets.sentences(layout, wrong | faults)]
        cells[cell] = values
    if errors:
        raise SheetRefused(errors, "file")
    return Content({TABLE_ROWS.name: cells}, {}, None)


def _layout(table: Table) -> Layout:
    def columns() -> list[Column]:
        return [_column(table, name) for name in (*table.key, *table.columns)]

    return Layout(
        "_rows",
        f"{table.name} 1",
        lambda: str(table.label),
        columns,
        table.key[0],
        MOST_ROWS,
        False,
    )


def _column(table: Table, name: str) -> Column:
    column = table.column(name)
    heading = row_values.label(column)
    if isinstance(column.type, Boolean):
        return Column(name, heading, YesNo, width=10)
    if isinstance(column.type, Enum):
        return Column(name, heading, row_values.choices(column))
    return Column(name, heading, kind="day" if isinstance(column.type, Date) else "text", width=24)


def _cell(table: Table, name: str, value: Any) -> Any:
    column = table.column(name)
    if isinstance(column.type, Boolean):
        return YesNo.YES if value else YesNo.NO
    if isinstance(column.type, Enum):
        return row_values.choices(column)(value)
    if isinstance(column.type, JSON):
        return BETWEEN.join(condition_texts.ticks(value))
    return value


def _values(table: Table, typed: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the columns of a row as a file of the configuration has them, and a sentence for each wrong one."""
    values, wrong = {}, {}
    for name in table.columns:
        try:
            values[name] = _value(table.column(name), typed.get(name))
        except Invalid as invalid:
            wrong[name] = str(invalid)
    return values, wrong


def _value(column: Any, typed: Any) -> Any:
    if isinstance(column.type, Boolean):
        return typed is YesNo.YES
    if isinstance(column.type, Integer):
        return _whole(str(typed or ""))
    if isinstance(column.type, JSON):
        return condition_texts.read(
            part.strip() for part in str(typed or "").split(";") if part.strip()
        )
    if isinstance(column.type, Enum | Date):
        return typed.isoformat() if isinstance(column.type, Date) and typed else typed
    return typed or (None if column.nullable else "")


def _whole(text: str) -> int:
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit():
        raise Invalid(gettext("A whole number is expected, not “%(value)s”.", value=text[:40]))
    return int(text)
