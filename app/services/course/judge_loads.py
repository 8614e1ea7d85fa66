"""What each judge of a meeting has to hand in and has handed in: sheets and opinions, counted in SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session, joinedload

from app.enums import InterviewState, OpinionState, ReviewStep
from app.models import Assessment, Assignment, Interview, Opinion, OpinionSigner, Plan, Seat
from app.services.judging import scoring
from app.services.meeting.score_sheet import WITH_SHEETS


@dataclass(frozen=True)
class Load:
    """Numbers of one seat: candidates to read, sheets and opinions done and due (opinions: one per candidate)."""

    cases: int = 0
    sheets: int = 0
    sheets_due: int = 0
    opinions: int = 0
    opinions_due: int = 0

    @property
    def missing_sheets(self) -> int:
        return max(0, self.sheets_due - self.sheets)

    @property
    def missing_opinions(self) -> int:
        return max(0, self.opinions_due - self.opinions)


def steps_of(plan: Plan) -> tuple[ReviewStep, ...]:
    """Return the steps of the meeting in which judges hand in a sheet, in their order."""
    return tuple(step for step in WITH_SHEETS if step.value in plan.steps)


def uses_opinions(plan: Plan) -> bool:
    """Return whether the groups of the meeting write opinions."""
    return ReviewStep.OPINION.value in plan.steps


def loads(session: Session, plan: Plan, *which: ColumnElement[bool]) -> Mapping[int, Load]:
    """Return the load of the seats of a meeting that `which` names, by seat; seats without candidates are missing."""
    return {seat: _load(plan, *row) for seat, *row in session.execute(_by_seat(plan, *which))}


def seats_with_loads(
    session: Session, plan: Plan, *which: ColumnElement[bool]
) -> list[tuple[Seat, Load]]:
    """Return the seats of a meeting that `which` names with their loads, by place in the draw, in one statement."""
    counted = _by_seat(plan, *which).subquery()
    query = (
        select(Seat, *counted.columns[1:])
        .outerjoin(counted, counted.columns.seat_id == Seat.id)
        .where(Seat.plan_id == plan.id, *which)
        .options(joinedload(Seat.user))
    )
    rows = session.execute(query.order_by(Seat.place, Seat.id))
    return [(seat, _load(plan, *(one or 0 for one in row))) for seat, *row in rows]


def _load(plan: Plan, cases: int, handed: int, due: int, signed: int) -> Load:
    return Load(cases, handed, due, signed, cases if uses_opinions(plan) else 0)


def _by_seat(plan: Plan, *which: ColumnElement[bool]) -> Select[Any]:
    """Return the query for seat, candidates, sheets handed in, sheets due and opinions signed."""
    signed = case((has_signed(), 1), else_=0) if uses_opinions(plan) else literal(0)
    query = select(
        Assignment.seat_id,
        func.count(Assignment.id).label("cases"),
        func.sum(_handed_of_case(plan)).label("handed"),
        func.sum(_due_of_case(plan)).label("due"),
        func.sum(signed).label("signed"),
    )
    query = query.join(Seat, Seat.id == Assignment.seat_id).where(Seat.plan_id == plan.id, *which)
    return query.group_by(Assignment.seat_id)


def sheets(plan: Plan, *which: ColumnElement[bool]) -> ScalarSelect[int]:
    """Return the subquery that counts sheets handed in from these seats on cases assigned to them."""
    return _sum(_handed_of_case(plan), *which)


def sheets_due(plan: Plan, *which: ColumnElement[bool]) -> ScalarSelect[int]:
    """Return the subquery that counts the sheets which these seats have to hand in by now."""
    return _sum(_due_of_case(plan), *which)


def _sum(of_case: Any, *which: ColumnElement[bool]) -> ScalarSelect[int]:
    query = select(func.coalesce(func.sum(of_case), 0)).select_from(Assignment)
    query = query.join(Seat, Seat.id == Assignment.seat_id).where(*which)
    return query.correlate(None).scalar_subquery()


def has_been_heard() -> ColumnElement[bool]:
    """Return the condition for assignments whose candidate was interviewed; the sheet is due from then on."""
    query = select(Interview.id).where(Interview.application_id == Assignment.application_id)
    heard = query.where(Interview.state == InterviewState.HEARD)
    return heard.correlate(Assignment).exists()


def has_signed() -> ColumnElement[bool]:
    """Return the condition for assignments whose opinion is complete, or signed from the seat."""
    signed = select(OpinionSigner.id).where(
        OpinionSigner.opinion_id == Opinion.id, OpinionSigner.seat_id == Assignment.seat_id
    )
    of_case = select(Opinion.id).where(Opinion.application_id == Assignment.application_id)
    done = or_(
        Opinion.state == OpinionState.COMPLETE, signed.correlate(Opinion, Assignment).exists()
    )
    return of_case.where(done).correlate(Assignment).exists()


def _handed_of_case(plan: Plan) -> Any:
    """Return how many sheets were handed in on an assignment; as an integer, as PostgreSQL sums long ones to decimals."""
    query = select(func.count(Assessment.id)).where(
        scoring.is_handed_in(), Assessment.step.in_(steps_of(plan))
    )
    return cast(query.correlate(Assignment).scalar_subquery(), Integer)


def _due_of_case(plan: Plan) -> Any:
    """Return how many sheets are due on an assignment: one for each step on paper, and after the interview."""
    used = steps_of(plan)
    on_paper = sum(step is not ReviewStep.INTERVIEW for step in used)
    if ReviewStep.INTERVIEW not in used:
        return on_paper
    return on_paper + case((has_been_heard(), 1), else_=0)
