"""Scope of the sets of changes, and of the changes that hold as soon as they are saved."""

from app.enums import ChangeSetState
from app.ground.actor import Actor
from app.models import AuditLog, ChangeSet
from app.scopes.relations import Condition

TABLE_CHANGES = (
    "maintenance",
    "parameter",
    "rule",
    "calendar",
    "form_change",
    "form_publish",
    "form_withdraw",
)
"""Kinds of the audit log that say how the program was changed; none of them is about a person."""


def table_changes(actor: Actor) -> Condition:
    """Changes of tables, numbers, rules, calendar and form, of whomever."""
    return AuditLog.kind.in_(TABLE_CHANGES)


def change_sets_to_read(actor: Actor) -> Condition:
    """Sets that took effect or will, of whomever, and all of the actor's own."""
    open_to_all = (ChangeSetState.SCHEDULED, ChangeSetState.PUBLISHED, ChangeSetState.UNDONE)
    return ChangeSet.state.in_(open_to_all) | (ChangeSet.author_id == actor.user_id)
