"""Scope of the sets of changes."""

from app.enums import ChangeSetState
from app.ground.actor import Actor
from app.models import ChangeSet
from app.scopes.relations import Condition


def change_sets_to_read(actor: Actor) -> Condition:
    """Sets that took effect or will, of whomever, and all of the actor's own."""
    open_to_all = (ChangeSetState.SCHEDULED, ChangeSetState.PUBLISHED, ChangeSetState.UNDONE)
    return ChangeSet.state.in_(open_to_all) | (ChangeSet.author_id == actor.user_id)
