"""Scopes of rounds and ballots."""

from typing import Any

from sqlalchemy import select

from app.enums import KeyState, RoundState, SeatRole, SeatState
from app.ground.actor import Actor
from app.models import (
    KeyHolder,
    Round,
    RoundCandidate,
    RoundShare,
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


def in_my_cast_ballots(actor: Actor) -> Any:
    """Candidates of open rounds in which the judge has voted."""
    return (
        select(RoundCandidate.application_id)
        .join(Round, Round.id == RoundCandidate.round_id)
        .join(SealedBallot, SealedBallot.round_id == Round.id)
        .where(Round.state == RoundState.OPEN, SealedBallot.seat_id.in_(my_seats(actor)))
    )


def rounds_i_preside(actor: Actor) -> Condition:
    """Rounds of meetings over which the judge presides: as chair, as vice chair while no chair is present."""
    present = select(Seat.plan_id).where(Seat.state == SeatState.PRESENT)
    chaired = present.where(Seat.role == SeatRole.CHAIR)
    mine = present.where(Seat.user_id == actor.user_id)
    as_vice = Round.plan_id.in_(mine.where(Seat.role == SeatRole.VICE))
    return Round.plan_id.in_(mine.where(Seat.role == SeatRole.CHAIR)) | (
        as_vice & Round.plan_id.not_in(chaired)
    )


def rounds_waiting_for_my_code(actor: Actor) -> Condition:
    """Rounds whose box waits for the part of the key that the actor holds and has not given."""
    given = select(RoundShare.id).where(
        RoundShare.round_id == Round.id,
        RoundShare.role == KeyHolder.role,
        RoundShare.for_role != KeyHolder.role,
    )
    holding = select(KeyHolder.id).where(
        KeyHolder.plan_id == Round.plan_id,
        KeyHolder.user_id == actor.user_id,
        KeyHolder.state == KeyState.HELD,
        ~given.correlate(Round, KeyHolder).exists(),
    )
    return holding.correlate(Round).exists()


def rounds_of_my_committees(actor: Actor) -> Condition:
    """Rounds of the actor's committees."""
    return of_my_plans(Round.plan_id, actor)


def rounds_of_my_seats(actor: Actor) -> Condition:
    """Rounds of meetings in which the judge sits."""
    return Round.plan_id.in_(plan_ids(plans_of_my_seats(actor)))


def own_ballots(actor: Actor) -> Condition:
    """The judge's own encrypted ballots, which show only that they were cast."""
    return SealedBallot.seat_id.in_(select(Seat.id).where(own_seats(actor)))
