"""评审会议: where an online meeting is held: who is there, the codes of the ballot box, the rounds of votes."""

import json
from datetime import datetime
from typing import Any, ClassVar

from flask import flash, jsonify, redirect, render_template, request
from flask_appbuilder import expose
from flask_babel import gettext, pgettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from app import clock, scopes
from app.actor import Actor
from app.enums import MeetingMode, PlanState, Role, RoundState, SeatState
from app.extensions import db
from app.forms.voting import FreezeRoundForm, ReleaseForm
from app.models import Plan, Round, RoundCandidate, SealedBallot, Seat
from app.security import the_actor
from app.services import (
    ballots,
    counting,
    exchange,
    key_holders,
    outcomes,
    round_export,
    rounds,
    scoring,
    seats,
    vote_waits,
)
from app.views import detail, rank_lists
from app.views.base import Add, Button, GuideView, guarded
from app.views.columns import Cell
from app.views.detail import DetailSection
from app.views.parts import Trial
from app.workflow.engine import Refused

WORKERS = (Role.OFFICE, Role.SUPERVISOR, Role.JUDGE)


def running(actor: Actor) -> ColumnElement[bool]:
    """Online meetings the actor has to do with, from the agreement to their result."""
    return (
        scopes.visible(Plan, actor)
        & (Plan.mode == MeetingMode.ONLINE)
        & Plan.state.in_((PlanState.APPROVED, PlanState.ENTERED))
    )


def ballot_rounds(actor: Actor) -> ColumnElement[bool]:
    """Rounds that are voted here; those on paper stand under 1.2.5."""
    return scopes.visible(Round, actor) & Round.is_on_paper.is_(False)


def build_round(data: dict[str, Any], actor: Actor, at: datetime) -> Round:
    """Return the unsaved round that is due in the chosen meeting."""
    return rounds.draft(db.session(), db.session.get_one(Plan, data["plan_id"]), at)


def show_round(held: Round, actor: Actor) -> list[DetailSection]:
    """Return whom the round would be about and who would vote; the page undoes the freeze afterwards."""
    session = db.session()
    scores = scoring.scores_of(session, held.plan)
    rows = [
        [Cell(str(one.position)), Cell(one.application.number), Cell(one.application.name),
         Cell(one.application.level.label), Cell(str(one.eligible)), Cell(scoring.shown(scores.get(one.application_id)))]
        for one in ballots.candidates(session, held)
    ]  # fmt: skip
    columns = [gettext("No."), gettext("Application number"), gettext("Name"), gettext("Level"),
               gettext("May vote"), gettext("Score")]  # fmt: skip
    return [
        DetailSection("who", gettext("Who votes"), "pairs", pairs=_who_votes(held)),
        DetailSection("due", gettext("Candidates"), "table", columns=columns, rows=rows, count=len(rows)),
    ]  # fmt: skip


def _who_votes(held: Round) -> list[tuple[Any, Cell]]:
    session = db.session()
    away = [
        one for one in seats.members(session, held.plan_id) if one.state is not SeatState.PRESENT
    ]
    return [
        (gettext("Members"), Cell(str(held.members))),
        (gettext("On the roll"), Cell(str(held.present))),
        (gettext("Not signed in"), Cell("、".join(one.user.real_name for one in away) or "—")),
        (gettext("Recused from every candidate"), Cell(str(rounds.count_idle(held)))),
    ]


