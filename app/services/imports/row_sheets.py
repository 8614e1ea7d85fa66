"""Read filled templates of `sheet_rows` back: one record per row, checked against the layout."""

from collections.abc import Mapping, Sequence
from typing import IO, Any

from flask_babel import gettext

from app.engine import Refused
from app.services.exports.sheet_rows import Column, Layout
from app.services.imports import cells
from app.services.imports.refusals import refused
from app.services.imports.tables import Line, Template, open_filled
from app.validators import Invalid


def filled_rows(layout: Layout, stream: IO[bytes]) -> Sequence[Line]:
    """Return the non-empty rows.

    Raises Refused for a file that is no present template, and SheetRefused for wrong headings, too many rows
    or none.
    """
    filled = open_filled(_template(layout), stream)
    if ("version", layout.version) not in filled.facts():
        raise Refused(
            gettext(
                "This is not the present template. Download the template here and copy the rows into it."
            )
        )
    lines = filled.table().lines
    if len(lines) > layout.most_rows:
        raise refused(_too_many(layout))
    if not lines:
        nobody = gettext("There is nobody in the file, below the headings.")
        nothing = gettext("There is no row in the file, below the headings.")
        raise refused(nobody if layout.is_of_people else nothing)
    return lines


def read(layout: Layout, line: Line) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of a row by field, and one sentence for each wrong field."""
    typed: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for column in layout.columns():
        try:
            typed[column.field] = _value(column, line.cells[column.field])
        except Invalid as invalid:
            faults[column.field] = str(invalid)
    return typed, faults


def sentences(layout: Layout, faults: Mapping[str, str]) -> list[str]:
    """Return the faults of a row in column order, each prefixed with the column's heading."""
    return [
        gettext("%(column)s: %(why)s", column=column.heading, why=faults[column.field])
        for column in layout.columns()
        if column.field in faults
    ]


def _template(layout: Layout) -> Template:
    return Template(
        title=layout.title,
        headings=lambda: {column.field: column.heading for column in layout.columns()},
        key=layout.key,
        key_sheet=layout.key_sheet,
        most_rows=layout.most_rows,
        too_many=_too_many(layout),
    )


def _too_many(layout: Layout) -> str:
    if not layout.is_of_people:
        return gettext("A file may hold %(most)s rows; split it.", most=layout.most_rows)
    return gettext("A file may hold %(most)s people; split it.", most=layout.most_rows)


def _value(column: Column, value: Any) -> Any:
    """Return a cell converted to the value the form would give; None for an empty one. Raises Invalid."""
    if column.offered is not None:
        return cells.chosen(value, column.offered)
    return cells.READERS[column.kind](value) or None
