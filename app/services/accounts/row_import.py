"""People from a filled workbook: every row is checked, all are taken or none (domain rule 61)."""

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext

from app.services.accounts.id_numbers import normal
from app.services.exports import sheet_rows
from app.services.exports.sheet_rows import Layout
from app.services.exports.workbook import RowError, SheetRefused

Values = dict[str, Any]


def take(
    layout: Layout,
    stream: Any,
    *,
    read: Callable[[Sequence[Any]], tuple[Values, list[str]]],
    enter: Callable[[Values], list[str]],
) -> int:
    """Enter every row without fault and return how many rows there were.

    `read` returns what stands in a row with a sentence for each cell at fault, `enter` stores it or returns the
    sentences of a refusal. Raises SheetRefused with every wrong row; then the caller rolls back and keeps nothing.
    """
    errors: list[RowError] = []
    seen: dict[str, int] = {}
    rows = sheet_rows.filled(layout, stream)
    for number, cells in rows:
        values, problems = read(cells)
        key = normal(str(values.get("id_number") or ""))
        if key and key in seen:
            problems.append(gettext("The same ID number stands in row %(row)s.", row=seen[key]))
        seen.setdefault(key, number)
        errors += [RowError(number, problem) for problem in problems or enter(values)]
    if errors:
        raise SheetRefused(errors, "file")
    return len(rows)
