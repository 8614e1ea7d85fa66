"""评审会议: page of a running online meeting: attendance, key holders of the ballot box, voting rounds."""

from typing import ClassVar

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement

from app import scopes
from app.engine import Refused
from app.enums import MeetingMode, PlanState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import KeyHolder, Plan
from app.services.meeting import seats
from app.services.results import outcomes
from app.services.voting import key_holders, vote_waits
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.detail_sections import DetailSection
from app.views.results import rank_lists
from app.views.voting import meeting_sections
from app.views.voting.rounds import WORKERS, RoundView
from app.web.security import require_actor


def running_meetings(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the actor's online meetings, from the agreed plan to the entered result."""
    return (
        scopes.visible(Plan, actor)
        & (Plan.mode == MeetingMode.ONLINE)
        & Plan.state.in_((PlanState.APPROVED, PlanState.ENTERED))
    )


class MeetingRoomView(GuideView):
    """评审会议: the online meetings in progress."""

    guide = "meeting"
    label = _("Review meeting")
    tab_label = _("Meetings")
    purpose = _("Who is there, who holds the key of the ballot box, and which round is on.")
    empty = _("No online meeting is agreed that you take part in.")
    roles = WORKERS
    names_judges = True
    model = Plan
    scope = staticmethod(running_meetings)
    list_columns: ClassVar[list[str | Column]] = [
        "name",
        "committee",
        "opens_on",
        "closes_on",
        "place",
        "state",
    ]
    search_columns: ClassVar[list[str]] = ["name", "committee", "opens_on"]
    tabs = (RoundView,)

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), "key"]

    def sections(self, record: Plan, actor: Actor) -> list[DetailSection]:
        names = ["name", "committee", "opens_on", "closes_on", "place", "seats", "denominator"]
        shown = [
            detail_sections.pairs("plan", gettext("Meeting"), record, names),
            meeting_sections.attendance(record),
            meeting_sections.key_holders_section(record, with_names=actor.role is not Role.JUDGE),
            rank_lists.rounds_section(outcomes.rounds(db.session(), record)),
        ]
        if actor.role is not Role.JUDGE:
            shown.insert(2, meeting_sections.sign_ins(record))
        elif seat := seats.seat_of_user(db.session(), record.id, actor.user_id):
            waits = vote_waits.sentence(db.session(), seat)
            shown.insert(0, detail_sections.text("next", gettext("What is next"), waits))
        return [*shown, meeting_sections.protection()]

    def links(self, record: Plan, actor: Actor) -> list[tuple[Label, str]]:
        if not self.may("key") or not key_holders.may_hold(db.session(), record, actor):
            return []
        holder = key_holders.holders_of_plan(db.session(), record.id).get(
            key_holders.ROLES[actor.role]
        )
        is_mine = holder is not None and holder.user_id == actor.user_id
        label = (
            gettext("Replace the code") if is_mine else gettext("Take a code for the ballot box")
        )
        return [(label, self.url("key", pk=record.id))]

    @expose("/<int:pk>/key", methods=["GET", "POST"])
    @guarded("key", fires=(KeyHolder, "register"))
    def key(self, pk: int) -> ResponseReturnValue:
        """Create the holder's code for the ballot box; it is shown once and never stored."""
        actor = require_actor()
        plan, code, refusal, status = self.find(pk, actor), "", "", 200
        if request.method == "POST":
            try:
                code = key_holders.take_code(db.session(), plan, actor=actor, at=clock.now())
                db.session.commit()
            except Refused as refused:
                db.session.rollback()
                refusal, status = refused.sentence, 422
                plan = self.find(pk, actor)
        role = key_holders.ROLES[actor.role]
        known = role in key_holders.holders_of_plan(db.session(), plan.id)
        page = {"title": gettext("Code for the ballot box"), "purpose": plan.name}
        return render_template(
            "meeting/key.html", page=page, plan=plan, role=role, code=code, refusal=refusal,
            is_known=known, back_url=self.detail_url(plan), protection=meeting_sections.protection().text,
        ), status  # fmt: skip
