"""Interviews (menu 1.2.4): impossible rooms and hours, clashes, days outside the meeting, answers of strangers."""

from datetime import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, InterviewState, MeetingMode, ReviewStep, Role
from app.models import Committee, Interview, Person, Plan
from app.services.interviews import interviews
from tests.bad_input import desk
from tests.bad_input.forms import slots as typed
from tests.support import factories

GENERATE, SLOTS = "/g/1.2.4/generate", "/g/1.2.4/slots"
STEPS = [ReviewStep.INTERVIEW.value, ReviewStep.OPINION.value, ReviewStep.VOTE.value]
REASON = "当天在外地参加国家级评审"


@pytest.fixture
def plan(committee: Committee) -> Plan:
    made: Plan = factories.plan(
        batch=factories.batch(committee=committee), mode=MeetingMode.ONLINE, steps=STEPS
    )
    return made


@pytest.fixture
def slot(plan: Plan, person: Person) -> Interview:
    case = factories.application(
        ApplicationState.IN_REVIEW, plan=plan, person=person, unit=person.unit
    )
    made: Interview = factories.interview(
        case, starts_at=interviews.moment(plan.opens_on, time(9)), state=InterviewState.SENT
    )
    return made


def test_rooms_and_hours_must_be_possible(office: FlaskClient, plan: Plan) -> None:
    factories.application(ApplicationState.IN_REVIEW, plan=plan)
    offline, foreign = (
        factories.plan(batch=plan.batch, steps=STEPS),
        factories.plan(mode=MeetingMode.ONLINE, steps=STEPS),
    )

    for wrong, named in (
        ({"rooms": ""}, "填写"),
        ({"rooms": " \n "}, "填写"),
        ({"rooms": "第一答辩室\n第一答辩室"}, "第一答辩室"),
        ({"rooms": "第一答辩室：没有的组"}, "没有的组"),
        ({"rooms": "：机械组"}, "机械组"),
        ({"rooms": "长" * 65}, "64"),
        ({"rooms": "x\u200by"}, "U+200B"),
        ({"rooms": "\n".join(f"第{n}室" for n in range(51))}, "50"),
        ({"first": factories.in_days(29).isoformat()}, str(plan.opens_on)),
        ({"first": factories.in_days(33).isoformat()}, str(plan.closes_on)),
        ({"first": "明天"}, "明天"),
        ({"begins": "25:00"}, "25:00"),
        ({"begins": "9点60"}, "9点60"),
        ({"begins": ""}, "填写"),
        ({"ends": "09:00"}, "结束"),
        ({"ends": "08:59"}, "结束"),
        ({"lunch_to": ""}, "午休"),
        ({"lunch_from": "14:00", "lunch_to": "12:00"}, "午休"),
        ({"minutes": "2"}, "3"),
        ({"minutes": "61"}, "60"),
        ({"minutes": "9.5"}, "9.5"),
        ({"pause": "-1"}, "-1"),
        ({"ends": "09:05"}, "0"),
        ({"is_anew": "y", "reason": "x\u200by"}, "U+200B"),
        ({"plan_id": offline.id}, ""),
        ({"plan_id": foreign.id}, ""),
        ({"plan_id": "9" * 30}, ""),
        ({"plan_id": ""}, ""),
    ):  # fmt: skip
        for more in ({}, {"try": "1"}):
            keeps = "plan_id" not in wrong and not more
            desk.assert_refused(office, GENERATE, typed(plan) | wrong | more, named, keeps=keeps)


def test_too_few_slots_are_refused_with_how_many_fit(office: FlaskClient, plan: Plan) -> None:
    for _ in range(8):
        factories.application(ApplicationState.IN_REVIEW, plan=plan)
    last = plan.closes_on.isoformat()

    desk.assert_refused(
        office, GENERATE, typed(plan, first=last, ends="09:30"), "8 名", "6 名", "增加答辩室"
    )


def test_meeting_without_anybody_to_place_is_refused(
    office: FlaskClient, plan: Plan, slot: Interview
) -> None:
    desk.assert_refused(office, GENERATE, typed(plan), "都已有面试安排")


