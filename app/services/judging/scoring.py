"""Scores in whole numbers: the total of a sheet, several sheets as one, material and interview as one.

Every figure is in hundredths of a point, 0 to 10000; halves are rounded up.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import Aggregation, AssessmentState, InterviewState, ReviewStep
from app.models import Assessment, Interview, Plan, Seat
from app.services.draw import recusals
from app.services.meeting.seats import MEMBERS

HUNDREDTHS, PERCENT = 100, 100
SCORED = (ReviewStep.MATERIAL_SCORE, ReviewStep.INTERVIEW)


def shown(score: int | None) -> str:
    """Return a score as people read it: 8550 → 85.50, a dash for none."""
    return "—" if score is None else f"{score // HUNDREDTHS}.{score % HUNDREDTHS:02}"


def total(items: Sequence[Mapping[str, Any]], points: Mapping[str, int]) -> int:
    """Return the weighted total of a complete sheet in hundredths: each item counts points ÷ maximum × weight."""
    exact = sum(
        (Fraction(points[one["name"]] * one["weight"], one["max"]) for one in items), Fraction(0)
    )
    return _rounded(exact * HUNDREDTHS)


def partial(items: Sequence[Mapping[str, Any]], points: Mapping[str, int]) -> int:
    """Return what a sheet comes to so far: an item without points counts nothing yet."""
    return total(items, {one["name"]: points.get(one["name"], 0) for one in items})


def aggregate(totals: Sequence[int], rule: Aggregation, trim_from: int) -> int | None:
    """Return what several totals come to, None for no total.

    A trimmed mean leaves out one highest and one lowest, but only from `trim_from` totals on.
    """
    kept = sorted(totals)
    if rule is Aggregation.TRIMMED and len(kept) >= max(trim_from, 3):
        kept = kept[1:-1]
    return _rounded(Fraction(sum(kept), len(kept))) if kept else None


def steps_of(plan: Plan) -> set[ReviewStep]:
    """Return the scored steps that the meeting uses."""
    return {step for step in SCORED if step.value in plan.steps}


def combine(
    material: int | None, interview: int | None, plan: Plan, *, is_absent: bool = False
) -> int | None:
    """Return one score of the scored steps that `plan` uses; who missed the interview has nothing for it."""
    used = steps_of(plan)
    heard = 0 if is_absent else interview
    if used != set(SCORED):
        return heard if used == {ReviewStep.INTERVIEW} else material
    if material is None or heard is None:
        return None
    share = plan.material_share
    return _rounded(Fraction(material * share + heard * (PERCENT - share), PERCENT))


def scores_of(session: Session, plan: Plan) -> dict[int, int]:
    """Return the score of every candidate of `plan` who has one, in hundredths.

    Sheets of judges who left their seat or are kept from the candidate do not count (Order 40, art. 26).
    """
    totals: dict[tuple[int, ReviewStep], list[int]] = defaultdict(list)
    for application, step, one in _submitted(session, plan.id):
        totals[application, step].append(one)
    absent = set(_absent(session, plan.id))
    scores = {}
    for application in {key for key, _step in totals} | absent:
        material, interview = (
            aggregate(totals.get((application, step), ()), plan.aggregation, plan.trim_from)
            for step in SCORED
        )
        score = combine(material, interview, plan, is_absent=application in absent)
        if score is not None:
            scores[application] = score
    return scores


def _submitted(session: Session, plan_id: int) -> Sequence[Any]:
    kept_away = recusals.pairs(session, plan_id)
    query = (
        select(Assessment.seat_id, Assessment.application_id, Assessment.step, Assessment.total)
        .join(Seat, Seat.id == Assessment.seat_id)
        .where(
            Seat.plan_id == plan_id,
            Seat.state.in_(MEMBERS),
            Assessment.state == AssessmentState.SUBMITTED,
            Assessment.total.is_not(None),
        )
    )
    return [
        (application, step, one)
        for seat, application, step, one in session.execute(query)
        if (seat, application) not in kept_away
    ]


def _absent(session: Session, plan_id: int) -> Sequence[int]:
    query = select(Interview.application_id).where(
        Interview.plan_id == plan_id, Interview.state == InterviewState.ABSENT
    )
    return session.scalars(query).all()


def _rounded(exact: Fraction) -> int:
    return int(exact + Fraction(1, 2))
