"""Find the table of a template in a file: the sheet by name or headings, the columns by headings.

Columns may stand in any order and the table anywhere. Headings that are missing, doubled or unknown, entries
under no heading, cells without a readable value and rows with totals are refused by name.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from flask_babel import gettext
from openpyxl.utils import get_column_letter

from app.services.exports.workbook import safe
from app.services.imports.cells import plain
from app.services.imports.languages import in_every_language
from app.services.imports.refusals import RowError, SheetRefused, refused
from app.services.imports.sheet_reader import Faulty, Sheet, read_sheets
from app.validators.texts import folded

TOTAL = re.compile(
    r"(本页|本表|以上|全部)?[合小总共累]计([:(\d人票份数].*)?|(sub|grand)?total:?|sum:?"
)


@dataclass(frozen=True)
class Template:
    """What a filled template has: name of the sheet, headings by field, name of its hidden sheet.

    `title` and `headings` return words of the present language. `key` is the field that names a row.
    """

    title: Callable[[], str]
    headings: Callable[[], Mapping[str, str]]
    key: str
    key_sheet: str
    most_rows: int
    too_many: str


@dataclass(frozen=True)
class Line:
    """A row of a table: its number and its cells by field."""

    row: int
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """The table of a file: its rows, and the letter of the column of each field."""

    lines: Sequence[Line]
    letters: Mapping[str, str]


@dataclass(frozen=True)
class Filled:
    """A file made from a template, not searched for its table yet."""

    template: Template
    sheets: Sequence[Sheet]

    def facts(self) -> list[tuple[str, str]]:
        """Return what the hidden sheet says about the template; empty if it is no template."""
        rows = [
            row for one in self.sheets if one.name == self.template.key_sheet for row in one.rows
        ]
        return [(plain(cells[0]), plain(cells[1])) for _number, cells in rows if len(cells) > 1]

    def table(self) -> Table:
        """Return the table. Raises SheetRefused naming every heading, row or cell that is wrong."""
        named = _spelled(self.template)
        sheet, first = _sheet_with_table(self, named)
        return _Reader(self.template, named, sheet, first).table()


def open_filled(template: Template, stream: IO[bytes]) -> Filled:
    """Return the file; raises Refused as `read_sheets` does."""
    sheets = read_sheets(stream, most_rows=template.most_rows, too_many=template.too_many)
    return Filled(template, sheets)


def _spelled(template: Template) -> dict[str, str]:
    """Return the field of each heading in any language, as it is and as it is written into a cell."""
    return {
        folded(words): field
        for headings in in_every_language(template.headings)
        for field, heading in headings.items()
        for words in (heading, safe(heading))
    }


def _sheet_with_table(filled: Filled, named: Mapping[str, str]) -> tuple[Sheet, int]:
    """Return the sheet that has the table and the place of its row of headings.

    The only sheet with rows under the headings is the one, whatever its name and place.
    """
    template = filled.template
    sheets = [one for one in filled.sheets if one.name != template.key_sheet]
    found = [
        (one, at) for one in sheets if (at := _row_of_headings(one, template, named)) is not None
    ]
    filled_ones = [(one, at) for one, at in found if len(one.rows) > at + 1]
    if len(filled_ones) > 1:
        names = gettext(", ").join(f"“{one.name}”" for one, _at in filled_ones)
        raise refused(
            gettext(
                "The sheets %(names)s all have rows under these headings. Leave one of them.",
                names=names,
            )
        )
    if not found:
        raise refused(_no_headings(template, sheets))
    return (filled_ones or found)[0]


def _row_of_headings(sheet: Sheet, template: Template, named: Mapping[str, str]) -> int | None:
    """Return the place of the row with most headings: the key's or at least half of all."""
    best, most = None, 0
    needed = len(template.headings()) / 2
    for place, (_number, cells) in enumerate(sheet.rows):
        fields = {named.get(folded(cell)) for cell in cells if isinstance(cell, str)} - {None}
        if len(fields) > most and (template.key in fields or len(fields) >= needed):
            best, most = place, len(fields)
    return best


