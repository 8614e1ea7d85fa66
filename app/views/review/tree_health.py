"""Chapter 1.6: the health check of the review trees, and a route tried out before anybody applies."""

from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select

from app import scopes
from app.enums import Level, Role
from app.extensions import appbuilder, db
from app.forms.route_changes import RouteTrialForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Batch, Committee, Unit
from app.services.registers import deadlines
from app.services.review import route_trial, tree_health
from app.services.review.tree_health import Finding, Named
from app.views.base.access import guarded
from app.views.base.aliases import Label, Page
from app.views.base.base import PageView
from app.web.security import require_actor

ROLES = (Role.OFFICE, Role.HRSS, Role.SYSADMIN)
USUAL_DAYS, MOST_DAYS = 30, 3650
CHECKS: dict[str, tuple[Label, Label]] = {
    "broken": (
        _("No way up: the superior has no place in this tree"),
        _("Enter the superior under 1.6.1, or choose another one for the unit."),
    ),
    "without_place": (
        _("Units with applications but without a place in the tree"),
        _("Enter the unit under 1.6.1; its people cannot hand in before. The number is that of the applications."),
    ),
    "in_no_tree": (
        _("Units with clerks that stand in no tree"),
        _("Ask the committees concerned to enter them under 1.6.1."),
    ),
    "circle": (
        _("Units that never reach the committee, because the way runs in a circle"),
        _("Choose another superior for one of the units of each circle; those below it are counted as well."),
    ),
    "closed": (
        _("Units closed in the register"),
        _("Move the units below to the unit that takes its place. Cases that lie there are handed on under 1.1.4, tab “At closed units”."),
    ),
    "nobody": (
        _("Nobody holds an active position there"),
        _("The security administrator grants positions; until then cases would lie there."),
    ),
    "two_persons": (
        _("Two persons are needed and one is missing"),
        _("The security administrator grants the duty of the person responsible or of a handler."),
    ),
    "office": (
        _("Committees whose office has nobody, or one of two persons is missing"),
        _("The security administrator grants positions of the committee's office."),
    ),
    "pending": (
        _("Units that have not confirmed their place"),
        _("They confirm under 1.6.2; nobody can hand in through them before."),
    ),
    "disputed": (
        _("Units that dispute their place"),
        _("Correct the place under 1.6.1; the unit then confirms it."),
    ),
    "stuck": (
        _("Cases that lie at a station"),
        _("Remind the unit. The number beside a unit is that of its cases."),
    ),
}  # fmt: skip


class TreeHealthView(PageView):
    """What would stop applications in the review trees, with links to where it is mended."""

    route_base = "/g/route-health"
    guide = "route-health"
    label = _("Health check of the review tree")
    purpose = _(
        "What would stop an application on its way up, with the first names of each and where it is mended."
    )
    roles = ROLES

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        actor, days = require_actor(), _days()
        trees, chosen, offered = _trees(actor)
        units = scopes.units_to_check(actor)
        found = [] if days is None else tree_health.check(trees, units, days=days, at=clock.now())
        page = {
            "title": self.label,
            "purpose": self.purpose,
            "committees": offered,
            "chosen": chosen,
            "days": request.args.get("days", str(USUAL_DAYS))[:12],
            "fault": _fault() if days is None else None,
            "findings": [_section(one) for one in found if one.count],
            "passed": [CHECKS[one.key][0] for one in found if not one.count],
            "shown": tree_health.SHOWN,
        }
        return render_template("review_tree/health.html", page=page), 200 if days else 400


def _days() -> int | None:
    typed = request.args.get("days", "").strip() or str(USUAL_DAYS)
    is_number = typed.isascii() and typed.isdigit() and len(typed) <= 4
    return int(typed) if is_number and 1 <= int(typed) <= MOST_DAYS else None


def _fault() -> str:
    return gettext("Enter a whole number of days from 1 to %(most)s.", most=MOST_DAYS)


def _committees(actor: Actor) -> Any:
    return select(Committee).where(scopes.trees_to_check(actor)).order_by(Committee.code)


