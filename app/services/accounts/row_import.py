"""Import loop for workbooks of people: checks every row and imports all rows or none (domain rule 61)."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext

from app.services.exports.sheet_rows import Layout
from app.services.imports import row_sheets
from app.services.imports.refusals import RowError, SheetRefused
from app.services.imports.tables import Line
from app.validators import characters

Values = dict[str, Any]


def import_rows(
    layout: Layout,
    stream: Any,
    *,
    read: Callable[[Line], tuple[Values, list[str]]],
    enter: Callable[[Values], list[str]],
) -> int:
    """Store every valid row and return the number of rows.

    `read` returns the values of a row and a sentence for each wrong cell; `enter` stores the values or
    returns the sentences of a refusal. An ID number that occurs twice is refused. Raises SheetRefused with
    every wrong row; the caller must then roll back.
    """
    errors: list[RowError] = []
    seen: dict[str, int] = {}
    lines = row_sheets.filled_rows(layout, stream)
    for line in lines:
        values, problems = read(line)
        key = characters.number(str(values.get("id_number") or ""))
        if key and key in seen:
            problems.append(gettext("The same ID number stands in row %(row)s.", row=seen[key]))
        seen.setdefault(key, line.row)
        errors += [RowError(line.row, problem) for problem in problems or enter(values)]
    if errors:
        raise SheetRefused(errors, "file")
    return len(lines)
