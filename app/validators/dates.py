"""Days, months and whole numbers as people type them."""

import re
from datetime import date, time

from flask_babel import gettext

from app.validators.refusal import Invalid
from app.validators.texts import text

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
TIME = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]")
NUMBER = re.compile(r"[+-]?[0-9]{1,12}")
FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST = 40


def day(value: str) -> date:
    """Return the calendar day typed; `/` and `.` may stand for `-`. Raises `Invalid`."""
    cleaned = _dashed(value)
    try:
        found = date.fromisoformat(cleaned) if DAY.fullmatch(cleaned) else None
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Invalid(gettext("“%(typed)s” is no day. Enter it like 2026-05-01.", typed=cleaned))
    return found


def month(value: str) -> str:
    """Return the month typed as `YYYY-MM`; `/` and `.` may stand for `-`. Raises `Invalid`."""
    cleaned = _dashed(value)
    if not MONTH.fullmatch(cleaned) or not FIRST_YEAR <= int(cleaned[:4]) <= LAST_YEAR:
        raise Invalid(gettext("“%(typed)s” is no month. Enter it like 2026-05.", typed=cleaned))
    return cleaned


def time_of_day(value: str) -> time:
    """Return the time typed as `HH:MM`, also with a full-width colon. Raises `Invalid`."""
    cleaned = text(value, max_length=LONGEST).replace("：", ":")
    if not TIME.fullmatch(cleaned):
        raise Invalid(gettext("“%(typed)s” is no time. Enter it like 09:00.", typed=cleaned))
    return time.fromisoformat(cleaned.zfill(5))


def whole_number(value: str, *, minimum: int, maximum: int) -> int:
    """Return the number typed, which must lie within its bounds. Raises `Invalid`."""
    cleaned = text(value, max_length=LONGEST)
    if not NUMBER.fullmatch(cleaned):
        raise Invalid(gettext("“%(typed)s” is no whole number. Enter digits only.", typed=cleaned))
    number = int(cleaned)
    if not minimum <= number <= maximum:
        raise Invalid(
            gettext(
                "Enter a number from %(minimum)s to %(maximum)s, not %(number)s.",
                minimum=minimum,
                maximum=maximum,
                number=number,
            )
        )
    return number


def _dashed(value: str) -> str:
    return text(value, max_length=LONGEST).replace("/", "-").replace(".", "-")
