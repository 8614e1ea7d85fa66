"""A list that opens sorted by a field of the dossier: possible as long as the field is a column of that list.

The order is a value of the area of pages, the column one of the area of the dossier. Each asks here before it changes.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.models.dossier_value import DECLARED
from app.services.customising import catalogue
from app.services.customising.catalogue import Beside, Cell

SCREENS, SORT = "screens", "sort"
PREFIX = "d."
"""Stands before the key of a field where it names a column."""


def field_of(order: Any) -> str:
    """Return the key of the field that the value of an order names, "" for an order of the program."""
    name = order.partition(" ")[0] if isinstance(order, str) else ""
    return name.removeprefix(PREFIX) if name.startswith(PREFIX) else ""


def without_column(orders: Mapping[Cell, Any], beside: Beside) -> dict[Cell, str]:
    """Return which lists may not open as `orders` say: a field by which one is sorted is no column of it."""
    refused = {}
    wanted = {
        (target, field, ""): cell
        for cell, value in orders.items()
        if (target := cell[0]) and cell[1] == SORT and (field := field_of(value))
    }
    declared = _values(DECLARED, wanted, beside)
    for cell, place in wanted.items():
        if declared[cell] is None:
            item = catalogue.AREAS[SCREENS].items()[place[:2]]
            refused[place] = gettext(
                "%(menu)s cannot open sorted by “%(field)s”: the list has no such column. Make the field a column of it"
                " under “Dossier fields in lists” first.",
                menu=str(item.menu),
                field=_label(*cell[:2]),
            )
    return refused


def still_needed(columns: Mapping[Cell, Any], beside: Beside) -> dict[Cell, str]:
    """Return which columns may not be as `columns` say: a list opens sorted by one that would be gone."""
    refused = {}
    gone = {cell[:2] for cell, value in columns.items() if value is None}
    items = catalogue.AREAS[SCREENS].items() if gone else {}
    cells = [
        (target, SORT, scope)
        for target in {target for target, _field in gone}
        if (item := items.get((target, SORT)))
        for scope in ("", *(role.value for role in item.roles))
    ]
    for cell, order in _values(SCREENS, cells, beside).items():
        if (cell[0], field_of(order)) in gone:
            refused[cell[0], field_of(order), ""] = gettext(
                "%(menu)s opens sorted by “%(field)s” for: %(scope)s. Choose another order of that page first.",
                menu=str(items[cell[:2]].menu),
                field=_label(cell[0], field_of(order)),
                scope=catalogue.AREAS[SCREENS].scope_label(cell[2]),
            )
    return refused


def _values(area: str, cells: Any, beside: Beside) -> dict[Cell, Any]:
    """Return the values of `cells` as they would be with those collected beside."""
    cells = list(cells)
    if not cells:
        return {}
    collected = beside.get(area, {})
    now = catalogue.AREAS[area].present(cells)
    return {cell: collected.get(cell, now[cell]) for cell in cells}


def _label(target: str, field: str) -> str:
    item = catalogue.AREAS[DECLARED].items().get((target, field))
    return str(item.label) if item else field
