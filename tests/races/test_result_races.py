"""Presses at the same moment on a computed result: one wins, one signature for each role, one number for each certificate.

`LONG=1` makes more than a thousand rounds of each.
"""

import os
from typing import Any

import pytest
from flask import Flask

from app.enums import ApplicationState, FilingState, Level, PlanState, Role, SeatRole, UnitKind
from app.extensions import db
from app.models import Certificate, Plan
from tests.bad_input import desk
from tests.races.test_races import NUMBER, REASON, events, posts, statuses, tabs, together
from tests.support import factories, meetings

TIMES = 1_000 if os.environ.get("LONG") else 3
AT_ONCE = 34
"""So many presses at one moment; three times as many in the short form are about a hundred."""
CONFIRM = "/g/1.2.5/act/confirm"
MANY = 100
"""Certificates that are issued at one moment."""


@pytest.fixture(autouse=True)
def official_calendar(app: Flask) -> None:
    factories.work_days()


@pytest.fixture
def plan(app: Flask) -> Plan:
    """A meeting whose one round is counted."""
    plan = meetings.online(count=1)
    meetings.vote(plan, 20)
    return plan


def another(plan: Plan) -> Plan:
    made = meetings.online(batch=plan.batch, count=1)
    meetings.vote(made, 20)
    return made


def test_result_computed_by_many_at_once_is_computed_once(app: Flask, plan: Plan) -> None:
    clerk = desk.clerk(app, Role.OFFICE, committee=plan.committee)

    for _time in range(TIMES):
        # new windows every time: one that opens no page between keeps all its messages in the cookie
        one, windows = another(plan), tabs(app, clerk, 4)
        typed = {"row": desk.row(one)}
        answers = together(app, *(posts(tab, "/g/1.2.5/act/compute", typed) for tab in windows))

        assert statuses(answers) == [303, 422, 422, 422]
        assert events(one) == {"compute": 1}
        assert len(one.results) == 1


def test_confirmed_and_sent_back_at_once_is_one_of_both(app: Flask, plan: Plan) -> None:
    clerks = [desk.clerk(app, Role.OFFICE, committee=plan.committee) for _count in range(2)]
    ways: list[dict[str, str]] = [
        {"decision": "confirm"},
        {"decision": "reopen", "opinion": REASON},
    ]

    for time in range(TIMES):
        one = another(plan)
        meetings.computed(one)
        meetings.signed(one)
        typed = [{"row": desk.row(one)} | way for way in ways]
        windows = [tabs(app, clerk, 1)[0] for clerk in clerks]
        pairs = list(zip(windows, typed, strict=True))
        # whoever comes first in the list has a small start
        order = pairs if time % 2 else pairs[::-1]
        answers = together(app, *(posts(who, CONFIRM, what) for who, what in order))

        db.session.refresh(one)
        won = "confirm" if one.state is PlanState.CONCLUDED else "reopen"
        assert statuses(answers) == [303, 422]
        assert {
            name: count for name, count in events(one).items() if name in ("confirm", "reopen")
        } == {won: 1}
        assert len(one.results) == (1 if won == "confirm" else 0)
        assert meetings.candidates(one)[0].state is (
            ApplicationState.PASSED if won == "confirm" else ApplicationState.IN_REVIEW
        )


@pytest.mark.parametrize(
    ("role", "event", "by", "moment"),
    [
        (Role.JUDGE, "sign_chair", "chair_signed_by", "chair_signed_at"),
        (Role.SUPERVISOR, "sign_supervisor", "supervisor_signed_by", "supervisor_signed_at"),
    ],
)
def test_hundred_presses_are_one_signature(
    app: Flask, plan: Plan, role: Role, event: str, by: str, moment: str
) -> None:
    position = factories.position(role, committee=plan.committee)
    signer = desk.at(app, position)

    for _time in range(max(TIMES // 10, 3)):
        one = another(plan)
        meetings.computed(one)
        one.minutes = meetings.MINUTES
        factories.seat(
            one, position.user, role=SeatRole.CHAIR, state="present",
            attended_at=factories.clock.now(),
        )  # fmt: skip
        db.session.flush()
        typed, windows = {"row": desk.row(one)}, tabs(app, signer, AT_ONCE)
        answers = together(
            app, *(posts(tab, "/g/meeting-result/act/sign", typed) for tab in windows)
        )

        db.session.refresh(one)
        assert statuses(answers) == [303] + [422] * (AT_ONCE - 1)
        assert events(one)[event] == 1
        assert getattr(one, by) == position.user_id
        assert getattr(one, moment) is not None


def test_signature_and_changed_minutes_at_once_never_leave_a_signature_under_another_text(
    app: Flask, plan: Plan
) -> None:
    clerk = desk.clerk(app, Role.OFFICE, committee=plan.committee)
    position = meetings.supervisor(plan)
    watcher = desk.at(app, position)
    changed = meetings.MINUTES + "补充一句。"

    for _time in range(TIMES):
        one = another(plan)
        meetings.computed(one)
        one.minutes = meetings.MINUTES
        db.session.flush()
        row = desk.row(one)
        answers = together(
            app,
            posts(tabs(app, watcher, 1)[0], "/g/meeting-result/act/sign", {"row": row}),
            posts(tabs(app, clerk, 1)[0], "/g/1.2.5/act/minutes", {"row": row, "minutes": changed}),
        )

        db.session.refresh(one)
        assert statuses(answers) == [303, 422]
        assert (one.minutes == changed) == (one.supervisor_signed_at is None)


def test_certificates_issued_at_once_have_numbers_of_their_own(app: Flask) -> None:
    committee = factories.committee()
    batch = factories.batch(committee=committee)
    bureau = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    windows = tabs(app, desk.clerk(app, Role.HRSS, unit=bureau), 10)
    numbers: set[str] = set()

    for time in range(1, max(TIMES // MANY, 1) + 1):
        filings = [in_filing(batch, MANY // len(windows)) for _tab in windows]
        answers = together(
            app,
            *(
                posts(
                    tab,
                    "/g/1.2.7/act/audit",
                    {"row": desk.row(filing), "decision": "agree"} | NUMBER,
                )
                for tab, filing in zip(windows, filings, strict=True)
            ),
        )

        assert statuses(answers) == [303] * len(windows)
        numbers |= {number for (number,) in db.session.query(Certificate.number)}
        assert len(numbers) == db.session.query(Certificate).count() == MANY * time


def in_filing(batch: Any, count: int) -> Any:
    """Make a filing of an offline meeting in which `count` middle candidates passed."""
    plan = factories.plan(
        batch=batch, state=PlanState.ENTERED, members=25, present=25, voted_on=factories.today()
    )
    for _count in range(count):
        item = factories.application(ApplicationState.IN_FILING, plan=plan, level=Level.MIDDLE)
        factories.result(plan, item)
    plan.state = PlanState.CONCLUDED
    return factories.filing(plan, state=FilingState.REPORTED)
