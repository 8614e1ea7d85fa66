"""The only source of the current time. Times are stored in UTC and shown in Asia/Shanghai."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
END = time(23, 59, 59)


def now() -> datetime:
    """Return the current time as an aware datetime in UTC."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """Return `moment` in Hunan's local time (Asia/Shanghai)."""
    return moment.astimezone(SHANGHAI)


def local_date(moment: datetime) -> date:
    """Return the calendar day of `moment` in Hunan."""
    return local(moment).date()


def text(moment: datetime) -> str:
    """Return `moment` in Hunan's local time to the minute; the end of a day as its 24:00."""
    there = local(moment)
    is_end = there.time() >= END
    return f"{there:%Y-%m-%d} 24:00" if is_end else f"{there:%Y-%m-%d %H:%M}"


def end_of_day(day: date) -> datetime:
    """Return the last moment of `day` in Hunan (23:59:59.999999), in UTC: a day's deadline is its 24:00."""
    return datetime.combine(day, time.max, SHANGHAI).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Return 00:00 of `day` in Hunan, in UTC."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)
