"""Scopes of draws, seats and recusals."""

from typing import Any

from sqlalchemy import select

from app.enums import (
    PlanState,
    RecusalSource,
    RecusalState,
    SeatState,
)
from app.ground import clock
from app.ground.actor import Actor
from app.models import (
    Application,
    Draw,
    Plan,
    Recusal,
    Seat,
)
from app.scopes.applications import own_person
from app.scopes.meeting import of_my_plans
from app.scopes.relations import SITTING, Condition, has_key


def my_seats(actor: Actor) -> Any:
    """The judge's seats in meetings that are on today."""
    today = clock.local_date(clock.now())
    return (
        select(Seat.id)
        .join(Plan, Plan.id == Seat.plan_id)
        .where(
            Seat.user_id == actor.user_id,
            Seat.state.in_((SeatState.ACCEPTED, SeatState.PRESENT)),
            Plan.state == PlanState.APPROVED,
            Plan.opens_on <= today,
            Plan.closes_on >= today,
        )
    )


def recused_from(actor: Actor) -> Any:
    """Return the query for the candidates that the judge is recused from (Order 40, art. 26)."""
    return select(Recusal.application_id).where(
        Recusal.user_id == actor.user_id, Recusal.state == RecusalState.IN_FORCE
    )


def seats_of_my_committees(actor: Actor) -> Condition:
    """Seats of the actor's committees: only office and supervisor see judges' names."""
    return of_my_plans(Seat.plan_id, actor)


def own_seats(actor: Actor) -> Condition:
    """The judge's own seats, from the moment the judge is invited."""
    called = Seat.state.not_in((SeatState.RESERVE, SeatState.RELEASED))
    return has_key(Seat.user_id, actor.user_id) & called


def draws_of_my_committees(actor: Actor) -> Condition:
    """Draws of the actor's committees."""
    return of_my_plans(Draw.plan_id, actor)


def recusals_of_my_committees(actor: Actor) -> Condition:
    """Recusals and requests about candidates of the actor's committees."""
    cases = select(Application.id).where(Application.committee_id.in_(actor.committee_ids))
    return Recusal.application_id.in_(cases)


def recusals_of_own_person(actor: Actor) -> Condition:
    """Recusals that the applicant requested."""
    mine = select(Application.id).where(own_person(actor))
    return Recusal.application_id.in_(mine) & (Recusal.source == RecusalSource.APPLICANT)


def own_recusals(actor: Actor) -> Condition:
    """The judge's own recusals."""
    return has_key(Recusal.user_id, actor.user_id)


def plans_of_my_seats(actor: Actor) -> Condition:
    """Plans in whose meeting the judge sits."""
    return Plan.id.in_(select(Seat.plan_id).where(own_seats(actor), Seat.state.in_(SITTING)))
