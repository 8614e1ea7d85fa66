"""1.2.2: groups and rules of counting are typed, kept and shown; 试算 shows what comes of a plan and saves nothing."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import (
    Aggregation,
    ApplicationState,
    Denominator,
    PlanState,
    RecusalRule,
    Role,
    UnitKind,
)
from app.models import Application, Batch, Outbox, Plan, TransitionLog
from tests.support import factories as f
from tests.support.counting import statements
from tests.support.signing import english, signed_in
from tests.views.review.test_ch1_2_committee import press, typed

GROUPS = {
    "group_rows-0-name": "机械组",
    "group_rows-0-seats": "13",
    "group_rows-0-specialties": ["05001"],
    "group_rows-2-name": "综合组",
    "group_rows-2-seats": "12",
}
COUNTING = {
    "alternates": "3",
    "aggregation": "trimmed",
    "trim_from": "7",
    "material_share": "60",
    "denominator": "eligible",
    "recusal_rule": "case",
    "is_anonymous": "y",
}


@pytest.fixture
def batch(app: Flask) -> Batch:
    f.work_days()
    return f.batch()


@pytest.fixture
def office(app: Flask, batch: Batch) -> FlaskClient:
    position = f.position(Role.OFFICE, committee=batch.committee)
    return english(signed_in(app.test_client(), position))


@pytest.fixture
def authority(app: Flask, batch: Batch) -> FlaskClient:
    position = f.position(Role.HRSS, unit=f.unit(region_code="430000"))
    return english(signed_in(app.test_client(), position))


@pytest.fixture
def candidate(batch: Batch) -> Application:
    return f.application(ApplicationState.QUALIFIED, batch=batch)


def test_groups_and_rules_of_counting_are_kept_and_shown_to_the_authority(
    office: FlaskClient,
    authority: FlaskClient,
    batch: Batch,
    candidate: Application,
    session: Session,
) -> None:
    steps = {
        "steps": ["material_score", "interview", "opinion", "vote"],
        "score_items-0-step": "material_score",
        "score_items-0-weight": "100",
        "score_items-3-step": "interview",
        "score_items-3-weight": "100",
    }

    answer = office.post(
        "/g/1.2.2/add", data=typed(batch, mode="online") | GROUPS | COUNTING | steps
    )

    assert answer.status_code == 303, answer.text
    plan = session.scalars(select(Plan)).one()
    assert plan.groups == [
        {"name": "机械组", "seats": 13, "specialties": ["05001"]},
        {"name": "综合组", "seats": 12, "specialties": []},
    ]
    assert (plan.alternates, plan.trim_from, plan.material_share) == (3, 7, 60)
    assert plan.aggregation is Aggregation.TRIMMED
    assert plan.denominator is Denominator.ELIGIBLE
    assert (plan.recusal_rule, plan.is_anonymous) == (RecusalRule.CASE, True)
    page = authority.get(f"/g/1.2.2/waiting/{plan.id}").text
    for shown in ("机械组", "综合组", "all that no other group hears", "Mean without the highest",
                  "Those present who are not recused", "Experts to draw from", "Yes votes needed"):  # fmt: skip
        assert shown in page


def test_plan_without_groups_and_choices_takes_the_usual_ones(
    office: FlaskClient, batch: Batch, candidate: Application, session: Session
) -> None:
    assert office.post("/g/1.2.2/add", data=typed(batch)).status_code == 303

    plan = session.scalars(select(Plan)).one()
    assert (plan.groups, plan.alternates, plan.trim_from, plan.material_share) == ([], 5, 5, 50)
    assert (plan.aggregation, plan.denominator) == (Aggregation.MEAN, Denominator.PRESENT)
    assert (plan.recusal_rule, plan.is_anonymous) == (RecusalRule.UNIT, False)


def test_returned_plan_shows_its_groups_again(
    office: FlaskClient,
    authority: FlaskClient,
    batch: Batch,
    candidate: Application,
    session: Session,
) -> None:
    office.post("/g/1.2.2/add", data=typed(batch) | GROUPS)
    plan = session.scalars(select(Plan)).one()
    press(authority, "1.2.2/waiting", plan, decision="return", opinion="会议地点不明确，请补充")
    candidate.plan_id = None
    candidate.state = ApplicationState.WITHDRAWN
    f.application(ApplicationState.QUALIFIED, batch=batch, specialty_code=f.specialty("05002").code)
    session.commit()

    page = office.get(f"/g/1.2.2/{plan.id}/edit").text

    assert 'value="机械组"' in page
    assert 'value="综合组"' in page
    assert 'value="05001"' in page
    assert 'value="05002"' in page


def test_trial_shows_what_comes_of_it_and_saves_nothing(
    office: FlaskClient, batch: Batch, candidate: Application, session: Session
) -> None:
    page = office.post("/g/1.2.2/add", data=typed(batch, mode="online") | GROUPS | {"try": "1"})

    assert page.status_code == 200
    assert "nothing was saved" in page.text
    assert "lets nobody pass" in page.text
    assert "机械组: 0 experts can be drawn" in page.text
    assert 'value="高级评审会"' in page.text
    assert 'value="机械组"' in page.text
    session.rollback()
    assert session.scalars(select(Plan)).all() == []
    assert session.scalars(select(TransitionLog)).all() == []
    assert session.scalars(select(Outbox)).all() == []
    assert session.get(Application, candidate.id).plan_id is None


def test_trial_of_a_returned_plan_leaves_it_as_it_was(
    office: FlaskClient, batch: Batch, session: Session
) -> None:
    plan = f.plan(batch=batch, state=PlanState.RETURNED, opens_on=f.in_days(60), closes_on=f.in_days(61))  # fmt: skip
    f.application(ApplicationState.QUALIFIED, batch=batch, plan=plan)
    session.commit()
    before = (plan.version, plan.place, plan.state)

    form = typed(batch, place="别处", pick="keep") | {"try": "1", "version": plan.version}
    page = office.post(f"/g/1.2.2/{plan.id}/edit", data=form)

    assert page.status_code == 200, page.text
    assert "nothing was saved" in page.text
    assert 'value="别处"' in page.text
    session.rollback()
    assert (plan.version, plan.place, plan.state) == before


def test_trial_of_an_unsound_plan_says_why(
    office: FlaskClient, batch: Batch, candidate: Application
) -> None:
    form = typed(batch) | GROUPS | {"group_rows-2-seats": "11", "try": "1"}

    page = office.post("/g/1.2.2/add", data=form)

    assert page.status_code == 422
    assert "have 24 seats together, the meeting 25" in page.text
    assert 'value="机械组"' in page.text


def test_detail_takes_as_many_statements_for_many_candidates(
    office: FlaskClient, batch: Batch, session: Session
) -> None:
    plan = f.plan(batch=batch, state=PlanState.REPORTED)
    f.application(ApplicationState.QUALIFIED, batch=batch, plan=plan)
    session.commit()
    counts: list[Any] = []
    office.get(f"/g/1.2.2/{plan.id}")
    for _ in range(2):
        with statements() as sent:
            assert office.get(f"/g/1.2.2/{plan.id}").status_code == 200
        counts.append(len(sent))
        for _more in range(9):
            f.application(ApplicationState.QUALIFIED, batch=batch, plan=plan)
        session.commit()

    assert counts[0] == counts[1]


def test_forecast_names_posts_and_the_time_of_interviews(
    office: FlaskClient, batch: Batch, session: Session
) -> None:
    steps = ["interview", "opinion", "vote"]
    plan = f.plan(batch=batch, state=PlanState.REPORTED, steps=steps)
    school = f.unit(kind=UnitKind.PUBLIC)
    f.application(ApplicationState.QUALIFIED, batch=batch, plan=plan, unit=school)
    session.commit()

    page = office.get(f"/g/1.2.2/{plan.id}").text

    assert "Posts left of public institutions" in page
    assert "no approved post is left" in page
    assert "Minutes altogether (10 each)" in page


def test_offline_plan_stores_and_shows_nothing_of_an_online_meeting(
    office: FlaskClient, batch: Batch, candidate: Application, session: Session
) -> None:
    odd = {"alternates": "abc", "trim_from": "1"}

    answer = office.post("/g/1.2.2/add", data=typed(batch) | COUNTING | odd)

    assert answer.status_code == 303, answer.text
    plan = session.scalars(select(Plan)).one()
    assert (plan.alternates, plan.trim_from, plan.material_share) == (5, 5, 50)
    assert (plan.recusal_rule, plan.is_anonymous) == (RecusalRule.UNIT, False)
    page = office.get(f"/g/1.2.2/{plan.id}").text
    for hidden in ("Alternates", "Two thirds of", "Anonymous material", "Scores become one by"):
        assert hidden not in page
    form = office.get("/g/1.2.2/add").text
    assert form.count('data-show-when="mode=online"') >= 6


def test_every_fault_of_a_plan_stands_at_its_field(
    office: FlaskClient, batch: Batch, candidate: Application
) -> None:
    day = f.in_days(2).isoformat()
    wrong = {"seats": "4", "steps": ["opinion"], "senior_cap": "90", "opens_on": day}

    answer = office.post(
        "/g/1.2.2/add", data=typed(batch, closes_on=f.in_days(1).isoformat()) | wrong
    )

    assert answer.status_code == 422
    for said in (
        "The number of seats must be odd",
        "Every meeting needs the steps",
        "must be between 0 and 40, the number of the batch",
        "lies before",
        "working days before the meeting",
    ):
        assert said in answer.text


def test_missing_fields_and_broken_rules_are_shown_together(
    office: FlaskClient, batch: Batch, candidate: Application
) -> None:
    wrong = {"place": "", "seats": "abc", "steps": [], "senior_cap": "90", "mode": ""}

    answer = office.post("/g/1.2.2/add", data=typed(batch) | GROUPS | wrong)

    assert answer.status_code == 422
    for field in ("place", "seats", "steps", "senior_cap", "mode"):
        assert f'id="{field}-error"' in answer.text
    assert 'value="abc"' in answer.text
    assert "None" not in answer.text


def test_nothing_filled_in_is_no_error_of_the_program(office: FlaskClient) -> None:
    assert office.post("/g/1.2.2/add", data={}).status_code == 422
