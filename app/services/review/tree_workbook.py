"""A review tree as a workbook: one unit per row, named by credit codes, so that it can be changed and read in."""

import re
from collections.abc import Iterator
from typing import IO, Any

from flask_babel import gettext
from openpyxl import Workbook
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from app import settings
from app.engine import Refused
from app.enums import Level
from app.extensions import db
from app.models import Committee, RouteNode, Unit
from app.services.exports import workbook
from app.services.imports import cells
from app.services.imports.languages import in_every_language
from app.services.imports.refusals import RowError, refused
from app.services.imports.tables import Line, Template, in_column, open_filled
from app.services.review import route_branches, tree_plan
from app.services.review.tree_plan import Entry, Plan
from app.validators import Invalid
from app.validators.texts import folded

KEY_SHEET, VERSION = "_review_tree", "1"
MOST_ROWS = 5000
AT_ONCE = 1000
SEPARATORS = re.compile(r"[、,，;；/\s]+")
ALL = "12345"


def headings() -> dict[str, str]:
    """Return the headings of the columns by field."""
    return {
        "code": gettext("Credit code"),
        "name": gettext("Unit name"),
        "superior": gettext("Credit code of the superior"),
        "superior_name": gettext("Superior in this tree"),
        "levels": gettext("Levels that pass through"),
    }


def title() -> str:
    """Return the name of the sheet."""
    return gettext("Review tree")


def _template() -> Template:
    too_many = gettext(
        "A file may hold %(most)s units. Leave only the rows that change; the others stay as they are.",
        most=MOST_ROWS,
    )
    return Template(title, headings, "code", KEY_SHEET, MOST_ROWS, too_many)


def write(committee: Committee, at: int | None = None) -> bytes:
    """Return the tree of a committee, or the branch of the unit `at`, as a workbook; rows are read in parts.

    Raises Refused for more rows than a file may hold.
    """
    query = _rows(committee.id, at)
    _refuse_many(query)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(workbook.sheet_name(title()))
    for letter, width in zip("ABCDE", (22, 34, 24, 34, 40), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append(
        [
            gettext(
                "One unit per row. The superior's code stays empty for units right below the committee. Units not named here stay as they are."
            )
        ]
    )
    sheet.append(list(headings().values()))
    for code, name, superior, superior_name, levels in _parts(query):
        row = (code, name, superior, superior_name, levels_text(levels))
        sheet.append([workbook.safe(value) for value in row])
    facts = [("version", VERSION), ("committee", committee.code)]
    workbook.add_key(book, facts, KEY_SHEET)
    return workbook.to_bytes(book)


def _rows(committee_id: int, at: int | None) -> Select[Any]:
    query = rows_of(committee_id)
    if at is None:
        return query
    ids = select(route_branches.branch(committee_id, [at]).c.unit_id)
    return query.where(RouteNode.unit_id.in_(ids))


def _refuse_many(query: Select[Any]) -> None:
    count, most = (
        select(func.count()).select_from(query.subquery()),
        settings.get("export_max_rows"),
    )
    if (found := db.session.scalar(count) or 0) > most:
        raise Refused(
            gettext(
                "The tree has %(count)s units, a file holds at most %(most)s. Choose a unit in the tree and export its branch.",
                count=found,
                most=most,
            )
        )


def _parts(query: Select[Any]) -> Iterator[Any]:
    return iter(db.session.execute(query.execution_options(yield_per=AT_ONCE)).tuples())


def rows_of(committee_id: int) -> Select[Any]:
    """Select code, name, superior's code and name, and levels of every place, sorted by code."""
    superior = aliased(Unit)
    return (
        select(
            Unit.credit_code,
            Unit.name,
            superior.credit_code.label("superior"),
            superior.name.label("superior_name"),
            RouteNode.levels,
        )
        .select_from(RouteNode)
        .join(Unit, Unit.id == RouteNode.unit_id)
        .outerjoin(superior, superior.id == RouteNode.superior_id)
        .where(RouteNode.committee_id == committee_id)
        .order_by(Unit.credit_code)
    )


def levels_text(levels: str) -> str:
    """Return the labels of levels, or one word for all of them."""
    if set(levels) == set(ALL):
        return gettext("All levels")
    return "、".join(str(one.label) for one in Level if one.value in levels)


def read(committee: Committee, stream: IO[bytes]) -> Plan:
    """Return what a filled workbook would change in the tree. Raises Refused for what is no such file."""
    filled = open_filled(_template(), stream)
    if ("version", VERSION) not in filled.facts():
        raise refused(
            gettext("This is no workbook that 【Export the tree】 has written. Export the tree and change that file.")
        )  # fmt: skip
    table = filled.table()
    if not table.lines:
        raise refused(gettext("There is no unit in the file, below the headings."))
    entries, faults = [], []
    for line in table.lines:
        try:
            entries.append(_entry(line))
        except Invalid as invalid:
            column = table.letters["levels"]
            faults.append(RowError(line.row, in_column(column, str(invalid))))
    found = tree_plan.plan(committee.id, entries)
    found.refused = sorted([*faults, *found.refused], key=lambda one: one.row)
    return found


def _entry(line: Line) -> Entry:
    code, superior = (cells.plain(line.cells[name]).upper() for name in ("code", "superior"))
    name = cells.plain(line.cells["name"]).removeprefix("'")
    return Entry(code, superior, _levels(line.cells["levels"]), line.row, name)


def _levels(value: Any) -> str:
    """Return the values of the levels that a cell names, all of them for an empty one. Raises Invalid."""
    words = cells.text(value)
    everything = {folded(word) for word in in_every_language(lambda: gettext("All levels"))}
    if not words or folded(words) in everything:
        return ALL
    chosen = {cells.chosen(word, Level) for word in SEPARATORS.split(words) if word}
    return "".join(one.value for one in Level if one in chosen)
