"""Closing a batch (menu 1.4.2): what must be over before, and what ends with it."""

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import ColumnElement, func, or_, select

from app.engine import Act
from app.enums import FINAL, ApplicationState, BatchState, ExtensionKind, ExtensionState
from app.ground import clock
from app.models import Application, Extension
from app.services.registers import deadlines

EXPIRING = (
    ApplicationState.RETURNED,
    ApplicationState.AT_UNIT,
    ApplicationState.CHECKED,
    ApplicationState.NOTICE_OVER,
    ApplicationState.AT_SUPERIOR,
    ApplicationState.AT_OFFICE,
    ApplicationState.CORRECTED,
)
"""States that wait for an act of a stage, and end with the closed batch when the stage was over."""


def has_nothing_pending(act: Act) -> str | None:
    """Refuse to close a batch while people may still apply or applications are under way.

    What nobody dealt with in its stage's time does not count: the clock ends it after the batch is closed.
    """
    batch = act.record
    if clock.local_date(act.at) <= batch.apply_end:
        return gettext(
            "Applications may be handed in until %(day)s. Close the batch after that day.",
            day=batch.apply_end,
        )
    pending = act.session.scalar(
        select(func.count())
        .select_from(Application)
        .where(Application.batch_id == batch.id, is_under_way(act.at))
    )
    if not pending:
        return None
    return gettext(
        "%(count)s applications of this batch are still under way. "
        "Settle them first; the application query (1.1.4) shows where each one stands.",
        count=pending,
    )


def is_under_way(at: datetime) -> ColumnElement[bool]:
    """Return the condition for applications that have to be settled before their batch is closed."""
    not_begun = (ApplicationState.DRAFT, ApplicationState.DISCARDED)
    is_in_time = or_(
        Application.state.not_in(EXPIRING), Application.due_at.is_(None), Application.due_at >= at
    )
    return Application.state.not_in([*FINAL, *not_begun]) & is_in_time


def has_no_extension(act: Act) -> str | None:
    """Refuse to close a batch while an extension of its own or of its series still gives somebody time."""
    batch, session = act.record, act.session
    known = deadlines.of_batches(
        session,
        [batch],
        Extension.state == ExtensionState.IN_FORCE,
        Extension.until >= clock.local_date(act.at),
        or_(Extension.batch_id == batch.id, Extension.kind == ExtensionKind.SERIES),
    )
    running = [one.until for one in known.found if deadlines.covers(session, one, batch)]
    if not running:
        return None
    until = max(running)
    return gettext(
        "An extension in this batch lasts until %(day)s. Close the batch after that day, or withdraw it.",
        day=until,
    )


def is_closed_and_over(act: Act) -> str | None:
    """Refuse to end an application whose batch is open or whose stage still lasts."""
    deadline = deadlines.of(act.record)
    if act.record.batch.state is not BatchState.CLOSED or deadline is None:
        return gettext("The batch is not closed.")
    return None if deadline.is_over(act.at) else gettext("The stage still lasts.")
