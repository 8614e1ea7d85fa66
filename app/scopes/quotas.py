"""Scopes of post quotas."""

from app.ground.actor import Actor
from app.models import (
    Quota,
)
from app.scopes.relations import Condition, below_my_unit, has_key, unit_in_region


def quotas_of_own_unit(actor: Actor) -> Condition:
    """Quota lines of the actor's unit."""
    return has_key(Quota.unit_id, actor.unit_id)


def quotas_of_my_subtree(actor: Actor) -> Condition:
    """Quota lines of the units below the actor's in the register of units."""
    return below_my_unit(Quota.unit_id, actor)


def quotas_of_my_region(actor: Actor) -> Condition:
    """Quota lines of units in the authority's region."""
    return unit_in_region(Quota.unit_id, actor)
