"""Countdowns to deadlines: the text now, and the server times with which the page goes on counting."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext

from app.ground import clock

URGENT = timedelta(days=3)
"""A deadline with less time left than this is shown in red."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Countdown:
    """A deadline as a page shows it; `now` and `due` are ISO timestamps of the server."""

    now: str
    due: str
    until: str
    left: str
    is_urgent: bool


def countdown_to(due: datetime | None, at: datetime) -> Countdown | None:
    """Return the countdown to `due`, None if there is no deadline."""
    if due is None:
        return None
    return Countdown(
        now=at.isoformat(),
        due=due.isoformat(),
        until=clock.text(due),
        left=left_text(due, at),
        is_urgent=due - at < URGENT,
    )


def left_text(due: datetime, at: datetime) -> str:
    """Return the time left until `due` in words, worded as the script of the page does."""
    if due < at:
        return gettext("the time is over")
    left = due - at
    hours, minutes = divmod(left.seconds // 60, 60)
    if left >= DAY:
        return gettext("%(days)s days %(hours)s hours left", days=left.days, hours=hours)
    if hours:
        return gettext("%(hours)s hours %(minutes)s minutes left", hours=hours, minutes=minutes)
    return gettext("%(minutes)s minutes left", minutes=minutes)