def _no_headings(template: Template, sheets: Sequence[Sheet]) -> str:
    titles = {folded(title) for title in in_every_language(template.title)}
    sheet = next((one.name for one in sheets if folded(one.name) in titles), template.title())
    return gettext(
        "No sheet has the headings of the template (%(headings)s). They belong into the sheet “%(sheet)s”.",
        headings=gettext(", ").join(template.headings().values()),
        sheet=sheet,
    )


class _Reader:
    """Reads the rows under a row of headings and collects what is wrong."""

    def __init__(
        self, template: Template, named: Mapping[str, str], sheet: Sheet, first: int
    ) -> None:
        self.template = template
        self.above, self.rows = sheet.rows[:first], sheet.rows[first + 1 :]
        self.number, self.typed = sheet.rows[first]
        self.places: dict[str, list[int]] = {field: [] for field in template.headings()}
        self.unknown: list[int] = []
        for place, cell in enumerate(self.typed):
            field = named.get(folded(cell)) if cell is not None else None
            if field is not None:
                self.places[field].append(place)
            elif cell is not None:
                self.unknown.append(place)

    def table(self) -> Table:
        """Return the table. Raises SheetRefused, first for wrong headings and then for wrong cells."""
        for faults in (self._wrong_headings, self._wrong_cells):
            if errors := list(faults()):
                raise SheetRefused(errors)
        at = {field: places[0] for field, places in self.places.items()}
        lines = [
            Line(number, {field: _at(cells, place) for field, place in at.items()})
            for number, cells in self.rows
        ]
        return Table(lines, {field: get_column_letter(place + 1) for field, place in at.items()})

    def _wrong_headings(self) -> Iterator[RowError]:
        for field, heading in self.template.headings().items():
            if not self.places[field]:
                yield self._error(gettext("the heading “%(heading)s” is missing.", heading=heading))
            if len(self.places[field]) > 1:
                columns = gettext(", ").join(
                    get_column_letter(one + 1) for one in self.places[field]
                )
                yield self._error(
                    gettext(
                        "the heading “%(heading)s” stands in the columns %(columns)s. Leave one of them.",
                        heading=heading,
                        columns=columns,
                    )
                )
        for place in self.unknown:
            yield self._error(
                gettext(
                    "column %(column)s: the template has no heading “%(heading)s”. Delete the column, or give"
                    " it back its heading.",
                    column=get_column_letter(place + 1),
                    heading=str(self.typed[place])[:30],
                )
            )

        for number, cells in self.above:
            # instructions stand in one cell
            if sum(cell is not None for cell in cells) > 1:
                why = gettext(
                    "this row stands above the headings. Move it below them, or delete it."
                )
                yield RowError(number, why)

    def _error(self, sentence: str) -> RowError:
        return RowError(self.number, sentence)

    def _wrong_cells(self) -> Iterator[RowError]:
        known = {place for places in self.places.values() for place in places}
        for number, cells in self.rows:
            first = next(cell for cell in cells if cell is not None)
            if TOTAL.fullmatch(folded(first)):
                yield RowError(number, _no_person(str(first)))
                continue
            for place, cell in enumerate(cells):
                if cell is not None and (place not in known or isinstance(cell, Faulty)):
                    why = cell.sentence if isinstance(cell, Faulty) else _no_heading()
                    yield RowError(number, in_column(get_column_letter(place + 1), why))


def in_column(letter: str, why: str) -> str:
    """Return a sentence about a cell with its column."""
    return gettext("column %(column)s: %(why)s", column=letter, why=why)


def _no_heading() -> str:
    return gettext("an entry stands under no heading. Delete it, or move it to its column.")


def _no_person(typed: str) -> str:
    return gettext(
        "“%(words)s” is a total and no person. Delete this row.", words=typed.strip()[:20]
    )


def _at(cells: Sequence[Any], place: int) -> Any:
    return cells[place] if place < len(cells) else None
