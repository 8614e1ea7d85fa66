"""Rows 43, 44, 45 and 49: quorum, who presides, one secret ballot in person, nothing that links it."""

from typing import Any

import pytest
from flask import Flask

from app.enums import KeyRole, Role, SeatState
from app.extensions import db
from app.models import Plan, Round, SealedBallot
from tests.bad_input import desk
from tests.support import meetings

ADD, ACT = "/g/meeting/rounds/add", "/g/meeting/rounds/act"
YES = {"choice-1": "y", "choice-2": "y", "choice-3": "y"}


@pytest.fixture
def sat(app: Flask) -> Any:
    return meetings.ready()


@pytest.fixture
def opened(sat: Any) -> Any:
    plan, judges, holders = sat
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    return plan, judges, holders, held


def test_row_43_no_vote_without_two_thirds(app: Flask, sat: Any) -> None:
    plan, judges, _holders = sat
    office = desk.clerk(app, Role.OFFICE, committee=plan.committee)
    for _position, seat in judges[8:]:
        seat.state = SeatState.ACCEPTED

    desk.assert_refused(office, ADD, {"plan_id": plan.id}, "13", "8", "9")
    for wrong in ("", "x", "999999", "9" * 30):
        desk.assert_refused(office, ADD, {"plan_id": wrong}, keeps=False)
    assert db.session.query(Round).count() == 0


def test_row_44_no_member_presides(app: Flask, sat: Any) -> None:
    plan, judges, holders = sat
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    member = desk.at(app, judges[5][0])
    judges[0][1].state = SeatState.GONE

    desk.assert_refused(member, f"{ACT}/open", {"row": desk.row(held)}, "主持人")
    office = desk.clerk(app, Role.OFFICE, committee=plan.committee)
    assert office.post(f"{ACT}/open", data={"row": desk.row(held)}).status_code == 403


def test_row_45_late_absent_and_foreign_ballots_are_refused(app: Flask, opened: Any) -> None:
    plan, judges, holders, held = opened
    url = f"/g/1.3.4/round/{held.id}"
    gone = desk.at(app, judges[2][0])
    judges[2][1].state = SeatState.GONE
    late_position, _seat = meetings.judge(plan)
    late, member = desk.at(app, late_position), desk.at(app, judges[1][0])

    desk.assert_refused(gone, url, YES, "离会", keeps=False)
    desk.assert_refused(late, url, YES, status=404)
    for wrong in (
        {}, YES | {"choice-2": ""}, YES | {"choice-3": "x"}, YES | {"choice-1": "yy"}, {"choice-1": "y"},
        {"sealed": "A"}, {"sealed": "选票"}, {"sealed": "../" * 43},
        YES | {"choice-2": "-" * 5000},
    ):  # fmt: skip
        desk.assert_refused(member, url, wrong, keeps=False)
    forged = YES | {"seat_id": judges[3][1].id, "user_id": judges[3][0].user_id, "round_id": 0}
    assert member.post(url, data=forged).status_code == 303
    [cast] = db.session.query(SealedBallot)
    assert cast.seat_id == judges[1][1].id
    meetings.fire(held, "close", holders[KeyRole.CHAIR][0], opinion=meetings.EARLY)
    desk.assert_refused(desk.at(app, judges[4][0]), url, YES, status=303)


def test_row_45_database_keeps_one_ballot_of_a_seat(opened: Any) -> None:
    _plan, judges, _holders, held = opened
    cast = meetings.cast(held, judges[1][0], "yyy")

    desk.assert_refused_twin(cast, tracker="other")
    desk.assert_refused_twin(cast, seat_id=judges[2][1].id)


def test_row_49_wrong_code_opens_nothing(app: Flask, opened: Any) -> None:
    plan, judges, holders, held = opened
    meetings.cast(held, judges[1][0], "yna")
    meetings.fire(held, "close", holders[KeyRole.CHAIR][0], opinion=meetings.EARLY)
    chair = desk.at(app, judges[0][0])

    for code in (
        "",
        "x",
        "AAAAA-AAAAA-AAAAA-AAAAA",
        "<script>",
        "开箱码",
        holders[KeyRole.OFFICE][1],
    ):
        desk.assert_refused(
            chair, f"{ACT}/release", {"row": desk.row(held), "code": code}, keeps=False
        )
    other = desk.at(app, judges[5][0])
    typed = {"row": desk.row(held), "code": holders[KeyRole.CHAIR][1]}
    desk.assert_refused(other, f"{ACT}/release", typed, "保管人", keeps=False)
    assert db.session.get_one(Plan, plan.id).voted_on is None


def test_row_49_counted_votes_are_refused_any_change_by_the_database(opened: Any) -> None:
    _plan, judges, holders, held = opened
    meetings.cast(held, judges[1][0], "yna")
    meetings.count(held, holders)
    db.session.commit()

    for vote in held.candidates:
        desk.assert_refused_change(vote, yes=9)
        desk.assert_refused_change(vote, opened="yyyy")
    desk.assert_refused_change(held, cast=9)
