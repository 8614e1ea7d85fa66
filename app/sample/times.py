"""Dates of five review years, as the text that the database stores."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.ground import clock

YEARS = 5


def stamp(day: date, hour: int = 2) -> str:
    """Return a time on `day` as stored (UTC without zone), by default in Hunan's morning."""
    return _text(datetime.combine(day, time(hour, 30), UTC))


def end_stamp(day: date) -> str:
    return _text(clock.end_of_day(day))


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


@dataclass(frozen=True)
class Year:
    """One review year: number, whether it is running, deadlines, and stored times of its days."""

    number: int
    is_current: bool
    deadlines: tuple[date, ...]
    stamps: tuple[str, ...]

    @property
    def first(self) -> date:
        return self.deadlines[0]

    def day(self, number: int) -> str:
        """Return the day `number` days after the first one."""
        return (self.first + timedelta(days=number)).isoformat()


def years(today: date) -> list[Year]:
    """Return the last five review years, the running one last."""
    past = [_past(number) for number in range(today.year - YEARS + 1, today.year)]
    return [*past, _current(today)]


def _past(number: int) -> Year:
    months = ((7, 1), (8, 31), (9, 10), (9, 30), (10, 20), (11, 10))
    return _year(number, False, tuple(date(number, month, day) for month, day in months))


def _current(today: date) -> Year:
    ahead = (-150, 10, 14, 20, 25, 35)
    deadlines = tuple(today + timedelta(days=days) for days in ahead)
    return _year(today.year, True, deadlines)


def _year(number: int, is_current: bool, deadlines: tuple[date, ...]) -> Year:
    stamps = tuple(stamp(deadlines[0] + timedelta(days=day), 1 + day % 9) for day in range(181))
    return Year(number, is_current, deadlines, stamps)
