"""Start page, search of the top bar, help page from the guide, and the switches of year and language."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, IndexView, expose
from flask_babel import gettext

from app.enums import Role
from app.extensions import appbuilder
from app.ground import clock, paths
from app.ground.actor import Actor
from app.validators import birth_of, characters
from app.validators.identity import is_citizen_form
from app.views.base import search
from app.views.base.access import to_sign_in
from app.views.base.aliases import Page
from app.views.base.todos import Waiting
from app.views.frame import home_batches, home_figures
from app.views.frame.menu_tree import current_menu
from app.views.frame.shell import current_shell, menu_url
from app.web.security import current_actor, safe_next

GUIDE = paths.DATA / "guide.json"
SEES_CASES = (Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS)
"""Roles whose start page also has batches and figures."""


class Home(IndexView):
    """GET / : waiting work, running batches, where cases are stuck, how many came in."""

    route_base = ""
    base_permissions: list[str] = []

    @expose("/")
    def index(self) -> ResponseReturnValue:
        actor = current_actor()
        if actor is None:
            return to_sign_in()
        if actor.role is Role.APPLICANT:
            return redirect(url_for("Hall.list"))
        return render_template("home.html", home=_home(actor))

    @expose("/find")
    def find(self) -> ResponseReturnValue:
        """Redirect to the application list, searched by ID number, number of the application, or name."""
        if current_actor() is None:
            return to_sign_in()
        if not appbuilder.sm.has_access("can_list", "ApplicationQueryView"):
            abort(403)
        query = urlencode(_search_of(request.args.get("q", "").strip()[:60]))
        return redirect(f"{url_for('ApplicationQueryView.list')}?{query}".rstrip("?"))


class Guide(BaseView):
    """GET /guide/<number> : the section of the operating guide about a menu."""

    route_base = "/guide"
    base_permissions: list[str] = []

    @expose("/<string:number>")
    def show(self, number: str) -> ResponseReturnValue:
        if current_actor() is None:
            return to_sign_in()
        section = next((s for s in guide()["sections"] if s["number"] == number), None) or abort(
            404
        )
        return render_template(
            "guide.html", section=section, chapter=guide()["chapters"][number[:3]]
        )


class Year(BaseView):
    """GET /year/<year> : limit every list to one review year; 0 for all years."""

    route_base = "/year"
    base_permissions: list[str] = []

    @expose("/<int:year>")
    def choose(self, year: int) -> ResponseReturnValue:
        if current_actor() is None:
            return to_sign_in()
        if year and not 2000 <= year <= 2100:
            abort(404)
        session["year"] = year
        return redirect(safe_next(request.args.get("next")))


class Language(BaseView):
    """GET /language/<code> : switch the session to Chinese or English."""

    route_base = "/language"
    base_permissions: list[str] = []

    @expose("/<string:code>")
    def choose(self, code: str) -> ResponseReturnValue:
        if code not in ("zh_Hans_CN", "en"):
            abort(404)
        session["locale"] = code
        return redirect(safe_next(request.args.get("next")))


def guide() -> dict[str, Any]:
    """Return the operating guide's chapters and sections (titles, functions, steps) in its own words."""
    content: dict[str, Any] = json.loads(GUIDE.read_text(encoding="utf-8"))
    return content


def _search_of(typed: str) -> dict[str, str]:
    """Return the search for what was typed into the top bar; an ID number appears as its index only."""
    number = characters.number(typed)
    if is_citizen_form(number) and birth_of(number) is not None:
        return search.replace_id_number({"q.id_number": number}) or {}
    if number.isdigit():
        return {"q.number": number}
    return {"q.name": typed} if typed else {}


def _home(actor: Actor) -> Page:
    if actor.role not in SEES_CASES:
        return {"tiles": _tiles()}
    batches, has_more = home_batches.running(actor)
    return {
        "tiles": _tiles(),
        "empty": batches[0]["next"] if batches else None,
        "batches": batches,
        "more_url": url_for("RunningBatchView.list") if has_more else None,
        **home_figures.of(actor),
    }


def _tiles() -> list[Page]:
    """Return a tile for everything that waits, overdue first, then by the next deadline."""
    menus = {view: menu for menu, view in current_menu().entries()}
    waiting = sorted((one for one in current_shell().waiting if one.count), key=_urgency)
    return [_tile(menus[one.view], one) for one in waiting]


def _urgency(one: Waiting) -> tuple[bool, datetime]:
    due = _due(one)
    return due is None, due or one.since or clock.now()


def _due(one: Waiting) -> datetime | None:
    """Return the moment of the next deadline, None if there is none or it is unknown."""
    if one.is_cut:
        return None
    return one.due_at or (clock.end_of_day(one.due_on) if one.due_on else None)


def _tile(menu: Any, one: Waiting) -> Page:
    due, label = _due(one), str(one.todo.label)
    is_late = due is not None and due < clock.now()
    return {
        "number": one.view.guide if one.view.guide[:1].isdigit() else "",
        "label": str(menu.label) if label == str(menu.label) else f"{menu.label} · {label}",
        "count": one.count,
        "url": f"{menu_url(one.view)}?todo={one.todo.key}",
        "late_text": gettext("overdue since %(day)s", day=_day(due)) if is_late and due else "",
        "note": gettext("until %(day)s", day=_day(due)) if due else _age(one),
    }


def _day(moment: datetime) -> str:
    return f"{clock.local_date(moment):%Y-%m-%d}"


def _age(one: Waiting) -> str:
    if one.is_cut or one.since is None:
        return gettext("waiting")
    return gettext("waiting, the oldest since %(day)s", day=_day(one.since))
