"""结果签名: chair and supervisor sign the result of an online meeting."""

from typing import ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select

from app import scopes
from app.enums import MeetingMode, PlanState, Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import Plan, Seat
from app.services.meeting.seats import PRESIDING
from app.services.results import outcomes, plan_changes
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Button
from app.views.meeting import meeting_link, plan_lines
from app.views.results import rank_lists, result_pages


def to_be_signed(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for computed results of meetings that the actor chaired or supervises."""
    is_computed = (Plan.mode == MeetingMode.ONLINE) & Plan.state.in_(
        (PlanState.ENTERED, PlanState.CONCLUDED)
    )
    condition = scopes.visible(Plan, actor) & is_computed
    if actor.role is not Role.JUDGE:
        return condition
    chairs = select(Seat.plan_id).where(scopes.own_seats(actor), Seat.role.in_(PRESIDING))
    return condition & Plan.id.in_(chairs)


def is_unsigned(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for written minutes without the signature of the actor's role."""
    is_chair = actor.role is Role.JUDGE
    signed_at = Plan.chair_signed_at if is_chair else Plan.supervisor_signed_at
    return (Plan.minutes != "") & signed_at.is_(None)


class MeetingResultView(GuideView):
    """结果签名: totals, minutes and the signatures of chair and supervisor."""

    guide = "meeting-result"
    label = _("Signing of results")
    purpose = _(
        "Results of meetings in which you presided or which you supervise. Read the minutes and the totals, "
        "then sign. A text that is changed afterwards has to be signed again."
    )
    empty = _("No result waits for your signature.")
    roles = (Role.JUDGE, Role.SUPERVISOR)
    names_judges = True
    model = Plan
    scope = staticmethod(to_be_signed)
    list_columns: ClassVar[list[str | Column]] = [
        meeting_link.linked(Plan, "name"), "committee", "voted_on", "members", "present", "chair_signed_at", "supervisor_signed_at", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["name", "state", "voted_on"]
    todos = (Todo("sign", _("To be signed"), ("sign_chair", "sign_supervisor"), whose=is_unsigned),)
    buttons = (
        Button(
            "sign",
            _("Sign"),
            {"sign_chair": _("Sign as chair"), "sign_supervisor": _("Sign as supervisor")},
            confirm=_("Sign %(count)s result: the minutes and totals that its page shows."),
            when=is_unsigned,
        ),
    )

    def sections(self, record: Plan, actor: Actor) -> list[detail_sections.DetailSection]:
        names = ["name", "committee", "opens_on", "closes_on", "place"]
        figures = ["members", "present", "voted_on", "senior_cap", "associate_cap", "over_cap"]
        return [
            detail_sections.pairs("plan", gettext("Plan"), record, names),
            detail_sections.pairs("meeting", gettext("Meeting"), record, figures),
            detail_sections.text("minutes", gettext("Minutes of the meeting"), record.minutes),
            *rank_lists.sections(record, with_scores=False),
            rank_lists.rounds_section(outcomes.rounds(db.session(), record)),
            *plan_lines.section(plan_changes.logs_of_plan(db.session(), record.id)),
            result_pages.signatures_section(record, with_names=actor.role is Role.SUPERVISOR),
        ]
