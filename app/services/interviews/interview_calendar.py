"""Calendar file (iCalendar, RFC 5545) of one interview, for the applicant's own calendar."""

from datetime import timedelta

from flask import current_app
from flask_babel import gettext
from icalendar import Alarm, Calendar, Event

from app.enums import InterviewState
from app.models import Interview

REMINDER = timedelta(days=-1)
"""When the calendar reminds: one day before the interview begins."""


def calendar_file(interview: Interview, address: str) -> bytes:
    """Return the calendar file of an interview; `address` is the absolute URL of its page.

    UID and SEQUENCE are such that the file of a moved interview replaces the earlier entry. Times are in UTC.
    """
    application = interview.application
    event = Event()
    event.add("uid", f"interview-{interview.id}-{application.number}")
    event.add("sequence", interview.version)
    event.add("dtstamp", interview.sent_at or interview.created_at)
    event.add("dtstart", interview.starts_at)
    event.add("dtend", interview.ends_at)
    event.add("summary", gettext("Interview: %(title)s", title=application.title.name))
    event.add("location", f"{interview.plan.place} {interview.room}".strip())
    event.add("description", _description(interview, address))
    event.add("url", address)
    event.add("status", _status(interview))
    event.add_component(_alarm(interview))
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//{current_app.config['APP_NAME']}//interview//")
    calendar.add_component(event)
    return calendar.to_ical()


def _description(interview: Interview, address: str) -> str:
    lines = [
        gettext("Application %(number)s", number=interview.application.number),
        gettext("Order of appearance: %(order)s", order=interview.order),
        gettext("Confirm receipt or ask for another time here: %(url)s", url=address),
    ]
    return "\n".join(lines)


def _status(interview: Interview) -> str:
    is_sure = interview.state is InterviewState.CONFIRMED
    return "CONFIRMED" if is_sure else "TENTATIVE"


def _alarm(interview: Interview) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", REMINDER)
    alarm.add(
        "description", gettext("Interview: %(title)s", title=interview.application.title.name)
    )
    return alarm
