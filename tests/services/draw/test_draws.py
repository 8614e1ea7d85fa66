"""Draws through the engine: who may do what when, what is kept, what a void needs."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app import settings
from app.engine import Refused
from app.enums import (
    ApplicationState,
    DrawState,
    ExpertAccountState,
    ExpertState,
    Level,
    MeetingMode,
    PlanState,
    RecusalRule,
    Role,
    SeatState,
)
from app.ground import clock
from app.models import Assignment, Draw, Outbox, Person, Position, Seat, TransitionLog
from app.services.draw import draw_pool, draw_record, draw_rules
from app.services.meeting import composition
from tests.support import drawing
from tests.support import factories as f
from tests.support.acting import why_not
from tests.support.drawing import OFFICE_SECRET, REASON, SUPERVISOR_SECRET, Meeting, fire
from tests.support.verifiers import verify_draw


@pytest.fixture
def made(app: Flask) -> Meeting:
    return drawing.meeting()


def refusal(record: Any, event: str, actor: Any, opinion: str = "", **details: Any) -> str:
    with pytest.raises(Refused) as refused:
        fire(record, event, actor, opinion, **details)
    return refused.value.sentence


# the whole way


def test_draw_goes_from_the_frozen_pool_to_the_seats(made: Meeting, session: Session) -> None:
    draw = drawing.freeze(made)
    states = [draw.state]
    fire(draw, "commit_supervisor", made.supervisor, secret=SUPERVISOR_SECRET)
    states.append(draw.state)
    fire(draw, "commit_office", made.office, digest=drawing.digest(draw, "office", OFFICE_SECRET))
    states.append(draw.state)
    fire(draw, "open_office", made.office, secret=OFFICE_SECRET.upper())
    states.append(draw.state)
    fire(draw, "open_supervisor", made.supervisor, secret=SUPERVISOR_SECRET)

    assert [*states, draw.state] == [
        DrawState.FROZEN,
        DrawState.FROZEN,
        DrawState.COMMITTED,
        DrawState.OPENING,
        DrawState.DRAWN,
    ]
    assert (draw.attempt, draw.pool_size, draw.eligible_size) == (1, 12, 12)
    assert draw.office_secret == OFFICE_SECRET
    assert draw.supervisor_secret == "ffeeddccbbaa9988"
    assert [one.state for one in drawing.seats(draw)] == [SeatState.CALLED] * 5 + [
        SeatState.RESERVE
    ] * 2
    assert [one.place for one in drawing.seats(draw)] == list(range(1, 8))


def test_record_is_verified_by_the_other_program(made: Meeting, session: Session) -> None:
    draw = drawing.drawn(made)
    called = drawing.seats(draw, SeatState.CALLED)
    for seat in called[:4]:
        fire(seat, "decline", drawing.judge(seat), REASON)

    record = json.loads(json.dumps(draw_record.record(session, draw)))

    assert verify_draw.check(record) == (5, 4)
    assert [one["kind"] for one in record["seats"]][-2:] == ["later", "later"]
    assert draw.salt not in json.dumps(record)


def test_tampered_seat_is_found_by_the_other_program(made: Meeting, session: Session) -> None:
    draw = drawing.drawn(made)
    taken = {one.expert_id for one in drawing.seats(draw)}
    drawing.seats(draw)[0].expert_id = next(e.id for e in made.experts if e.id not in taken)
    session.flush()

    with pytest.raises(verify_draw.Wrong):
        verify_draw.check(draw_record.record(session, draw))


def test_record_and_log_of_the_draw_hold_no_name(made: Meeting, session: Session) -> None:
    draw = drawing.drawn(made)
    logs = session.query(TransitionLog).filter_by(subject_type="draw").all()

    written = json.dumps(draw_record.record(session, draw), ensure_ascii=False) + "".join(
        f"{log.details} {log.opinion}" for log in logs
    )

    assert not [e for e in made.experts if e.person.name in written]


def test_those_drawn_are_told_and_can_work_as_judges(made: Meeting, session: Session) -> None:
    draw = drawing.drawn(made)

    told = session.query(Outbox).filter_by(template="seat.call").all()
    called = {one.user_id for one in drawing.seats(draw, SeatState.CALLED)}
    positions = session.query(Position).filter_by(role=Role.JUDGE).all()
    assert {one.user_id for one in told} == called
    assert {one.user_id for one in positions} == {one.user_id for one in drawing.seats(draw)}
    names = [e.person.name for e in made.experts]
    assert not [one for one in told if any(name in str(one.payload) for name in names)]


def test_position_that_is_there_is_not_given_twice(made: Meeting, session: Session) -> None:
    for one in made.experts:
        f.position(Role.JUDGE, committee=made.committee, user=one.person.user)

    drawing.drawn(made)

    assert session.query(Position).filter_by(role=Role.JUDGE).count() == len(made.experts)


# freezing


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"mode": MeetingMode.OFFLINE}, "offline"),
        ({"state": PlanState.REPORTED}, "agreed plans only"),
        ({"opens_on": -4, "closes_on": -3}, "ended on"),
        ({"opens_on": 2, "closes_on": 3}, "1 days before"),
        ({"seats": 1}, "at least 3"),
        ({"groups": [{"name": "甲", "seats": 3, "specialties": []}]}, "3 seats together"),
        ({"seats": 13}, "13 wanted, 12 found"),
    ],
)
def test_freezing_is_refused(app: Flask, change: dict[str, Any], says: str) -> None:
    days = {key: f.in_days(value) for key, value in change.items() if key.endswith("_on")}
    made = drawing.meeting(**change | days)

    assert says in refusal(Draw(plan_id=made.plan.id), "freeze", made.office)


def test_even_number_of_seats_is_refused(made: Meeting, session: Session) -> None:
    # the database would refuse it as well
    made.plan.seats = 6

    with session.no_autoflush:
        assert "must be odd" in refusal(Draw(plan_id=made.plan.id), "freeze", made.office)


def test_another_committee_cannot_draw(made: Meeting, session: Session) -> None:
    stranger = f.actor(Role.OFFICE, committee=f.committee())
    draw = drawing.freeze(made)

    assert "another committee" in refusal(Draw(plan_id=made.plan.id), "freeze", stranger)
    assert "another committee" in refusal(Draw(plan_id=0), "freeze", made.office)
    assert "another committee" in str(why_not(draw, "commit_office", stranger))


def test_shortage_names_the_most_frequent_reasons(app: Flask) -> None:
    made = drawing.meeting(size=6)
    for one in made.experts[:3]:
        one.leave_from, one.leave_to = f.in_days(-1), f.in_days(1)
    made.experts[3].term_to = f.in_days(1)

    said = refusal(Draw(plan_id=made.plan.id), "freeze", made.office)

    assert "5 wanted, 2 found; the pool has 6" in said
    assert "On leave during the meeting (3)" in said
    assert "The term does not cover the meeting (1)" in said


def test_empty_pool_is_refused(app: Flask) -> None:
    made = drawing.meeting(size=0)

    assert "0 found; the pool has 0" in refusal(Draw(plan_id=made.plan.id), "freeze", made.office)


def test_only_one_draw_is_live(made: Meeting, session: Session) -> None:
    drawing.freeze(made)

    said = refusal(Draw(plan_id=made.plan.id), "freeze", made.office)

    session.rollback()
    assert "void first" in said


# who is kept out


def codes(made: Meeting, session: Session, place: int = 0) -> tuple[str, ...]:
    pool = draw_pool.build_pool(session, made.plan, 1, "00")
    token = draw_rules.token("00", made.experts[place].id)
    return next(one.exclusions for one in pool.entries if one.token == token)


def test_nothing_keeps_a_good_expert_out(made: Meeting, session: Session) -> None:
    assert codes(made, session) == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"term_to": 1}, "term"),
        ({"term_from": 2}, "term"),
        ({"leave_from": 2}, "leave"),
        ({"leave_from": -9, "leave_to": 1}, "leave"),
    ],
)
def test_dates_of_an_expert_keep_out(
    made: Meeting, session: Session, change: dict[str, int], code: str
) -> None:
    for key, days in change.items():
        setattr(made.experts[0], key, f.in_days(days))
    session.flush()

    assert codes(made, session) == (code,)


def test_leave_that_is_over_keeps_nobody_out(made: Meeting, session: Session) -> None:
    made.experts[0].leave_from, made.experts[0].leave_to = f.in_days(-9), f.in_days(0)
    session.flush()

    assert codes(made, session) == ()


def test_those_without_an_account_and_barred_are_kept_out(made: Meeting, session: Session) -> None:
    made.experts[0].person.user.active = False
    made.experts[1].person.user_id = None
    made.experts[2].person.banned_until = f.in_days(1)
    session.flush()

    assert [codes(made, session, place) for place in range(3)] == [
        ("no_account",),
        ("no_account",),
        ("barred",),
    ]


def test_accounts_the_office_has_not_confirmed_are_kept_out(
    made: Meeting, session: Session
) -> None:
    for place, state in enumerate(ExpertAccountState):
        person = made.experts[place].person
        f.expert_account(made.committee, person=person, state=state)
    f.expert_account(f.committee(), person=made.experts[1].person)

    assert dict(
        zip(ExpertAccountState, (codes(made, session, p) for p in range(3)), strict=True)
    ) == {
        ExpertAccountState.WAITING: ("unconfirmed",),
        ExpertAccountState.CONFIRMED: (),
        ExpertAccountState.REFUSED: ("unconfirmed",),
    }


def test_removed_elsewhere_is_kept_out(made: Meeting, session: Session) -> None:
    f.expert(f.committee(), person=made.experts[0].person, state=ExpertState.REMOVED)

    assert codes(made, session) == ("removed",)


def test_applicants_of_the_year_are_kept_out(made: Meeting, session: Session) -> None:
    def apply(place: int, state: ApplicationState, **values: Any) -> None:
        f.application(state, person=made.experts[place].person, batch=made.plan.batch, **values)

    apply(0, ApplicationState.AT_UNIT)
    apply(1, ApplicationState.FAILED)
    apply(2, ApplicationState.AT_UNIT, review_year=made.plan.batch.review_year - 1)

    assert [codes(made, session, place) for place in range(3)] == [("applicant",), (), ()]


def test_staff_and_supervisor_are_kept_out(made: Meeting, session: Session) -> None:
    for place, role in enumerate((Role.OFFICE, Role.SUPERVISOR, Role.HRSS)):
        f.position(
            role,
            committee=None if role is Role.HRSS else made.committee,
            unit=made.committee.unit,
            user=made.experts[place].person.user,
        )

    assert [codes(made, session, place) for place in range(3)] == [("staff",), ("staff",), ()]


def test_units_of_candidates_are_kept_out_by_the_rule_of_the_plan(
    made: Meeting, session: Session
) -> None:
    drawing.candidate(made, unit=made.experts[0].unit)
    elsewhere = made.experts[1]
    elsewhere.unit_id = f.unit().id
    drawing.candidate(made, unit=elsewhere.person.unit)

    by_unit = [codes(made, session, place) for place in range(3)]
    made.plan.recusal_rule = RecusalRule.CASE

    assert by_unit == [("unit",), ("unit",), ()]
    assert [codes(made, session, place) for place in range(3)] == [(), (), ()]


def test_lower_titles_are_kept_out_of_full_senior_reviews(made: Meeting, session: Session) -> None:
    made.experts[0].title_code = f.title(Level.ASSOCIATE).code
    session.flush()
    before = codes(made, session)
    drawing.candidate(made, level=Level.SENIOR)
    matched = codes(made, session)
    settings.store_value("draw_level_match", "0")

    assert (before, matched, codes(made, session)) == ((), ("level",), ())


def test_last_term_of_a_person_counts(made: Meeting, session: Session) -> None:
    f.expert(made.committee, person=made.experts[0].person, term_from=f.in_days(-20))

    assert codes(made, session) == ("double",)


def test_who_sits_already_is_kept_out(made: Meeting, session: Session) -> None:
    f.seat(made.plan, made.experts[0].person.user)
    f.seat(made.plan, made.experts[1].person.user, state=SeatState.RELEASED)

    assert [codes(made, session, place) for place in range(2)] == [("seated",), ()]


def test_units_are_limited_by_the_parameter(app: Flask, session: Session) -> None:
    made = drawing.meeting(size=4, seats=3)
    crowd = f.unit()
    made.experts += [drawing.expert(made.committee, unit=crowd) for _count in range(9)]
    settings.store_value("draw_unit_max", "1")

    draw = drawing.drawn(made)

    units = [one.expert.unit_id for one in drawing.seats(draw)]
    assert units.count(crowd.id) == 1


# commitments


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({}, "16 to 128"),
        ({"secret": "short"}, "16 to 128"),
        ({"secret": "口令口令口令口令口令口令口令口令"}, "16 to 128"),
        ({"digest": "abc"}, "64 characters"),
        ({"digest": "g" * 64}, "64 characters"),
        ({"digest": "0" * 65}, "64 characters"),
    ],
)
def test_bad_commitment_is_refused(made: Meeting, typed: dict[str, str], says: str) -> None:
    draw = drawing.freeze(made)

    assert says in refusal(draw, "commit_office", made.office, **typed)


def test_commitment_of_the_other_side_cannot_be_copied(made: Meeting) -> None:
    draw = drawing.freeze(made)
    fire(draw, "commit_office", made.office, secret=OFFICE_SECRET)

    assert "make it anew" in refusal(
        draw, "commit_supervisor", made.supervisor, digest=draw.office_digest
    )


def test_typed_secret_is_not_kept(made: Meeting, session: Session) -> None:
    draw = drawing.freeze(made)
    log = fire(draw, "commit_office", made.office, secret=OFFICE_SECRET)
    session.flush()

    assert draw.office_digest == drawing.digest(draw, "office", OFFICE_SECRET)
    assert draw.office_secret is None
    assert OFFICE_SECRET not in str(log.details)


def test_side_commits_once(made: Meeting) -> None:
    draw = drawing.freeze(made)
    fire(draw, "commit_office", made.office, secret=OFFICE_SECRET)

    assert "committed already" in str(why_not(draw, "commit_office", made.office))


def test_one_person_never_acts_for_both_sides(made: Meeting) -> None:
    draw = drawing.freeze(made)
    both = f.actor_of(f.position(Role.SUPERVISOR, committee=made.committee, user=made.clerk.user))
    fire(draw, "commit_office", made.office, secret=OFFICE_SECRET)

    assert "other side" in str(why_not(draw, "commit_supervisor", both))


def test_sides_have_their_own_acts(made: Meeting) -> None:
    draw = drawing.freeze(made)

    assert "position" in str(why_not(draw, "commit_office", made.supervisor))
    assert "position" in str(why_not(draw, "commit_supervisor", made.office))
    assert "position" in refusal(Draw(plan_id=made.plan.id), "freeze", made.supervisor)


# opening


def test_supervisor_opens_last(made: Meeting) -> None:
    draw = drawing.freeze(made)
    drawing.commit(made, draw)

    assert why_not(draw, "open_supervisor", made.supervisor) is not None
    assert why_not(draw, "open_office", made.office) is None


def test_wrong_secret_opens_nothing(made: Meeting, session: Session) -> None:
    draw = drawing.freeze(made)
    drawing.commit(made, draw)
    session.commit()

    said = refusal(draw, "open_office", made.office, secret="0" * 16)
    session.rollback()

    assert "does not open the commitment" in said
    assert draw.state is DrawState.COMMITTED


def test_who_committed_opens(made: Meeting) -> None:
    draw = drawing.freeze(made)
    drawing.commit(made, draw)
    colleague = f.actor(Role.OFFICE, committee=made.committee)

    assert "Who committed opens" in str(why_not(draw, "open_office", colleague))


def test_changed_pool_is_found_before_anybody_is_drawn(made: Meeting, session: Session) -> None:
    draw = drawing.freeze(made)
    drawing.commit(made, draw)
    fire(draw, "open_office", made.office, secret=OFFICE_SECRET)
    draw.pool = draw.pool.replace('"05001"', '"05002"', 1)
    session.commit()

    said = refusal(draw, "open_supervisor", made.supervisor, secret=SUPERVISOR_SECRET)
    session.rollback()

    assert "changed afterwards" in said
    assert session.query(Seat).count() == 0


def test_draw_ends_with_the_meeting(made: Meeting) -> None:
    draw = drawing.freeze(made)
    made.plan.opens_on, made.plan.closes_on = f.in_days(-2), f.in_days(-1)

    assert "ended on" in str(why_not(draw, "commit_office", made.office))


# void


def test_void_needs_a_reason_and_the_other_side(made: Meeting, session: Session) -> None:
    draw = drawing.drawn(made)
    accepted, *_rest = drawing.seats(draw, SeatState.CALLED)
    fire(accepted, "accept", drawing.judge(accepted))

    assert "Nobody has asked" in str(why_not(draw, "void", made.supervisor))
    with pytest.raises(Refused):
        fire(draw, "ask_void", made.office)
    fire(draw, "ask_void", made.office, REASON)
    assert draw.state is DrawState.DRAWN
    assert "already" in str(why_not(draw, "ask_void", made.supervisor))
    assert "Your side" in str(why_not(draw, "void", made.office))
    fire(draw, "void", made.supervisor)

    assert draw.state is DrawState.VOID
    assert draw.void_reason == REASON
    assert {one.state for one in drawing.seats(draw)} == {SeatState.RELEASED}
    assert session.query(Assignment).count() == 0
    told = session.query(Outbox).filter_by(template="seat.release").all()
    assert len(told) == 5


def test_the_other_side_is_told_that_a_void_is_asked_for(made: Meeting, session: Session) -> None:
    draw = drawing.freeze(made)

    fire(draw, "ask_void", made.office, REASON)

    told = session.query(Outbox).filter_by(template="draw.void_asked").all()
    assert [one.user_id for one in told] == [made.supervisor.user_id]
    assert (told[0].payload["opinion"], told[0].payload["url"]) == (
        REASON,
        f"/g/1.2.3/draws/{draw.id}",
    )


def test_void_is_not_decided_by_the_same_person(made: Meeting) -> None:
    draw = drawing.freeze(made)
    both = f.actor_of(f.position(Role.SUPERVISOR, committee=made.committee, user=made.clerk.user))
    fire(draw, "ask_void", made.office, REASON)

    assert "Your side" in str(why_not(draw, "void", both))


def test_request_to_void_can_be_declined(made: Meeting) -> None:
    draw = drawing.freeze(made)
    fire(draw, "ask_void", made.supervisor, REASON)

    fire(draw, "keep", made.office, "抽取过程没有问题，予以保留")

    assert (draw.state, draw.void_reason, draw.void_asked_by) == (DrawState.FROZEN, "", None)
    assert why_not(draw, "ask_void", made.office) is None


def test_draw_stands_once_the_meeting_has_begun(made: Meeting) -> None:
    draw = drawing.drawn(made)
    fire(draw, "ask_void", made.office, REASON)
    drawing.seats(draw)[0].attended_at = clock.now()

    assert "has begun" in str(why_not(draw, "void", made.supervisor))


def test_new_draw_after_a_void_needs_a_reason(made: Meeting, session: Session) -> None:
    first = drawing.drawn(made)
    fire(first, "ask_void", made.office, REASON)
    fire(first, "void", made.supervisor)

    said = refusal(Draw(plan_id=made.plan.id), "freeze", made.office)
    second = drawing.freeze(made, reason=REASON)
    drawing.commit(made, second)
    drawing.reveal(made, second)

    assert "reason" in said.lower()
    assert (second.attempt, second.state) == (2, DrawState.DRAWN)
    assert second.seed != first.seed
    assert session.query(Draw).filter_by(plan_id=made.plan.id).count() == 2


# composition


def test_composition_wants_odd_enough_and_a_chair(made: Meeting, session: Session) -> None:
    draw = drawing.drawn(made)
    seats = drawing.seats(draw, SeatState.CALLED)
    none = composition.faults(session, made.plan)
    for seat in seats[:4]:
        fire(seat, "accept", made.office)
    even = composition.faults(session, made.plan)
    fire(seats[4], "accept", made.office)
    fire(seats[0], "appoint", made.office, role="vice")

    assert len(none) == 3
    assert len(even) == 2
    assert "must be odd" in even[0]
    assert composition.faults(session, made.plan) == []


def test_person_behind_a_seat_may_be_gone(made: Meeting, session: Session) -> None:
    draw = drawing.drawn(made)
    seat = drawing.seats(draw, SeatState.CALLED)[0]
    session.query(Person).filter_by(user_id=seat.user_id).update({"user_id": None})

    fire(seat, "accept", made.office)

    assert seat.state is SeatState.ACCEPTED


def test_no_draw_where_judges_sit(made: Meeting) -> None:
    f.seat(made.plan, f.user())

    with pytest.raises(Refused, match="1 judges have seats in this meeting already"):
        drawing.freeze(made)
