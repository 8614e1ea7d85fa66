"""Rows 33, 36, 37 and 38: the composition of a meeting, its draw, recusal, and the names of judges."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, DrawState, Role, SeatState
from app.extensions import db
from app.models import Draw, Position, Recusal, Seat
from tests.bad_input import desk
from tests.support import drawing, factories, world
from tests.support.drawing import OFFICE_SECRET, REASON, SUPERVISOR_SECRET, Meeting

DRAWS, SEATS, RECUSALS, MINE = (
    "/g/1.2.3/draws",
    "/g/1.2.3/seats",
    "/g/1.2.3/recusals",
    "/g/my-seats",
)
COMMIT, REVEAL = f"{DRAWS}/act/commit", f"{DRAWS}/act/reveal"


@pytest.fixture
def made(app: Flask) -> Meeting:
    return drawing.meeting()


@pytest.fixture
def clerk(app: Flask, made: Meeting) -> FlaskClient:
    return desk.at(app, made.clerk)


@pytest.fixture
def watcher(app: Flask, made: Meeting) -> FlaskClient:
    return desk.at(app, made.watcher)


def judge(app: Flask, seat: Seat) -> FlaskClient:
    query = db.session.query(Position).filter_by(user_id=seat.user_id, role=Role.JUDGE)
    return desk.at(app, query.one())


def row(record: Any, **typed: Any) -> dict[str, Any]:
    return {"row": desk.row(record)} | typed


# 33


def test_row_33_committee_is_odd_and_large_enough(clerk: FlaskClient, made: Meeting) -> None:
    made.committee.min_size = 7
    desk.assert_refused(clerk, f"{DRAWS}/add", {"plan_id": made.plan.id}, "7", "5")

    desk.assert_refused_change(made.plan, seats=6)
    desk.assert_refused_change(made.committee, min_size=6)


def test_row_33_groups_have_the_seats_of_the_meeting(clerk: FlaskClient, made: Meeting) -> None:
    made.plan.groups = [{"name": "甲组", "seats": 3, "specialties": []}]

    desk.assert_refused(clerk, f"{DRAWS}/add", {"plan_id": made.plan.id}, "3", "5")


def test_row_33_one_chair_only(clerk: FlaskClient, made: Meeting) -> None:
    one, two = drawing.seats(drawing.drawn(made), SeatState.CALLED)[:2]
    for seat in (one, two):
        drawing.fire(seat, "accept", made.office)
    drawing.fire(one, "appoint", made.office, role="chair")

    url = f"{SEATS}/act/appoint"
    desk.assert_refused(clerk, url, row(two, role="chair"), "主任委员")
    desk.assert_refused(clerk, url, row(two, role="king"))


# 36


def test_row_36_nobody_picks_a_judge_by_hand(
    app: Flask, clerk: FlaskClient, watcher: FlaskClient, made: Meeting
) -> None:
    draw = drawing.freeze(made)
    drawing.commit(made, draw)
    drawing.fire(draw, "open_office", made.office, secret=OFFICE_SECRET)
    chosen = made.experts[0]
    typed = {
        "secret": SUPERVISOR_SECRET, "seat_id": "1", "user_id": str(chosen.person.user_id),
        "expert_id": str(chosen.id), "seed": "0" * 64, "state": "drawn",
    }  # fmt: skip

    assert [c.get(f"{SEATS}/add").status_code for c in (clerk, watcher)] == [403, 403]
    assert clerk.post(f"{SEATS}/add", data=typed).status_code == 403
    answer = watcher.post(REVEAL, data=row(draw, **typed))

    assert answer.status_code == 303
    assert draw.seed != "0" * 64
    record = [seat.expert_id for seat in drawing.seats(draw)]
    assert len(set(record)) == 7


def test_row_36_no_draw_without_the_supervisor(
    clerk: FlaskClient, watcher: FlaskClient, made: Meeting
) -> None:
    draw = drawing.freeze(made)
    drawing.fire(draw, "commit_office", made.office, secret=OFFICE_SECRET)

    desk.assert_refused(clerk, REVEAL, row(draw, secret=OFFICE_SECRET), "承诺")
    desk.assert_refused(clerk, COMMIT, row(draw, secret=SUPERVISOR_SECRET), "已")
    drawing.fire(draw, "commit_supervisor", made.supervisor, secret=SUPERVISOR_SECRET)
    desk.assert_refused(watcher, REVEAL, row(draw, secret=SUPERVISOR_SECRET))
    drawing.fire(draw, "open_office", made.office, secret=OFFICE_SECRET)
    desk.assert_refused(clerk, REVEAL, row(draw, secret=OFFICE_SECRET))
    assert db.session.query(Seat).count() == 0


def test_row_36_one_person_is_not_both_sides(app: Flask, made: Meeting) -> None:
    draw = drawing.freeze(made)
    drawing.fire(draw, "commit_office", made.office, secret=OFFICE_SECRET)
    both = factories.position(Role.SUPERVISOR, committee=made.committee, user=made.clerk.user)

    desk.assert_refused(desk.at(app, both), COMMIT, row(draw, secret=SUPERVISOR_SECRET), "另一方")


def test_row_36_bad_digests_and_wrong_secrets(
    clerk: FlaskClient, watcher: FlaskClient, made: Meeting
) -> None:
    draw = drawing.freeze(made)

    for typed in (
        {"digest": "", "secret": ""},
        {"digest": "12ab"},
        {"digest": "z" * 64},
        {"digest": "0" * 65},
        {"digest": "＇; DROP TABLE draw; --"},
        {"secret": "太短"},
        {"secret": "abc-def"},
        {"secret": "a" * 201},
    ):
        desk.assert_refused(clerk, COMMIT, row(draw, **typed), keeps="secret" not in typed)
    drawing.commit(made, draw)
    for secret in ("0" * 16, SUPERVISOR_SECRET, ""):
        desk.assert_refused(clerk, REVEAL, row(draw, secret=secret))
    assert draw.state is DrawState.COMMITTED


def test_row_36_not_too_early_and_not_too_late(clerk: FlaskClient, made: Meeting) -> None:
    made.plan.opens_on, made.plan.closes_on = factories.in_days(3), factories.in_days(4)
    first = str(factories.in_days(2))
    desk.assert_refused(clerk, f"{DRAWS}/add", {"plan_id": made.plan.id}, first)

    made.plan.opens_on, made.plan.closes_on = factories.in_days(-3), factories.in_days(-2)
    desk.assert_refused(clerk, f"{DRAWS}/add", {"plan_id": made.plan.id})
    made.plan.opens_on = made.plan.closes_on = factories.in_days(1)
    made.plan.mode = "offline"
    desk.assert_refused(clerk, f"{DRAWS}/add", {"plan_id": made.plan.id})


def test_row_36_drawn_twice_keeps_one(clerk: FlaskClient, made: Meeting) -> None:
    draw = drawing.drawn(made)

    desk.assert_refused(clerk, f"{DRAWS}/add", {"plan_id": made.plan.id, "reason": REASON}, "1")
    desk.assert_refused_twin(draw, attempt=2)
    desk.assert_refused_twin(draw, state="void")
    desk.assert_refused_change(draw, seed=None)
    assert db.session.query(Draw).count() == 1


def test_row_36_redraw_needs_a_reason_and_the_other_side(
    app: Flask, clerk: FlaskClient, watcher: FlaskClient, made: Meeting
) -> None:
    draw = drawing.drawn(made)
    ask, void = f"{DRAWS}/act/ask_void", f"{DRAWS}/act/void"
    colleague = desk.clerk(app, Role.OFFICE, committee=made.committee)

    for opinion in ("", "   ", "无", "同意"):
        desk.assert_refused(clerk, ask, row(draw, opinion=opinion))
    desk.assert_refused(watcher, void, row(draw, decision="void"))
    drawing.fire(draw, "ask_void", made.office, REASON)
    desk.assert_refused(clerk, void, row(draw, decision="void"), "另一方")
    desk.assert_refused(colleague, void, row(draw, decision="void"), "另一方")
    drawing.fire(draw, "void", made.supervisor)
    for reason in ("", "无"):
        desk.assert_refused(clerk, f"{DRAWS}/add", {"plan_id": made.plan.id, "reason": reason})


def test_row_36_refusal_names_reasons_when_the_pool_is_too_small(
    clerk: FlaskClient, made: Meeting
) -> None:
    for one in made.experts[:8]:
        one.leave_from = factories.today()

    desk.assert_refused(
        clerk, f"{DRAWS}/add", {"plan_id": made.plan.id}, "5", "4", "12", "请假", "8"
    )


def test_row_36_answers_are_the_judges_own(app: Flask, clerk: FlaskClient, made: Meeting) -> None:
    seat, other = drawing.seats(drawing.drawn(made), SeatState.CALLED)[:2]
    mine = judge(app, seat)

    assert mine.post(f"{MINE}/act/accept", data=row(other)).status_code == 404
    desk.assert_refused(mine, f"{MINE}/act/decline", row(seat, opinion=""))
    desk.assert_refused(mine, f"{MINE}/act/attend", row(seat))
    drawing.fire(seat, "accept", made.office)
    desk.assert_refused(mine, f"{MINE}/act/accept", row(seat))
    desk.assert_refused(mine, f"{MINE}/act/attend", row(seat), str(made.plan.opens_on))
    desk.assert_refused(clerk, f"{SEATS}/act/accept", row(seat))


# 37


def test_row_37_recusal_needs_a_reason_a_name_and_a_case(
    app: Flask, clerk: FlaskClient, made: Meeting
) -> None:
    case, elsewhere = drawing.candidate(made), factories.application(ApplicationState.IN_REVIEW)
    seat = drawing.seats(drawing.drawn(made), SeatState.CALLED)[0]
    drawing.fire(seat, "accept", made.office)
    typed = {"seat_id": seat.id, "number": case.number, "reason": REASON}
    mine = judge(app, seat)

    for wrong in ({"reason": "无"}, {"reason": ""}, {"number": ""}, {"number": "SB99999999"},
                  {"number": elsewhere.number}, {"seat_id": "0"}, {"seat_id": "x"}):  # fmt: skip
        desk.assert_refused(clerk, f"{RECUSALS}/add", typed | wrong, keeps="seat_id" not in wrong)
    desk.assert_refused(
        mine, f"{MINE}/recusals/add", {"application_id": case.id, "reason": REASON}, keeps=False
    )
    made.plan.opens_on = factories.today()
    desk.assert_refused(mine, f"{MINE}/recusals/add", {"application_id": case.id, "reason": "无"})
    assert db.session.query(Recusal).count() == 0


def test_row_37_recused_case_does_not_exist_for_the_judge(app: Flask, made: Meeting) -> None:
    case = drawing.candidate(made)
    seat = drawing.seats(drawing.drawn(made), SeatState.CALLED)[0]
    drawing.fire(seat, "accept", made.office)
    made.plan.opens_on = factories.today()
    made.plan.steps = ["opinion", "vote"]
    factories.recusal(case, seat.user)
    mine = judge(app, seat)

    assert mine.get(f"/g/1.3.5/{case.id}").status_code == 404
    desk.assert_refused(
        mine, f"{MINE}/recusals/add", {"application_id": case.id, "reason": REASON}, keeps=False
    )


def test_row_37_applicant_names_a_person_in_time(app: Flask, made: Meeting) -> None:
    case = drawing.candidate(made)
    me = desk.clerk(app, Role.APPLICANT, person=case.person)
    url = f"/me/application/{case.id}/recusal"
    typed = {"named": "王某某", "named_unit": "", "reason": REASON}

    for wrong in ({"named": ""}, {"named": "王"}, {"reason": ""}, {"reason": "无"},
                  {"named_unit": "长" * 121}, {"named": "<script>alert(1)</script>"}):  # fmt: skip
        desk.assert_refused(me, url, typed | wrong)
    made.plan.opens_on = factories.today()
    desk.assert_refused(me, url, typed)


# 38


def test_row_38_names_of_judges_are_for_office_and_supervisor(app: Flask, made: Meeting) -> None:
    draw = drawing.drawn(made)
    seat = drawing.seats(draw)[0]
    case = drawing.candidate(made)
    unit = factories.unit()
    outsiders = {
        Role.UNIT: factories.position(Role.UNIT, unit=case.unit),
        Role.SUPERIOR: factories.position(Role.SUPERIOR, unit=unit),
        Role.HRSS: factories.position(Role.HRSS, unit=factories.unit(region_code="430000")),
        Role.APPLICANT: factories.position(Role.APPLICANT, person=case.person),
    }
    paths = (
        f"{SEATS}/", f"{SEATS}/{seat.id}", f"{SEATS}/export.xlsx", f"{DRAWS}/", f"{DRAWS}/{draw.id}",
        f"{DRAWS}/{draw.id}/sheet", f"{DRAWS}/{draw.id}/record.json", f"{RECUSALS}/", "/g/1.2.3/",
        f"/g/1.2.3/{made.plan.id}", f"{MINE}/", f"{MINE}/{seat.id}",
    )  # fmt: skip

    for role, position in outsiders.items():
        client = desk.at(app, position)
        statuses = {path: client.get(path).status_code for path in paths}
        assert set(statuses.values()) == {403}, (role, statuses)


def test_row_38_interface_for_programs_gives_no_seats_to_others(app: Flask, made: Meeting) -> None:
    drawing.drawn(made)
    client = app.test_client()
    position = factories.position(Role.UNIT, unit=factories.unit())
    secret = world.token(factories.actor_of(position))

    statuses = [
        client.get(f"/api/v1/g/{name}/", headers=world.bearer(secret)).status_code
        for name in ("MeetingSeatView", "DrawCourseView", "RecusalView", "OwnSeatView", "1.2.3")
    ]

    assert statuses == [403] * 5