def test_new_time_is_free_ahead_and_inside_the_meeting(
    office: FlaskClient, plan: Plan, slot: Interview
) -> None:
    other = factories.interview(
        factories.application(ApplicationState.IN_REVIEW, plan=plan),
        starts_at=interviews.moment(plan.opens_on, time(11)),
    )
    row, day = desk.row(slot), plan.opens_on.isoformat()
    sound = {"row": row, "room": "第一答辩室", "day": day, "begins": "10:00", "is_sure": "y"}

    for wrong, named in (
        ({"begins": "11:00"}, "11:10"),
        ({"begins": "10:55"}, "11:00"),
        ({"begins": "11:09"}, "11:10"),
        ({"begins": "23:55"}, day),
        ({"begins": "上午"}, "上午"),
        ({"begins": ""}, "填写"),
        ({"day": factories.in_days(29).isoformat()}, day),
        ({"day": factories.in_days(33).isoformat()}, day),
        ({"day": "2026-02-30"}, "2026-02-30"),
        ({"day": ""}, "填写"),
        ({"room": ""}, "填写"),
        ({"room": "长" * 65}, "64"),
    ):
        desk.assert_refused(office, f"{SLOTS}/act/move", sound | wrong, named)
    desk.assert_refused(
        office, f"{SLOTS}/act/move", sound | {"row": [row, desk.row(other)]}, keeps=False
    )


def test_acts_out_of_time_and_order_are_refused(
    office: FlaskClient, plan: Plan, slot: Interview
) -> None:
    for button, named in (("hold", "开始"), ("miss", "开始"), ("send", ""), ("keep", "")):
        typed = {"row": desk.row(slot), "opinion": REASON}
        desk.assert_refused(office, f"{SLOTS}/act/{button}", typed, named, keeps=False)
    stale = {"row": f"{slot.id}:{slot.version + 7}"}
    fresh = {"room": "二室", "day": plan.opens_on.isoformat(), "begins": "10:00"}
    desk.assert_refused(office, f"{SLOTS}/act/move", stale | fresh)


def test_interviews_of_other_committees_do_not_exist(office: FlaskClient) -> None:
    elsewhere = factories.plan(mode=MeetingMode.ONLINE, steps=STEPS)
    foreign = factories.interview(factories.application(ApplicationState.IN_REVIEW, plan=elsewhere))

    for button in ("send", "move", "keep", "hold", "miss", "correct"):
        typed = {"row": desk.row(foreign), "opinion": REASON}
        desk.assert_refused(office, f"{SLOTS}/act/{button}", typed, status=404)
    assert office.get(f"{SLOTS}/{foreign.id}/door").status_code == 404


def test_answers_need_a_reason_and_an_own_notice(
    app: Flask, me: FlaskClient, plan: Plan, slot: Interview
) -> None:
    mine = f"/me/application/{slot.application_id}/interview"
    stranger = desk.clerk(app, Role.APPLICANT, person=factories.person(unit=factories.unit()))

    for reason, named in (
        ("", ""),
        ("无", ""),
        ("。。。。。。", ""),
        ("当日在外地出差，" + "另有安排，" * 60, "300"),
    ):
        desk.assert_refused(me, mine, {"do": "ask_move", "opinion": reason}, named)
    desk.assert_refused(me, mine, {"do": "receive", "version": slot.version + 1}, keeps=False)
    for event in ("hold", "miss", "move", "", "x"):
        desk.assert_refused(me, mine, {"do": event}, status=404)
    desk.assert_refused(stranger, mine, {"do": "receive"}, status=404)


def test_database_keeps_one_slot_for_each_and_one_candidate_in_each(
    plan: Plan, slot: Interview
) -> None:
    other = factories.application(ApplicationState.IN_REVIEW, plan=plan)

    desk.assert_refused_twin(slot)
    desk.assert_refused_twin(slot, application_id=other.id)
    desk.assert_refused_change(slot, ends_at=slot.starts_at)
    desk.assert_refused_change(slot, state="gone")
