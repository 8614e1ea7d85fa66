"""What judges hand in: guards with their reasons, drafts, the lock, what they see of each other."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import engine
from app.engine import Refused
from app.enums import (
    ApplicationState,
    AssessmentState,
    InterviewState,
    PlanState,
    ReviewStep,
    Role,
    RoundState,
    SeatState,
)
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Assessment, CaseNote, CaseOpening, Plan, TransitionLog
from app.services.judging import assessments, case_notes
from app.services.judging.assessments import SheetFaults
from tests.support import factories
from tests.views import desk
from tests.views.desk import Judge

SCORE, REVIEW, INTERVIEW = (
    ReviewStep.MATERIAL_SCORE,
    ReviewStep.MATERIAL_REVIEW,
    ReviewStep.INTERVIEW,
)
POINTS = {"业绩": "40", "学术": "15"}


@pytest.fixture
def plan(app: Flask) -> Plan:
    return desk.plan()


@pytest.fixture
def me(app: Flask, plan: Plan) -> Judge:
    return desk.judge(app, plan)


@pytest.fixture
def case(plan: Plan, me: Judge) -> Application:
    return desk.candidate(plan, me)


@pytest.fixture
def actor(me: Judge) -> Actor:
    return factories.actor_of(me.position)


def draft(
    case: Application, actor: Actor, typed: dict[str, Any] | None = None, step: ReviewStep = SCORE
) -> Assessment:
    values = POINTS if typed is None else typed
    return assessments.save_draft(case, step, values, actor=actor, at=clock.now())


def submit(sheet: Assessment, actor: Actor) -> TransitionLog:
    return engine.fire(sheet, "submit", actor=actor, at=clock.now())


def why_not(sheet: Assessment, actor: Actor) -> str:
    found = engine.why_not(sheet, "submit", actor=actor, at=clock.now())
    assert found is not None
    with pytest.raises(Refused, match=r".+") as refused:
        submit(sheet, actor)
    assert refused.value.sentence == found
    return found


def test_sheet_is_begun_once_and_submitted_once(case: Application, actor: Actor, me: Judge) -> None:
    first = draft(case, actor, {"业绩": "10"})
    sheet = draft(case, actor)
    log = submit(sheet, actor)

    assert first is sheet
    assert (sheet.state, sheet.total, sheet.seat_id) == (
        AssessmentState.SUBMITTED,
        7800,
        me.seat.id,
    )
    assert sheet.submitted_at is not None
    assert (log.subject_type, log.event, log.details) == ("assessment", "submit", {})
    events = db.session.query(TransitionLog).filter_by(subject_type="assessment").all()
    assert [one.event for one in events] == ["begin", "submit"]


def test_submitted_sheet_is_locked(case: Application, actor: Actor) -> None:
    sheet = draft(case, actor)
    submit(sheet, actor)

    with pytest.raises(Refused, match="locked"):
        draft(case, actor, {"业绩": "50", "学术": "20"})
    assert "Already dealt with" in why_not(sheet, actor)
    assert sheet.scores == {"业绩": 40, "学术": 15}


def test_seat_of_somebody_else_is_nobodys_to_fill(
    app: Flask, plan: Plan, case: Application, actor: Actor
) -> None:
    other = desk.judge(app, plan)
    sheet = draft(case, actor)
    stranger = factories.actor_of(other.position)

    assert "not assigned to your seat" in why_not(sheet, stranger)
    with pytest.raises(Refused, match="not assigned to your seat"):
        draft(case, stranger)
    with pytest.raises(Refused, match="not assigned to your seat"):
        assessments.save_draft(
            factories.application(ApplicationState.IN_REVIEW),
            SCORE,
            POINTS,
            actor=actor,
            at=clock.now(),
        )


@pytest.mark.parametrize(
    "state", [SeatState.CALLED, SeatState.GONE, SeatState.DECLINED, SeatState.RELEASED]
)
def test_seat_that_is_not_taken_hands_nothing_in(
    me: Judge, case: Application, actor: Actor, state: SeatState
) -> None:
    sheet = draft(case, actor)
    me.seat.state = state

    assert "not assigned to your seat" in why_not(sheet, actor)


def test_present_judge_hands_in(me: Judge, case: Application, actor: Actor) -> None:
    me.seat.state = SeatState.PRESENT

    assert submit(draft(case, actor), actor).target == "submitted"


def test_recused_judge_hands_nothing_in(me: Judge, case: Application, actor: Actor) -> None:
    sheet = draft(case, actor)
    factories.recusal(case, me.seat.user)

    assert "not assigned to your seat" in why_not(sheet, actor)


@pytest.mark.parametrize(
    "changes",
    [
        {"closes_on": -1, "opens_on": -2}, {"opens_on": 1, "closes_on": 2},
        {"state": PlanState.CONCLUDED}, {"case": ApplicationState.PASSED},
    ],
)  # fmt: skip
def test_nothing_is_handed_in_outside_of_the_meeting(
    plan: Plan, case: Application, actor: Actor, changes: dict[str, Any]
) -> None:
    sheet = draft(case, actor)
    for name, value in changes.items():
        if name == "case":
            case.state = value
        else:
            setattr(plan, name, factories.in_days(value) if isinstance(value, int) else value)

    assert "nothing can be handed in outside of it" in why_not(sheet, actor)


def test_step_that_the_plan_does_not_name_is_not_filled(
    plan: Plan, case: Application, actor: Actor
) -> None:
    sheet = draft(case, actor)
    plan.steps = [REVIEW.value]

    assert "has no step “Material score”" in why_not(sheet, actor)
    with pytest.raises(Refused, match="no step"):
        draft(case, actor, step=INTERVIEW)


def test_interview_is_scored_when_it_has_begun(case: Application, actor: Actor) -> None:
    with pytest.raises(Refused, match="not set an interview"):
        draft(case, actor, step=INTERVIEW)
    factories.interview(case, starts_at=clock.now() + timedelta(hours=20))
    with pytest.raises(Refused, match="The interview begins at"):
        draft(case, actor, step=INTERVIEW)


def test_absent_candidate_gets_no_interview_score(case: Application, actor: Actor) -> None:
    begun = clock.now() - timedelta(hours=1)
    interview = factories.interview(case, state=InterviewState.HEARD, starts_at=begun)
    sheet = draft(case, actor, step=INTERVIEW)
    material = draft(case, actor)
    interview.state = InterviewState.ABSENT

    assert "absent from the interview" in why_not(sheet, actor)
    assert submit(material, actor).target == "submitted"


@pytest.mark.parametrize(
    "state", [RoundState.READY, RoundState.OPEN, RoundState.CLOSED, RoundState.COUNTED]
)
def test_sheets_are_locked_once_the_vote_is_on(
    plan: Plan, me: Judge, case: Application, actor: Actor, state: RoundState
) -> None:
    sheet = draft(case, actor)
    factories.ballot_round(plan, case, seats=(me.seat,), state=state)

    assert "vote on this candidate is prepared or held" in why_not(sheet, actor)


def test_void_round_leaves_the_sheets_open(
    plan: Plan, me: Judge, case: Application, actor: Actor
) -> None:
    factories.ballot_round(plan, case, seats=(me.seat,), state=RoundState.VOID)

    assert submit(draft(case, actor), actor).target == "submitted"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.JUDGE])
def test_only_a_judge_fills_a_sheet(case: Application, actor: Actor, role: Role) -> None:
    sheet = draft(case, actor)
    other = Actor(role=role, user_id=actor.user_id)

    assert why_not(sheet, other) == "Your position may not take this step."


@pytest.mark.parametrize(
    "value", ["101", "-1", "九十", "NaN", "nan", "1e1", "9.5", "１２３", True, float("nan"), float("inf"), "=5", " 5 5"]
)  # fmt: skip
def test_points_are_whole_numbers_up_to_the_maximum(
    case: Application, actor: Actor, value: Any
) -> None:
    with pytest.raises(SheetFaults, match="whole number from 0 to 50") as refused:
        draft(case, actor, {"业绩": value, "学术": "15"})

    assert list(refused.value.faults) == ["业绩"]
    assert refused.value.field == "业绩"


def test_points_are_read_as_they_are_typed(case: Application, actor: Actor) -> None:
    sheet = draft(case, actor, {"业绩": " ４０ ", "学术": 15.0, "没有": "3"})

    assert sheet.scores == {"业绩": 40, "学术": 15}


def test_every_fault_is_named_and_what_fits_is_kept(case: Application, actor: Actor) -> None:
    typed = {"业绩": "51", "学术": "21"}

    with pytest.raises(SheetFaults) as refused:
        draft(case, actor, typed)
    sheet, faults = assessments.save_valid_values(
        case, SCORE, {"业绩": "51", "学术": "20"}, actor=actor, at=clock.now()
    )

    assert list(refused.value.faults) == ["业绩", "学术"]
    assert list(faults) == ["业绩"]
    assert sheet.scores == {"学术": 20}


def test_incomplete_sheet_is_not_submitted(case: Application, actor: Actor) -> None:
    sheet = draft(case, actor, {"业绩": "", "学术": None})

    with pytest.raises(SheetFaults, match="the points are missing") as refused:
        submit(sheet, actor)

    assert list(refused.value.faults) == ["业绩", "学术"]
    assert sheet.state is AssessmentState.DRAFT


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "is_passed"), ({"is_passed": "2"}, "is_passed"), ({"is_passed": "0"}, "reason"),
        ({"is_passed": "0", "reason": "不同意"}, "reason"),
    ],
)  # fmt: skip
def test_review_needs_a_decision_and_a_refusal_its_reason(
    case: Application, actor: Actor, typed: dict[str, str], field: str
) -> None:
    sheet = draft(case, actor, typed, step=REVIEW)

    with pytest.raises(SheetFaults) as refused:
        submit(sheet, actor)

    assert list(refused.value.faults) == [field]


def test_reason_of_a_review_is_plain_text(case: Application, actor: Actor) -> None:
    with pytest.raises(SheetFaults) as refused:
        draft(case, actor, {"is_passed": "0", "reason": "<script>"}, step=REVIEW)
    passed = draft(case, actor, {"is_passed": "1"}, step=REVIEW)
    submit(passed, actor)

    assert list(refused.value.faults) == ["reason"]
    assert (passed.is_passed, passed.reason, passed.total) == (True, "", None)


# what judges see of each other


def test_others_are_seen_after_the_own_sheet_only(
    app: Flask, plan: Plan, me: Judge, case: Application, actor: Actor
) -> None:
    others = [desk.judge(app, plan) for _count in range(4)]
    for place, other in enumerate(others):
        factories.assign(other.seat, case)
        factories.assessment(other.seat, case, total=6000 + place)
    factories.recusal(case, others[0].seat.user)
    others[1].seat.state = SeatState.RELEASED
    sheet = draft(case, actor)

    before = assessments.results_of_others(db.session(), sheet)
    submit(sheet, actor)

    assert before == []
    assert assessments.results_of_others(db.session(), sheet) == [6002, 6003]
    assert assessments.totals_on(db.session(), case, SCORE) == [6002, 6003, 7800]
    assert case_notes.judges_on(db.session(), case) == 3


def test_note_is_ones_own_and_replaced(
    app: Flask, plan: Plan, me: Judge, case: Application
) -> None:
    session, other, at = db.session(), desk.judge(app, plan), clock.now()

    for words in ("先看\n论文", "再看"):
        case_notes.save_note(session, me.seat.id, case.id, words, at)

    assert case_notes.note_of(session, me.seat.id, case.id) == "再看"
    assert case_notes.note_of(session, other.seat.id, case.id) == ""
    assert session.query(CaseNote).count() == 1
    with pytest.raises(Refused) as refused:
        case_notes.save_note(session, me.seat.id, case.id, "长" * 2001, at)
    assert refused.value.field == "note"


def test_openings_are_counted(me: Judge, case: Application) -> None:
    first, last = clock.now(), clock.now()

    for moment in (first, last):
        case_notes.note_opening(db.session(), me.seat.id, case.id, moment)

    opening = db.session.query(CaseOpening).one()
    assert (opening.first_at, opening.last_at, opening.times) == (first, last, 2)
