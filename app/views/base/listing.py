"""Builds a list page: search, sort order, bounded count and one page of rows for list.html."""

from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import false, select

from app import settings
from app.extensions import appbuilder
from app.ground.actor import Actor
from app.todos.declared import WAITING
from app.views.base import coming, customised, drafting, returning, search
from app.views.base.aliases import Label, Page
from app.views.base.columns import Column
from app.views.base.declarations import Button
from app.views.base.declared_view import DeclaredView
from app.views.base.list_rows import (
    SIZES,
    Paging,
    bounded_count,
    chosen_todo,
    idle_buttons,
    matching_rows,
    page_of,
)
from app.views.base.lists import chosen_columns, view_menu
from app.views.base.lists.view_menu import ViewMenu


class ListPage:
    """The values of list.html (`page`), built per request."""

    def __init__(self, view: DeclaredView, actor: Actor) -> None:
        self.view, self.actor = view, actor
        self.views = ViewMenu(view, actor, chosen_columns.read_args(request.args))
        self.args = self.views.args
        if self.args != self.views.asked:
            returning.stands_as(view.list_url(self.args))
        chosen = chosen_columns.chosen(view, actor, self.args)
        self.columns = chosen.columns
        self.gone = self.views.said + chosen_columns.gone_sentence(chosen)
        self.paging = Paging.read(view, self.args)
        self.orders = view.orders
        self.faults = search.faults(view.searched, self.args)
        query = (
            select(view.model).where(false())
            if self.faults
            else matching_rows(view, actor, self.args)
        )
        limit = settings.get("count_exact_to")
        self.export_limit = settings.get("export_max_rows") if view.can_export else 0
        counted = bounded_count(
            query.with_only_columns(view.model.id), max(limit, self.export_limit)
        )
        self.is_bounded = counted > limit
        self.total = min(counted, limit + 1)
        self.is_too_long_to_export = counted > self.export_limit
        self._clamp_page()
        loading = chosen_columns.loading(self.columns)
        self.records = page_of(view, query, self.paging, loading, self.total)
        self.idle = idle_buttons(view, self.records, actor)

    def _clamp_page(self) -> None:
        if not self.is_bounded and self.paging.page > self.pages:
            self.paging = Paging(
                self.pages, self.paging.size, self.paging.sort, self.paging.descending
            )

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.paging.size))

    def url(self, **changes: Any) -> str:
        return self.view.list_url(
            {**self.args, **{k: v for k, v in changes.items() if v is not None}}
        )

    def context(self) -> Page:
        view, shown = self.view, any(key.startswith("q.") for key in self.args)
        return {
            "title": view.label,
            "purpose": view.purpose,
            "tabs": view.tab_links(self.actor),
            "search": [field.shown(self.args) for field in customised.searched(view)],
            "search_url": view.url("search"),
            "stays": [(k, v) for k, v in self.args.items() if k in view_menu.STAYS],
            "reset_url": view.list_url(self._reset()),
            "is_searched": shown,
            "faults": self.faults,
            "add": view.add_link(self.actor),
            "drafts": drafting.shown(view, self.actor),
            "buttons": self._buttons(),
            "exports": self._exports(),
            "export_note": self._export_note(),
            "links": self._links(),
            "note": view.note(self.actor),
            "columns": [self._heading(column) for column in self.columns],
            "views": self.views.context(),
            "gone": self.gone,
            "chooser": chosen_columns.chooser(view, self.actor, self.columns),
            "chooser_args": [
                (k, v) for k, v in self.args.items() if k not in (chosen_columns.PARAMETER, "page")
            ],
            "usual_columns_url": self._without_columns(),
            "rows": [self._row(record) for record in self.records],
            "empty": "" if self.records else self._empty_text(shown),
            "pager": self._pager(),
            "select_all": self._select_all(),
            "hidden": self._hidden(),
            "todo": self._todo(),
        }

    def _links(self) -> list[Page]:
        view = self.view
        ways = (*view.list_links(self.actor), *_to_meeting(), *customised.way_to_change(view))
        return [{"label": label, "url": url} for label, url in ways]

    def _hidden(self) -> list[tuple[str, str]]:
        """Return what an act takes along, so that it leads back to the same list."""
        kept = [(k, v) for k, v in self.args.items() if k.startswith("q.") or k == "todo"]
        back = returning.way_back(request.path)
        return [*kept, ("back", back)] if back else kept

    def _reset(self) -> dict[str, str]:
        """Return what stays when the search is emptied: the to-do and the columns."""
        kept = {k: v for k, v in self.args.items() if k in ("todo", chosen_columns.PARAMETER)}
        return kept or self.views.whole

    def _without_columns(self) -> str | None:
        """Return the address of this list with its usual columns, None if it has them."""
        if chosen_columns.PARAMETER not in self.args:
            return None
        rest = {k: v for k, v in self.args.items() if k != chosen_columns.PARAMETER}
        is_view_alone = rest.keys() <= view_menu.PLACE
        return self.view.list_url({**rest, **self.views.whole} if is_view_alone else rest)

    def _empty_text(self, is_searched: bool) -> Label:
        if self.faults:
            return gettext("The list is shown when the search above is corrected.")
        if is_searched:
            return gettext("No record matches the search.")
        empty = self.view.empty_text(self.actor)
        is_empty_queue = bool(self.view.waiting or self.args.get("todo"))
        following = coming.next_text(self.actor) if is_empty_queue else ""
        return f"{empty} {following}".strip() if following else empty

    def _todo(self) -> Page | None:
        """Return the line above a list of what waits: what is to be done, where, and the way to all rows.

        None where the whole list shows what waits.
        """
        todo = chosen_todo(self.view, self.actor, self.args)
        if todo is None or todo.key == WAITING:
            return None
        way = (
            f"can_{todo.way.partition('.')[2].removesuffix('_record')}",
            todo.way.partition(".")[0],
        )
        is_open = bool(todo.way) and appbuilder.sm.has_access(*way)
        return {
            "label": todo.label,
            "way": url_for(todo.way) if is_open else None,
            "all_url": self.view.list_url(self.views.whole),
        }

    def _buttons(self) -> list[Page]:
        why = None if self.records else gettext("There is no row to choose.")
        return [
            {
                "name": b.name,
                "label": b.label,
                "tone": b.tone,
                "why_not": why,
                "url": self.view.url("act", button=b.name),
            }
            for b in self.view.buttons_for(self.actor)
        ]

    def _exports(self) -> list[Page]:
        if self.faults or not self.view.may("export"):
            return []
        query = urlencode({k: v for k, v in self.args.items() if k not in view_menu.PLACE})
        return [
            {"label": gettext("Export as seen"), "url": f"{self.view.url('export')}?{query}"},
            {
                "label": gettext("Choose what to export"),
                "url": f"{self.view.url('choose_export')}?{query}",
            },
        ]

    def _export_note(self) -> str | None:
        """Return the sentence beside the export of a list with more rows than a file holds."""
        if not (self.is_too_long_to_export and self.view.may("export")):
            return None
        return gettext(
            "The export holds only the first %(limit)s rows in this order; the list has more. "
            "Narrow it by a search to export all.",
            limit=f"{self.export_limit:,}",
        )

    def _heading(self, column: Column) -> Page:
        can_sort = column.key in self.orders
        is_current = self.paging.sort == column.key
        turn = "desc" if is_current and not self.paging.descending else "asc"
        return {
            "key": column.key,
            # translated once: every cell of the column names it
            "label": str(column.label),
            "kind": column.kind,
            "is_number": column.kind == "number",
            "width": customised.width(self.view, column.key),
            "sort_url": self.url(sort=column.key, dir=turn, page=1) if can_sort else None,
            "sort_dir": ("desc" if self.paging.descending else "asc") if is_current else None,
        }

    def _row(self, record: Any) -> Page:
        url = self.view.detail_url(record)
        return {
            "pk": record.id,
            "label": self.view.name_of(record),
            "url": url,
            "cells": [column.cell(record) for column in self.columns],
            "links": [
                {"label": gettext("View"), "url": url, "tone": None},
                *self._row_acts(record),
            ],
            "is_late": self.view.is_late(record),
        }

    def _row_acts(self, record: Any) -> list[Page]:
        acts = [
            {
                "label": b.label,
                "url": self._act_url(b, record),
                "tone": b.tone,
            }
            for b in self.view.buttons_for(self.actor)
            if b.is_in_rows
            and self.view.is_waiting_for(record, b, self.actor)
            and (b.name, record.id) not in self.idle
        ]
        if self.view.may_change(record, self.actor):
            acts.append(
                {"label": gettext("Edit"), "url": self.view.url("edit", pk=record.id), "tone": None}
            )
        further = self.view.row_links(record, self.actor)
        return [*acts, *({"label": label, "url": url, "tone": None} for label, url in further)]

    def _act_url(self, button: Button, record: Any) -> str:
        """Return the address of an act in a row: the record with the form beside it, where the act has one."""
        if self.view.has_desk and not getattr(button.form, "has_own_page", False):
            return f"{self.view.detail_url(record)}#act-{button.name}"
        return self.view.url("act", button=button.name, pk=record.id)

    def _pager(self) -> Page:
        page, pages = self.paging.page, self.pages
        has_next = len(self.records) == self.paging.size if self.is_bounded else page < pages
        first = (page - 1) * self.paging.size + 1 if self.records else 0
        numbers = sorted({1, page - 1, page, page + 1, pages} & set(range(1, pages + 1)))
        return {
            "page": page,
            "size": self.paging.size,
            "pages": None if self.is_bounded else pages,
            "total_text": f"{self.total - 1:,}+" if self.is_bounded else f"{self.total:,}",
            "first": first,
            "last": first + len(self.records) - 1 if self.records else 0,
            "prev_url": self.url(page=page - 1) if page > 1 else None,
            "next_url": self.url(page=page + 1) if has_next else None,
            "urls": []
            if self.is_bounded
            else _with_gaps([(n, self.url(page=n), n == page) for n in numbers]),
            "sizes": SIZES,
            "size_urls": [
                (size, self.url(size=size, page=1), size == self.paging.size) for size in SIZES
            ],
        }

    def _select_all(self) -> Page | None:
        if self.total <= len(self.records) or not self.view.buttons_for(self.actor):
            return None
        if self.is_bounded:
            return {
                "label": gettext("Choose all that match (%(count)s+)", count=f"{self.total - 1:,}")
            }
        label = ngettext(
            "Choose all %(num)s that match", "Choose all %(num)s that match", self.total
        )
        return {"label": label}


def _with_gaps(urls: list[tuple[int, str, bool]]) -> list[tuple[int, str, bool] | None]:
    drawn: list[tuple[int, str, bool] | None] = []
    for entry in urls:
        if drawn and drawn[-1] and entry[0] > drawn[-1][0] + 1:
            drawn.append(None)
        drawn.append(entry)
    return drawn


def _to_meeting() -> list[tuple[Label, str]]:
    """Return the link back to the meeting from whose page the list was opened."""
    url = returning.meeting_page()
    return [(gettext("Back to the meeting"), url)] if url else []
