"""Read the cells of an Excel file (.xlsx) and print them as JSON.

Run by `sandbox`: `sheet_probe.py PATH MOST_ROWS MOST_COLUMNS` prints one JSON object, `{"sheets": [{"name": …,
"rows": [[number, [cell, …]], …]}, …]}` with the rows that have an entry, or `{"why": …}`. It imports no module
of the application.

Nothing is kept before its size is known: a first pass over each sheet counts the rows with an entry and
stops at the limit. Formatted cells without an entry do not count, wherever they stand. The second pass, by
calamine, reads what is left.
"""

import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from posixpath import join, normpath, split
from typing import Any
from xml.parsers import expat

MAX_UNPACKED = 64 * 1024 * 1024
MAX_PARTS = 200
MAX_AREA = 2_000_000
"""Cells of the rectangle from A1 to the last entry; the library holds all of them."""
MAX_TEXT = 16 * 1024 * 1024
STEP = 1024 * 1024
OLD_START = b"\xd0\xcf\x11\xe0"
"""First bytes of an .xls file and of an .xlsx file with a password."""

Marks = dict[int, dict[int, str]]
"""Why cells have no readable value, by row and column."""


class Unfit(Exception):
    """The file is refused; `why` is the reason code."""

    def __init__(self, why: str, **facts: Any) -> None:
        super().__init__(why)
        self.found = {"why": why, **facts}


def look(path: Path, most_rows: int, most_columns: int) -> dict[str, Any]:
    """Return the cells of every sheet, or why the file is refused."""
    try:
        with path.open("rb") as file:
            if file.read(len(OLD_START)) == OLD_START:
                raise Unfit("old")
        odd = _scan(path, most_rows, most_columns)
        return {"sheets": _read(path, odd)}
    except Unfit as unfit:
        return unfit.found


def _scan(path: Path, most_rows: int, most_columns: int) -> dict[str, Marks]:
    """Check the size of all sheets; return the cells of each that have no readable value."""
    odd = {}
    with zipfile.ZipFile(path) as parts:
        entries = parts.infolist()
        if len(entries) > MAX_PARTS or sum(e.file_size for e in entries) > MAX_UNPACKED:
            raise Unfit("too_much")
        for name, part in _sheet_parts(parts).items():
            scan = _Scan(name, most_rows, most_columns)
            with parts.open(part) as stream:
                scan.run(stream)
            odd[name] = scan.odd
    return odd


def _sheet_parts(parts: zipfile.ZipFile) -> dict[str, str]:
    """Return {name of a worksheet: its part}."""
    (book,) = _related(parts, "", "/officeDocument").values()
    targets = _related(parts, book, "/worksheet")
    found = {}
    for one in _elements(parts.read(book), "sheet"):
        key = next(value for name, value in one.items() if name.rpartition(":")[2] == "id")
        if key in targets:
            found[one["name"]] = targets[key]
    return found


def _related(parts: zipfile.ZipFile, part: str, kind: str) -> dict[str, str]:
    """Return {key: part} of the parts of a kind that `part`, or the file as a whole, refers to."""
    folder, name = split(part)
    document = parts.read(join(folder, "_rels", f"{name}.rels"))
    return {
        one["Id"]: normpath(join("/", folder, one["Target"])).lstrip("/")
        for one in _elements(document, "Relationship")
        if one["Type"].endswith(kind)
    }


def _elements(document: bytes, tag: str) -> list[dict[str, str]]:
    """Return the attributes of every element `tag`, whatever its namespace."""
    found: list[dict[str, str]] = []

    def take(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == tag:
            found.append(attributes)

    _parser(take).Parse(document, True)
    return found


def _parser(start: Callable[[str, dict[str, str]], None]) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*declared: Any) -> None:
    raise Unfit("broken")


