"""A refusal by telephone vacates no seat before the supervisor confirms it, and the judge may object."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.enums import Role, SeatState
from app.models import Draw, Outbox, Seat
from tests.support import drawing
from tests.support import factories as f
from tests.support.acting import press as fire
from tests.support.acting import why_not
from tests.support.drawing import REASON, Meeting


@pytest.fixture
def made(app: Flask) -> Meeting:
    return drawing.meeting()


@pytest.fixture
def draw(made: Meeting) -> Draw:
    return drawing.drawn(made)


@pytest.fixture
def seat(draw: Draw) -> Seat:
    return drawing.seats(draw, SeatState.CALLED)[0]


def told(session: Session, template: str) -> list[int]:
    return [one.user_id for one in session.query(Outbox).filter_by(template=template)]


def test_note_moves_nothing_and_tells_judge_and_supervisor(
    made: Meeting, draw: Draw, seat: Seat, session: Session
) -> None:
    fire(seat, "note_decline", made.office, REASON)

    assert (seat.state, seat.answered_at) == (SeatState.CALLED, None)
    assert len(drawing.seats(draw, SeatState.RESERVE)) == 2
    assert told(session, "seat.decline_noted") == [seat.user_id]
    assert made.watcher.user_id in told(session, "seat.decline_check")
    assert seat.user.real_name not in str(
        [one.payload for one in session.query(Outbox).filter_by(template="seat.decline_check")]
    )
    assert "noted already" in str(why_not(seat, "note_decline", made.office))


def test_confirmation_vacates_the_seat(
    made: Meeting, draw: Draw, seat: Seat, session: Session
) -> None:
    following = drawing.seats(draw, SeatState.RESERVE)[0]
    fire(seat, "note_decline", made.office, REASON)

    log = fire(seat, "confirm_decline", made.supervisor)

    assert (seat.state, seat.reason) == (SeatState.DECLINED, REASON)
    assert following.state is SeatState.CALLED
    assert log.details == {"followed_by": following.place}
    assert told(session, "seat.decline_confirmed") == [seat.user_id]


def test_accepted_judge_is_kept_out_by_nobody_alone(made: Meeting, seat: Seat) -> None:
    fire(seat, "accept", drawing.judge(seat))

    for event in ("decline", "withdraw"):
        assert why_not(seat, event, made.office) is not None
    assert "noted no refusal" in str(why_not(seat, "confirm_decline", made.supervisor))
    fire(seat, "note_decline", made.office, REASON)
    assert why_not(seat, "confirm_decline", made.office) is not None
    assert seat.state is SeatState.ACCEPTED


def test_one_person_in_both_positions_is_refused(made: Meeting, seat: Seat) -> None:
    both = f.actor_of(f.position(Role.SUPERVISOR, committee=made.committee, user=made.clerk.user))
    fire(seat, "note_decline", made.office, REASON)

    assert "somebody else" in str(why_not(seat, "confirm_decline", both))


def test_judge_objects_before_the_confirmation(made: Meeting, seat: Seat, session: Session) -> None:
    fire(seat, "note_decline", made.office, REASON)

    fire(seat, "object_decline", drawing.judge(seat), "本人未接到电话，可以参加")

    assert (seat.state, seat.decline_noted_by, seat.reason) == (SeatState.CALLED, None, "")
    assert {made.clerk.user_id, made.watcher.user_id} <= set(told(session, "seat.decline_objected"))
    assert "noted no refusal" in str(why_not(seat, "confirm_decline", made.supervisor))


def test_judge_objects_after_the_confirmation(made: Meeting, seat: Seat, session: Session) -> None:
    fire(seat, "note_decline", made.office, REASON)
    fire(seat, "confirm_decline", made.supervisor)

    fire(seat, "object_decline", drawing.judge(seat), "本人未接到电话，可以参加")

    assert seat.state is SeatState.DECLINED
    assert {made.clerk.user_id, made.watcher.user_id} <= set(told(session, "seat.decline_objected"))


def test_own_refusal_leaves_nothing_to_object_to(seat: Seat) -> None:
    fire(seat, "decline", drawing.judge(seat), REASON)

    assert "noted no refusal" in str(why_not(seat, "object_decline", drawing.judge(seat)))


def test_answer_of_the_judge_ends_the_note(made: Meeting, seat: Seat) -> None:
    fire(seat, "note_decline", made.office, REASON)

    fire(seat, "accept", drawing.judge(seat))

    assert (seat.state, seat.decline_noted_by) == (SeatState.ACCEPTED, None)


def test_supervisor_does_not_confirm(made: Meeting, seat: Seat, session: Session) -> None:
    fire(seat, "note_decline", made.office, REASON)

    fire(seat, "drop_decline", made.supervisor, "电话核实，本人可以参加")

    assert (seat.state, seat.decline_noted_by) == (SeatState.CALLED, None)
    assert made.clerk.user_id in told(session, "seat.decline_dropped")


def test_only_the_own_seat(made: Meeting, draw: Draw, seat: Seat) -> None:
    other = drawing.seats(draw, SeatState.CALLED)[1]
    fire(seat, "note_decline", made.office, REASON)

    assert "not yours" in str(why_not(seat, "object_decline", drawing.judge(other)))
