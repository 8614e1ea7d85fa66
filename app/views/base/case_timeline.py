"""Builds the timeline of a record from the append-only transition log."""

from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, select

from app.engine import Workflow
from app.enums import Role
from app.extensions import db
from app.models import Application, Reminder, TransitionLog
from app.services.handling import handlers
from app.services.review import (
    batch_deadlines,
    first_checks,
    sending_back,
    signatures,
)
from app.views.base.aliases import Page

INSIDE = ("entrust", "release")
"""Acts inside an organisation, which the applicant does not read about."""
ROLES_THAT_SEE_JUDGES = (Role.OFFICE, Role.SUPERVISOR)


def timeline(record: Any, *, own: int | None = None, names_judges: bool = False) -> list[Page]:
    """Return the logged steps of `record`, oldest first.

    `own` is the account id if the applicant reads it; then other persons appear by their unit only. Set
    `names_judges` only for the office and the supervisor: others see the role instead of a judge's name
    (Order 40, art. 25).
    """
    logs = db.session.scalars(
        select(TransitionLog).where(_is_about(record)).order_by(TransitionLog.id)
    ).all()
    rows = {**Workflow.registry[Reminder].rows, **Workflow.registry[type(record)].rows}
    return [
        {
            "label": rows[log.event].label if log.event in rows else log.event,
            "at": log.at,
            "who": _who(log, own, names_judges),
            "unit": log.unit_name,
            "opinion": log.opinion,
            "more": [] if own else _signature_lines(log),
            "receipt": log.receipt,
            "is_now": False,
            "is_next": False,
        }
        for log in logs
        if own is None or log.event not in INSIDE
    ]


def _is_about(record: Any) -> ColumnElement[bool]:
    """Return the condition for the log rows of the record; those of an application include its reminders."""
    own = (TransitionLog.subject_type == record.__tablename__) & (
        TransitionLog.subject_id == record.id
    )
    if not isinstance(record, Application):
        return own
    sent = select(Reminder.id).where(Reminder.application_id == record.id)
    is_reminder = TransitionLog.subject_type == Reminder.__tablename__
    return own | (is_reminder & TransitionLog.subject_id.in_(sent))


def _who(log: TransitionLog, own: int | None, names_judges: bool) -> str:
    if log.actor_id is None:
        return gettext("the system")
    if log.actor_role is Role.JUDGE and not names_judges:
        return str(log.actor_role.label)
    return log.actor_name if own in (None, log.actor_id) else ""


def _signature_lines(log: TransitionLog) -> list[str]:
    own = log.details.get("own_role")
    words = (
        gettext("As %(role)s", role=own) if own else "",
        signatures.log_text(log.details),
        first_checks.log_text(log.details),
        batch_deadlines.log_text(log.details),
        sending_back.log_text(log.details),
        handlers.log_text(log.details),
    )
    return [one for one in words if one]