def _trees(actor: Actor) -> tuple[ColumnElement[bool], int | None, list[Committee]]:
    """Return the condition for the trees looked at, the chosen committee if any, and those on offer."""
    offered = list(db.session.scalars(_committees(actor)))
    typed = request.args.get("committee", "")
    if not typed:
        return scopes.trees_to_check(actor), None, offered
    chosen = next((one.id for one in offered if str(one.id) == typed), None) or abort(404)
    return Committee.id == chosen, chosen, offered


def _section(finding: Finding) -> Page:
    label, advice = CHECKS[finding.key]
    rows = [_row(finding.key, one) for one in finding.names]
    return {
        "key": finding.key,
        "label": label,
        "advice": advice,
        "count": finding.count,
        "has_more": any(row["more"] not in (None, "") for row in rows),
        "has_links": any(row["url"] for row in rows),
        "rows": rows,
    }


def _row(key: str, one: Named) -> Page:
    """Return a name with the address of where it is mended, if the reader may open that."""
    return {"name": one.name, "committee": one.committee, "more": one.more, "url": _mend(key, one)}


def _mend(key: str, one: Named) -> str | None:
    may = appbuilder.sm.has_access
    if one.place_id is not None and may("can_show", "RouteNodeView"):
        return f"/g/1.6.1/{one.place_id}"
    if key == "without_place" and may("can_add", "RouteNodeView"):
        return "/g/1.6.1/add"
    if key == "stuck" and may("can_list", "StatisticsView"):
        return "/g/statistics/waiting"
    if key != "stuck" and one.unit_id is not None and may("can_show", "UnitView"):
        return f"/g/units/{one.unit_id}"
    return None


class RouteTrialView(PageView):
    """The route of a case that nobody has filed yet."""

    route_base = "/g/route-trial"
    guide = "route-trial"
    label = _("Try a route")
    purpose = _(
        "Through which stations an application of a unit would go, who could act there, until when, and what would refuse it."
    )
    roles = ROLES

    @expose("/", methods=["GET", "POST"])
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        actor, form = require_actor(), RouteTrialForm()
        committees = {one.id: one for one in db.session.scalars(_committees(actor))}
        form.committee_id.offered = [(one.id, one.name) for one in committees.values()]
        form.batch_id.offered = [(one.id, one.name) for one in _batches(actor)]
        stations = None
        if request.method == "POST" and form.validate():
            stations = _stations(form, committees)
        page = {
            "title": self.label,
            "purpose": self.purpose,
            "form": form,
            "stations": stations,
            "is_refused": any(one["refusals"] for one in stations or []),
        }
        is_refused = request.method == "POST" and stations is None
        return render_template("review_tree/trial.html", page=page), 422 if is_refused else 200


def _stations(form: RouteTrialForm, committees: dict[int, Committee]) -> list[Page] | None:
    committee = committees[int(form.committee_id.data)]
    batch = route_trial.newest_batch(committee.id)
    if form.batch_id.data:
        batch = db.session.get_one(Batch, int(form.batch_id.data))
    if batch is not None and batch.committee_id != committee.id:
        form.batch_id.errors = [gettext("This batch is one of another committee.")]
        return None
    unit = db.session.get_one(Unit, int(form.unit_id.data))
    level = Level(form.level.data)
    found = route_trial.stations(unit, committee, level, batch, at=clock.now())
    return [_station(one) for one in found]


def _batches(actor: Actor) -> list[Batch]:
    own = Batch.committee_id.in_(select(Committee.id).where(scopes.trees_to_check(actor)))
    query = select(Batch).where(own).order_by(Batch.review_year.desc(), Batch.id.desc())
    return list(db.session.scalars(query.limit(200)))


def _station(one: route_trial.Station) -> Page:
    return {
        "name": one.name,
        "role": one.role.label if one.role else "",
        "is_skipped": one.is_skipped,
        "handlers": one.handlers,
        "heads": one.heads,
        "deadline": deadlines.words(one.deadline),
        "refusals": one.refusals,
    }
