"""Scopes of certificates and filings."""

from sqlalchemy import select

from app.ground.actor import Actor
from app.models import (
    Application,
    Certificate,
    Filing,
    IntegrityRecord,
)
from app.scopes.applications import of_my_committees, of_my_region
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


def integrity_of_own_person(actor: Actor) -> Condition:
    """The person's own entries in the integrity file."""
    return has_key(IntegrityRecord.person_id, actor.person_id)


def integrity_of_my_region(actor: Actor) -> Condition:
    """Entries that follow from applications of the authority's region."""
    return _about(of_my_region(actor))


def integrity_of_my_committees(actor: Actor) -> Condition:
    """Entries that follow from applications to the office's committees."""
    return _about(of_my_committees(actor))


def _about(which: Condition) -> Condition:
    return IntegrityRecord.application_id.in_(select(Application.id).where(which))
