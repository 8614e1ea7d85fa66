"""Invented rows: what a list shows to who looks at it as somebody else, and on the page where it is customised.

They are made of the columns alone. No record is read for them, so that who may not see the records can judge columns,
words, order and buttons.
"""

from datetime import UTC, date, datetime
from typing import Any

from flask_babel import gettext

from app.enums import Labelled
from app.views.base.aliases import Page
from app.views.base.columns import Cell, Column, cell_of
from app.views.base.declared_view import DeclaredView
from app.views.base.listing import ListPage

ROWS = (1, 2, 3)
DAY, MOMENT = date(2026, 6, 30), datetime(2026, 6, 30, 1, tzinfo=UTC)
DAYS = ("day", "date", "moment", "datetime")
MOMENTS = ("moment", "datetime")
ENDINGS_OF_DAYS = ("_at", "_on", "_from", "_to", "_end", "_since", "_start")


def cell(view: DeclaredView, column: Column, place: int) -> Cell:
    """Return what the row at `place` shows in a column: a number, a day, a state or a word, by the column's kind."""
    if labels := _labels(view, column.key):
        return cell_of(labels[place % len(labels)], is_state=column.key.endswith("state"))
    if column.kind == "number":
        return cell_of(place)
    if column.kind in DAYS or column.key.endswith(ENDINGS_OF_DAYS):
        return cell_of(MOMENT if column.kind in MOMENTS else DAY)
    word = gettext("sample %(place)s", place=place)
    return Cell(word, "rest", kind="tag") if column.kind == "tag" else cell_of(word)


def _labels(view: DeclaredView, key: str) -> list[Labelled]:
    """Return the values of a column that holds one of a few; of a list of what waits those that wait."""
    if key == "state" and view.waiting:
        return [one for one in view.waiting_states() if isinstance(one, Labelled)]
    kind = getattr(getattr(getattr(view.model, key, None), "type", None), "enum_class", None)
    return list(kind) if isinstance(kind, type) and issubclass(kind, Labelled) else []


class InventedListPage(ListPage):
    """A list as an onlooker sees it: its buttons greyed, invented rows, no count, nothing to open."""

    def context(self) -> Page:
        why = gettext("Seen as somebody else, the program is read-only.")
        listed = super().context()
        places = reversed(ROWS) if self.paging.descending else ROWS
        buttons = [
            *listed["buttons"],
            *([{"label": gettext("Export")}] if listed["exports"] else []),
        ]
        return {
            **listed,
            "add": listed["add"] and {**listed["add"], "why_not": why},
            "buttons": [{**one, "why_not": why} for one in buttons],
            "exports": [],
            "rows": [self._invented(place) for place in places],
            "is_invented": True,
            "empty": "",
            "pager": None,
        }

    def _invented(self, place: int) -> Page:
        words = [gettext("View"), *(one.label for one in self._row_buttons())]
        words += [gettext("Edit")] if self.view.change and self.view.may("edit") else []
        return {
            "pk": place,
            "label": gettext("sample %(place)s", place=place),
            "cells": [cell(self.view, column, place) for column in self.columns],
            "links": [{"label": word, "url": None} for word in words],
        }

    def _row_buttons(self) -> list[Any]:
        return [one for one in self.view.buttons_for(self.actor) if one.is_in_rows]
