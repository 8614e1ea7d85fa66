"""Scopes of persons and of changes of their employment."""

from sqlalchemy import false

from app.enums import Role
from app.ground.actor import Actor
from app.models import (
    Consent,
    EmploymentChange,
    Person,
)
from app.scopes.relations import Condition, has_key


def persons_of_own_unit(actor: Actor) -> Condition:
    """Persons registered with the actor's unit."""
    return has_key(Person.unit_id, actor.unit_id)


def employment_changes_of_own_unit(actor: Actor) -> Condition:
    """Changes of employment that the actor's unit decides on."""
    return has_key(EmploymentChange.unit_id, actor.unit_id)


def employment_changes_of_own_person(actor: Actor) -> Condition:
    """Changes of employment that the person asked for."""
    return has_key(EmploymentChange.person_id, actor.person_id)


def consents_of_administrators(actor: Actor) -> Condition:
    """Acts that wait, or waited, for a second administrator; not those on the actor's own account."""
    if actor.role not in (Role.SYSADMIN, Role.SECADMIN):
        return false()
    return Consent.user_id.is_(None) | (Consent.user_id != actor.user_id)
