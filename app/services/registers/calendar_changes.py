"""What a draft of the calendar changes, in words, and what of it lies inside running terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext
from sqlalchemy import func, select

from app.enums import ApplicationState, NoticeState, ObjectionState
from app.extensions import db
from app.ground import clock
from app.models import Application, Notice, Objection
from app.services.registers import calendar_years
from app.services.registers.calendar_years import ONE_DAY, Days
from app.services.registers.holiday_notices import Day

MOST_NOTICES = 200
MOST_NAMED = 10


@dataclass(frozen=True)
class Change:
    """Days one after the other that change alike; `old` is None where the calendar had none."""

    first: date
    last: date
    old: Day | None
    new: Day | None

    @property
    def days(self) -> str:
        """Return the days in words."""
        if self.first == self.last:
            return self.first.isoformat()
        return gettext(
            "%(first)s to %(last)s", first=self.first.isoformat(), last=self.last.isoformat()
        )

    @property
    def before(self) -> str:
        return words(self.old)

    @property
    def after(self) -> str:
        return words(self.new)


@dataclass(frozen=True)
class Moved:
    """A running notice with changed days: its working days as the calendar stands and as it would be."""

    title: str
    unit: str
    ends_on: date
    before: int
    after: int


@dataclass(frozen=True)
class Touched:
    """Running terms with changed days: notices named, others counted."""

    notices: Sequence[Moved]
    count: int
    objections: int
    supplements: int

    def __bool__(self) -> bool:
        return bool(self.count or self.objections or self.supplements)


def words(day: Day | None) -> str:
    """Return what a day is, in words."""
    if day is None:
        return gettext("unknown")
    is_working, note = day
    kind = gettext("worked") if is_working else gettext("off")
    return f"{kind} ({note})" if note else kind


def changes(wanted: Days, stands: Days) -> list[Change]:
    """Return what differs, days alike put together; ordinary days that are new to the calendar are left out."""
    found: list[Change] = []
    for day, new in sorted(wanted.items()):
        old = stands.get(day)
        if old == new or (old is None and new == calendar_years.usual(day)):
            continue
        last = found[-1] if found else None
        if last and last.last + ONE_DAY == day and (last.old, last.new) == (old, new):
            found[-1] = Change(last.first, day, old, new)
        else:
            found.append(Change(day, day, old, new))
    return found


def touched(wanted: Days, stands: Days) -> Touched:
    """Return what lies inside of running terms: days that are worked otherwise than before."""
    moved = sorted(day for day, new in wanted.items() if day in stands and stands[day][0] != new[0])
    if not moved:
        return Touched((), 0, 0, 0)
    first, last = moved[0], moved[-1]
    notices = [
        one
        for one in db.session.scalars(
            select(Notice)
            .where(
                Notice.state == NoticeState.RUNNING,
                Notice.starts_on < last,
                Notice.ends_on >= first,
            )
            .order_by(Notice.ends_on, Notice.id)
            .limit(MOST_NOTICES)
        )
        if any(one.starts_on < day <= one.ends_on for day in moved)
    ]
    named = [
        Moved(
            one.title,
            one.unit.name,
            one.ends_on,
            _worked(one, stands),
            _worked(one, {**stands, **wanted}),
        )
        for one in notices[:MOST_NAMED]
    ]
    return Touched(named, len(notices), _objections(first, last), _supplements(first, last))


def _worked(notice: Notice, days: Mapping[date, Day]) -> int:
    number = (notice.ends_on - notice.starts_on).days
    span = (notice.starts_on + (offset + 1) * ONE_DAY for offset in range(number))
    return sum(days.get(day, calendar_years.usual(day))[0] for day in span)


def _objections(first: date, last: date) -> int:
    query = (
        select(func.count())
        .select_from(Objection)
        .where(Objection.state == ObjectionState.OPEN, Objection.due_on.between(first, last))
    )
    return int(db.session.scalar(query) or 0)


def _supplements(first: date, last: date) -> int:
    query = (
        select(func.count())
        .select_from(Application)
        .where(
            Application.state == ApplicationState.IN_CORRECTION,
            Application.due_at.between(_start(first), clock.end_of_day(last)),
        )
    )
    return int(db.session.scalar(query) or 0)


def _start(day: date) -> datetime:
    return clock.start_of_day(day)