class _Scan:
    """Counts the rows with an entry in one sheet and notes cells without a readable value."""

    def __init__(self, name: str, most_rows: int, most_columns: int) -> None:
        self.name, self.most_rows, self.most_columns = name, most_rows, most_columns
        self.row = self.column = self.rows = self.counted = self.widest = 0
        self.cell: dict[str, str] = {}
        self.has_formula = self.has_result = False
        self.odd: Marks = {}
        self.parser = _parser(self._start)

    def run(self, stream: Any) -> None:
        """Read the XML of the sheet. Raises Unfit when a limit is exceeded."""
        while chunk := stream.read(STEP):
            self.parser.Parse(chunk, False)
        self.parser.Parse(b"", True)
        self._end_cell()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "c":
            self._end_cell()
            self.cell = attributes
            self.column = _column(attributes.get("r", "")) or self.column + 1
        elif local == "row":
            self._end_cell()
            self.row, self.column = int(attributes.get("r") or self.row + 1), 0
        elif local in ("v", "is"):
            self._count()
            self.parser.CharacterDataHandler = self._take_result
            # the result of a formula may be an empty text
            self.has_result |= self.cell.get("t") == "str"
        elif local == "f":
            self.has_formula = True
            self.parser.CharacterDataHandler = None

    def _count(self) -> None:
        """Count the row of an entry and check its place."""
        if self.row != self.counted:
            self.counted, self.rows = self.row, self.rows + 1
        self.widest = max(self.widest, self.column)
        if self.rows > self.most_rows:
            raise Unfit("rows", sheet=self.name)
        if self.column > self.most_columns or self.row * self.widest > MAX_AREA:
            raise Unfit("far", sheet=self.name, cell=f"{_letters(self.column)}{self.row}")

    def _take_result(self, text: str) -> None:
        self.has_result |= bool(text.strip())

    def _end_cell(self) -> None:
        if self.cell.get("t") == "e":
            self.odd.setdefault(self.row, {})[self.column] = "error"
        elif self.has_formula and not self.has_result:
            self._count()
            self.odd.setdefault(self.row, {})[self.column] = "formula"
        self.cell, self.has_formula, self.has_result = {}, False, False
        self.parser.CharacterDataHandler = None


def _column(reference: str) -> int:
    """Return the number of the column in a reference such as "C7"; 0 if there is none."""
    number = 0
    for character in reference:
        if not "A" <= character <= "Z":
            break
        number = number * 26 + ord(character) - ord("A") + 1
    return number


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _read(path: Path, odd: dict[str, Marks]) -> list[dict[str, Any]]:
    """Return name and rows with an entry of every sheet."""
    import python_calamine

    book = python_calamine.load_workbook(str(path))
    found, left = [], MAX_TEXT
    for name, marks in odd.items():
        rows = []
        for number, cells in _cells(book.get_sheet_by_name(name), marks):
            left -= sum(len(cell) for cell in cells if isinstance(cell, str))
            if left < 0:
                raise Unfit("too_much")
            if any(cell is not None for cell in cells):
                rows.append([number, cells])
        found.append({"name": name, "rows": rows})
    return found


def _cells(sheet: Any, marks: Marks) -> Iterator[tuple[int, list[Any]]]:
    """Yield number and cells of every row; a mark stands in place of a value that cannot be read."""
    number, left = 0, sheet.start[1] if sheet.start else 0
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = [*(None for _column in range(left)), *map(_plain, values)]
        yield number, _marked(cells, marks.get(number, {}))
    for row in sorted(marks):
        if row > number:
            yield row, _marked([], marks[row])


def _marked(cells: list[Any], marks: dict[int, str]) -> list[Any]:
    cells += [None] * (max(marks, default=0) - len(cells))
    for column, why in marks.items():
        cells[column - 1] = {"odd": why}
    return cells


def _plain(value: Any) -> Any:
    """Return a cell as JSON; None for an empty one."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return {"day": value.date().isoformat()} if is_day else {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, time | timedelta):
        return str(value)
    return value


def main(arguments: list[str]) -> None:  # pragma: no cover - runs in a process of its own
    path, most_rows, most_columns = arguments
    try:
        found = look(Path(path), int(most_rows), int(most_columns))
    except MemoryError:
        found = {"why": "too_much"}
    except Exception:  # any error of a parser on a strange file means the same to its sender
        found = {"why": "broken"}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":  # pragma: no cover
    main(sys.argv[1:])
