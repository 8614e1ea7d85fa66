"""Seats through the engine: answers, alternates, presiding, signing in, the cases of a member."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import (
    ApplicationState,
    ExpertState,
    PlanState,
    Role,
    RoundState,
    SeatRole,
    SeatState,
)
from app.models import Draw, Expert, Outbox, Seat
from app.services.draw import assignments, draw_record, draw_rules
from tests.support import drawing
from tests.support import factories as f
from tests.support.acting import why_not
from tests.support.drawing import REASON, Meeting, cases, fire
from tests.support.verifiers import verify_draw


@pytest.fixture
def made(app: Flask) -> Meeting:
    return drawing.meeting()


@pytest.fixture
def draw(made: Meeting) -> Draw:
    return drawing.drawn(made)


def first(draw: Draw) -> Seat:
    return drawing.seats(draw, SeatState.CALLED)[0]


# answers


def test_judge_accepts_and_gets_the_cases(made: Meeting, draw: Draw, session: Session) -> None:
    other = drawing.candidate(made)
    seat = first(draw)

    log = fire(seat, "accept", drawing.judge(seat))

    assert seat.state is SeatState.ACCEPTED
    assert seat.answered_at is not None
    assert log.details == {"cases": 2}
    assert other.id in cases(session, seat)


def test_office_notes_an_answer_by_telephone(made: Meeting, draw: Draw) -> None:
    seat = first(draw)

    fire(seat, "accept", made.office)

    assert seat.state is SeatState.ACCEPTED


def test_supervisor_and_other_judges_answer_for_nobody(made: Meeting, draw: Draw) -> None:
    seat, other = drawing.seats(draw, SeatState.CALLED)[:2]
    stranger = f.actor(Role.OFFICE, committee=f.committee())

    assert "not yours" in str(why_not(seat, "accept", drawing.judge(other)))
    assert "another committee" in str(why_not(seat, "accept", stranger))
    assert "position" in str(why_not(seat, "accept", made.supervisor))


def test_refusal_calls_the_next_alternate_in_order(
    made: Meeting, draw: Draw, session: Session
) -> None:
    seat = first(draw)
    following, last = drawing.seats(draw, SeatState.RESERVE)

    log = fire(seat, "decline", drawing.judge(seat), REASON)

    assert (seat.state, seat.reason) == (SeatState.DECLINED, REASON)
    assert (following.state, last.state) == (SeatState.CALLED, SeatState.RESERVE)
    assert log.details == {"followed_by": following.place}
    told = session.query(Outbox).filter_by(user_id=following.user_id).one()
    assert told.template == "seat.call"


def test_refusal_needs_a_reason(draw: Draw) -> None:
    seat = first(draw)

    with pytest.raises(Refused):
        fire(seat, "decline", drawing.judge(seat))


def test_next_of_the_record_is_called_when_no_alternate_is_left(
    made: Meeting, draw: Draw, session: Session
) -> None:
    ranked = draw_rules.ranking(draw_rules.read_pool(draw.pool), str(draw.seed))
    for seat in drawing.seats(draw, SeatState.CALLED)[:3]:
        fire(seat, "decline", drawing.judge(seat), REASON)

    eighth = drawing.seats(draw)[7]

    assert (eighth.place, eighth.state) == (8, SeatState.CALLED)
    assert draw_rules.token(draw.salt, eighth.expert_id or 0) == ranked[7].token


def test_office_is_told_when_nobody_is_left(app: Flask, session: Session) -> None:
    made = drawing.meeting(size=5)
    draw = drawing.drawn(made)
    seat = first(draw)

    log = fire(seat, "decline", drawing.judge(seat), REASON)

    told = session.query(Outbox).filter_by(template="seat.none_left").all()
    assert [one.user_id for one in told] == [made.clerk.user_id]
    assert seat.user.real_name not in str(told[0].payload)
    assert log.details == {"followed_by": None}


def test_groups_have_alternates_of_their_own(app: Flask) -> None:
    groups = [
        {"name": "甲组", "seats": 3, "specialties": ["05001"]},
        {"name": "乙组", "seats": 2, "specialties": []},
    ]
    made = drawing.meeting(size=14, groups=groups)
    draw = drawing.drawn(made)
    seat = next(one for one in drawing.seats(draw, SeatState.CALLED) if one.group_name == "乙组")

    fire(seat, "decline", drawing.judge(seat), REASON)

    called = [one for one in drawing.seats(draw, SeatState.CALLED) if one.place > 5]
    assert [one.group_name for one in called] == ["乙组"]


def test_seat_is_given_back_before_the_meeting(made: Meeting, draw: Draw, session: Session) -> None:
    seat = first(draw)
    fire(seat, "accept", drawing.judge(seat))

    fire(seat, "withdraw", drawing.judge(seat), REASON)

    assert seat.state is SeatState.DECLINED
    assert cases(session, seat) == set()
    assert len(drawing.seats(draw, SeatState.CALLED)) == 5


def test_seat_that_was_not_drawn_calls_nobody(made: Meeting, session: Session) -> None:
    position = f.position(Role.JUDGE, committee=made.committee)
    seat = f.seat(made.plan, position.user, state=SeatState.CALLED)

    log = fire(seat, "decline", f.actor_of(position), REASON)

    assert log.details == {}
    assert session.query(Seat).count() == 1


def test_seats_are_filled_after_somebody_signed_in(made: Meeting, draw: Draw) -> None:
    seat, other, third = drawing.seats(draw, SeatState.CALLED)[:3]
    for one in (other, third):
        fire(one, "accept", made.office)
    made.plan.opens_on = f.today()
    fire(other, "attend", drawing.judge(other))

    assert why_not(seat, "accept", made.office) is None
    fire(seat, "decline", drawing.judge(seat), opinion="当天另有教学任务")
    fire(third, "withdraw", drawing.judge(third), opinion="突发疾病，不能到会")

    assert (seat.state, third.state) == (SeatState.DECLINED, SeatState.DECLINED)
    assert len(drawing.seats(draw, SeatState.CALLED)) >= 2


def test_nobody_answers_after_a_round_was_frozen(made: Meeting, draw: Draw) -> None:
    f.ballot_round(made.plan)

    assert "round was frozen" in str(why_not(first(draw), "accept", made.office))


def test_nobody_is_appointed_after_a_round_was_frozen(made: Meeting, draw: Draw) -> None:
    seat = first(draw)
    fire(seat, "accept", made.office)
    held = f.ballot_round(made.plan)

    refused = str(why_not(seat, "appoint", made.office))
    held.state = RoundState.VOID

    assert "whoever presides stay" in refused
    assert why_not(seat, "appoint", made.office) is None


def test_nobody_answers_when_the_meeting_is_over(made: Meeting, draw: Draw) -> None:
    made.plan.opens_on, made.plan.closes_on = f.in_days(-2), f.in_days(-1)

    assert "is over" in str(why_not(first(draw), "accept", made.office))


def test_answer_that_waited_is_looked_at_again(made: Meeting, draw: Draw) -> None:
    f.ballot_round(made.plan)

    with pytest.raises(Refused):
        fire(first(draw), "accept", made.office)


def test_alternate_who_left_the_pool_is_passed_over(
    made: Meeting, draw: Draw, session: Session
) -> None:
    seat = first(draw)
    gone, following = drawing.seats(draw, SeatState.RESERVE)[:2]
    session.get_one(Expert, gone.expert_id).state = ExpertState.REMOVED

    log = fire(seat, "decline", drawing.judge(seat), opinion="当天另有教学任务")

    assert (gone.state, following.state) == (SeatState.RESERVE, SeatState.CALLED)
    assert log.details["passed_over"] == [gone.place]


def test_record_can_be_checked_when_somebody_was_passed_over(
    made: Meeting, draw: Draw, session: Session
) -> None:
    seated = {seat.expert_id for seat in session.query(Seat)}
    for expert in [one for one in made.experts if one.id not in seated][::2]:
        expert.state = ExpertState.REMOVED
    while called := drawing.seats(draw, SeatState.CALLED):
        fire(called[0], "decline", drawing.judge(called[0]), opinion="当天另有教学任务")

    seats, others = verify_draw.check(draw_record.record(session, draw))

    assert (seats, seats + others) == (5, len(made.experts))


# presiding


def test_office_appoints_one_chair(made: Meeting, draw: Draw) -> None:
    one, two = drawing.seats(draw, SeatState.CALLED)[:2]
    for seat in (one, two):
        fire(seat, "accept", made.office)

    fire(one, "appoint", made.office, role="chair")
    with pytest.raises(Refused, match="chair already"):
        fire(two, "appoint", made.office, role="chair")
    fire(two, "appoint", made.office, role="vice")
    fire(one, "appoint", made.office, role="member")
    fire(two, "appoint", made.office, role="chair")

    assert (one.role, two.role) == (SeatRole.MEMBER, SeatRole.CHAIR)
    assert one.state is SeatState.ACCEPTED


@pytest.mark.parametrize("role", [None, "", "king"])
def test_unknown_role_is_refused(made: Meeting, draw: Draw, role: str | None) -> None:
    seat = first(draw)
    fire(seat, "accept", made.office)

    with pytest.raises(Refused, match="Choose chair"):
        fire(seat, "appoint", made.office, role=role)


def test_only_members_are_appointed(made: Meeting, draw: Draw) -> None:
    assert why_not(first(draw), "appoint", made.office) is not None


# at the meeting


def test_judge_signs_in_on_the_day_and_leaves_and_comes_back(made: Meeting, draw: Draw) -> None:
    seat = first(draw)
    judge = drawing.judge(seat)
    fire(seat, "accept", judge)
    early = why_not(seat, "attend", judge)
    made.plan.opens_on = f.today()

    fire(seat, "attend", judge)
    came = seat.attended_at
    fire(seat, "depart", judge)
    left = seat.left_at
    fire(seat, "attend", judge)

    assert "Sign in on a day" in str(early)
    assert came is not None
    assert left is not None
    assert (seat.state, seat.attended_at, seat.left_at) == (SeatState.PRESENT, came, None)


def test_nobody_signs_in_for_another(made: Meeting, draw: Draw) -> None:
    seat, other = drawing.seats(draw, SeatState.CALLED)[:2]
    fire(seat, "accept", made.office)
    made.plan.opens_on = f.today()

    assert "not yours" in str(why_not(seat, "attend", drawing.judge(other)))
    assert "position" in str(why_not(seat, "attend", made.office))


def test_nobody_signs_in_to_a_concluded_meeting(made: Meeting, draw: Draw) -> None:
    seat = first(draw)
    fire(seat, "accept", made.office)
    made.plan.opens_on, made.plan.state = f.today(), PlanState.CONCLUDED

    assert "is over" in str(why_not(seat, "attend", drawing.judge(seat)))


# cases


def test_cases_are_those_of_the_group(app: Flask, session: Session) -> None:
    groups = [
        {"name": "甲组", "seats": 3, "specialties": ["05001"]},
        {"name": "乙组", "seats": 2, "specialties": ["05002"]},
    ]
    made = drawing.meeting(size=6, groups=groups)
    second = f.specialty("05002")
    for one in made.experts[:2]:
        one.specialty_code = second.code
    theirs = drawing.candidate(made, specialty_code=second.code)
    draw = drawing.drawn(made)
    seats = drawing.seats(draw, SeatState.CALLED)

    for seat in seats:
        fire(seat, "accept", made.office)

    found = {seat.group_name: cases(session, seat) for seat in seats}
    assert found["乙组"] == {theirs.id}
    assert theirs.id not in found["甲组"]


def test_cases_are_laid_once(made: Meeting, draw: Draw, session: Session) -> None:
    seat = first(draw)
    fire(seat, "accept", made.office)
    f.application(ApplicationState.FAILED, plan=made.plan)

    assert assignments.assign_cases(session, seat) == 0
    assert len(cases(session, seat)) == 1
