"""Scopes of rounds and ballots."""

from typing import Any

from sqlalchemy import select

from app.enums import (
    RoundState,
)
from app.ground.actor import Actor
from app.models import (
    Round,
    RoundCandidate,
    RoundVoter,
    SealedBallot,
    Seat,
)
from app.scopes.draw import my_seats, own_seats, plans_of_my_seats
from app.scopes.meeting import of_my_plans, plan_ids
from app.scopes.relations import Condition


def in_my_rounds(actor: Actor) -> Any:
    """Candidates of the open round whose roll lists the judge."""
    return (
        select(RoundCandidate.application_id)
        .join(Round, Round.id == RoundCandidate.round_id)
        .join(RoundVoter, RoundVoter.round_id == Round.id)
        .where(Round.state == RoundState.OPEN, RoundVoter.seat_id.in_(my_seats(actor)))
    )


def rounds_of_my_committees(actor: Actor) -> Condition:
    """Rounds of the actor's committees."""
    return of_my_plans(Round.plan_id, actor)


def rounds_of_my_seats(actor: Actor) -> Condition:
    """Rounds of meetings in which the judge sits."""
    return Round.plan_id.in_(plan_ids(plans_of_my_seats(actor)))


def own_ballots(actor: Actor) -> Condition:
    """The judge's own encrypted ballots, which show only that they were cast."""
    return SealedBallot.seat_id.in_(select(Seat.id).where(own_seats(actor)))
