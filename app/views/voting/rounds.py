"""评审会议, tab 投票轮次: rounds of votes, their sealed boxes and the records of their counts."""

import json
from datetime import datetime
from typing import Any, ClassVar

from flask import flash, jsonify, redirect
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement

from app import scopes
from app.enums import Role, RoundState
from app.extensions import db
from app.forms.voting import FreezeRoundForm, ReleaseForm
from app.ground.actor import Actor
from app.models import Plan, Round
from app.services.exports import workbook
from app.services.ground.audit import audit
from app.services.meeting import seats
from app.services.voting import key_holders, round_record, vote_rounds
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Add, Button, DryRun
from app.views.base.detail_sections import DetailSection
from app.views.meeting import meeting_link
from app.views.voting import round_sections
from app.web.security import require_actor

WORKERS = (Role.OFFICE, Role.SUPERVISOR, Role.JUDGE)


def ballot_rounds(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for rounds voted online; rounds on paper are listed under 1.2.5."""
    return scopes.visible(Round, actor) & Round.is_on_paper.is_(False)


def asked_by_another(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for rounds that another person asked to make void."""
    return Round.void_asked_by != actor.user_id


def not_asked_to_void(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for rounds that nobody asked to make void; a judge asks where he or she presides."""
    not_asked = Round.void_asked_by.is_(None)
    if actor.role is not Role.JUDGE:
        return not_asked
    return not_asked & scopes.rounds_i_preside(actor)


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
        meeting_link.linked(Round, "plan"), meeting_link.round_title(), "members", "present", "opened_at", "closed_at", "counted_at", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["plan", "state"]
    scripts = ("round.js",)
    todos = (
        Todo("open", _("To be opened"), ("open",), whose=scopes.rounds_i_preside),
        Todo("close", _("To be closed"), ("close",), whose=scopes.rounds_i_preside),
        Todo("release", _("Key code due"), ("release",), whose=scopes.rounds_waiting_for_my_code),
        Todo(
            "void",
            _("Void asked for"),
            ("void", "keep"),
            whose=asked_by_another,
        ),
    )
    add = Add(
        _("Freeze the round"),
        FreezeRoundForm,
        "freeze",
        build_round,
        verb=_("Freeze the round"),
        trial=DryRun(_("Preview"), round_sections.preview),
        notes=(
            _(
                "Whoever has signed in by now is on the roll. Candidates and places follow from the plan and from "
                "what was counted; nothing of it can be changed afterwards."
            ),
        ),
    )
    buttons = (
        Button("open", _("Open the vote"), {"open": _("Open the vote")}, confirm=_("Open %(count)s round: everybody on the roll can vote."), when=scopes.rounds_i_preside),
        Button("close", _("Close the vote"), {"close": _("Close the vote")}, confirm=_("Close %(count)s round: no ballot is taken afterwards."), tone="stop", asks_opinion=True, when=scopes.rounds_i_preside),
        Button("release", _("Open the ballot box"), {"release": _("Open the ballot box")}, form=ReleaseForm, when=scopes.rounds_waiting_for_my_code),
        Button("ask_void", _("Ask to make it void"), {"ask_void": _("Ask to make it void")}, tone="", when=not_asked_to_void),
        Button("void", _("Agree to make it void"), {"void": _("Agree, make it void"), "keep": _("Do not agree, it stands")}, confirm=_("Decide on %(count)s round; if it becomes void, its ballots are destroyed unopened."), tone="stop", when=asked_by_another),
    )  # fmt: skip

    def name_of(self, record: Round) -> str:
        return record.name

    def sections(self, record: Round, actor: Actor) -> list[DetailSection]:
        names = [
            "plan", meeting_link.round_title(), "places", "members", "present", "frozen_at", "opened_at", "closed_at",
            "counted_at", "frozen_hash", "void_reason", "state",
        ]  # fmt: skip
        shown = [
            detail_sections.pairs("round", gettext("Round"), record, names),
            round_sections.ballot_box_section(record),
        ]
        if record.state is RoundState.CLOSED and _holds_key(record, actor):
            shown.append(round_sections.second_count())
        if record.state is RoundState.COUNTED:
            shown += [
                round_sections.votes(record, actor),
                round_sections.proof(record),
                round_sections.trackers(record),
            ]
        return [*shown, round_sections.protection()]

    def links(self, record: Round, actor: Actor) -> list[tuple[Label, str]]:
        if record.state is RoundState.COUNTED and _may_export(record, actor):
            return [(gettext("Record to recount (JSON)"), self.url("record", pk=record.id))]
        if record.state is RoundState.CLOSED and _holds_key(record, actor):
            return [
                (gettext("Sealed box for a second count (JSON)"), self.url("box", pk=record.id))
            ]
        return []

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
        return _download("round", vote_round, round_record.export(db.session(), vote_round))

    @expose("/<int:pk>/box.json")
    @guarded("show")
    def box(self, pk: int) -> ResponseReturnValue:
        """Download the sealed box of a closed round, for two holders to open it on another machine."""
        actor = require_actor()
        vote_round = self.find(pk, actor)
        if vote_round.state is not RoundState.CLOSED or not _holds_key(vote_round, actor):
            flash(
                gettext(
                    "The sealed box is for the holders of its key, from the close of the vote until the count."
                ),
                "warning",
            )
            return redirect(self.detail_url(vote_round))
        facts = round_record.box(db.session(), vote_round)
        audit("sealed_box", actor=actor, subject=f"round:{vote_round.id}")
        db.session.commit()
        return _download("box", vote_round, facts)


def _holds_key(vote_round: Round, actor: Actor) -> bool:
    """Return whether the actor is one of the three registered holders of the meeting's key."""
    role = key_holders.ROLES.get(actor.role)
    holder = (
        key_holders.holders_of_plan(db.session(), vote_round.plan_id).get(role) if role else None
    )
    return holder is not None and holder.user_id == actor.user_id


def _may_export(vote_round: Round, actor: Actor) -> bool:
    if actor.role is not Role.JUDGE:
        return True
    seat = seats.seat_of_user(db.session(), vote_round.plan_id, actor.user_id)
    return seat is not None and seat.role in seats.PRESIDING


def _download(kind: str, vote_round: Round, facts: Any) -> ResponseReturnValue:
    """Return facts of a round as a JSON file to keep."""
    name = f"{kind}-{vote_round.plan_id}-{vote_round.number}.json"
    data = json.dumps(facts, ensure_ascii=False, indent=1)
    return workbook.attachment(data.encode(), name, "application/json")
