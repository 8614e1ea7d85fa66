"""A year of the working calendar as a picture: twelve months, each day with its sign."""

from calendar import Calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date, gettext, pgettext

from app.services.registers.calendar_years import Days, usual
from app.services.registers.holiday_notices import Day, weekday_name

WEEKS = Calendar(firstweekday=0)


@dataclass(frozen=True)
class Cell:
    """One day: `sign` and `tone` where it is not as Monday to Friday, `is_changed` where it differs from what holds."""

    day: date
    sign: str
    tone: str
    title: str
    is_changed: bool


@dataclass(frozen=True)
class Month:
    """One month: its name, the number for links, weeks of seven cells, None outside of the month."""

    number: int
    label: str
    weeks: list[list[Cell | None]]


def months(year: int, days: Days, changed: Collection[date] = ()) -> list[Month]:
    """Return the months of a year; a day that the calendar does not have is shown as unknown."""
    return [
        Month(
            number,
            format_date(date(year, number, 1), "LLLL"),
            [
                [_cell(day, days, changed) if day.month == number else None for day in week]
                for week in WEEKS.monthdatescalendar(year, number)
            ],
        )
        for number in range(1, 13)
    ]


def weekday_heads() -> list[str]:
    """Return the heads of the columns, Monday first."""
    return [
        format_date(date(2024, 1, number), "ccccc") for number in range(1, 8)
    ]  # 1 January 2024 was a Monday


def totals(year: int, days: Days) -> str:
    """Return how many days of a year are worked and off, in words."""
    inside = [is_working for day, (is_working, _note) in days.items() if day.year == year]
    return gettext(
        "%(worked)s working days, %(free)s days off",
        worked=sum(inside),
        free=len(inside) - sum(inside),
    )


def _cell(day: date, days: Days, changed: Collection[date]) -> Cell:
    known = days.get(day)
    sign, tone = _sign(day, known)
    note = known[1] if known else ""
    words = [day.isoformat(), weekday_name(day), _kind(known), note]
    return Cell(day, sign, tone, " ".join(word for word in words if word), day in changed)


def _sign(day: date, known: Day | None) -> tuple[str, str]:
    if known is None:
        return "?", "unknown"
    if known[0] == usual(day)[0] and not known[1]:
        return "", "" if known[0] else "weekend"
    if known[0]:
        return pgettext("calendar", "work"), "work"
    return pgettext("calendar", "off"), "off"


def _kind(known: Day | None) -> str:
    if known is None:
        return gettext("unknown")
    return gettext("worked") if known[0] else gettext("off")
