"""How the judges scored: a neutral panel for chair, supervisor and authority, after the count."""

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from sqlalchemy import select

from app import scopes
from app.enums import Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import Plan
from app.services.results import fairness, minutes
from app.services.results.fairness import LEAST_COMPARED, Scoring
from app.views.base import detail_sections
from app.views.base.access import to_sign_in
from app.views.base.columns import Cell
from app.views.base.detail_sections import DetailSection
from app.web.security import current_actor


class MeetingFairness(BaseView):
    """GET /g/meeting/<plan id>/fairness : 404 for everybody else, and before a round was counted."""

    route_base = "/g/meeting"
    base_permissions: list[str] = []

    @expose("/<int:pk>/fairness")
    def show(self, pk: int) -> ResponseReturnValue:
        actor = current_actor()
        if actor is None:
            return to_sign_in()
        plan = find(pk, actor) or abort(404)
        back = _way_back(plan, actor)
        case = {
            "title": gettext("How the judges scored"),
            "facts_line": plan.name,
            "above": [(plan.name, back["url"])],
            "links": [back],
            "sections": sections(plan, with_names=actor.role is Role.SUPERVISOR),
            "acts": [],
            "scripts": [],
        }
        return render_template("detail.html", case=case)


def find(pk: int, actor: Actor) -> Plan | None:
    """Return the online meeting if a round of it was counted and `actor` may see how its judges scored."""
    plan = db.session.scalars(
        select(Plan).where(Plan.id == pk, scopes.visible(Plan, actor))
    ).first()
    if plan is None or not may_see(plan, actor):
        return None
    return plan if fairness.is_open(db.session(), plan) else None


def may_see(plan: Plan, actor: Actor) -> bool:
    """Return whether the panel is for the actor: authority, supervisor, or who chairs the meeting."""
    if actor.role is Role.JUDGE:
        return minutes.signs_as_chair(db.session(), plan, actor.user_id)
    return actor.role in (Role.SUPERVISOR, Role.HRSS)


def _way_back(plan: Plan, actor: Actor) -> dict[str, str]:
    """Return the link to the page of the meeting, for the authority to its plan."""
    if actor.role is Role.HRSS:
        return {"label": gettext("Review plan"), "url": url_for("PlanView.show", pk=plan.id)}
    return {"label": gettext("Review meeting"), "url": url_for("MeetingRoomView.show", pk=plan.id)}


def link_to(plan: Plan) -> tuple[str, str]:
    """Return the link to the panel of a meeting."""
    return gettext("How the judges scored"), url_for("MeetingFairness.show", pk=plan.id)


def sections(plan: Plan, *, with_names: bool) -> list[DetailSection]:
    """Return what the figures are for, and the figures of the judges; `with_names` shows who they are."""
    found = fairness.scorings(db.session(), plan.id)
    note = detail_sections.text("note", gettext("What this is"), _explanation())
    if not any(one.sheets for one in found):
        return [note, detail_sections.text("judges", gettext("Judges"), gettext("No scores were handed in in this meeting."))]  # fmt: skip
    columns = [
        gettext("Judge"), gettext("Cases assigned"), gettext("Sheets"), gettext("Mean (points)"),
        gettext("Spread (points)"), gettext("Compared"), gettext("Distance to the others"),
    ]  # fmt: skip
    rows = [_row(number, one, with_names=with_names) for number, one in enumerate(found, start=1)]
    table = DetailSection("judges", gettext("Judges"), "table", columns=columns, rows=rows, count=len(rows))  # fmt: skip
    return [note, table]


def _explanation() -> str:
    return "\n".join(
        (
            gettext("These figures are for information only; they are no ground for any decision about a judge or a score."),
            gettext(
                "The distance is the mean difference of a judge's scores to the mean of the other judges on the same "
                "candidates: in points, and in standard deviations of all such differences of this meeting. Judges of "
                "different groups score different candidates, so a mean alone says little."
            ),
            gettext("With fewer than %(count)s comparisons no distance is shown, as it would say nothing.", count=LEAST_COMPARED),
        )
    )  # fmt: skip


def _row(number: int, one: Scoring, *, with_names: bool) -> list[Cell]:
    name = one.seat.user.real_name if with_names else gettext("Judge %(number)s", number=number)
    return [
        Cell(name), _number(one.assigned), _number(one.sheets), _points(one.mean), _points(one.spread),
        _number(one.compared), Cell(_distance(one)),
    ]  # fmt: skip


def _distance(one: Scoring) -> str:
    if one.distance is None:
        return gettext("too few comparisons")
    if one.standardised is None:
        return f"{one.distance:+.2f}"
    return gettext(
        "%(points)s points, %(deviations)s standard deviations",
        points=f"{one.distance:+.2f}",
        deviations=f"{one.standardised:+.2f}",
    )


def _number(value: int) -> Cell:
    return Cell(str(value), kind="number")


def _points(value: float | None) -> Cell:
    return Cell("—" if value is None else f"{value:.2f}", kind="number")
