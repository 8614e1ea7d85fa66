"""全局查找: one box in the top bar that searches every menu of the position, each within its own scope."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from sqlalchemy import select

from app.enums import Role
from app.extensions import appbuilder, db
from app.ground.actor import Actor
from app.services.ground.id_numbers import index_of
from app.validators import birth_of, characters
from app.validators.identity import is_citizen_form
from app.views.base import search
from app.views.base.access import to_sign_in
from app.views.base.aliases import Page
from app.views.base.search import across
from app.views.frame.menu_tree import current_menu
from app.web.security import current_actor

SHORTEST, LONGEST = 2, 60
"""Characters that can be searched for."""
SHOWN = 8
"""Rows shown of each menu."""
CONSIDERED = 1000
"""Rows of each menu among which the newest are shown, so that “2026” does not sort a million."""
COLUMNS = 6
"""Columns shown of each list: its first ones."""


@dataclass(frozen=True)
class Sought:
    """What is looked for: a text, or an ID number as its keyed index."""

    text: str
    id_index: str

    @classmethod
    def read(cls) -> "Sought":
        """Read the address. Abort 400 on an index that is none."""
        index = request.args.get("q.id_number", "")
        if index and not search.is_index(index):
            abort(400)
        return cls(characters.plain(request.args.get("q", "")), index)

    def fault(self) -> str | None:
        """Return a sentence if the text is too short or too long, otherwise None."""
        if self.id_index or SHORTEST <= len(self.text) <= LONGEST:
            return None
        if len(self.text) > LONGEST:
            return gettext(
                "%(count)s characters are too many to search for. Shorten it to %(max)s.",
                count=len(self.text), max=LONGEST,
            )  # fmt: skip
        return gettext(
            "Type at least %(min)s characters of a name, or a number, into the box at the top.",
            min=SHORTEST,
        )


class Finding(BaseView):
    """/find : what the position may see of what was typed, grouped by menu. An ID number stands in no address."""

    route_base = "/find"
    base_permissions: list[str] = []

    @expose("", methods=["GET", "POST"])
    def show(self) -> ResponseReturnValue:
        actor = current_actor()
        if actor is None:
            return to_sign_in()
        if not is_for(actor):
            abort(404)
        typed = request.values.get("q", "")
        if request.method == "POST" or _is_id_number(typed):
            return redirect(f"{url_for('Finding.show')}?{urlencode(_address(typed))}", 303)
        sought = Sought.read()
        fault = sought.fault()
        groups = [] if fault else [_group(view, sought, actor) for view in _searched(sought)]
        page = {
            "title": gettext("Find everywhere"),
            "sought": sought.text or gettext("an ID number"),
            "fault": fault,
            "groups": [group for group in groups if group["rows"]],
            "where": [str(group["label"]) for group in groups],
        }
        return render_template("find.html", page=page), 400 if fault else 200


def is_for(actor: Actor) -> bool:
    """Return whether the position has the box: all staff have it."""
    return actor.role is not Role.APPLICANT


def _is_id_number(typed: str) -> bool:
    number = characters.number(typed)
    return is_citizen_form(number) and birth_of(number) is not None


def _address(typed: str) -> dict[str, str]:
    return (
        {f"q.{search.ID_NUMBER}": index_of(typed)} if _is_id_number(typed) else {"q": typed.strip()}
    )


def _searched(sought: Sought) -> Iterator[Any]:
    """Yield the menus that name what they are found by and that the position may open."""
    registered = {type(view): view for view in appbuilder.baseviews}
    for view in current_menu().views():
        paths = vars(view).get("found_by", ())
        is_open = paths and all(
            appbuilder.sm.has_access(f"can_{name}", view.__name__) for name in ("list", "show")
        )
        if is_open and (not sought.id_index or search.ID_NUMBER in paths):
            yield registered[view]


def _group(view: Any, sought: Sought, actor: Actor) -> Page:
    """Return the first rows of a menu that match, in one statement."""
    columns = view.columns[:COLUMNS]
    paths = [path for path in vars(type(view))["found_by"] if path != search.ID_NUMBER]
    found = (
        across.has_id_number(view.model, sought.id_index)
        if sought.id_index
        else across.matches(view.model, paths, sought.text)
    )
    loading = [option for column in columns for option in column.load]
    # what was typed is looked for first: SQLite would go through all rows of the scope
    in_scope = select(view.model.id).where(
        type(view).scope(actor), view.model.id.in_(found.correlate(None))
    )
    keys = in_scope.limit(CONSIDERED).subquery()
    newest = select(keys.c.id).order_by(keys.c.id.desc()).limit(SHOWN + 1)
    query = select(view.model).where(view.model.id.in_(newest)).options(*loading)
    records = db.session.scalars(query.order_by(view.model.id.desc())).all()
    return {
        "label": view.label,
        "number": view.guide if view.guide[:1].isdigit() else "",
        "columns": columns,
        "rows": [_row(view, columns, record) for record in records[:SHOWN]],
        "all_url": _all_url(view, sought) if len(records) > SHOWN else None,
        "is_cut": len(records) > SHOWN,
    }


def _row(view: Any, columns: list[Any], record: Any) -> Page:
    return {
        "url": view.detail_url(record),
        "label": view.name_of(record),
        "cells": [column.cell(record) for column in columns],
    }


def _all_url(view: Any, sought: Sought) -> str | None:
    """Return the address of the menu's list searched for the same, None where it cannot be searched so."""
    names = {field.name for field in view.searched}
    wanted = {search.ID_NUMBER: sought.id_index} if sought.id_index else {"any": sought.text}
    name, value = next(iter(wanted.items()))
    return view.list_url({f"q.{name}": value}) if name in names else None
