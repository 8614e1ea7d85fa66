"""1.2.4 over HTTP: slots are tried and generated, sent, moved, held or missed; the applicant answers in the hall."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, InterviewState, MeetingMode, ReviewStep, Role
from app.ground import clock
from app.models import Application, Interview, Message, Person, Plan, TransitionLog, WorkDay
from app.services.interviews import interviews
from app.services.messages import outbox
from tests.bad_input.forms import slots as typed
from tests.support import factories as f
from tests.support.counting import statements
from tests.support.meetings import candidate
from tests.support.signing import english, signed_in

STEPS = [ReviewStep.INTERVIEW.value, ReviewStep.OPINION.value, ReviewStep.VOTE.value]
REASON = "当天在外地参加国家级评审"
SLOTS = "/g/1.2.4/slots"


@pytest.fixture
def plan(app: Flask) -> Plan:
    f.work_days()
    return f.plan(mode=MeetingMode.ONLINE, steps=STEPS, name="线上会议")


@pytest.fixture
def office(app: Flask, plan: Plan) -> FlaskClient:
    position = f.position(Role.OFFICE, committee=plan.committee)
    return english(signed_in(app.test_client(), position))


@pytest.fixture
def mine(plan: Plan, person: Person) -> Application:
    return candidate(plan, person=person, unit=person.unit)


def press(client: FlaskClient, button: str, *slots: Interview, **form: Any) -> Any:
    rows = [f"{slot.id}:{slot.version}" for slot in slots]
    return client.post(f"{SLOTS}/act/{button}", data={"row": rows} | form)


def slots(session: Session) -> list[Interview]:
    session.rollback()
    return list(session.scalars(select(Interview).order_by(Interview.starts_at, Interview.room)))


def test_candidates_of_online_plans_with_an_interview_are_listed(
    office: FlaskClient, plan: Plan, mine: Application
) -> None:
    silent = f.plan(batch=plan.batch, mode=MeetingMode.ONLINE, steps=["opinion", "vote"])
    others = [
        f.application(ApplicationState.IN_REVIEW, batch=plan.batch, plan=one)
        for one in (silent, f.plan(batch=plan.batch))
    ]

    page = office.get("/g/1.2.4/").text

    assert mine.number in page
    assert not any(other.number in page for other in others)
    assert "/g/1.2.4/generate" in page
    assert office.get(f"/g/1.2.4/{mine.id}").status_code == 200


def test_trial_shows_rooms_and_hours_and_saves_nothing(
    office: FlaskClient, plan: Plan, mine: Application, session: Session
) -> None:
    for _ in range(2):
        candidate(plan)
    form = office.get("/g/1.2.4/generate")
    assert form.status_code == 200
    assert plan.opens_on.isoformat() in form.text

    page = office.post("/g/1.2.4/generate", data=typed(plan) | {"try": "1"})

    assert page.status_code == 200
    assert "Slots for 3 candidates" in page.text
    assert "第二答辩室" in page.text
    assert mine.name not in page.text
    assert slots(session) == []


def test_slots_are_generated_sent_and_answered(
    office: FlaskClient, me: FlaskClient, plan: Plan, mine: Application, session: Session
) -> None:
    for _ in range(2):
        candidate(plan)
    answer = office.post("/g/1.2.4/generate", data=typed(plan))
    assert answer.status_code == 303, answer.text
    made = slots(session)
    assert [one.room for one in made] == ["第一答辩室", "第二答辩室", "第一答辩室"]
    seed = session.scalars(select(TransitionLog).filter_by(event="plan")).first().details["seed"]
    assert seed in office.get(answer.location).text
    address = f"/me/application/{mine.id}/"
    assert 'id="interview"' not in me.get(address).text

    assert press(office, "send", *made).status_code == 303
    page = me.get(address).text
    assert 'id="interview"' in page
    own = next(one for one in slots(session) if one.application_id == mine.id)
    assert own.room in page
    outbox.deliver(clock.now())
    session.commit()
    [message] = session.scalars(select(Message).where(Message.user_id == mine.person.user_id))
    assert own.room in message.body
    confirmed = me.post(f"{address}interview", data={"do": "receive", "version": own.version})

    assert confirmed.status_code == 303
    [own] = [one for one in slots(session) if one.application_id == mine.id]
    assert own.state is InterviewState.CONFIRMED
    listed = office.get("/g/1.2.4/").text
    assert "Received by the applicant" in listed


@pytest.fixture
def sent(plan: Plan, mine: Application) -> Interview:
    return f.interview(
        mine,
        starts_at=interviews.moment(plan.opens_on, clock.local(clock.now()).time().replace(hour=9)),
        state=InterviewState.SENT,
    )


def ask(client: FlaskClient, slot: Interview, **form: Any) -> Any:
    address = f"/me/application/{slot.application_id}/interview"
    return client.post(address, data={"version": slot.version} | form)


def test_another_time_is_asked_for_and_given(
    office: FlaskClient, me: FlaskClient, plan: Plan, sent: Interview, session: Session
) -> None:
    assert ask(me, sent, do="ask_move", opinion=REASON).status_code == 303
    session.rollback()
    assert sent.state is InterviewState.MOVE_ASKED
    assert REASON in me.get(f"/me/application/{sent.application_id}/").text
    form = office.get(f"{SLOTS}/act/move?pk={sent.id}").text
    assert 'value="第一答辩室"' in form

    taken = f.interview(
        candidate(plan), starts_at=interviews.moment(plan.opens_on, sent.starts_at.time())
    )
    session.commit()
    begins = f"{clock.local(taken.starts_at):%H:%M}"
    day = plan.opens_on.isoformat()
    refused = press(office, "move", sent, room=taken.room, day=day, begins=begins, is_sure="y")
    assert refused.status_code == 422
    assert "is taken from" in refused.text
    given = press(office, "move", sent, room="第三答辩室", day=day, begins="10:30", is_sure="y")

    assert given.status_code == 303, given.text
    session.rollback()
    assert (sent.state, sent.room) == (InterviewState.SENT, "第三答辩室")
    assert clock.local(sent.starts_at).strftime("%H:%M") == "10:30"


def test_request_without_a_reason_is_refused_and_what_was_typed_kept(
    me: FlaskClient, sent: Interview, session: Session
) -> None:
    empty = ask(me, sent, do="ask_move", opinion="")
    long = ask(me, sent, do="ask_move", opinion="当日在外地出差，" + "另有安排，" * 60)

    assert (empty.status_code, long.status_code) == (422, 422)
    assert "at most 300" in long.text
    assert "当日在外地出差，" + "另有安排，" * 60 in long.text
    session.rollback()
    assert sent.state is InterviewState.SENT


def test_time_is_kept_with_a_reason(
    office: FlaskClient, me: FlaskClient, sent: Interview, session: Session
) -> None:
    ask(me, sent, do="ask_move", opinion=REASON)
    session.rollback()

    assert press(office, "keep", sent).status_code == 422
    assert press(office, "keep", sent, opinion="没有空余时间，请按时参加").status_code == 303
    session.rollback()

    assert sent.state is InterviewState.SENT


def test_who_came_is_noted_on_the_day(
    app: Flask, plan: Plan, sent: Interview, session: Session
) -> None:
    position = f.position(Role.OFFICE, committee=plan.committee)
    session.commit()
    with time_machine.travel(sent.starts_at + timedelta(minutes=5), tick=False):
        office = english(signed_in(app.test_client(), position))

        assert press(office, "miss", sent).status_code == 303
        session.rollback()
        assert sent.state is InterviewState.ABSENT
        assert press(office, "correct", sent, opinion="登记有误，本人已到场").status_code == 303

    session.rollback()
    assert sent.state is InterviewState.HEARD


def test_nobody_is_absent_before_the_time(
    office: FlaskClient, sent: Interview, session: Session
) -> None:
    refused = press(office, "miss", sent)

    assert refused.status_code == 422
    assert "enter then who came" in refused.text
    session.rollback()
    assert sent.state is InterviewState.SENT


def test_sheet_for_the_door_names_no_number_of_a_person(
    office: FlaskClient, plan: Plan, sent: Interview, session: Session
) -> None:
    beside = f.interview(candidate(plan), starts_at=sent.ends_at)
    elsewhere = f.interview(candidate(plan), starts_at=sent.starts_at, room="第二答辩室")
    later = f.interview(candidate(plan), starts_at=sent.starts_at + timedelta(days=1))
    session.commit()

    page = office.get(f"{SLOTS}/{sent.id}/door")

    assert page.status_code == 200
    here = [one.application.number in page.text for one in (sent, beside, elsewhere, later)]
    assert here == [True, True, False, False]
    assert sent.application.person.id_number not in page.text


def test_slot_shows_when_and_where_with_its_timeline(
    office: FlaskClient, sent: Interview, session: Session
) -> None:
    session.commit()

    pages = [office.get(path) for path in (f"{SLOTS}/{sent.id}", f"/g/1.2.4/{sent.application_id}")]

    assert [page.status_code for page in pages] == [200, 200]
    assert all("第一答辩室" in page.text for page in pages)
    assert f"{SLOTS}/{sent.id}/door" in pages[0].text


def test_slots_leave_as_a_workbook(office: FlaskClient, sent: Interview, tmp_path: Any) -> None:
    file = tmp_path / "slots.xlsx"

    file.write_bytes(office.get(f"{SLOTS}/export.xlsx").data)

    rows = list(load_workbook(file).active.values)
    assert len(rows) == 2
    assert sent.application.number in rows[1]


def test_interview_of_another_committee_does_not_exist(
    office: FlaskClient, session: Session
) -> None:
    other = f.plan(mode=MeetingMode.ONLINE, steps=STEPS)
    foreign = f.interview(candidate(other))
    session.commit()

    answers = [
        office.get(f"{SLOTS}/{foreign.id}"),
        office.get(f"{SLOTS}/{foreign.id}/door"),
        press(office, "send", foreign),
    ]
    refused = office.post("/g/1.2.4/generate", data=typed(other))

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert refused.status_code == 422
    assert "not offered any more" in refused.text
    session.rollback()
    assert foreign.state is InterviewState.PLANNED


def test_interview_of_somebody_else_cannot_be_answered(
    me: FlaskClient, plan: Plan, mine: Application, session: Session
) -> None:
    foreign = f.interview(candidate(plan), state=InterviewState.SENT)
    planned = f.interview(mine)
    session.commit()

    answers = [
        ask(me, foreign, do="receive"),
        ask(me, planned, do="receive"),
        ask(me, planned, do="hold"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    session.rollback()
    assert (foreign.state, planned.state) == (InterviewState.SENT, InterviewState.PLANNED)


def test_phone_shows_the_same_notice(app: Flask, me: FlaskClient, sent: Interview) -> None:
    page = me.get(f"/m/application/{sent.application_id}/")

    assert page.status_code == 200
    assert 'id="interview"' in page.text
    assert f"/m/application/{sent.application_id}/interview" in page.text


def test_lists_take_as_many_statements_for_thirty_rows_as_for_one(
    office: FlaskClient, plan: Plan, sent: Interview, session: Session
) -> None:
    counts = {}
    for path in ("/g/1.2.4/", f"{SLOTS}/"):
        office.get(path)
        with statements() as few:
            office.get(path)
        counts[path] = len(few)
    for place in range(15):
        f.interview(candidate(plan), starts_at=sent.starts_at + timedelta(hours=1, minutes=place))
    session.commit()

    for path, count in counts.items():
        with statements() as many:
            office.get(path)
        assert len(many) == count


def test_page_of_a_press_that_nothing_can_take_offers_no_press(
    office: FlaskClient, sent: Interview
) -> None:
    page = office.get(f"{SLOTS}/act/hold?pk={sent.id}").text

    assert 'aria-disabled="true"' in page.split("press-bar")[1]
    assert "enter then who came" in page


def test_days_off_and_short_notice_are_asked_about_once(
    office: FlaskClient, plan: Plan, mine: Application, session: Session
) -> None:
    days = session.query(WorkDay).filter(WorkDay.day > f.in_days(1)).order_by(WorkDay.day).all()
    off = next(one.day for one in days if not one.is_working)
    far = next(one.day for one in days if one.is_working and one.day > f.in_days(20))
    plan.opens_on, plan.closes_on = off, f.in_days(60)
    session.commit()
    unsure = typed(plan) | {"is_sure": "", "first": off.isoformat()}

    tried = office.post("/g/1.2.4/generate", data=unsure | {"try": "1"})
    asked = office.post("/g/1.2.4/generate", data=unsure)

    assert (tried.status_code, "To consider" in tried.text) == (200, True)
    assert asked.status_code == 422
    assert f"Days off: {off}." in asked.text
    assert slots(session) == []
    assert office.post("/g/1.2.4/generate", data=unsure | {"is_sure": "y"}).status_code == 303
    [slot] = slots(session)
    new = {"room": "第三答辩室", "begins": "10:30"}
    assert press(office, "move", slot, day=off.isoformat(), **new).status_code == 422
    moved = press(office, "move", slot, day=far.isoformat(), **new)
    assert moved.status_code == 303, moved.text
