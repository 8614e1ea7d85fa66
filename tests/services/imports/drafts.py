"""Workbooks as plain lists of rows, to be disturbed and written as other programs would write them."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from app.services.exports.sheet_rows import FIRST_ROW

Grid = list[list[Any]]
HEADINGS = FIRST_ROW - 2
"""Place of the row of headings in a grid."""


@dataclass
class Draft:
    """The sheets of a workbook by name; `name` is the sheet with the table."""

    sheets: dict[str, Grid]
    name: str
    hidden: str
    formatted: list[str] = field(default_factory=list)
    rewrite: list[Callable[[bytes], bytes]] = field(default_factory=list)

    @classmethod
    def of(cls, template: bytes, rows: Grid | None = None) -> "Draft":
        """Return a template; `rows` stand below its headings, in the place of those there."""
        book = load_workbook(io.BytesIO(template))
        sheets = {one.title: [list(row) for row in one.iter_rows(values_only=True)] for one in book}
        name, hidden = sheets
        headings = sheets[name][: HEADINGS + 1]
        if rows is not None:
            sheets[name] = [*headings, *rows]
        return cls(sheets, name, hidden)

    @property
    def grid(self) -> Grid:
        return self.sheets[self.name]

    def column(self, heading: str) -> int:
        return self.grid[HEADINGS].index(heading)

    def set(self, row: int, heading: str, value: Any) -> None:
        """Write into a row, counted from 0 below the headings."""
        self.grid[HEADINGS + 1 + row][self.column(heading)] = value

    def insert(self, place: int, values: list[Any]) -> None:
        """Insert a column; `values` begin with the row of headings, the last one is repeated."""
        for number, row in enumerate(self.grid):
            at = min(max(number - HEADINGS, 0), len(values) - 1)
            row[place:place] = [None if number < HEADINGS else values[at]]

    def arrange(self, order: list[int]) -> None:
        """Put the columns in another order; the instructions stay in the first one."""
        self.sheets[self.name] = [
            row if number < HEADINGS else [row[place] for place in order]
            for number, row in enumerate(self.grid)
        ]

    def to_bytes(self) -> bytes:
        book = Workbook()
        book.remove(book.active)
        for name, grid in self.sheets.items():
            sheet = book.create_sheet(name)
            for row in grid:
                sheet.append(row)
            if name == self.name:
                for place in self.formatted:
                    sheet[place].font = Font(bold=True, color="FF112233")
        stream = io.BytesIO()
        book.save(stream)
        content = stream.getvalue()
        for change in self.rewrite:
            content = change(content)
        return content
