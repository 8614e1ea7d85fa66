"""Scopes of memberships in pools and of declared relations."""

from app.ground.actor import Actor
from app.models import (
    Expert,
    ExpertAccount,
    Relation,
)
from app.scopes.relations import Condition, committee_in_region, has_key


def experts_of_own_person(actor: Actor) -> Condition:
    """The person's own memberships of pools."""
    return has_key(Expert.person_id, actor.person_id)


def experts_of_own_unit(actor: Actor) -> Condition:
    """Applications to pools and memberships of people of the actor's unit."""
    return has_key(Expert.unit_id, actor.unit_id)


def relations_of_own_person(actor: Actor) -> Condition:
    """Relations that the expert declared."""
    return has_key(Relation.person_id, actor.person_id)


def experts_of_my_committees(actor: Actor) -> Condition:
    """The pools of the office's committees."""
    return Expert.committee_id.in_(actor.committee_ids)


def experts_of_my_region(actor: Actor) -> Condition:
    """The pools of committees in the authority's region."""
    return committee_in_region(Expert.committee_id, actor)


def expert_accounts_of_my_committees(actor: Actor) -> Condition:
    """Accounts of experts in the pools of the office's committees."""
    return ExpertAccount.committee_id.in_(actor.committee_ids)
