"""Recusal: the rules when a judge accepts, requests of applicants and judges, decisions of the office."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import (
    ApplicationState,
    RecusalSource,
    RecusalState,
    RelationKind,
    Role,
    RoundState,
    SeatState,
)
from app.ground import clock
from app.models import Application, Draw, Outbox, Recusal, Seat, Section
from app.services.draw import recusals
from tests.support import drawing
from tests.support import factories as f
from tests.support.acting import why_not
from tests.support.drawing import REASON, Meeting, cases, fire


@pytest.fixture
def made(app: Flask) -> Meeting:
    return drawing.meeting()


@pytest.fixture
def seat(made: Meeting) -> Seat:
    return drawing.seats(drawing.drawn(made), SeatState.CALLED)[0]


def section(application: Application, key: str, **row: Any) -> None:
    f.add(Section(application_id=application.id, key=key, rows=[row], saved_at=clock.now()))


# the rules


def test_rules_name_the_first_ground_that_holds(
    made: Meeting, seat: Seat, session: Session
) -> None:
    expert = seat.expert
    assert expert is not None
    person = expert.person
    moved = f.unit()
    itself = drawing.candidate(made, person=person)
    by_person_unit = drawing.candidate(made, unit=person.unit)
    expert.unit_id = moved.id
    by_pool_unit = drawing.candidate(made, unit=moved)
    colleague = drawing.candidate(made)
    f.relation(person, name=colleague.name)
    author = drawing.candidate(made, name="独立一")
    section(author, "papers", title=f"论文（作者：{person.name}、李四）", rank=2)
    free = drawing.candidate(made, name="独立二")
    section(free, "papers", title=f"{person.name}某的论文", rank=2)
    section(free, "summary", text=person.name)

    found = recusals.automatic(session, seat)

    assert {key: found.get(key) for key in (itself.id, by_person_unit.id, by_pool_unit.id)} == {
        itself.id: RecusalSource.PERSON,
        by_person_unit.id: RecusalSource.UNIT,
        by_pool_unit.id: RecusalSource.UNIT,
    }
    assert found[colleague.id] is RecusalSource.RELATION
    assert found[author.id] is RecusalSource.AUTHOR
    assert free.id not in found


@pytest.mark.parametrize("way", ["id of the candidate", "candidate declares", "id of the judge"])
def test_relations_hold_in_both_directions(
    made: Meeting, seat: Seat, session: Session, way: str
) -> None:
    case = drawing.candidate(made, name="独名者")
    assert seat.expert is not None
    judge, person = seat.expert.person, case.person
    if way == "id of the candidate":
        f.relation(judge, name="曾用名", id_index=person.id_index, kind=RelationKind.TEACHER)
    elif way == "candidate declares":
        f.relation(person, name=judge.name)
    else:
        f.relation(person, name="曾用名", id_index=judge.id_index)

    assert recusals.automatic(session, seat) == {case.id: RecusalSource.RELATION}


def test_relation_with_an_id_means_that_one_person(
    made: Meeting, seat: Seat, session: Session
) -> None:
    case = drawing.candidate(made, name="独名者")
    assert seat.expert is not None
    f.relation(seat.expert.person, name=case.name, id_index="0" * 64)

    assert recusals.automatic(session, seat) == {}


def test_staff_judges_nobody(made: Meeting, seat: Seat, session: Session) -> None:
    f.position(Role.OFFICE, committee=made.committee, user=seat.user)

    assert set(recusals.automatic(session, seat).values()) == {RecusalSource.STAFF}


def test_account_without_a_person_has_no_ground(made: Meeting, session: Session) -> None:
    assert recusals.automatic(session, f.seat(made.plan, f.user())) == {}


def test_seat_that_was_not_drawn_knows_the_unit_of_the_person(
    made: Meeting, session: Session
) -> None:
    case = drawing.candidate(made)
    person = f.person(unit=case.unit)

    found = recusals.automatic(session, f.seat(made.plan, f.user(person=person)))

    assert found == {case.id: RecusalSource.UNIT}


def test_accepting_puts_the_rules_in_force(made: Meeting, seat: Seat, session: Session) -> None:
    assert seat.expert is not None
    own = drawing.candidate(made, unit=seat.expert.unit)
    f.recusal(drawing.candidate(made, unit=seat.expert.unit), seat.user)
    free = drawing.candidate(made)

    fire(seat, "accept", drawing.judge(seat))

    noted = session.query(Recusal).filter_by(source=RecusalSource.UNIT).one()
    assert (noted.application_id, noted.state) == (own.id, RecusalState.IN_FORCE)
    assert own.id not in cases(session, seat)
    assert free.id in cases(session, seat)
    assert len(recusals.recused_pairs(session, made.plan.id)) == 2


# the applicant's request


def ask(case: Application, **values: Any) -> Recusal:
    me = f.actor(Role.APPLICANT, person=case.person)
    typed = {"named": "王某某", "named_unit": "", "reason": "曾有劳动争议，担心影响公正"} | values
    asked = Recusal(application_id=case.id, source=RecusalSource.APPLICANT, **typed)
    fire(asked, "ask", me)
    return asked


def test_granted_request_binds_who_sits_and_who_comes_later(
    made: Meeting, session: Session
) -> None:
    case = drawing.candidate(made)
    draw = drawing.drawn(made)
    sits, comes, other = drawing.seats(draw, SeatState.CALLED)[:3]
    for one in (sits, comes):
        assert one.expert is not None
        one.expert.person.name = "王某某"
    for one in (sits, other):
        fire(one, "accept", made.office)
    asked = ask(case)

    fire(asked, "grant", made.office)
    fire(comes, "accept", made.office)

    assert (asked.state, asked.user_id) == (RecusalState.IN_FORCE, None)
    assert [case.id in cases(session, one) for one in (sits, comes, other)] == [False, False, True]
    noted = session.query(Recusal).filter(Recusal.user_id.is_not(None)).all()
    assert {one.user_id for one in noted} == {sits.user_id, comes.user_id}
    assert {one.source for one in noted} == {RecusalSource.OFFICE}
    told = session.query(Outbox).filter_by(template="recusal.grant").one()
    assert "王某某" not in str(told.payload)


@pytest.mark.parametrize(("unit", "is_bound"), [("省第一", True), ("外省某大学", False)])
def test_unit_named_in_a_request_counts(
    made: Meeting, session: Session, unit: str, is_bound: bool
) -> None:
    case = drawing.candidate(made)
    seat = drawing.seats(drawing.drawn(made), SeatState.CALLED)[0]
    assert seat.expert is not None
    seat.expert.person.name, seat.expert.unit.name = "王某某", "省第一设计院"
    fire(seat, "accept", made.office)
    asked = ask(case, named_unit=unit)

    fire(asked, "grant", made.office)

    assert (case.id not in cases(session, seat)) is is_bound


def test_denied_request_tells_why(made: Meeting, session: Session) -> None:
    asked = ask(drawing.candidate(made))

    with pytest.raises(Refused):
        fire(asked, "deny", made.office)
    fire(asked, "deny", made.office, "所述情形不属于应当回避")

    assert asked.state is RecusalState.REFUSED
    told = session.query(Outbox).filter_by(template="recusal.deny").one()
    assert told.payload["opinion"] == "所述情形不属于应当回避"


def test_applicant_without_an_account_is_not_told(made: Meeting, session: Session) -> None:
    asked = ask(drawing.candidate(made))
    asked.application.person.user_id = None

    fire(asked, "grant", made.office)

    assert session.query(Outbox).filter_by(template="recusal.grant").count() == 0


def test_request_before_the_meeting_is_planned(app: Flask) -> None:
    asked = ask(f.application(ApplicationState.QUALIFIED))
    office = f.actor(Role.OFFICE, committee=asked.application.committee)

    fire(asked, "grant", office)

    assert asked.state is RecusalState.IN_FORCE


@pytest.mark.parametrize(
    ("field", "value"), [("named", ""), ("named", "王"), ("reason", ""), ("reason", "无"), ("named_unit", "长" * 121)]
)  # fmt: skip
def test_request_without_name_or_reason_is_refused(made: Meeting, field: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(drawing.candidate(made), **{field: value})

    assert refused.value.field == field


def test_request_about_anothers_application_is_refused(made: Meeting) -> None:
    asked = Recusal(
        application_id=drawing.candidate(made).id, source=RecusalSource.APPLICANT, named="王某某",
        named_unit="", reason=REASON,
    )  # fmt: skip

    with pytest.raises(Refused, match="not yours"):
        fire(asked, "ask", f.actor(Role.APPLICANT))


def test_request_comes_too_late_when_the_meeting_opened(made: Meeting) -> None:
    made.plan.opens_on = f.today()

    with pytest.raises(Refused, match="too late"):
        ask(drawing.candidate(made))
    with pytest.raises(Refused, match="too late"):
        ask(f.application(ApplicationState.CERTIFIED))


def test_requests_are_few(made: Meeting) -> None:
    case = drawing.candidate(made)
    asked = ask(case)
    for number in range(4):
        f.recusal(case, named=f"某某{number}")
    mine = Recusal(
        application_id=case.id, source=RecusalSource.APPLICANT, named="王某某", named_unit="",
        reason=REASON,
    )  # fmt: skip
    me = f.actor_of(f.position(Role.APPLICANT, person=case.person, user=case.person.user))

    with pytest.raises(Refused, match="At most 5"):
        fire(mine, "ask", me)
    assert asked.state is RecusalState.ASKED


def test_office_of_another_committee_decides_nothing(made: Meeting) -> None:
    asked = ask(drawing.candidate(made))
    stranger = f.actor(Role.OFFICE, committee=f.committee())

    assert "another committee" in str(why_not(asked, "grant", stranger))
    assert "another committee" in str(why_not(asked, "deny", stranger))


# the judge and the office


def recusal(case: Application, user_id: int | None, source: RecusalSource, reason: str = REASON) -> Recusal:  # fmt: skip
    return Recusal(application_id=case.id, user_id=user_id, source=source, reason=reason)


@pytest.fixture
def case(made: Meeting) -> Application:
    return drawing.candidate(made)


@pytest.fixture
def sitting(made: Meeting, case: Application) -> Seat:
    seat = drawing.seats(drawing.drawn(made), SeatState.CALLED)[0]
    fire(seat, "accept", made.office)
    return seat


def test_judge_keeps_away_from_a_case(case: Application, sitting: Seat, session: Session) -> None:
    made = recusal(case, sitting.user_id, RecusalSource.JUDGE)

    fire(made, "declare", drawing.judge(sitting))

    assert made.plan_id == sitting.plan_id
    assert case.id not in cases(session, sitting)
    assert recusals.recused_pairs(session, sitting.plan_id) == {(sitting.id, case.id)}


def test_office_imposes_a_recusal(
    made: Meeting, case: Application, sitting: Seat, session: Session
) -> None:
    fire(recusal(case, sitting.user_id, RecusalSource.OFFICE), "impose", made.office)

    assert case.id not in cases(session, sitting)
    with pytest.raises(Refused, match="already"):
        fire(recusal(case, sitting.user_id, RecusalSource.OFFICE), "impose", made.office)


def test_recusal_of_a_judge_is_refused(made: Meeting, case: Application, sitting: Seat) -> None:
    judge, source = drawing.judge(sitting), RecusalSource.JUDGE
    elsewhere = f.application(ApplicationState.IN_REVIEW, plan=f.plan())
    stranger = f.actor(Role.OFFICE, committee=f.committee())

    with pytest.raises(Refused, match="not yours"):
        fire(recusal(case, f.user().id, source), "declare", judge)
    with pytest.raises(Refused, match="same meeting"):
        fire(recusal(elsewhere, judge.user_id, source), "declare", judge)
    with pytest.raises(Refused):
        fire(recusal(case, judge.user_id, source, "无"), "declare", judge)
    with pytest.raises(Refused, match="another committee"):
        fire(recusal(case, judge.user_id, RecusalSource.OFFICE), "impose", stranger)
    with pytest.raises(Refused, match="same meeting"):
        fire(recusal(case, f.user().id, RecusalSource.OFFICE), "impose", made.office)


def test_recusal_comes_too_late_once_the_roll_is_frozen(
    made: Meeting, case: Application, sitting: Seat
) -> None:
    f.ballot_round(made.plan, case, seats=(sitting,), state=RoundState.READY)

    with pytest.raises(Refused, match="too late"):
        fire(recusal(case, sitting.user_id, RecusalSource.JUDGE), "declare", drawing.judge(sitting))


def test_draw_of_the_meeting_leaves_recusals_alone(
    made: Meeting, case: Application, sitting: Seat, session: Session
) -> None:
    fire(recusal(case, sitting.user_id, RecusalSource.JUDGE), "declare", drawing.judge(sitting))
    draw = session.query(Draw).one()
    fire(draw, "ask_void", made.office, REASON)

    fire(draw, "void", made.supervisor)

    assert sitting.state is SeatState.RELEASED
    assert recusals.recused_pairs(session, made.plan.id) == set()
    assert session.query(Recusal).count() == 1
