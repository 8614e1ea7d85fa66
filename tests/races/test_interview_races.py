"""Two clerks at the same moment: nobody gets two slots, no room two candidates."""

import os
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enums import ApplicationState, InterviewState, MeetingMode, ReviewStep, Role
from app.extensions import db
from app.ground import clock
from app.models import Interview, Plan
from tests.bad_input import desk
from tests.races.test_races import posts, together
from tests.support import factories

ROUNDS = range(25 if os.environ.get("LONG") else 2)
STEPS = [ReviewStep.INTERVIEW.value, ReviewStep.OPINION.value, ReviewStep.VOTE.value]


@pytest.fixture
def plan(app: Flask) -> Plan:
    factories.work_days()
    made: Plan = factories.plan(mode=MeetingMode.ONLINE, steps=STEPS)
    return made


@pytest.fixture
def clerks(app: Flask, plan: Plan) -> list[FlaskClient]:
    return [desk.clerk(app, Role.OFFICE, committee=plan.committee) for _ in range(2)]


def hours(plan: Plan, **typed: Any) -> dict[str, Any]:
    return {
        "plan_id": plan.id, "rooms": "一室\n二室", "first": plan.opens_on.isoformat(), "begins": "09:00",
        "ends": "17:30", "minutes": "10", "pause": "0",
    } | typed  # fmt: skip


def slots(plan: Plan) -> list[Interview]:
    db.session.rollback()
    return list(db.session.scalars(select(Interview).where(Interview.plan_id == plan.id)))


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_generations_give_one_slot_to_each(
    app: Flask, plan: Plan, clerks: list[FlaskClient], _round: int
) -> None:
    for _ in range(4):
        factories.application(ApplicationState.IN_REVIEW, plan=plan)
    presses = [
        posts(client, "/g/1.2.4/generate", hours(plan, rooms=rooms))
        for client, rooms in zip(clerks, ("一室", "二室"), strict=True)
    ]

    answers = together(app, *presses)

    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert len(slots(plan)) == 4


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_moves_into_one_slot_leave_one_candidate_there(
    app: Flask, plan: Plan, clerks: list[FlaskClient], _round: int
) -> None:
    begins = clock.start_of_day(plan.opens_on) + timedelta(hours=9)
    moved = [
        factories.interview(
            factories.application(ApplicationState.IN_REVIEW, plan=plan),
            starts_at=begins + timedelta(minutes=10 * place),
            state=InterviewState.SENT,
        )
        for place in range(2)
    ]
    aims = [{"begins": time} for time in ("14:00", "14:05")]
    presses = [
        posts(
            client,
            "/g/1.2.4/slots/act/move",
            {"row": desk.row(slot), "room": "二室", "day": plan.opens_on.isoformat()} | aim,
        )
        for client, slot, aim in zip(clerks, moved, aims, strict=True)
    ]

    answers = together(app, *presses)

    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert Counter(slot.room for slot in slots(plan)) == {"二室": 1, "第一答辩室": 1}
