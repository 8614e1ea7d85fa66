"""The only reader of Excel files: `sheet_probe` parses them in a limited process.

A file comes back as sheets, rows and cells. `tables` finds the sheet, the headings and the columns in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from flask_babel import gettext

from app import settings
from app.engine import Refused
from app.services.files import file_store, sandbox
from app.services.files.file_store import TemporaryRefusal
from app.services.imports.refusals import refused

PROBE = Path(__file__).parent / "sheet_probe.py"
MORE_ROWS = 1000
"""Rows that may stand beside those of the table: instructions, notes, rows emptied of all but one cell."""
MOST_COLUMNS = 300
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Faulty:
    """A cell without a readable value: an error such as #REF!, or a formula without its result."""

    why: str

    @property
    def sentence(self) -> str:
        if self.why == "error":
            return gettext("Excel shows an error here. Enter the value itself.")
        return gettext(
            "A formula stands here whose result is not in the file. Enter the value itself."
        )


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: number and cells of each row that has an entry."""

    name: str
    rows: Sequence[tuple[int, Sequence[Any]]]


def read_sheets(stream: IO[bytes], *, most_rows: int, too_many: str) -> list[Sheet]:
    """Return the sheets of an Excel file; a cell is a text, number, bool, date, datetime, Faulty or None.

    Raises Refused for a file that is no .xlsx file, and SheetRefused for one that is too large; `too_many`
    is the sentence about more than `most_rows` rows.
    """
    sent = file_store.new_file(stream, _refuse_large)
    try:
        found = sandbox.run(PROBE, sent.path, most_rows + MORE_ROWS, MOST_COLUMNS)
    finally:
        sent.discard()
    if "why" in found:
        raise _refusal(found, too_many)
    return [
        Sheet(one["name"], [(number, [_cell(cell) for cell in row]) for number, row in one["rows"]])
        for one in found["sheets"]
    ]


def _refuse_large(size: int) -> None:
    if size > settings.get("upload_max_mb") * MEGABYTE:
        raise _too_large()


def _too_large() -> Refused:
    return Refused(gettext("The Excel file is too large. Use the template as it was downloaded."))


def _refusal(found: Mapping[str, Any], too_many: str) -> Refused:
    """Return the refusal for the reason that the probe gave."""
    why = found["why"]
    if why == "rows":
        return refused(gettext("Sheet “%(sheet)s”: %(why)s", sheet=found["sheet"], why=too_many))
    if why == "far":
        return refused(
            gettext(
                "Sheet “%(sheet)s”: an entry stands far away from the table, in cell %(cell)s. Delete it.",
                sheet=found["sheet"],
                cell=found["cell"],
            )
        )
    if why == "busy":
        return TemporaryRefusal(
            gettext(
                "Very many files are being checked just now. The Excel file was not taken; try again in a minute."
            )
        )
    if why == "too_much":
        return _too_large()
    if why == "old":
        return Refused(
            gettext(
                "This is an old Excel file (.xls) or one with a password. Save it as .xlsx without a password and"
                " try again."
            )
        )
    return Refused(
        gettext("This file cannot be read as Excel (.xlsx). Save it in that format and try again.")
    )


def _cell(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "day" in value:
        return date.fromisoformat(value["day"])
    return datetime.fromisoformat(value["moment"]) if "moment" in value else Faulty(value["odd"])
