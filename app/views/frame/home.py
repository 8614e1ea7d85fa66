"""Start page, help page from the guide, and the switches of year and language."""

from datetime import datetime

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, IndexView, expose
from flask_babel import gettext

from app.enums import Role
from app.ground import clock
from app.ground.actor import Actor
from app.services.customising.words import guide, guide_section
from app.todos import counting
from app.todos.counting import Waiting
from app.views.base import coming
from app.views.base.access import to_sign_in
from app.views.base.aliases import Page
from app.views.frame import home_batches, home_figures
from app.views.frame.shell import current_shell
from app.web.security import current_actor, safe_next

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
        if actor.role is Role.APPLICANT and not actor.is_onlooker:
            return redirect(url_for("Hall.list"))
        return render_template("home.html", home=_home(actor))


class Guide(BaseView):
    """GET /guide/<number> : the section of the operating guide about a menu."""

    route_base = "/guide"
    base_permissions: list[str] = []

    @expose("/<string:number>")
    def show(self, number: str) -> ResponseReturnValue:
        if current_actor() is None:
            return to_sign_in()
        section = guide_section(number) or abort(404)
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


def _home(actor: Actor) -> Page:
    if actor.is_onlooker:
        return {"tiles": [], "empty": gettext("What waits is not shown here; these are the menus.")}
    tiles = _tiles()
    batches, has_more = home_batches.running(actor) if actor.role in SEES_CASES else ([], False)
    page = {"tiles": tiles, "empty": None if tiles else _empty_text(actor, batches)}
    if actor.role not in SEES_CASES:
        return page
    return {
        **page,
        "batches": batches,
        "more_url": url_for("RunningBatchView.list") if has_more else None,
        **home_figures.of(actor),
    }


def _empty_text(actor: Actor, batches: list[Page]) -> str | None:
    """Return what is said where nothing waits: what comes next and when; None if that is not known."""
    following = coming.next_text(actor, *(batch["next"] for batch in batches))
    return gettext("Nothing waits for you. %(next)s", next=following) if following else None


def _tiles() -> list[Page]:
    """Return a tile for everything that waits, overdue first, then by the next deadline."""
    return [_tile(one) for one in counting.by_urgency(current_shell().waiting, clock.now())]


def _tile(one: Waiting) -> Page:
    due = one.due
    is_late = due is not None and due < clock.now()
    return {
        "number": one.number,
        "label": one.title,
        "count": one.count,
        "url": one.url,
        "late_text": gettext("overdue since %(day)s", day=_day(due)) if is_late and due else "",
        "note": gettext("until %(day)s", day=_day(due)) if due else "",
        "age": _age(one),
    }


def _day(moment: datetime) -> str:
    return f"{clock.local_date(moment):%Y-%m-%d}"


def _age(one: Waiting) -> str:
    """Return since when the oldest waits; "" where that is unknown and a deadline stands there."""
    if one.is_cut or one.since is None:
        return "" if one.due else gettext("waiting")
    return gettext("waiting, the oldest since %(day)s", day=_day(one.since))
