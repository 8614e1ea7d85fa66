"""Computes scores: total of a sheet, aggregate of several sheets, material and interview combined.

All scores are integers in hundredths of a point, 0 to 10000; halves are rounded up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isqrt
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from app.enums import Aggregation, AssessmentState, InterviewState, ReviewStep
from app.models import Assessment, Assignment, Interview, Plan, Seat
from app.services.draw import recusals
from app.services.meeting.lines import Lines
from app.services.meeting.score_sheet import SCORED
from app.services.meeting.seats import MEMBERS

HUNDREDTHS, PERCENT = 100, 100


class Sheet(NamedTuple):
    """A submitted sheet: a score sheet has a total in hundredths, a review says whether the material passed."""

    seat_id: int
    application_id: int
    step: ReviewStep
    total: int | None
    is_passed: bool | None


def format_score(score: int | None) -> str:
    """Format a score: 8550 → "85.50", None → "—"."""
    return "—" if score is None else f"{score // HUNDREDTHS}.{score % HUNDREDTHS:02}"


def exact_score(score: int | None) -> Decimal | None:
    """Return a score as a number: 8550 → 85.50."""
    return None if score is None else Decimal(score) / HUNDREDTHS


def total(items: Sequence[Mapping[str, Any]], points: Mapping[str, int]) -> int:
    """Return the weighted total of a complete sheet in hundredths: sum of points ÷ maximum × weight."""
    exact = sum(
        (Fraction(points[one["name"]] * one["weight"], one["max"]) for one in items), Fraction(0)
    )
    return _rounded(exact * HUNDREDTHS)


def partial(items: Sequence[Mapping[str, Any]], points: Mapping[str, int]) -> int:
    """Return the total of an incomplete sheet in hundredths; items without points count as 0."""
    return total(items, {one["name"]: points.get(one["name"], 0) for one in items})


def aggregate(totals: Sequence[int], rule: Aggregation, trim_from: int) -> int | None:
    """Return the mean of several totals by `rule`, None for no totals.

    A trimmed mean omits one highest and one lowest total, if there are at least `trim_from` (and three).
    """
    kept = sorted(totals)
    if rule is Aggregation.TRIMMED and len(kept) >= max(trim_from, 3):
        kept = kept[1:-1]
    return _rounded(Fraction(sum(kept), len(kept))) if kept else None


@dataclass(frozen=True)
class Spread:
    """How far the totals of one candidate in one step lie apart, in hundredths.

    `deviation` is the standard deviation over all judges who scored (of the population, as nobody is sampled).
    """

    count: int
    lowest: int
    highest: int
    deviation: int


def spread(totals: Sequence[int]) -> Spread | None:
    """Return the spread of several totals, None for no totals; no total is trimmed."""
    if not totals:
        return None
    count, total = len(totals), sum(totals)
    # √(Σx²/n − (Σx/n)²), rounded: the whole root of four times the square, then halved
    square = Fraction(count * sum(one * one for one in totals) - total * total, count * count)
    return Spread(count, min(totals), max(totals), (isqrt(int(square * 4)) + 1) // 2)


def steps_of(plan: Plan | Lines) -> set[ReviewStep]:
    """Return the scored steps that the meeting uses."""
    return {step for step in SCORED if step.value in plan.steps}


def combine(
    material: int | None, interview: int | None, plan: Plan | Lines, *, is_absent: bool = False
) -> int | None:
    """Combine the scores of the steps of `plan`, None if one is missing; absent from the interview = 0."""
    used = steps_of(plan)
    heard = 0 if is_absent else interview
    if used != set(SCORED):
        return heard if used == {ReviewStep.INTERVIEW} else material
    if material is None or heard is None:
        return None
    share = plan.material_share
    return _rounded(Fraction(material * share + heard * (PERCENT - share), PERCENT))


@dataclass(frozen=True)
class Sheets:
    """Totals of the submitted sheets by (application id, step), and who was absent from the interview."""

    totals: Mapping[tuple[int, ReviewStep], Sequence[int]]
    absent: frozenset[int]


def scores_of(session: Session, plan: Plan) -> dict[int, int]:
    """Return the scores of `plan` in hundredths: application id → score; candidates without one are missing."""
    return scores_by(sheets_of(session, plan.id), plan)


def sheets_of(session: Session, plan_id: int) -> Sheets:
    """Return the sheets that count in a meeting."""
    return sheets_with(session, plan_id, frozenset(session.scalars(absent(plan_id))))


def sheets_with(session: Session, plan_id: int, away: frozenset[int]) -> Sheets:
    """Return the same for a caller who knows already who was absent from the interview."""
    totals = {
        (application, step): values
        for application, steps in totals_of(session, plan_id).items()
        for step, values in steps.items()
    }
    return Sheets(totals, away)


def scores_by(sheets: Sheets, plan: Plan | Lines) -> dict[int, int]:
    """Return the scores in hundredths that `sheets` give by the rules of `plan`: application id → score."""
    scores = {}
    for application in {key for key, _step in sheets.totals} | sheets.absent:
        material, interview = (
            aggregate(sheets.totals.get((application, step), ()), plan.aggregation, plan.trim_from)
            for step in SCORED
        )
        score = combine(material, interview, plan, is_absent=application in sheets.absent)
        if score is not None:
            scores[application] = score
    return scores


def totals_of(session: Session, plan_id: int) -> dict[int, dict[ReviewStep, list[int]]]:
    """Return the totals of the sheets that count in a meeting, by candidate and step."""
    totals: dict[int, dict[ReviewStep, list[int]]] = {}
    for sheet in submitted(session, plan_id):
        if sheet.total is not None:
            steps = totals.setdefault(sheet.application_id, {})
            steps.setdefault(sheet.step, []).append(sheet.total)
    return totals


def submitted(
    session: Session, plan_id: int, application_ids: Sequence[int] | None = None
) -> list[Sheet]:
    """Return the submitted sheets of `plan_id` that count, on `application_ids` alone if they are given."""
    query = (
        select(
            Assessment.seat_id, Assessment.application_id, Assessment.step, Assessment.total,
            Assessment.is_passed,
        )
        .join(Seat, Seat.id == Assessment.seat_id)
        .where(Seat.plan_id == plan_id, counts())
    )  # fmt: skip
    if application_ids is not None:
        query = query.where(Assessment.application_id.in_(application_ids))
    return [Sheet(*row) for row in session.execute(query)]


def counts() -> ColumnElement[bool]:
    """Return the condition for sheets, joined with their seats, that count.

    They are submitted, and their judge has neither left the seat nor is recused (Order 40, art. 26).
    """
    return and_(
        Seat.state.in_(MEMBERS),
        Assessment.state == AssessmentState.SUBMITTED,
        ~recusals.is_in_force(Seat.user_id, Assessment.application_id),
    )


def is_handed_in() -> ColumnElement[bool]:
    """Return the condition for sheets handed in by the seat of an assignment on its candidate."""
    return and_(
        Assessment.seat_id == Assignment.seat_id,
        Assessment.application_id == Assignment.application_id,
        Assessment.state == AssessmentState.SUBMITTED,
    )


def absent(plan_id: int) -> Select[tuple[int]]:
    """Return the query for the candidates who were absent from their interview."""
    return select(Interview.application_id).where(
        Interview.plan_id == plan_id, Interview.state == InterviewState.ABSENT
    )


def _rounded(exact: Fraction) -> int:
    return int(exact + Fraction(1, 2))
