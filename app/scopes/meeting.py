"""Scopes of meeting plans."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from app.enums import (
    PlanState,
)
from app.ground.actor import Actor
from app.models import (
    Plan,
    PlanChange,
)
from app.scopes.relations import Condition, committee_in_region


def plans_of_my_committees(actor: Actor) -> Condition:
    """Plans of the actor's committees."""
    return Plan.committee_id.in_(actor.committee_ids)


def plans_of_my_region(actor: Actor) -> Condition:
    """Reported plans of committees in the authority's region."""
    return committee_in_region(Plan.committee_id, actor) & (Plan.state != PlanState.DRAFT)


def plan_ids(which: Condition) -> Any:
    return select(Plan.id).where(which)


def of_my_plans(column: InstrumentedAttribute[Any], actor: Actor) -> Condition:
    return column.in_(plan_ids(plans_of_my_committees(actor)))


def plan_changes_of_my_committees(actor: Actor) -> Condition:
    """Changes of the plans of the actor's committees."""
    return of_my_plans(PlanChange.plan_id, actor)


def plan_changes_of_my_region(actor: Actor) -> Condition:
    """Changes of plans of committees in the authority's region."""
    return PlanChange.plan_id.in_(plan_ids(plans_of_my_region(actor)))
