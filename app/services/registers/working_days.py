"""Working-day arithmetic by the official calendar, with worked weekends and moved holidays.

The day of the act itself is not counted (Civil Code, art. 201); a term ends at 24:00 of its last day.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from app.engine import Refused
from app.extensions import db
from app.models.calendar import WorkDay

SATURDAY = 5
ONE_DAY = timedelta(days=1)
LONGEST_REST = timedelta(days=31)


class UnknownDay(Refused):
    """Refusal for a day that the calendar does not contain."""

    def __init__(self, day: date) -> None:
        self.day = day
        super().__init__(
            _(
                "The official calendar for %(year)s is not known yet (needed for %(day)s). "
                "Ask the system administrator to read in the notice of %(year)s under System → Working calendar.",
                year=day.year,
                day=day.isoformat(),
            )
        )


def is_working(day: date) -> bool:
    """Return whether `day` is a working day. Raises `UnknownDay`."""
    [(_day, worked)] = _days(day, day)
    return worked


def is_probably_working(day: date) -> bool:
    """Return the same; a day that the calendar does not contain counts as worked from Monday to Friday."""
    return _is_probably_worked(day, _read(day, day))


def add_working_days(start: date, count: int) -> date:
    """Return the `count`-th working day after `start`, which is not counted. Raises `UnknownDay`.

    Return `start` itself if `count` is 0.
    """
    if count == 0:
        return start
    return _nth_worked(_days(start + ONE_DAY, start + _span(count)), count)


def latest_start(last: date, count: int) -> date:
    """Return the latest day from which `count` working days end by `last`. Raises `UnknownDay`."""
    if count == 0:
        return last
    return _nth_worked(_days(last, last - _span(count), -ONE_DAY), count) - ONE_DAY


def working_days_between(first: date, last: date) -> int:
    """Return the number of working days after `first` up to and including `last`; 0 if there are none.

    So `working_days_between(day, add_working_days(day, n)) == n`. Raises `UnknownDay`.
    """
    return sum(worked for _day, worked in _days(first + ONE_DAY, last))


def years_later(days: Iterable[date], years: int) -> dict[date, date]:
    """Return each day moved by `years`; a working day that falls onto a day off goes to the next working day.

    Where the calendar does not reach, Monday to Friday count as working days. Two statements, however many days.
    """
    moved = {day: same_date(day, years) for day in days}
    if not moved:
        return {}
    old = _read(min(moved), max(moved))
    new = _read(min(moved.values()), max(moved.values()) + LONGEST_REST)
    return {
        day: _next_worked(then, new) if _is_probably_worked(day, old) else then
        for day, then in moved.items()
    }


def same_date(day: date, years: int) -> date:
    """Return the same month and day `years` later, 28 February for the 29th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _next_worked(day: date, known: dict[date, bool]) -> date:
    following = (day + number * ONE_DAY for number in range(LONGEST_REST.days))
    return next(one for one in following if _is_probably_worked(one, known))


def _is_probably_worked(day: date, known: dict[date, bool]) -> bool:
    return known.get(day, day.weekday() < SATURDAY)


def _span(count: int) -> timedelta:
    """Return an upper bound of the days that contain `count` working days, so that one query suffices."""
    return timedelta(days=2 * count) + LONGEST_REST


def _nth_worked(days: Iterable[tuple[date, bool]], count: int) -> date:
    worked = 0
    for day, is_worked in days:
        worked += is_worked
        if worked == count:
            return day
    raise ValueError(f"{count} is no count of working days")


def _days(start: date, stop: date, step: timedelta = ONE_DAY) -> Iterator[tuple[date, bool]]:
    """Yield the days from `start` to `stop`, each with whether it is worked.

    Raises `UnknownDay` at the first day without a row.
    """
    known = _read(min(start, stop), max(start, stop))
    for number in range((stop - start) // step + 1):
        day = start + number * step
        if day not in known:
            raise UnknownDay(day)
        yield day, known[day]


def _read(first: date, last: date) -> dict[date, bool]:
    rows = db.session.execute(
        select(WorkDay.day, WorkDay.is_working).where(WorkDay.day.between(first, last))
    )
    return dict(rows.tuples().all())
