"""Calendar file of an interview: readable by calendars whatever place and title contain."""

from datetime import timedelta
from typing import Any

from flask import Flask
from icalendar import Calendar

from app.enums import InterviewState, MeetingMode
from app.ground import clock
from app.models import Interview
from app.services.interviews import interview_calendar
from tests.support import factories as f
from tests.support.meetings import candidate

PAGE = "https://titles.example/me/application/1/"
PLACE = "人民路1号, 行政楼; 三层\n东侧 \\ 会议中心" + "很长的地点名称" * 20


def slot(place: str, state: InterviewState) -> Interview:
    plan = f.plan(mode=MeetingMode.ONLINE, steps=["interview", "vote"], place=place)
    begins = clock.now().replace(microsecond=0) + timedelta(days=2)
    return f.interview(candidate(plan), state=state, starts_at=begins, sent_at=clock.now())


def event_of(content: bytes) -> Any:
    [event] = Calendar.from_ical(content).walk("VEVENT")
    return event


def test_file_holds_time_place_and_page(app: Flask) -> None:
    one = slot(PLACE, InterviewState.CONFIRMED)

    content = interview_calendar.calendar_file(one, PAGE)

    event = event_of(content)
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (one.starts_at, one.ends_at)
    assert str(event["location"]) == f"{PLACE} {one.room}"
    assert PAGE in str(event["description"])
    assert (str(event["url"]), str(event["status"])) == (PAGE, "CONFIRMED")
    assert one.application.title.name in str(event["summary"])
    lines = content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert b"\n" not in b"".join(lines)


def test_moved_interview_replaces_its_earlier_entry(app: Flask) -> None:
    one = slot("会议中心", InterviewState.SENT)
    before = event_of(interview_calendar.calendar_file(one, PAGE))

    one.starts_at += timedelta(hours=1)
    one.ends_at += timedelta(hours=1)
    one.version += 1
    after = event_of(interview_calendar.calendar_file(one, PAGE))

    assert str(before["uid"]) == str(after["uid"])
    assert int(before["sequence"]) < int(after["sequence"])
    assert str(after["status"]) == "TENTATIVE"
