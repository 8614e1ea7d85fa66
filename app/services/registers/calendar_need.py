"""Whether running cases will soon need a year that the calendar does not have; then it waits for the administrator."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select

from app import settings
from app.enums import AT_REST, BatchState
from app.extensions import db
from app.ground import clock
from app.models import Application, Batch, CalendarYear, WorkDay
from app.services.registers import calendar_years

A_MONTH = timedelta(days=31)
TERMS = ("notice_days", "result_notice_days", "objection_days", "correction_days")
"""Settings with the terms in working days that acts of these days begin."""


def note_missing_year(at: datetime) -> int:
    """Begin an empty draft of the year that running cases will need within a month; return how many were begun."""
    _forget_known_years()
    year = missing_year(clock.local_date(at))
    if year is None:
        return 0
    draft = calendar_years.draft_of(year, lock=True)
    if draft is not None and draft.held_since is not None:
        return 0
    draft = draft or CalendarYear(year=year)
    draft.held_since, draft.due_on = at, date(year - 1, 12, 31)
    db.session.add(draft)
    db.session.flush()
    return 1


def _forget_known_years() -> None:
    """Take years off the list that came into the calendar by another way, as an upgrade brings them."""
    for draft in calendar_years.drafts():
        if draft.held_since is None or not _is_known(draft.year):
            continue
        draft.held_since = draft.due_on = None
        if not draft.author:
            db.session.delete(draft)
    db.session.flush()


def _is_known(year: int) -> bool:
    return db.session.get(WorkDay, date(year, 12, 31)) is not None


def missing_year(today: date) -> int | None:
    """Return the year without calendar whose days terms begun within a month would need, if anything runs."""
    last = db.session.scalar(select(func.max(WorkDay.day)))
    if last is None or last - _reach() > today or not _is_anything_running():
        return None
    return (last + timedelta(days=1)).year


def _reach() -> timedelta:
    """Return how far ahead the calendar must be known: a month, and the longest term with its days off."""
    longest = max(settings.get(key) for key in TERMS)
    return A_MONTH + timedelta(days=2 * longest)


def _is_anything_running() -> bool:
    runs = or_(
        select(Application.id).where(Application.state.not_in(AT_REST)).exists(),
        select(Batch.id).where(Batch.state == BatchState.OPEN).exists(),
    )
    return bool(db.session.scalar(select(runs)))
