"""C6: a draw pressed twice, two officers at once, answers that cross: one result each time, nobody called twice."""

import os

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import DrawState, Role, SeatState
from app.extensions import db
from app.models import Assignment, Draw, Recusal, Seat
from app.services.draw import draw_record
from tests.bad_input import desk
from tests.races.test_races import posts, statuses, tabs, together
from tests.support import drawing, factories
from tests.support.drawing import OFFICE_SECRET, REASON, SUPERVISOR_SECRET, Meeting
from tests.support.verifiers import verify_draw

LONG = bool(os.environ.get("LONG"))
ROUNDS = 1000 if LONG else 20
FEW = 60 if LONG else 4
DRAWS, SEATS, MINE = "/g/1.2.3/draws", "/g/1.2.3/seats", "/g/my-seats"


@pytest.fixture
def made(app: Flask) -> Meeting:
    return drawing.meeting()


def office(app: Flask, made: Meeting) -> FlaskClient:
    return desk.at(app, made.clerk)


def void(made: Meeting, draw: Draw) -> None:
    drawing.fire(draw, "ask_void", made.office, REASON)
    drawing.fire(draw, "void", made.supervisor)


def test_result_pressed_four_times_at_once_is_one_result(app: Flask, made: Meeting) -> None:
    """Every round is a new attempt at the same meeting, pressed in four windows."""
    watcher = desk.at(app, made.watcher)
    for number in range(1, ROUNDS + 1):
        draw = drawing.freeze(made, reason=REASON)
        drawing.commit(made, draw)
        drawing.fire(draw, "open_office", made.office, secret=OFFICE_SECRET)
        typed = {"row": desk.row(draw), "secret": SUPERVISOR_SECRET}

        answers = together(
            app, *(posts(tab, f"{DRAWS}/act/reveal", typed) for tab in tabs(app, watcher, 4))
        )

        db.session.expire_all()
        assert statuses(answers) == [303, 422, 422, 422]
        assert (draw.state, draw.attempt) == (DrawState.DRAWN, number)
        assert [seat.place for seat in drawing.seats(draw)] == list(range(1, 8))
        assert verify_draw.check(draw_record.record(db.session(), draw)) == (5, 2)
        void(made, draw)


def test_two_officers_freeze_one_pool(app: Flask, made: Meeting) -> None:
    clerks = [office(app, made), *(
        desk.clerk(app, Role.OFFICE, committee=made.committee) for _count in range(3)
    )]  # fmt: skip
    for number in range(1, FEW + 1):
        typed = {"plan_id": made.plan.id, "reason": REASON}

        answers = together(app, *(posts(clerk, f"{DRAWS}/add", typed) for clerk in clerks))

        db.session.expire_all()
        assert statuses(answers) == [303, 422, 422, 422]
        assert db.session.query(Draw).filter_by(plan_id=made.plan.id).count() == number
        void(made, db.session.query(Draw).filter_by(attempt=number).one())


def test_both_sides_commit_at_once(app: Flask, made: Meeting) -> None:
    """Whoever loses is told and commits again; no commitment is lost, and nobody's is overwritten."""
    sides = (office(app, made), desk.at(app, made.watcher))
    for _number in range(FEW):
        draw = drawing.freeze(made, reason=REASON)
        typed = {"row": desk.row(draw), "secret": OFFICE_SECRET}

        answers = together(app, *(posts(side, f"{DRAWS}/act/commit", typed) for side in sides))

        db.session.expire_all()
        kept = [one for one in (draw.office_digest, draw.supervisor_digest) if one]
        assert len(kept) == statuses(answers).count(303) >= 1
        assert draw.state is (DrawState.COMMITTED if len(kept) == 2 else DrawState.FROZEN)
        void(made, draw)


def test_judges_who_decline_at_once_call_different_alternates(app: Flask, made: Meeting) -> None:
    for _number in range(FEW):
        draw = drawing.freeze(made, reason=REASON)
        drawing.commit(made, draw)
        drawing.reveal(made, draw)
        free = drawing.seats(draw, SeatState.CALLED)[:4]
        presses = [
            posts(
                desk.at(app, drawing.judge_position(seat)),
                f"{MINE}/act/decline",
                {"row": desk.row(seat), "opinion": REASON},
            )
            for seat in free
        ]

        answers = together(app, *presses)

        db.session.expire_all()
        assert statuses(answers) == [303] * 4
        assert len(drawing.seats(draw, SeatState.CALLED)) == 5
        assert len(drawing.seats(draw, SeatState.DECLINED)) == 4
        assert [seat.place for seat in drawing.seats(draw)] == list(range(1, 10))
        assert verify_draw.check(draw_record.record(db.session(), draw)) == (5, 4)
        void(made, draw)


def test_acceptance_and_void_at_once_leave_no_member(app: Flask, made: Meeting) -> None:
    clerk, watcher = office(app, made), desk.at(app, made.watcher)
    for _number in range(FEW):
        draw = drawing.freeze(made, reason=REASON)
        drawing.commit(made, draw)
        drawing.reveal(made, draw)
        seat = drawing.seats(draw)[0]
        drawing.fire(draw, "ask_void", made.office, REASON)
        accept = {"row": desk.row(seat)}
        agree = {"row": desk.row(draw), "decision": "void"}

        together(
            app,
            posts(clerk, f"{SEATS}/act/accept", accept),
            posts(watcher, f"{DRAWS}/act/void", agree),
        )

        db.session.expire_all()
        if draw.state is not DrawState.VOID:
            drawing.fire(draw, "void", made.supervisor)
        assert {one.state for one in drawing.seats(draw)} == {SeatState.RELEASED}
        assert db.session.query(Assignment).count() == 0


def test_two_chairs_at_once_are_one(app: Flask, made: Meeting) -> None:
    draw = drawing.drawn(made)
    members = drawing.seats(draw, SeatState.CALLED)[:4]
    for seat in members:
        drawing.fire(seat, "accept", made.office)
    clerk = office(app, made)
    for _number in range(FEW):
        presses = [
            posts(tab, f"{SEATS}/act/appoint", {"row": desk.row(seat), "role": "chair"})
            for tab, seat in zip(tabs(app, clerk, 4), members, strict=True)
        ]

        answers = together(app, *presses)

        db.session.expire_all()
        assert statuses(answers) == [303, 422, 422, 422]
        chair = next(seat for seat in members if seat.role.value == "chair")
        drawing.fire(chair, "appoint", made.office, role="member")


def test_case_is_declared_once(app: Flask, made: Meeting) -> None:
    case = drawing.candidate(made)
    seat = drawing.seats(drawing.drawn(made), SeatState.CALLED)[0]
    drawing.fire(seat, "accept", made.office)
    made.plan.opens_on = factories.today()
    position = drawing.judge(seat).position_id
    judge = desk.at(app, db.session.get_one(factories.Position, position))
    typed = {"application_id": case.id, "reason": REASON}

    answers = together(
        app, *(posts(tab, f"{MINE}/recusals/add", typed) for tab in tabs(app, judge, 4))
    )

    assert statuses(answers) == [303, 422, 422, 422]
    assert db.session.query(Recusal).count() == 1
    left = db.session.query(Assignment).join(Seat).filter(Seat.id == seat.id)
    assert case.id not in {one.application_id for one in left}
