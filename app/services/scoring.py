"""The score of a candidate: what the judges' score sheets come to."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.enums import AssessmentState
from app.models import Assessment, Plan, Seat


def scores_of(session: Session, plan: Plan) -> dict[int, int]:
    """Return the mean of the submitted totals of every candidate of `plan` in hundredths, fractions cut off."""
    query = (
        select(Assessment.application_id, func.sum(Assessment.total), func.count(Assessment.total))
        .join(Seat, Seat.id == Assessment.seat_id)
        .where(
            Seat.plan_id == plan.id,
            Assessment.state == AssessmentState.SUBMITTED,
            Assessment.total.is_not(None),
        )
        .group_by(Assessment.application_id)
    )
    return {key: int(total) // count for key, total, count in session.execute(query)}
