"""How the judges of a meeting scored, compared with the others on the same candidates; figures only, no verdict.

All scores are in points. A difference is a judge's total less the mean of the other judges' totals of the same
candidate and step. The figures come from two statements, whatever the size of the meeting.
"""

import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Float, Select, cast, func, select
from sqlalchemy.orm import Session, joinedload

from app.enums import MeetingMode, RoundState
from app.models import Assessment, Assignment, Plan, Round, Seat
from app.services.judging.scoring import HUNDREDTHS, counts
from app.services.meeting.score_sheet import SCORED
from app.services.meeting.seats import MEMBERS

LEAST_COMPARED = 5
"""Fewest comparisons from which the distance to the others is told: fewer say nothing about a judge."""


@dataclass(frozen=True)
class Scoring:
    """How one judge scored: cases assigned, sheets that count, their mean and spread in points.

    `compared` is the number of sheets with a sheet of somebody else on the same candidate and step; `distance` is the
    mean difference to them in points, `standardised` the same in standard deviations of all differences of the
    meeting. Both are None with fewer than LEAST_COMPARED comparisons.
    """

    seat: Seat
    assigned: int
    sheets: int
    mean: float | None
    spread: float | None
    compared: int
    distance: float | None
    standardised: float | None


@dataclass(frozen=True)
class Sums:
    """Sums of a judge's sheets in hundredths: count, total, squares; count, total, squares of the differences."""

    sheets: int = 0
    total: int = 0
    squares: int = 0
    compared: int = 0
    differences: float = 0.0
    difference_squares: float = 0.0


def is_open(session: Session, plan: Plan) -> bool:
    """Return whether the figures of a meeting may be seen by those they are for: online, once a round was counted."""
    counted = select(Round.id).where(Round.plan_id == plan.id, Round.state == RoundState.COUNTED)
    return plan.mode is MeetingMode.ONLINE and bool(session.scalar(select(counted.exists())))


def scorings(session: Session, plan_id: int) -> list[Scoring]:
    """Return the figures of every member of a meeting, by place in the draw."""
    sums = {seat: Sums(*row) for seat, *row in session.execute(_sums(plan_id))}
    scale = deviation(
        sum(one.compared for one in sums.values()),
        sum(one.differences for one in sums.values()),
        sum(one.difference_squares for one in sums.values()),
    )
    return [
        scoring_of(seat, assigned, sums.get(seat.id, Sums()), scale)
        for seat, assigned in session.execute(_members(plan_id)).tuples()
    ]


def scoring_of(seat: Seat, assigned: int, sums: Sums, scale: float | None) -> Scoring:
    """Return the figures of a judge; `scale` is the standard deviation of all differences in hundredths."""
    is_told = sums.compared >= LEAST_COMPARED
    distance = sums.differences / sums.compared if is_told else None
    spread = deviation(sums.sheets, sums.total, sums.squares) if sums.sheets > 1 else None
    return Scoring(
        seat,
        assigned,
        sums.sheets,
        sums.total / sums.sheets / HUNDREDTHS if sums.sheets else None,
        None if spread is None else spread / HUNDREDTHS,
        sums.compared,
        None if distance is None else distance / HUNDREDTHS,
        distance / scale if distance is not None and scale else None,
    )


def deviation(count: int, total: float, squares: float) -> float | None:
    """Return the standard deviation of `count` numbers from their sum and the sum of their squares."""
    if not count:
        return None
    return math.sqrt(max(squares / count - (total / count) ** 2, 0.0))


def _members(plan_id: int) -> Select[tuple[Seat, int]]:
    assigned = (
        select(func.count(Assignment.id))
        .where(Assignment.seat_id == Seat.id)
        .correlate(Seat)
        .scalar_subquery()
    )
    query = select(Seat, assigned).where(Seat.plan_id == plan_id, Seat.state.in_(MEMBERS))
    return query.options(joinedload(Seat.user)).order_by(Seat.place, Seat.id)


def _sums(plan_id: int) -> Select[Any]:
    """Return the query for (seat id, the fields of `Sums`) of the sheets that count in a meeting."""
    sheets = _sheets(plan_id)
    others = func.count().over(partition_by=[sheets.c.application_id, sheets.c.step]) - 1
    total_of_all = func.sum(sheets.c.total).over(
        partition_by=[sheets.c.application_id, sheets.c.step]
    )
    mean_of_others = cast(total_of_all - sheets.c.total, Float) / func.nullif(others, 0)
    compared = select(
        sheets.c.seat_id, sheets.c.total, (sheets.c.total - mean_of_others).label("difference")
    ).subquery()
    total, difference = compared.c.total, compared.c.difference
    return select(
        compared.c.seat_id,
        func.count(total),
        func.sum(total),
        func.sum(total * total),
        func.count(difference),
        func.coalesce(func.sum(difference), 0.0),
        func.coalesce(func.sum(difference * difference), 0.0),
    ).group_by(compared.c.seat_id)


def _sheets(plan_id: int) -> Any:
    """Return the score sheets that count in a meeting."""
    return (
        select(Assessment.seat_id, Assessment.application_id, Assessment.step, Assessment.total)
        .join(Seat, Seat.id == Assessment.seat_id)
        .where(
            Seat.plan_id == plan_id,
            Assessment.step.in_(SCORED),
            Assessment.total.is_not(None),
            counts(),
        )
        .subquery()
    )
