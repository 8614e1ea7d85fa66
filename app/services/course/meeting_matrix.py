"""Judges × candidates of a meeting: who has reviewed, scored and signed whom, and who is recused; one page of it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import Session

from app.enums import InterviewState, RecusalState, ReviewStep
from app.models import Application, Assessment, Assignment, Interview, Plan, Recusal, Seat
from app.services.course import judge_loads
from app.services.judging import scoring
from app.services.judging.assessments import WORKING

SIZE = 20
"""Candidates on a page."""


@dataclass(frozen=True)
class Case:
    """A candidate of the page; `is_heard` once the interview was held."""

    id: int
    number: str
    name: str
    is_heard: bool


@dataclass
class Mark:
    """One judge and one candidate: steps done and missing; nothing is asked of who is not assigned or recused.

    `recusal` is the state of the judge's recusal from the candidate, None without one.
    """

    done: list[ReviewStep] = field(default_factory=list)
    missing: list[ReviewStep] = field(default_factory=list)
    recusal: RecusalState | None = None


@dataclass(frozen=True)
class Matrix:
    """A page of candidates with the marks by (seat, candidate), and the totals of the sheets by candidate and step.

    `count` is the number of candidates on all pages.
    """

    count: int
    cases: Sequence[Case]
    marks: Mapping[tuple[int, int], Mark]
    totals: Mapping[int, Mapping[ReviewStep, list[int]]]

    def progress(self, case_id: int) -> tuple[int, int]:
        """Return how many judges have done all for a candidate, and how many have something to do."""
        marks = [one for (_seat, case), one in self.marks.items() if case == case_id]
        asked = [one for one in marks if one.done or one.missing]
        return sum(not one.missing for one in asked), len(asked)


def candidates(
    plan: Plan, *which: ColumnElement[bool], of: Collection[int] | None, is_missing: bool
) -> Select[Any]:
    """Return the query for the candidates of a meeting by number; `of` names seats, None means every seat.

    `is_missing` keeps only those of whom one of these seats owes a sheet or a signature.
    """
    query = select(Application.id).where(Application.plan_id == plan.id, *which)
    if is_missing:
        query = query.where(_owes(plan, of))
    return query.order_by(Application.number, Application.id)


def matrix(
    session: Session, plan: Plan, query: Select[Any], seats: Sequence[Seat], page: int
) -> Matrix:
    """Return the marks of `seats` on a page of the candidates that a query of `candidates` finds, in three statements.

    A page beyond the last one is empty.
    """
    total, cases = _cases(session, query.offset((page - 1) * SIZE).limit(SIZE))
    keys, rows = [one.id for one in cases], [one.id for one in seats]
    marks, totals = _work(session, plan, {one.id: one for one in cases}, rows)
    seat_of = {one.user_id: one.id for one in seats}
    for user, case, state in _recusals(session, keys, list(seat_of)):
        marks.setdefault((seat_of[user], case), Mark()).recusal = state
    return Matrix(total, cases, marks, totals)


def _owes(plan: Plan, of: Collection[int] | None) -> ColumnElement[bool]:
    """Return the condition for candidates of whom a working judge owes a sheet or a signature."""
    owed = [_lacks_sheet(step) for step in judge_loads.steps_of(plan)]
    if judge_loads.uses_opinions(plan):
        owed.append(~judge_loads.has_signed())
    work = select(Assignment.id).join(Seat, Seat.id == Assignment.seat_id)
    work = work.where(Assignment.application_id == Application.id, Seat.state.in_(WORKING))
    if of is not None:
        work = work.where(Seat.id.in_(of))
    return work.where(or_(*owed)).correlate(Application).exists()


def _lacks_sheet(step: ReviewStep) -> ColumnElement[bool]:
    handed = select(Assessment.id).where(scoring.is_handed_in(), Assessment.step == step)
    lacks = ~handed.correlate(Assignment).exists()
    return lacks & judge_loads.has_been_heard() if step is ReviewStep.INTERVIEW else lacks


def _cases(session: Session, page: Select[Any]) -> tuple[int, list[Case]]:
    """Return how many candidates there are on all pages, and those of this one."""
    query = page.with_only_columns(
        func.count().over(), Application.id, Application.number, Application.name, Interview.state
    ).outerjoin(Interview, Interview.application_id == Application.id)
    rows = session.execute(query).all()
    cases = [
        Case(key, number or "", name, heard is InterviewState.HEARD)
        for _count, key, number, name, heard in rows
    ]
    return rows[0][0] if rows else 0, cases


def _work(
    session: Session, plan: Plan, cases: Mapping[int, Case], seats: list[int]
) -> tuple[dict[tuple[int, int], Mark], dict[int, dict[ReviewStep, list[int]]]]:
    """Return the marks from assignments and sheets, and the totals of the sheets."""
    signed = judge_loads.has_signed() if judge_loads.uses_opinions(plan) else false()
    query = (
        select(
            Assignment.seat_id,
            Assignment.application_id,
            signed,
            Assessment.step,
            Assessment.total,
        )
        .outerjoin(Assessment, scoring.is_handed_in())
        .where(Assignment.application_id.in_(cases), Assignment.seat_id.in_(seats))
    )
    marks: dict[tuple[int, int], Mark] = {}
    totals: dict[int, dict[ReviewStep, list[int]]] = defaultdict(lambda: defaultdict(list))
    for seat, case, is_signed, step, total in session.execute(query):
        mark = marks.setdefault((seat, case), _begun(plan, cases[case], is_signed=is_signed))
        if step in mark.missing:
            mark.missing.remove(step)
            mark.done.append(step)
        if total is not None:
            totals[case][step].append(total)
    return marks, totals


def _begun(plan: Plan, case: Case, *, is_signed: bool) -> Mark:
    """Return the mark of an assigned judge before the sheets handed in."""
    due = [
        step
        for step in judge_loads.steps_of(plan)
        if step is not ReviewStep.INTERVIEW or case.is_heard
    ]
    if not judge_loads.uses_opinions(plan):
        return Mark(missing=due)
    opinion = [ReviewStep.OPINION]
    return Mark(opinion, due) if is_signed else Mark(missing=[*due, *opinion])


def _recusals(session: Session, cases: list[int], users: list[int]) -> Sequence[Any]:
    """Return account, candidate and state of recusals in force or asked for; one in force comes last."""
    query = select(Recusal.user_id, Recusal.application_id, Recusal.state).where(
        Recusal.application_id.in_(cases),
        Recusal.user_id.in_(users),
        Recusal.state.in_((RecusalState.ASKED, RecusalState.IN_FORCE)),
    )
    return session.execute(query.order_by(Recusal.state)).all()
