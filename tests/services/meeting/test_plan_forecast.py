"""What a plan leads to: who may pass, posts left, votes needed, the pool, the interviews."""

from typing import Any

import pytest

from app.enums import (
    ApplicationState,
    ExpertState,
    Level,
    MeetingMode,
    QuotaState,
    RecusalRule,
    ReviewStep,
    Role,
    UnitKind,
)
from app.models import Application, Expert, Plan, Unit
from app.services.meeting import plan_forecast, quorum
from app.services.meeting.plan_forecast import Line
from tests.support import factories as f
from tests.support.counting import statements

STEPS = [ReviewStep.INTERVIEW.value, ReviewStep.OPINION.value, ReviewStep.VOTE.value]


@pytest.fixture
def plan(app: Any) -> Plan:
    return f.plan(mode=MeetingMode.ONLINE, steps=STEPS, senior_cap=40, associate_cap=55)


def candidate(plan: Plan, **values: Any) -> Application:
    return f.application(ApplicationState.QUALIFIED, batch=plan.batch, plan=plan, **values)


def expert(plan: Plan, **values: Any) -> Expert:
    employer = f.unit()
    person = f.person(unit=employer)
    f.position(Role.APPLICANT, person=person)
    return f.expert(plan.committee, person=person, **values)


def of(plan: Plan, session: Any) -> plan_forecast.Forecast:
    session.flush()
    return plan_forecast.forecast_of_plan(session, plan)


def test_fractions_of_a_level_are_cut_off(plan: Plan, session: Any) -> None:
    for level, count in ((Level.SENIOR, 3), (Level.ASSOCIATE, 2), (Level.MIDDLE, 1)):
        for _ in range(count):
            candidate(plan, level=level)

    found = of(plan, session)

    assert [(one.level, one.candidates, one.most) for one in found.levels] == [
        (Level.SENIOR, 3, 1), (Level.ASSOCIATE, 2, 1), (Level.MIDDLE, 1, None),
    ]  # fmt: skip


def test_posts_left_are_those_of_public_institutions(plan: Plan, session: Any) -> None:
    school, firm = f.unit(kind=UnitKind.PUBLIC), f.unit(kind=UnitKind.PRIVATE_FIRM)
    mine = candidate(plan, unit=school)
    candidate(plan, unit=firm)
    f.quota(
        school, state=QuotaState.APPROVED, review_year=mine.review_year, level=mine.level,
        specialty_code=mine.specialty_code, asked=3, granted=3, used=1,
    )  # fmt: skip

    found = of(plan, session)

    assert [(one.unit, one.candidates, one.left) for one in found.posts] == [(school.name, 1, 2)]


def test_unit_without_a_post_is_warned_of_and_many_are_counted(plan: Plan, session: Any) -> None:
    for _ in range(7):
        candidate(plan, unit=f.unit(kind=UnitKind.PUBLIC))

    said = [one for one in of(plan, session).warnings if "post" in one]

    assert len(said) == 6
    assert "no approved post is left for 1 candidates" in said[0]
    assert said[-1].startswith("And 2 more lines")
    assert said[-1].endswith("7 units.")


@pytest.mark.parametrize(("units", "lines"), [(1, 6), (2, 4), (3, 3)])
def test_lines_of_one_unit_are_not_counted_as_units(
    plan: Plan, session: Any, units: int, lines: int
) -> None:
    for _ in range(units):
        school = f.unit(kind=UnitKind.PUBLIC)
        for place in range(lines):
            code = f.specialty(f"0510{place}").code
            candidate(plan, unit=school, specialty_code=code)

    said = [one for one in of(plan, session).warnings if "more lines" in one]

    assert said == [
        f"And {units * lines - 5} more lines of unit, specialty and level without a post left; "
        f"altogether they concern {units} units."
    ]


@pytest.mark.parametrize("members", [3, 11, 25])
def test_votes_are_listed_from_the_quorum_on(members: int) -> None:
    lines = plan_forecast.vote_lines(members)

    assert lines[0][0] == quorum.quorum_needed(members)
    assert lines[-1] == (members, quorum.votes_needed(members))
    assert all(3 * needed >= 2 * present > 3 * (needed - 1) for present, needed in lines)


def test_pool_counts_who_can_be_drawn(plan: Plan, session: Any) -> None:
    expert(plan)
    expert(plan, leave_from=f.in_days(1), leave_to=f.in_days(29))
    for unfit in (
        {"state": ExpertState.APPLIED},
        {"term_to": f.in_days(31)},
        {"term_from": f.in_days(31)},
        {"leave_from": f.in_days(20), "leave_to": f.in_days(30)},
        {"leave_from": f.in_days(20)},
    ):
        expert(plan, **unfit)
    f.expert(plan.committee)
    expert(f.plan())

    assert plan_forecast.pool_by_specialty(session, plan) == {"05001": 2}


def test_recusal_rule_takes_a_candidates_unit_out_of_the_pool(plan: Plan, session: Any) -> None:
    near = expert(plan)
    expert(plan)
    candidate(plan, unit=session.get(Unit, near.unit_id))

    assert plan_forecast.pool_by_specialty(session, plan) == {"05001": 1}
    plan.recusal_rule = RecusalRule.CASE
    assert plan_forecast.pool_by_specialty(session, plan) == {"05001": 2}


def test_groups_have_pool_and_load_of_their_specialties(plan: Plan, session: Any) -> None:
    other = f.specialty("05002", "05").code
    plan.alternates = 0
    plan.groups = [
        {"name": "甲组", "seats": 1, "specialties": [other]},
        {"name": "乙组", "seats": 3, "specialties": []},
    ]
    expert(plan)
    expert(plan, specialty_code=other)
    candidate(plan, specialty_code=other)
    candidate(plan)
    candidate(plan)

    found = of(plan, session)

    assert [(one.name, one.pool, one.candidates, one.is_short) for one in found.groups] == [
        ("甲组", 1, 1, False), ("乙组", 1, 2, True),
    ]  # fmt: skip
    assert any("乙组: 1 experts can be drawn" in one for one in found.warnings)


def line(count: int, **values: Any) -> Line:
    known: dict[str, Any] = {
        "unit_id": 1, "unit": "学校", "year": 2026, "level": Level.SENIOR, "specialty_code": "05001",
        "specialty": "机械", "is_bound": False,
    }  # fmt: skip
    return Line(count=count, **known | values)


def test_interviews_that_take_too_long_are_warned_of(plan: Plan) -> None:
    plan.closes_on = plan.opens_on

    found = plan_forecast.forecast(plan, [line(49)], {}, {})

    assert found.hearing == plan_forecast.Hearing(49, 490, 1, 2, 1)
    assert any("need 2 days with 1 rooms" in one for one in found.warnings)
    enough = plan_forecast.forecast(plan, [line(48)], {}, {}).warnings
    assert not any("need" in one for one in enough)


def test_meeting_without_an_interview_has_no_hearing(plan: Plan) -> None:
    plan.steps = ["opinion", "vote"]

    assert plan_forecast.forecast(plan, [line(3)], {}, {"05001": 99}).hearing is None


def test_forecast_takes_the_same_statements_for_many_candidates(plan: Plan, session: Any) -> None:
    candidate(plan, unit=f.unit(kind=UnitKind.PUBLIC))
    session.flush()
    with statements() as few:
        plan_forecast.forecast_of_plan(session, plan)
    for _ in range(9):
        candidate(plan, unit=f.unit(kind=UnitKind.PUBLIC))
        expert(plan)
    session.flush()

    with statements() as many:
        plan_forecast.forecast_of_plan(session, plan)

    assert len(many) == len(few) == 3
