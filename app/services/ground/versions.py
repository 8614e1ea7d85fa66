"""Optimistic locking of register records: a save based on an outdated version is refused."""

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.models import AuditLog
from app.models.base import Versioned

CHANGES = (
    "register", "maintenance", "rule", "parameter", "own_data", "person_add", "person_register", "person_claim",
    "person_join", "person_correct", "person_leave", "calendar",
)  # fmt: skip
"""Kinds of audit rows that record a change of a register record."""


def require_version(record: Versioned, seen: int) -> None:
    """Allow `record` to be written only if its stored version is still `seen`.

    If another version was stored meanwhile, the next flush raises StaleDataError and changes nothing.
    """
    if seen != record.version:
        set_committed_value(record, "version", seen)


def outdated_refusal(subject: str) -> Refused:
    """Return the refusal for a record changed since the page was opened, with who changed it if known."""
    query = select(AuditLog).where(AuditLog.subject == subject, AuditLog.kind.in_(CHANGES))
    last = db.session.scalar(query.order_by(AuditLog.id.desc()).limit(1))
    if last is None or not last.actor_name:
        return Refused(
            gettext(
                "This record was changed after you opened it. What you typed is kept: compare it with what is"
                " stored now, then save again."
            )
        )
    return Refused(
        gettext(
            "This record was changed after you opened it. Last change: %(who)s, %(time)s. What you typed is kept:"
            " compare it with what is stored now, then save again.",
            who=last.actor_name,
            time=f"{clock.local(last.at):%Y-%m-%d %H:%M}",
        )
    )
