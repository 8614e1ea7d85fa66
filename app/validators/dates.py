"""Days, months, times of day and whole numbers as people type them."""

import re
import unicodedata
from datetime import date, time

from flask_babel import gettext

from app.validators.refusal import Invalid
from app.validators.texts import text

DAY = re.compile(
    r"(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})[日号]?|(\d{2})(\d{2}))", re.ASCII
)
MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月份?|(\d{2}))", re.ASCII)
MIDNIGHT = re.compile(r"[T\s]0?0:00(:00(\.0+)?)?$")
"""The time that other programs write behind a day."""
BESIDE_DIGITS = re.compile(r"(?<!\d)\s+|\s+(?!\d)", re.ASCII)
"""Blanks that do not part two numbers."""
DASHES = str.maketrans("‐‑‒–—−", "------")
TIME = re.compile(
    r"(上午|早上|中午|下午|晚上)?(?:(\d{1,2})(?::(\d{2})|[点时](?:(半)|(\d{1,2})分?)?)|(\d{1,2})(\d{2}))",
    re.ASCII,
)
"""9:30, 9点, 9点半, 9时30分, 930; each also with the part of the day."""
NOON, HALF_PAST = 12, 30
AFTER_NOON = ("中午", "下午", "晚上")
NUMBER = re.compile(r"[+-]?[0-9]{1,12}")
FIRST_YEAR, LAST_YEAR = 1900, 2100
LONGEST = 40


def day(value: str) -> date:
    """Return the calendar day typed: 1985-06-01, 1985/6/1, 1985.6.1, 1985年6月1日 or 19850601. Raises `Invalid`."""
    typed = text(value, max_length=LONGEST)
    try:
        found = date(*_numbers(DAY, MIDNIGHT.sub("", typed)))
    except (TypeError, ValueError):
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Invalid(gettext("“%(typed)s” is no day. Enter it like 2026-05-01.", typed=typed))
    return found


def month(value: str) -> str:
    """Return the month typed (2015-09, 2015/9, 2015.9, 2015年9月 or 201509) as `YYYY-MM`. Raises `Invalid`."""
    typed = text(value, max_length=LONGEST)
    year, number = _numbers(MONTH, typed) or (0, 0)
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= number <= 12):
        raise Invalid(gettext("“%(typed)s” is no month. Enter it like 2026-05.", typed=typed))
    return f"{year}-{number:02}"


def time_of_day(value: str) -> time:
    """Return the time typed: 9:30, 0930, 9点半, 9时30分 or 下午2:30, also in full-width signs. Raises `Invalid`."""
    cleaned = text(value, max_length=LONGEST)
    plain = "".join(unicodedata.normalize("NFKC", cleaned).split())
    try:
        return time(*_hour_and_minute(TIME.fullmatch(plain)))
    except (TypeError, ValueError):
        sentence = gettext("“%(typed)s” is no time. Enter it like 09:00.", typed=cleaned)
        raise Invalid(sentence) from None


def _hour_and_minute(found: re.Match[str] | None) -> tuple[int, int]:
    """Return hour and minute of a time; raises TypeError if there is none."""
    if found is None:
        raise TypeError
    part, hour, minute, half, minutes, short_hour, short_minute = found.groups()
    hours = int(hour or short_hour)
    if part in AFTER_NOON and 0 < hours < NOON and not (part == "中午" and hours > 2):
        hours += NOON
    return hours, HALF_PAST if half else int(minute or minutes or short_minute or 0)


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


def _numbers(pattern: re.Pattern[str], typed: str) -> list[int]:
    """Return the numbers in a date; none if it is not written like `pattern`, blanks aside."""
    plain = unicodedata.normalize("NFKC", typed).translate(DASHES)
    found = pattern.fullmatch(BESIDE_DIGITS.sub("", plain))
    return [int(one) for one in found.groups() if one and one.isdigit()] if found else []