class RoundView(GuideView):
    """投票轮次: frozen by the office, opened and closed by whoever presides, opened by two holders."""

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
    model = Round
    scope = staticmethod(ballot_rounds)
    list_columns: ClassVar[list[Any]] = [
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
        trial=Trial(_("Preview"), show_round),
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
        shown = [detail.pairs("round", gettext("Round"), record, names), _box(record)]
        if record.state is RoundState.COUNTED:
            shown += [_votes(record, actor), _trackers(record)]
        return [*shown, protection()]

    def links(self, record: Round, actor: Actor) -> list[tuple[Any, str]]:
        if record.state is not RoundState.COUNTED or not _may_export(record, actor):
            return []
        return [(gettext("Record to recount (JSON)"), self.url("record", pk=record.id))]

    @expose("/<int:pk>/count")
    @guarded("show")
    def count(self, pk: int) -> Any:
        """Answer how many ballots lie in the box and how many may; never what they say or whose they are."""
        held = self.find(pk, the_actor())
        session = db.session()
        return jsonify(
            {
                "cast": f"{rounds.count_cast(session, held.id):03d}",
                "roll": f"{len(rounds.voters(held)):03d}",
                "state": held.state.value,
            }
        )

    @expose("/<int:pk>/export.json")
    @guarded("show")
    def record(self, pk: int) -> Any:
        """Answer what a program needs to count a round again, without any name of a judge."""
        actor = the_actor()
        held = self.find(pk, actor)
        if held.state is not RoundState.COUNTED or not _may_export(held, actor):
            flash(
                gettext(
                    "The record is for the chair, the office and the supervisor, once the round is counted."
                ),
                "warning",
            )
            return redirect(self.detail_url(held))
        data = json.dumps(round_export.record(db.session(), held), ensure_ascii=False, indent=1)
        name = f"round-{held.plan_id}-{held.number}.json"
        return exchange.attachment(data.encode(), name, "application/json")


class MeetingRoomView(GuideView):
    """评审会议: the meetings that are held online now."""

    guide = "meeting"
    label = _("Review meeting")
    tab_label = _("Meetings")
    purpose = _("Who is there, who holds the key of the ballot box, and which round is on.")
    empty = _("No online meeting is agreed that you take part in.")
    roles = WORKERS
    model = Plan
    scope = staticmethod(running)
    list_columns: ClassVar[list[Any]] = [
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
            detail.pairs("plan", gettext("Meeting"), record, names),
            _attendance(record),
            _holders(record, with_names=actor.role is not Role.JUDGE),
            rank_lists.rounds_section(outcomes.rounds(db.session(), record)),
        ]
        if actor.role is not Role.JUDGE:
            shown.insert(2, _sign_ins(record))
        elif seat := seats.of_user(db.session(), record.id, actor.user_id):
            waits = vote_waits.sentence(db.session(), seat)
            shown.insert(0, detail.text("next", gettext("What is next"), waits))
        return [*shown, protection()]

    def links(self, record: Plan, actor: Actor) -> list[tuple[Any, str]]:
        if not self.may("key") or not key_holders.may_hold(db.session(), record, actor):
            return []
        holder = key_holders.of_plan(db.session(), record.id).get(key_holders.ROLES[actor.role])
        is_mine = holder is not None and holder.user_id == actor.user_id
        label = (
            gettext("Replace the code") if is_mine else gettext("Take a code for the ballot box")
        )
        return [(label, self.url("key", pk=record.id))]

    @expose("/<int:pk>/key", methods=["GET", "POST"])
    @guarded("key")
    def key(self, pk: int) -> Any:
        """Take the own code: it is made, shown once, and stored nowhere."""
        actor = the_actor()
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
        known = role in key_holders.of_plan(db.session(), plan.id)
        page = {"title": gettext("Code for the ballot box"), "purpose": plan.name}
        return render_template(
            "meeting/key.html", page=page, plan=plan, role=role, code=code, refusal=refusal,
            is_known=known, back_url=self.detail_url(plan), protection=protection().text,
        ), status  # fmt: skip


def protection() -> DetailSection:
    """Return what the sealed vote protects against and what not, where chair and holders read it."""
    lines = (
        gettext(
            "Protected: nobody reads a ballot before the count, neither in the database nor in a backup nor in a log; "
            "the key exists in three parts only, of which two are needed."
        ),
        gettext(
            "Protected: after the count no vote can be traced to a judge, neither by order nor by time nor by a pattern; "
            "ballots and parts of the key are destroyed."
        ),
        gettext(
            "Not protected: whoever controls the running program at the moment of the count; a judge's own device; "
            "and when all vote alike, or few may vote on a candidate, the result itself says how they voted."
        ),
    )
    return detail.text(
        "protection", gettext("What the sealed vote protects against"), "\n".join(lines)
    )


def _may_export(held: Round, actor: Actor) -> bool:
    if actor.role is not Role.JUDGE:
        return True
    seat = seats.of_user(db.session(), held.plan_id, actor.user_id)
    return seat is not None and seat.role in seats.PRESIDING


def _box(held: Round) -> DetailSection:
    cast, roll = rounds.count_cast(db.session(), held.id), len(rounds.voters(held))
    counted = gettext("%(cast)s of %(roll)s", cast=cast, roll=roll)
    pairs = [(gettext("Ballots cast"), Cell(counted))]
    if idle := rounds.count_idle(held):
        pairs.append((gettext("Recused from every candidate"), Cell(str(idle))))
    if held.state is RoundState.CLOSED:
        pairs.append((gettext("Parts of the key given"), Cell(_given(held))))
    return DetailSection("box", gettext("Ballot box"), "pairs", pairs=pairs)


def _given(held: Round) -> str:
    given = counting.given(db.session(), held.id)
    who = "、".join(str(role.label) for role in given)
    if not given:
        return gettext("none yet; two are needed")
    return gettext("%(who)s; another holder is needed", who=who)


def _votes(held: Round, actor: Actor) -> DetailSection:
    """Return the votes on the candidates; a judge reads nothing of whom the seat is kept from (art. 26)."""
    query = select(RoundCandidate).where(RoundCandidate.round_id == held.id)
    if actor.role is Role.JUDGE:
        query = query.where(RoundCandidate.application_id.not_in(scopes.recused_from(actor)))
    votes = db.session.scalars(
        query.options(joinedload(RoundCandidate.application)).order_by(RoundCandidate.position)
    ).all()
    names = [
        "position",
        "application.number",
        "application.name",
        "eligible",
        "yes",
        "no",
        "abstain",
    ]
    return detail.table_of("votes", gettext("Votes"), list(votes), names)


def _trackers(held: Round) -> DetailSection:
    query = select(SealedBallot.tracker).where(SealedBallot.round_id == held.id)
    trackers = db.session.scalars(query.order_by(SealedBallot.tracker)).all()
    return detail.text("trackers", gettext("Receipts of the ballots counted"), "\n".join(trackers))


def _attendance(plan: Plan) -> DetailSection:
    query = select(Seat.state, func.count()).where(Seat.plan_id == plan.id).group_by(Seat.state)
    counts: dict[Any, int] = dict(db.session.execute(query).tuples().all())
    members = sum(count for state, count in counts.items() if state in seats.MEMBERS)
    pairs = [
        (gettext("Members"), Cell(str(members))),
        (pgettext("count", "Signed in"), Cell(str(counts.get(SeatState.PRESENT, 0)))),
    ]
    return DetailSection("attendance", gettext("Who is there"), "pairs", pairs=pairs)


def _sign_ins(plan: Plan) -> DetailSection:
    query = select(Seat).where(Seat.plan_id == plan.id, Seat.state.in_(seats.MEMBERS))
    found = db.session.scalars(query.options(joinedload(Seat.user)).order_by(Seat.place)).all()
    names = ["user", "role", "group_name", "attended_at", "left_at", "state"]
    return detail.table_of("sign_ins", gettext("Signing in"), list(found), names)


def _holders(plan: Plan, *, with_names: bool) -> DetailSection:
    known = key_holders.of_plan(db.session(), plan.id)
    rows = []
    for role in rounds.ORDER:
        holder = known.get(role)
        who = holder.user.real_name if holder and with_names else ""
        taken = (
            f"{clock.local(holder.registered_at):%Y-%m-%d %H:%M}" if holder else gettext("not yet")
        )
        rows.append([Cell(str(role.label)), Cell(taken), Cell(who or "—")])
    columns = [gettext("Part of the key"), gettext("Code taken"), gettext("Name")]
    return DetailSection(
        "holders",
        gettext("Holders of the key"),
        "table",
        columns=columns,
        rows=rows,
        count=len(known),
    )
