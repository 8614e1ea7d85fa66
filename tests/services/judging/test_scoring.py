"""Scores in whole hundredths: one sheet, several sheets as one, material and interview as one."""

from fractions import Fraction
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.enums import Aggregation, AssessmentState, InterviewState, ReviewStep, SeatState
from app.extensions import db
from app.models import Application, Plan, Seat
from app.services.judging import scoring
from tests.support import factories
from tests.support.counting import statements

MEAN, TRIMMED = Aggregation.MEAN, Aggregation.TRIMMED
BOTH = [ReviewStep.MATERIAL_SCORE.value, ReviewStep.INTERVIEW.value]
TOTALS = st.lists(st.integers(0, 10_000), min_size=1, max_size=25)


@st.composite
def sheets(draw: Any) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Items whose weights add up to 100, and points for each of them."""
    cuts = sorted(draw(st.sets(st.integers(1, 99), max_size=7)))
    weights = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    items = [
        {"name": f"项目{place}", "max": draw(st.integers(1, 1000)), "weight": weight}
        for place, weight in enumerate(weights)
    ]
    return items, {one["name"]: draw(st.integers(0, one["max"])) for one in items}


@given(sheets())
def test_total_is_the_weighted_sum_rounded_half_up(
    sheet: tuple[list[dict[str, Any]], dict[str, int]],
) -> None:
    items, points = sheet

    found = scoring.total(items, points)

    exact = sum(Fraction(100 * points[i["name"]] * i["weight"], i["max"]) for i in items)
    assert 0 <= found <= 10_000
    assert Fraction(-1, 2) < found - exact <= Fraction(1, 2)


def test_total_of_full_marks_is_a_hundred_points_whatever_the_items() -> None:
    items = [
        {"name": f"{place}", "max": 3, "weight": weight}
        for place, weight in enumerate((33, 33, 34))
    ]

    assert scoring.total(items, {"0": 3, "1": 3, "2": 3}) == 10_000
    assert scoring.total(items, {"0": 0, "1": 0, "2": 0}) == 0
    assert scoring.total(items, {"0": 1, "1": 0, "2": 0}) == 1100
    assert scoring.total([{"name": "x", "max": 800, "weight": 100}], {"x": 1}) == 13


def test_partial_counts_what_is_there() -> None:
    items = [{"name": "a", "max": 50, "weight": 60}, {"name": "b", "max": 20, "weight": 40}]

    assert scoring.partial(items, {"a": 40}) == 4800
    assert scoring.partial(items, {}) == 0
    assert scoring.partial([], {}) == 0


@given(TOTALS, st.sampled_from(list(Aggregation)), st.integers(1, 9), st.randoms())
def test_aggregate_lies_between_the_extremes_and_knows_no_order(
    totals: list[int], rule: Aggregation, trim_from: int, random: Any
) -> None:
    mixed = list(totals)
    random.shuffle(mixed)

    found = scoring.aggregate(totals, rule, trim_from)

    assert found is not None
    assert min(totals) <= found <= max(totals)
    assert scoring.aggregate(mixed, rule, trim_from) == found


@given(TOTALS)
def test_trimmed_mean_leaves_out_one_highest_and_one_lowest_from_five_on(totals: list[int]) -> None:
    kept = sorted(totals)[1:-1] if len(totals) >= 5 else totals

    assert scoring.aggregate(totals, TRIMMED, 5) == scoring.aggregate(kept, MEAN, 5)


def test_aggregate_rounds_half_up_and_knows_no_score_of_nobody() -> None:
    assert scoring.aggregate([1, 2], MEAN, 5) == 2
    assert scoring.aggregate([0, 0, 1], MEAN, 5) == 0
    assert scoring.aggregate([], TRIMMED, 5) is None
    # two sheets would leave nothing
    assert scoring.aggregate([10, 20], TRIMMED, 1) == 15
    assert scoring.aggregate([10, 20, 90], TRIMMED, 1) == 20


# of a meeting


@pytest.fixture
def plan(app: Flask) -> Plan:
    return factories.plan(steps=BOTH, material_share=60)


@pytest.fixture
def case(plan: Plan) -> Application:
    return factories.application(factories.ApplicationState.IN_REVIEW, plan=plan)


def seat(plan: Plan, **values: Any) -> Seat:
    return factories.seat(plan, factories.user(), **values)


def scored(plan: Plan, case: Application, material: int, interview: int | None = None) -> Seat:
    made = seat(plan)
    factories.assessment(made, case, total=material)
    if interview is not None:
        factories.assessment(made, case, total=interview, step=ReviewStep.INTERVIEW)
    return made


def test_material_and_interview_are_joined_by_their_share(plan: Plan, case: Application) -> None:
    scored(plan, case, 8000, 7000)
    scored(plan, case, 9000, 7001)

    assert scoring.scores_of(db.session(), plan) == {case.id: 7900}


@pytest.mark.parametrize(
    ("steps", "expected"), [(BOTH[:1], {8000}), (BOTH[1:], {7000}), ([], {8000}), (BOTH, {7600})]
)
def test_only_the_steps_of_the_plan_count(
    plan: Plan, case: Application, steps: list[str], expected: set[int]
) -> None:
    scored(plan, case, 8000, 7000)
    plan.steps = steps

    assert set(scoring.scores_of(db.session(), plan).values()) == expected


def test_who_missed_the_interview_has_nothing_for_it(plan: Plan, case: Application) -> None:
    scored(plan, case, 8000)
    factories.interview(case, state=InterviewState.ABSENT)

    assert scoring.scores_of(db.session(), plan) == {case.id: 4800}


def test_candidate_without_a_part_has_no_score(plan: Plan, case: Application) -> None:
    scored(plan, case, 8000)

    assert scoring.scores_of(db.session(), plan).get(case.id) is None


def test_drafts_strangers_and_judges_kept_away_do_not_count(plan: Plan, case: Application) -> None:
    scored(plan, case, 8000, 8000)
    recused = scored(plan, case, 100, 100)
    factories.recusal(case, recused.user)
    released = seat(plan, state=SeatState.RELEASED)
    factories.assessment(released, case, total=100)
    draft = {"state": AssessmentState.DRAFT, "submitted_at": None, "total": None}
    factories.assessment(seat(plan), case, **draft)
    elsewhere = factories.plan()
    scored(
        elsewhere, factories.application(factories.ApplicationState.IN_REVIEW, plan=elsewhere), 5000
    )

    assert scoring.scores_of(db.session(), plan) == {case.id: 8000}


def test_scores_need_as_many_statements_for_one_candidate_as_for_ten(
    plan: Plan, case: Application
) -> None:
    counts = []
    for _round in range(2):
        with statements() as sent:
            scoring.scores_of(db.session(), plan)
        counts.append(len(sent))
        for _count in range(9):
            scored(
                plan,
                factories.application(factories.ApplicationState.IN_REVIEW, plan=plan),
                8000,
                7000,
            )

    assert counts[0] == counts[1]
