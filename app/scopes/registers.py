"""Scopes of annual batches, of the extensions of their stages, and of canned phrases."""

from datetime import date

from sqlalchemy import false, func, or_, select

from app.enums import (
    BatchState,
)
from app.ground.actor import Actor
from app.models import (
    Application,
    Batch,
    Committee,
    Extension,
    Phrase,
    RouteNode,
)
from app.scopes.applications import UNSEEN
from app.scopes.relations import Condition, committee_in_region, has_key, in_region


def batches_of_my_committees(actor: Actor) -> Condition:
    """Batches of the actor's committees."""
    return Batch.committee_id.in_(actor.committee_ids)


def batches_of_my_region(actor: Actor) -> Condition:
    """Batches that committees in the authority's region have submitted."""
    return committee_in_region(Batch.committee_id, actor) & (Batch.state != BatchState.DRAFT)


def batches_opened(actor: Actor) -> Condition:
    """Batches that were opened; everybody who files or handles an application may see their dates."""
    return Batch.state.in_((BatchState.OPEN, BatchState.CLOSED))


def batches_of_my_unit(actor: Actor) -> Condition:
    """Opened batches of committees in whose review tree the actor's unit stands, or to which its people apply."""
    if actor.unit_id is None:
        return false()
    unit_id = actor.unit_id
    in_tree = select(RouteNode.committee_id).where(
        or_(RouteNode.unit_id == unit_id, RouteNode.superior_id == unit_id)
    )
    filed_here = select(Application.batch_id).where(
        Application.unit_id == unit_id, Application.state.not_in(UNSEEN)
    )
    concern = Batch.committee_id.in_(in_tree) | Batch.id.in_(filed_here)
    return batches_opened(actor) & concern


def is_running(today: date) -> Condition:
    """Batches in which some stage lasts on `today`, by their own days."""
    begun = (Batch.apply_start <= today) & (Batch.office_end >= today)
    return (Batch.state == BatchState.OPEN) & begun


def extensions_of_my_region(actor: Actor) -> Condition:
    """Extensions that the authority, or one inside its region, has entered."""
    return in_region(Extension.region_code, actor)


def extensions_of_my_committees(actor: Actor) -> Condition:
    """Extensions that hold in batches of the actor's committees."""
    own_batch = Extension.batch_id.in_(select(Batch.id).where(batches_of_my_committees(actor)))
    code = Committee.region_code
    holds = select(Committee.id).where(
        Committee.id.in_(actor.committee_ids),
        or_(Extension.series_code.is_(None), Extension.series_code == Committee.series_code),
        or_(
            Extension.region_code == code,
            Extension.region_code == func.substr(code, 1, 4) + "00",
            Extension.region_code == func.substr(code, 1, 2) + "0000",
        ),
    )
    return own_batch | (Extension.batch_id.is_(None) & holds.exists())


def phrases_of_roles(actor: Actor) -> Condition:
    """Phrases that administrators keep for whole roles."""
    return Phrase.user_id.is_(None)


def own_phrases(actor: Actor) -> Condition:
    """Phrases that the actor keeps for the role of the present position."""
    return has_key(Phrase.user_id, actor.user_id) & (Phrase.role == actor.role)


def phrases_offered(actor: Actor) -> Condition:
    """Phrases that the actor may insert: the own ones and those of the role."""
    return own_phrases(actor) | (phrases_of_roles(actor) & (Phrase.role == actor.role))
