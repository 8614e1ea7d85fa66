"""An applicant with an interview reads it on the first page and on the phone, answers there, and takes the calendar file."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy.orm import Session

from app.enums import ApplicationState, InterviewState, MeetingMode, PlanState
from app.ground import clock
from app.models import Application, Interview, Person
from tests.support import factories as f
from tests.support.counting import statements
from tests.support.meetings import candidate

PAGES = ("/me/", "/m/", "/m/titles/")
PLACE = "人民路1号会议中心"
NOTHING = "nothing is to be done by you"


@pytest.fixture
def slot(person: Person) -> Interview:
    plan = f.plan(mode=MeetingMode.ONLINE, steps=["interview", "vote"], place=PLACE)
    mine: Application = candidate(plan, person=person, unit=person.unit)
    return f.interview(mine, state=InterviewState.SENT, sent_at=clock.now())


def test_first_pages_say_time_and_place_and_take_the_answer(
    me: FlaskClient, slot: Interview, session: Session
) -> None:
    for path in PAGES:
        page = me.get(path).text
        root = path.split("/")[1]
        assert f"{clock.text(slot.starts_at)} in {PLACE} {slot.room}" in page, path
        assert f'action="/{root}/application/{slot.application_id}/interview"' in page
        assert 'value="receive"' in page
        assert 'value="ask_move"' in page
        assert f"/{root}/application/{slot.application_id}/interview.ics" in page
        assert page.count(f'id="interview-reason-{slot.id}"') == 1
        if path != "/m/":
            assert NOTHING not in page
    answer = me.post(
        f"/me/application/{slot.application_id}/interview",
        data={"do": "receive", "version": slot.version},
    )

    assert answer.status_code == 303
    session.rollback()
    assert slot.state is InterviewState.CONFIRMED
    for path in PAGES:
        page = me.get(path).text
        assert "Come to your interview at" in page, path
        assert 'value="receive"' not in page


def test_first_page_follows_the_state_of_the_interview(
    me: FlaskClient, slot: Interview, session: Session
) -> None:
    cases = {
        InterviewState.MOVE_ASKED: "You asked for another time",
        InterviewState.HEARD: "The interview is over",
        InterviewState.ABSENT: "recorded as absent",
        InterviewState.PLANNED: NOTHING,
    }
    for state, said in cases.items():
        slot.state = state
        session.commit()
        page = me.get("/me/").text
        assert said in page, state
        assert ("interview.ics" in page) is (state is InterviewState.MOVE_ASKED), state


def test_past_interview_or_meeting_that_is_off_asks_for_nothing(
    me: FlaskClient, slot: Interview, session: Session
) -> None:
    ahead = slot.starts_at, slot.ends_at
    slot.starts_at, slot.ends_at = (clock.now() - timedelta(minutes=back) for back in (20, 10))
    session.commit()
    assert "The interview is over" in me.get("/me/").text
    assert "interview.ics" not in me.get("/m/").text

    slot.starts_at, slot.ends_at = ahead
    slot.plan.state = PlanState.RETURNED
    session.commit()
    assert NOTHING in me.get("/me/").text
    assert "interview.ics" not in me.get("/m/").text

    slot.plan.state, slot.application.state = PlanState.APPROVED, ApplicationState.PASSED
    session.commit()
    for path in ("/me/", f"/me/application/{slot.application_id}/"):
        assert "The result will be put into public notice" in me.get(path).text


def test_calendar_file_is_the_own_one_after_the_notice_only(
    me: FlaskClient, slot: Interview, session: Session
) -> None:
    foreign = f.interview(candidate(slot.plan), state=InterviewState.SENT)
    session.commit()
    for root in ("me", "m"):
        answer = me.get(f"/{root}/application/{slot.application_id}/interview.ics")
        assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
        [event] = Calendar.from_ical(answer.data).walk("VEVENT")
        assert event.decoded("dtstart") == slot.starts_at.replace(microsecond=0)
        assert f"/{root}/application/{slot.application_id}/" in str(event["url"])
    assert me.get(f"/me/application/{foreign.application_id}/interview.ics").status_code == 404
    slot.state = InterviewState.PLANNED
    session.commit()
    assert me.get(f"/me/application/{slot.application_id}/interview.ics").status_code == 404


def test_first_page_takes_one_statement_more_for_all_interviews(
    me: FlaskClient, slot: Interview, person: Person, session: Session
) -> None:
    me.get("/me/")
    with statements() as one:
        me.get("/me/")
    for back in (1, 2, 3):
        other = f.plan(
            batch=slot.plan.batch, mode=MeetingMode.ONLINE, steps=["interview", "vote"], place=PLACE
        )
        mine = candidate(other, person=person, unit=person.unit, review_year=2026 - back)
        f.interview(mine, state=InterviewState.SENT)
    session.commit()
    with statements() as four:
        me.get("/me/")

    assert len(four) == len(one) <= 14
