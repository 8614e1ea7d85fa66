"""Scopes of certificates and filings."""

from app.ground.actor import Actor
from app.models import (
    Certificate,
    Filing,
)
from app.scopes.meeting import of_my_plans, plan_ids, plans_of_my_region
from app.scopes.relations import Condition, has_key, in_region, passes_my_unit


def filings_of_my_committees(actor: Actor) -> Condition:
    """Filings of the office's own meetings."""
    return of_my_plans(Filing.plan_id, actor)


def filings_of_my_region(actor: Actor) -> Condition:
    """Filings of committees in the authority's region."""
    return Filing.plan_id.in_(plan_ids(plans_of_my_region(actor)))


def certificates_of_own_person(actor: Actor) -> Condition:
    """The person's own certificates."""
    return has_key(Certificate.person_id, actor.person_id)


def certificates_of_own_unit(actor: Actor) -> Condition:
    """Certificates of people who applied through the actor's unit."""
    return has_key(Certificate.unit_id, actor.unit_id)


def certificates_of_my_subtree(actor: Actor) -> Condition:
    """Certificates from applications that passed the actor's unit."""
    return passes_my_unit(Certificate.application_id, actor)


def certificates_of_my_region(actor: Actor) -> Condition:
    """Certificates of the authority's region."""
    return in_region(Certificate.region_code, actor)


def certificates_of_my_committees(actor: Actor) -> Condition:
    """Certificates from the office's committees."""
    return Certificate.committee_id.in_(actor.committee_ids)
