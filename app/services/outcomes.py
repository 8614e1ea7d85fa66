"""What the counted rounds of a meeting decide: who passed, who is beyond a cap, on whom to vote again."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import RoundState, S
from app.models import Application, Plan, Round


@dataclass(frozen=True)
class NextRound:
    """The candidates of the round that is due, and how many of them may pass; None = as many as the caps allow."""

    application_ids: tuple[int, ...]
    places: int | None = None


def next_round(session: Session, plan: Plan) -> NextRound | None:
    """Return the round that is due: all candidates first, then those the over-cap rule leaves undecided."""
    counted = select(Round.id).where(Round.plan_id == plan.id, Round.state == RoundState.COUNTED)
    if session.scalars(counted.limit(1)).first() is not None:
        return None
    candidates = select(Application.id).where(
        Application.plan_id == plan.id, Application.state == S.IN_REVIEW
    )
    return NextRound(tuple(session.scalars(candidates.order_by(Application.id))))
