"""Scopes of annual batches."""

from app.enums import (
    BatchState,
)
from app.ground.actor import Actor
from app.models import (
    Batch,
)
from app.scopes.relations import Condition, committee_in_region


def batches_of_my_committees(actor: Actor) -> Condition:
    """Batches of the actor's committees."""
    return Batch.committee_id.in_(actor.committee_ids)


def batches_of_my_region(actor: Actor) -> Condition:
    """Batches that committees in the authority's region have submitted."""
    return committee_in_region(Batch.committee_id, actor) & (Batch.state != BatchState.DRAFT)


def batches_opened(actor: Actor) -> Condition:
    """Batches that were opened; everybody who files or handles an application may see their dates."""
    return Batch.state.in_((BatchState.OPEN, BatchState.CLOSED))
