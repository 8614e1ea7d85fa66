"""Facts of an online meeting for its checklist, read in five statements whatever its size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.enums import (
    ApplicationState,
    DrawState,
    InterviewState,
    KeyRole,
    NoticeKind,
    NoticeState,
    OpinionState,
    PlanChangeState,
    RoundState,
    SeatState,
)
from app.models import (
    Application,
    Assignment,
    Draw,
    Filing,
    Interview,
    KeyHolder,
    Notice,
    Opinion,
    OpinionSigner,
    Plan,
    PlanChange,
    Round,
    RoundShare,
    SealedBallot,
    Seat,
    TransitionLog,
)
from app.services.course import judge_loads
from app.services.meeting import seats
from app.services.results import outcomes

HELD = (InterviewState.HEARD, InterviewState.ABSENT)
TOLD = (
    ("plan", ("agree", "return", "change_lines", "compute", "write_minutes", "sign_chair", "sign_supervisor", "confirm")),
    ("draw", ("open_supervisor", "ask_void")),
    ("seat", ("appoint",)),
    ("round", ("freeze", "enter_paper", "open", "ask_void", "release", "confirm_paper")),
    ("notice", ("open", "close")),
    ("filing", ("file", "refile", "agree")),
)  # fmt: skip
"""Acts that the checklist tells: (record, events)."""


@dataclass(frozen=True)
class Counts:
    """Numbers of cases, interviews, sheets and ballots; those with `own` are of the seat of the judge who asks.

    `sheets_due`: a sheet for every assigned case and step, of the interview only once it was held.
    `cast`: ballots in the box of the open round. `changes`: other lines that the authority has not decided on. `own_opinions`: opinions complete or signed from the own seat.
    """

    candidates: int
    slots: int
    planned: int
    moves: int
    held: int
    sheets: int
    sheets_due: int
    opinions: int
    cast: int
    to_publish: int
    changes: int
    own_sheets: int
    own_sheets_due: int
    own_opinions: int
    own_cases: int
    own_cast: int


@dataclass(frozen=True)
class Facts:
    """What is known of a meeting on `today`. `own` is the seat of the judge who asks, if one does.

    `given` are the holders who gave their part of the key of the closed round. `due` and `places` are the
    candidates of the further round and the places left for them; `due` is 0 once all are decided.
    """

    plan: Plan
    today: date
    draw: Draw | None
    notice: Notice | None
    filing: Filing | None
    counts: Counts
    seats: Sequence[Seat]
    own: Seat | None
    holders: dict[KeyRole, KeyHolder]
    given: frozenset[KeyRole]
    rounds: Sequence[Round]
    logs: Sequence[TransitionLog]
    due: int
    places: int | None

    @property
    def members(self) -> list[Seat]:
        """Return the seats whose judges accepted."""
        return [one for one in self.seats if one.state in seats.MEMBERS]

    @property
    def present(self) -> list[Seat]:
        """Return the seats whose judges signed in and have not left."""
        return [one for one in self.seats if one.state is SeatState.PRESENT]

    @property
    def standing(self) -> list[Round]:
        """Return the rounds that were not given up (void)."""
        return [one for one in self.rounds if one.state is not RoundState.VOID]

    def log(self, record: Any, *events: str) -> TransitionLog | None:
        """Return the last of these acts on `record`."""
        found = [
            one
            for one in self.logs
            if record is not None
            and (one.subject_type, one.subject_id) == (record.__tablename__, record.id)
            and one.event in events
        ]
        return found[-1] if found else None


def facts_of(session: Session, plan: Plan, today: date, judge: int | None = None) -> Facts:
    """Return the facts of `plan`; with the own numbers of `judge` (an account) if one is given."""
    found = _seats(session, plan)
    own = next((one for one in found if one.user_id == judge and one.state in seats.MEMBERS), None)
    draw, notice, filing, *numbers = _row(session, plan, own.id if own else 0)
    rounds, logs = outcomes.rounds(session, plan), _logs(session, plan)
    holders, given = _holders(session, plan)
    due, places = _due(session, plan, rounds, logs)
    return Facts(
        plan, today, draw, notice, filing, Counts(*numbers), found, own, holders, given, rounds, logs, due, places
    )  # fmt: skip


def _seats(session: Session, plan: Plan) -> Sequence[Seat]:
    query = select(Seat).where(Seat.plan_id == plan.id).options(joinedload(Seat.user))
    return session.scalars(query.order_by(Seat.place, Seat.id)).all()


def _holders(session: Session, plan: Plan) -> tuple[dict[KeyRole, KeyHolder], frozenset[KeyRole]]:
    """Return the holders of the key, and which of them gave their part of a closed round."""
    closed = select(Round.id).where(Round.plan_id == plan.id, Round.state == RoundState.CLOSED)
    gave = select(RoundShare.id).where(
        RoundShare.round_id.in_(closed),
        RoundShare.role == KeyHolder.role,
        RoundShare.for_role != KeyHolder.role,
    )
    query = select(KeyHolder, gave.correlate(KeyHolder).exists())
    rows = session.execute(
        query.where(KeyHolder.plan_id == plan.id).options(joinedload(KeyHolder.user))
    ).all()
    given = frozenset(holder.role for holder, is_given in rows if is_given)
    return {holder.role: holder for holder, _given in rows}, given


def _logs(session: Session, plan: Plan) -> Sequence[TransitionLog]:
    """Return the told acts on the meeting's records, oldest first."""
    of_plan: dict[str, ColumnElement[bool]] = {
        "plan": TransitionLog.subject_id == plan.id,
        **{
            model.__tablename__: TransitionLog.subject_id.in_(
                select(model.id).where(model.plan_id == plan.id)
            )
            for model in (Draw, Seat, Round, Notice, Filing)
        },
    }
    told = or_(
        *(
            and_(TransitionLog.subject_type == kind, of_plan[kind], TransitionLog.event.in_(events))
            for kind, events in TOLD
        )
    )
    return session.scalars(select(TransitionLog).where(told).order_by(TransitionLog.id)).all()


