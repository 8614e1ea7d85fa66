"""Dates of the story, counted in official working days before and after today."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.ground import clock
from app.models import WorkDay

AHEAD = timedelta(days=26)
"""How far the story reaches into the future; the working calendar must be known until then."""


class Days:
    """Working days around today: `day(-3)` is the third before today, `day(0)` today or the next one."""

    def __init__(self, working: Sequence[date], today: date) -> None:
        self.today = today
        self.before = [day for day in working if day < today]
        self.after = [day for day in working if day >= today]

    def day(self, number: int) -> date:
        return self.before[number] if number < 0 else self.after[number]

    def at(self, number: int, hour: int = 9, minute: int = 0) -> datetime:
        """Return a time on that working day, given in Hunan's local time."""
        return moment(self.day(number), hour, minute)

    def in_days(self, count: int) -> date:
        """Return the day `count` calendar days after today."""
        return self.today + timedelta(days=count)


def moment(day: date, hour: int = 0, minute: int = 10) -> datetime:
    return datetime.combine(day, time(hour, minute), clock.SHANGHAI)


def known(session: Session, at: datetime) -> Days:
    """Return the working days around `at`, or around an earlier day if the calendar ends too soon."""
    last = session.scalars(select(func.max(WorkDay.day))).one()
    today = min(clock.local_date(at), last - AHEAD)
    working = session.scalars(
        select(WorkDay.day).where(WorkDay.is_working.is_(True)).order_by(WorkDay.day)
    )
    return Days(list(working), today)
