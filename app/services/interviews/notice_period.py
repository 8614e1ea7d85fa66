"""What an office is asked before it plans interviews on days off or at short notice; no law forbids either."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext

from app import settings
from app.services.registers import working_days
from app.services.registers.working_days import ONE_DAY, UnknownDay

FIELD = "is_sure"
"""Form field whose tick answers the question."""


def warnings(days: Sequence[date], today: date) -> list[str]:
    """Return a sentence for each kind of day among `days` to ask about: off, or within the notice period.

    The notice period counts the working days between `today`, the earliest day of the notice, and the
    interview, neither of them included (parameter `interview_notice_days`).
    """
    try:
        return [*_days_off(days), *_short_notice(days, today)]
    except UnknownDay as unknown:
        return [unknown.sentence]


def short_notice(days: Sequence[date], today: date) -> list[str]:
    """Return a sentence for each of `days` within the notice period of a notice that is sent `today`."""
    try:
        return _short_notice(days, today)
    except UnknownDay as unknown:
        return [unknown.sentence]


def question(found: Sequence[str]) -> str:
    """Return the warnings with what to do about them."""
    go_on = gettext("Choose other days, or tick “Go on all the same” and press again.")
    return " ".join([*found, go_on])


def send_question(found: Sequence[str]) -> str:
    """Return the warnings about notices that are to be sent now, with what to do about them."""
    go_on = gettext(
        "Give these candidates another time, or tick “Go on all the same” and press again."
    )
    return " ".join([*found, go_on])


def _days_off(days: Sequence[date]) -> list[str]:
    off = [day for day in days if not working_days.is_working(day)]
    if not off:
        return []
    return [gettext("Days off: %(days)s.", days=gettext(", ").join(str(day) for day in off))]


def _short_notice(days: Sequence[date], today: date) -> list[str]:
    needed = settings.get("interview_notice_days")
    between = {day: working_days.working_days_between(today, day - ONE_DAY) for day in days}
    return [
        gettext(
            "%(day)s: %(count)s working days lie between today (%(today)s) and the interview, %(needed)s are usual.",
            day=day,
            count=count,
            today=today,
            needed=needed,
        )
        for day, count in between.items()
        if count < needed
    ]
