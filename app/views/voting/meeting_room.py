"""评审会议: page of a running online meeting: attendance, key holders of the ballot box, voting rounds."""

import json
from datetime import datetime
from typing import Any, ClassVar

from flask import flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement

from app import scopes
from app.engine import Refused
from app.enums import MeetingMode, PlanState, Role, RoundState
from app.extensions import db
from app.forms.voting import FreezeRoundForm, ReleaseForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Plan, Round
from app.services.exports import workbook
from app.services.meeting import seats
from app.services.results import outcomes
from app.services.voting import key_holders, round_export, vote_rounds, vote_waits
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Add, Button, DryRun
from app.views.base.detail_sections import DetailSection
from app.views.results import rank_lists
from app.views.voting import meeting_sections
from app.web.security import require_actor

WORKERS = (Role.OFFICE, Role.SUPERVISOR, Role.JUDGE)


def running_meetings(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the actor's online meetings, from the agreed plan to the entered result."""
    return (
        scopes.visible(Plan, actor)
        & (Plan.mode == MeetingMode.ONLINE)
        & Plan.state.in_((PlanState.APPROVED, PlanState.ENTERED))
    )


def ballot_rounds(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for rounds voted online; rounds on paper are listed under 1.2.5."""
    return scopes.visible(Round, actor) & Round.is_on_paper.is_(False)


def build_round(data: dict[str, Any], actor: Actor, at: datetime) -> Round:
    """Return the unsaved round that is due next in the chosen meeting."""
    return vote_rounds.draft(db.session(), db.session.get_one(Plan, data["plan_id"]), at)


class RoundView(GuideView):
    """投票轮次: the office freezes a round, the chair opens and closes it, two key holders open the box."""

    guide = "meeting"
    slug = "rounds"
    label = _("Review meeting")
    tab_label = _("Rounds of votes")
    purpose = _(
        "The office freezes a round; whoever presides opens and closes it; two of the three holders of the key "
        "open the box, and the votes are counted without voters."
    )
    empty = _("No round has been frozen yet.")
    roles = WORKERS
    names_judges = True
    model = Round
    scope = staticmethod(ballot_rounds)
    list_columns: ClassVar[list[str | Column]] = [
        "plan", "number", "members", "present", "opened_at", "closed_at", "counted_at", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["plan", "state"]
    scripts = ("round.js",)
    add = Add(
        _("Freeze the round"),
        FreezeRoundForm,
        "freeze",
        build_round,
        verb=_("Freeze the round"),
        trial=DryRun(_("Preview"), meeting_sections.preview),
        notes=(
            _(
                "Whoever has signed in by now is on the roll. Candidates and places follow from the plan and from "
                "what was counted; nothing of it can be changed afterwards."
            ),
        ),
    )
    buttons = (
        Button("open", _("Open the vote"), {"open": _("Open the vote")}, confirm=_("Open %(count)s round: everybody on the roll can vote.")),
        Button("close", _("Close the vote"), {"close": _("Close the vote")}, confirm=_("Close %(count)s round: no ballot is taken afterwards."), tone="stop", asks_opinion=True),
        Button("release", _("Open the ballot box"), {"release": _("Open the ballot box")}, form=ReleaseForm),
        Button("void", _("Make void"), {"void": _("Make void")}, confirm=_("Make %(count)s round void: its ballots are destroyed unopened."), tone="stop"),
    )  # fmt: skip

    def name_of(self, record: Round) -> str:
        return record.name

    def sections(self, record: Round, actor: Actor) -> list[DetailSection]:
        names = [
            "plan", "number", "places", "members", "present", "frozen_at", "opened_at", "closed_at",
            "counted_at", "frozen_hash", "state",
        ]  # fmt: skip
        shown = [
            detail_sections.pairs("round", gettext("Round"), record, names),
            meeting_sections.ballot_box_section(record),
        ]
        if record.state is RoundState.COUNTED:
            shown += [meeting_sections.votes(record, actor), meeting_sections.trackers(record)]
        return [*shown, meeting_sections.protection()]

    def links(self, record: Round, actor: Actor) -> list[tuple[Label, str]]:
        if record.state is not RoundState.COUNTED or not _may_export(record, actor):
            return []
        return [(gettext("Record to recount (JSON)"), self.url("record", pk=record.id))]

    @expose("/<int:pk>/count")
    @guarded("show")
    def count(self, pk: int) -> ResponseReturnValue:
        """Answer as JSON how many ballots were cast and how many may be; neither votes nor voters."""
        vote_round = self.find(pk, require_actor())
        session = db.session()
        return jsonify(
            {
                "cast": f"{vote_rounds.count_cast(session, vote_round.id):03d}",
                "roll": f"{len(vote_rounds.voters(vote_round)):03d}",
                "state": vote_round.state.value,
            }
        )

    @expose("/<int:pk>/export.json")
    @guarded("show")
    def record(self, pk: int) -> ResponseReturnValue:
        """Download as JSON what a program needs to recount a round, without names of judges."""
        actor = require_actor()
        vote_round = self.find(pk, actor)
        if vote_round.state is not RoundState.COUNTED or not _may_export(vote_round, actor):
            flash(
                gettext(
                    "The record is for the chair, the office and the supervisor, once the round is counted."
                ),
                "warning",
            )
            return redirect(self.detail_url(vote_round))
        data = json.dumps(
            round_export.record(db.session(), vote_round), ensure_ascii=False, indent=1
        )
        name = f"round-{vote_round.plan_id}-{vote_round.number}.json"
        return workbook.attachment(data.encode(), name, "application/json")


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
    @guarded("key")
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


def _may_export(vote_round: Round, actor: Actor) -> bool:
    if actor.role is not Role.JUDGE:
        return True
    seat = seats.seat_of_user(db.session(), vote_round.plan_id, actor.user_id)
    return seat is not None and seat.role in seats.PRESIDING
