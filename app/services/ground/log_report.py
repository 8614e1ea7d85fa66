"""The daily report of the logs: what was written on one day, whether it is unchanged, the head of the chain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.ground import clock
from app.models import AuditLog, TransitionLog
from app.services.ground import log_chain, log_guards, log_verification
from app.services.ground.log_verification import CHUNK


@dataclass(frozen=True)
class DayReport:
    """Counts of one day and the faults found in its rows; `head` is that of the moment of the report.

    `acts` has (record, act, count), `events` (kind, succeeded, count).
    """

    day: date
    acts: Sequence[tuple[str, str, int]]
    events: Sequence[tuple[str, bool, int]]
    checked: int
    faults: tuple[str, ...]
    head: str


def report(session: Session, day: date) -> DayReport:
    """Return the report of the Chinese day `day`, from 0:00 to 24:00."""
    log, audits = TransitionLog, AuditLog
    acts = select(log.subject_type, log.event, func.count(log.id)).where(_on(log.at, day))
    events = select(audits.kind, audits.is_success, func.count(audits.id)).where(
        _on(audits.at, day)
    )
    found = [
        log_verification.check_rows(session, model.__tablename__, keys)
        for model in (log, audits)
        for keys in _keys(session, model, day)
    ]
    return DayReport(
        day,
        session.execute(acts.group_by(log.subject_type, log.event).order_by(log.subject_type, log.event)).tuples().all(),
        session.execute(events.group_by(audits.kind, audits.is_success).order_by(audits.kind)).tuples().all(),
        sum(one.links for one in found),
        (*(fault for one in found for fault in one.faults), *log_guards.faults(session)),
        str(log_chain.head(session)),
    )  # fmt: skip


def _on(column: Any, day: date) -> Any:
    return (column >= clock.start_of_day(day)) & (
        column < clock.start_of_day(day + timedelta(days=1))
    )


def _keys(session: Session, model: Any, day: date) -> Iterator[list[int]]:
    last = 0
    while True:
        query = select(model.id).where(_on(model.at, day), model.id > last)
        keys = list(session.scalars(query.order_by(model.id).limit(CHUNK)))
        if not keys:
            return
        yield keys
        last = keys[-1]
