"""Rows 41 and 48: weights, groups and rules of counting of a plan; caps are cut off and never exceed the batch's."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.enums import ApplicationState, PlanState
from app.models import Batch, Committee
from tests.bad_input import desk
from tests.bad_input.test_committee import plan_form
from tests.support import factories

ADD = "/g/1.2.2/add"
SCORED = {
    "steps": ["material_score", "opinion", "vote"],
    "score_items-0-name": "业绩成果",
    "score_items-0-max": "100",
    "score_items-0-weight": "60",
    "score_items-1-name": "论文著作",
    "score_items-1-max": "50",
    "score_items-1-weight": "40",
}
GROUPED = {
    "group_rows-0-name": "机械组",
    "group_rows-0-seats": "13",
    "group_rows-0-specialties": ["05001"],
    "group_rows-1-name": "综合组",
    "group_rows-1-seats": "12",
}


@pytest.fixture
def batch(committee: Committee) -> Batch:
    made = factories.batch(committee=committee)
    factories.application(ApplicationState.QUALIFIED, batch=made)
    return made


def test_row_41_weights_add_up_to_a_hundred(office: FlaskClient, batch: Batch) -> None:
    for wrong, named in (
        ({"score_items-1-weight": "39"}, "99"),
        ({"score_items-1-weight": "41"}, "101"),
        ({"score_items-1-weight": "40.0"}, "40.0"),
        ({"score_items-1-weight": "四十"}, "四十"),
        ({"score_items-1-weight": "-40"}, "-40"),
        ({"score_items-1-weight": "1e2"}, "1e2"),
        ({"score_items-1-weight": ""}, "2"),
        ({"score_items-1-max": ""}, "2"),
        ({"score_items-1-max": "1001"}, "1001"),
        ({"score_items-1-name": ""}, "2"),
        ({"score_items-1-name": "业绩成果"}, "业绩成果"),
        ({"steps": ["opinion", "vote"]}, "材料打分"),
        ({"score_items-0-name": "x\u200by"}, "U+200B"),
    ):
        desk.assert_refused(office, ADD, plan_form(batch) | SCORED | wrong, named)


def test_row_41_groups_fit_the_meeting(office: FlaskClient, batch: Batch) -> None:
    for wrong, named in (
        ({"group_rows-1-seats": "11"}, "24"),
        ({"group_rows-1-seats": "13"}, "26"),
        ({"group_rows-1-seats": ""}, "综合组"),
        ({"group_rows-1-seats": "十二"}, "十二"),
        ({"group_rows-1-seats": "-12"}, "-12"),
        ({"group_rows-0-seats": "23", "group_rows-1-seats": "2"}, "第二十二条"),
        ({"group_rows-1-name": ""}, "2"),
        ({"group_rows-1-name": "机械组"}, "机械组"),
        ({"group_rows-1-name": "长" * 65}, "64"),
        ({"group_rows-1-specialties": ["05001"]}, "2"),
        ({"group_rows-0-specialties": []}, "2"),
        ({"group_rows-1-specialties": ["99999"]}, ""),
    ):
        desk.assert_refused(office, ADD, plan_form(batch) | GROUPED | wrong, named)
    many = {f"group_rows-{place}-name": f"第{place}组" for place in range(31)}
    desk.assert_refused(office, ADD, plan_form(batch) | many, "30")


def test_row_41_rules_of_counting_are_possible(office: FlaskClient, batch: Batch) -> None:
    for wrong, named in (
        ({"alternates": "1"}, "2"),
        ({"alternates": "-1"}, "-1"),
        ({"alternates": "5.5"}, "5.5"),
        ({"aggregation": "median"}, ""),
        ({"aggregation": "trimmed", "trim_from": "2"}, "3"),
        ({"aggregation": "trimmed", "trim_from": "五"}, "五"),
        ({"material_share": "101"}, "101"),
        ({"material_share": "60%"}, "60%"),
        ({"denominator": "all"}, ""),
        ({"recusal_rule": "never"}, ""),
    ):
        online = plan_form(batch) | SCORED | {"mode": "online"}
        desk.assert_refused(office, ADD, online | wrong, named)


def test_row_41_trial_refuses_what_the_report_refuses(office: FlaskClient, batch: Batch) -> None:
    for wrong, named in (
        ({"score_items-1-weight": "39"}, "99"),
        ({"opens_on": factories.today().isoformat()}, "15"),
        ({"pick": "some"}, ""),
    ):
        desk.assert_refused(
            office, ADD, plan_form(batch) | SCORED | {"try": "1"} | wrong, named, keeps=False
        )


def test_row_48_cap_of_the_plan_is_not_above_that_of_the_batch(
    office: FlaskClient, batch: Batch
) -> None:
    for wrong, named in (
        ({"senior_cap": "41"}, "40"),
        ({"associate_cap": "56"}, "55"),
        ({"senior_cap": "-1"}, "-1"),
        ({"senior_cap": "39.9"}, "39.9"),
        ({"associate_cap": "101"}, "100"),
        ({"associate_cap": ""}, "填写"),
        ({"over_cap": "lottery"}, ""),
    ):
        desk.assert_refused(office, ADD, plan_form(batch) | wrong, named)


def test_plan_that_was_agreed_is_neither_changed_nor_tried(
    office: FlaskClient, batch: Batch
) -> None:
    plan = factories.plan(batch=batch)
    foreign = factories.plan(state=PlanState.RETURNED)

    for more in ({}, {"try": "1"}):
        form: dict[str, Any] = plan_form(batch) | {"version": plan.version} | more
        desk.assert_refused(office, f"/g/1.2.2/{plan.id}/edit", form, status=302)
        desk.assert_refused(office, f"/g/1.2.2/{foreign.id}/edit", form, status=404)
