"""Scopes of post quotas."""

from sqlalchemy import select

from app.enums import QuotaState, Role
from app.ground.actor import Actor
from app.models import Quota, Unit
from app.scopes.relations import Condition, below_my_unit, has_key, unit_in_region

IS_ASKED = Quota.state != QuotaState.DRAFT
"""What a unit has taken back to change it is its own again."""


def quotas_of_own_unit(actor: Actor) -> Condition:
    """Quota lines of the actor's unit."""
    return has_key(Quota.unit_id, actor.unit_id)


def quotas_of_my_subtree(actor: Actor) -> Condition:
    """Quota lines that the units below the actor's in the register of units have asked for."""
    return below_my_unit(Quota.unit_id, actor) & IS_ASKED


def quotas_in_my_charge(actor: Actor) -> Condition:
    """Quota lines the actor decides on: of units directly below the own one, or in the authority's region."""
    if actor.role is Role.HRSS:
        return quotas_of_my_region(actor)
    children = select(Unit.id).where(has_key(Unit.parent_id, actor.unit_id))
    return Quota.unit_id.in_(children) & IS_ASKED


def quotas_of_my_region(actor: Actor) -> Condition:
    """Quota lines that units in the authority's region have asked for."""
    return unit_in_region(Quota.unit_id, actor) & IS_ASKED
