"""Start page, help page from the guide, and the switches of year and language."""

import json
from datetime import date, datetime
from typing import Any

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, IndexView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import case, func, select

from app import scopes
from app.enums import ApplicationState, BatchState, Role, Stage
from app.extensions import db
from app.ground import clock, paths
from app.ground.actor import Actor
from app.models import Application, Batch, Unit
from app.services.registers import deadlines
from app.services.registers.deadlines import Case, Extensions
from app.views.base.access import to_sign_in
from app.views.base.aliases import Page
from app.views.base.todos import Waiting
from app.views.frame.menu_tree import current_menu
from app.views.frame.shell import current_shell, menu_url
from app.web.security import current_actor, safe_next

GUIDE = paths.DATA / "guide.json"
UNDER_WAY = (
    ApplicationState.AT_UNIT,
    ApplicationState.RETURNED,
    ApplicationState.CHECKED,
    ApplicationState.IN_NOTICE,
    ApplicationState.DISPUTED,
    ApplicationState.NOTICE_OVER,
    ApplicationState.AT_SUPERIOR,
    ApplicationState.AT_OFFICE,
)
CHART_DAYS = 14
CALENDAR = {
    Stage.APPLY: _("Personal applications"),
    Stage.UNIT: _("Units report"),
    Stage.SUPERIOR: _("Superior units"),
    Stage.OFFICE: _("Qualification check"),
}
BATCHES_SHOWN = 3


class Home(IndexView):
    """GET / : waiting work, units with the most pending applications, calendar of the batch, chart."""

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


def _home(actor: Actor) -> Page:
    sees_cases = actor.role in (Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS)
    calendars = _calendars(actor) if sees_cases else []
    return {
        "tiles": _tiles(),
        "empty": calendars[0]["next"] if calendars else None,
        "stuck": _units_with_backlog(actor) if sees_cases else [],
        "calendars": calendars,
        "chart": _chart(actor) if sees_cases else None,
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


def _units_with_backlog(actor: Actor) -> list[Page]:
    """Return the five units with the most pending applications and the age of the oldest, in one query."""
    held = (
        select(Unit.name, func.count(), func.min(Application.held_since))
        .join(Unit, Unit.id == Application.holder_id)
        .where(scopes.visible(Application, actor), Application.state.in_(UNDER_WAY))
        .group_by(Unit.id, Unit.name)
        .order_by(func.count().desc(), Unit.id)
        .limit(5)
    )
    now = clock.now()
    return [
        {"unit": name, "count": count, "days": (now - since).days if since else 0, "url": None}
        for name, count, since in db.session.execute(held)
    ]


def _calendars(actor: Actor) -> list[Page]:
    """Return the steps of up to three running batches with their last days, the next end first."""
    today = clock.local_date(clock.now())
    running = db.session.scalars(
        select(Batch)
        .where(scopes.visible(Batch, actor), Batch.state == BatchState.OPEN)
        .where(Batch.apply_start <= today, Batch.office_end >= today)
        .order_by(Batch.office_end, Batch.id)
        .limit(BATCHES_SHOWN)
    ).all()
    units = frozenset({actor.unit_id})
    known = deadlines.of_batches(db.session(), running, deadlines.concern(None, units))
    return [_calendar(batch, known, units, today) for batch in running]


def _calendar(batch: Batch, known: Extensions, units: frozenset[int | None], today: date) -> Page:
    last = {stage: known.deadline(Case(batch, None, units), stage).day for stage in CALENDAR}
    steps = [(label, last[stage]) for stage, label in CALENDAR.items()]
    ahead = next(((label, day) for label, day in steps if day >= today), None)
    return {
        "title": batch.name,
        "steps": [
            {
                "label": label,
                "span": f"{batch.apply_start:%m-%d} – {day:%m-%d}"
                if number == 0
                else gettext("until %(day)s", day=f"{day:%m-%d}"),
                "tone": "rest" if day < today else "ok" if (label, day) == ahead else "wait",
            }
            for number, (label, day) in enumerate(steps)
        ],
        "next": ahead
        and gettext(
            "Nothing waits for you. Next in %(batch)s: %(step)s, until %(day)s.",
            batch=batch.name,
            step=ahead[0],
            day=ahead[1].isoformat(),
        ),
    }


def _chart(actor: Actor) -> Page:
    """Return the number of applications submitted per day in the last 14 days."""
    today = clock.local_date(clock.now())
    days = [today.fromordinal(today.toordinal() - back) for back in range(CHART_DAYS - 1, -1, -1)]
    on_day = [
        func.sum(
            case(
                (
                    Application.submitted_at.between(
                        clock.start_of_day(day), clock.end_of_day(day)
                    ),
                    1,
                ),
                else_=0,
            )
        )
        for day in days
    ]
    recent = Application.submitted_at >= clock.start_of_day(days[0])
    row = db.session.execute(
        select(*on_day).where(scopes.visible(Application, actor), recent)
    ).one()
    points = [(f"{day:%m-%d}", count or 0) for day, count in zip(days, row, strict=True)]
    return {"title": gettext("Handed in per day"), "points": points}
