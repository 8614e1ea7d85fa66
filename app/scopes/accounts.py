"""Scopes of persons."""

from app.ground.actor import Actor
from app.models import (
    Person,
)
from app.scopes.relations import Condition, has_key


def persons_of_own_unit(actor: Actor) -> Condition:
    """Persons registered with the actor's unit."""
    return has_key(Person.unit_id, actor.unit_id)