def _due(
    session: Session, plan: Plan, rounds: Sequence[Round], logs: Sequence[TransitionLog]
) -> tuple[int, int | None]:
    """Return candidates and places of the further round, as the act noted that counted the last one.

    Rounds counted before acts noted it are computed anew.
    """
    counted = [one for one in rounds if one.state is RoundState.COUNTED]
    if not counted:
        return 0, None
    noted = [
        one.details
        for one in logs
        if (one.subject_type, one.subject_id) == (Round.__tablename__, counted[-1].id)
        and "due" in one.details
    ]
    if noted:
        return noted[-1]["due"], noted[-1]["places"]
    due = outcomes.next_round(session, plan)
    return (len(due.application_ids), due.places) if due else (0, None)


def _row(session: Session, plan: Plan, own: int) -> Any:
    """Return live draw, latest result notice, filing and all counts of a meeting in one statement."""
    latest = (
        select(func.max(Notice.id))
        .where(Notice.plan_id == plan.id, Notice.kind == NoticeKind.RESULT)
        .where(Notice.state != NoticeState.CANCELLED)
        .scalar_subquery()
    )
    query = (
        select(Draw, Notice, Filing, *_numbers(plan, own))
        .select_from(Plan)
        .outerjoin(Draw, and_(Draw.plan_id == Plan.id, Draw.state != DrawState.VOID))
        .outerjoin(Notice, Notice.id == latest)
        .outerjoin(Filing, Filing.plan_id == Plan.id)
        .where(Plan.id == plan.id)
    )
    return session.execute(query).one()


def _numbers(plan: Plan, own: int) -> list[ScalarSelect[Any]]:
    """Return the subqueries of `Counts` in its order; `own` is the key of the own seat, 0 for none."""
    cases, slots = Application.plan_id == plan.id, Interview.plan_id == plan.id
    worded, complete = Opinion.plan_id == plan.id, Opinion.state == OpinionState.COMPLETE
    open_rounds = select(Round.id).where(Round.plan_id == plan.id, Round.state == RoundState.OPEN)
    cast = SealedBallot.round_id.in_(open_rounds)
    assigned = select(Assignment.application_id).where(Assignment.seat_id == own)
    signed = select(OpinionSigner.opinion_id).where(OpinionSigner.seat_id == own)
    members, mine = _members(plan), (Seat.id == own,)
    return [
        _count(Application, cases),
        _count(Interview, slots),
        _count(Interview, slots, Interview.state == InterviewState.PLANNED),
        _count(Interview, slots, Interview.state == InterviewState.MOVE_ASKED),
        _count(Interview, slots, Interview.state.in_(HELD)),
        judge_loads.sheets(plan, *members),
        judge_loads.sheets_due(plan, *members),
        _count(Opinion, worded, complete),
        _count(SealedBallot, cast),
        _count(Application, cases, Application.state == ApplicationState.PASSED),
        _count(
            PlanChange, PlanChange.plan_id == plan.id, PlanChange.state == PlanChangeState.REPORTED
        ),
        judge_loads.sheets(plan, *mine),
        judge_loads.sheets_due(plan, *mine),
        _count(Opinion, Opinion.application_id.in_(assigned), complete | Opinion.id.in_(signed)),
        _count(Assignment, Assignment.seat_id == own),
        _count(SealedBallot, cast, SealedBallot.seat_id == own),
    ]


def _count(model: type[Any], *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count(model.id)).where(*where).correlate(None).scalar_subquery()


def _members(plan: Plan) -> tuple[ColumnElement[bool], ...]:
    return Seat.plan_id == plan.id, Seat.state.in_(seats.MEMBERS)
