"""Plans of meetings."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from app.enums import (
    PlanState,
)
from app.ground.actor import Actor
from app.models import (
    Plan,
    Seat,
)
from app.scopes.relations import SITTING, Condition, committee_in_region, own_seats


def plans_of_my_committees(actor: Actor) -> Condition:
    """Plans of the actor's committees."""
    return Plan.committee_id.in_(actor.committee_ids)


def plans_of_my_region(actor: Actor) -> Condition:
    """Reported plans of committees in the authority's region."""
    return committee_in_region(Plan.committee_id, actor) & (Plan.state != PlanState.DRAFT)


def plans_of_my_seats(actor: Actor) -> Condition:
    """Plans in whose meeting the judge sits."""
    return Plan.id.in_(select(Seat.plan_id).where(own_seats(actor), Seat.state.in_(SITTING)))


def plan_ids(which: Condition) -> Any:
    return select(Plan.id).where(which)


def of_my_plans(column: InstrumentedAttribute[Any], actor: Actor) -> Condition:
    return column.in_(plan_ids(plans_of_my_committees(actor)))
