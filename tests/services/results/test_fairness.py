"""How the judges of a meeting scored, compared with the others on the same candidates."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import AssessmentState, RecusalState, ReviewStep, SeatState
from app.extensions import db
from app.models import Plan
from app.services.results import fairness
from app.services.results.fairness import LEAST_COMPARED
from tests.support import factories, meetings
from tests.support.counting import statements


def scored(rows: list[tuple[int, ...]]) -> tuple[Plan, list[Any]]:
    """Make a meeting: one row per candidate, one total per judge in hundredths; 0 stands for no sheet."""
    plan = meetings.online(count=len(rows))
    seats = [meetings.judge(plan)[1] for _total in rows[0]]
    for place, seat in enumerate(seats, start=1):
        seat.place = place
    for case, totals in zip(meetings.candidates(plan), rows, strict=True):
        for seat, total in zip(seats, totals, strict=True):
            if total:
                factories.assessment(seat, case, total=total)
    return plan, seats


@given(st.lists(st.integers(0, 10000), min_size=1, max_size=30))
def test_the_deviation_is_that_of_the_numbers(numbers: list[int]) -> None:
    mean = sum(numbers) / len(numbers)
    exact = math.sqrt(sum((one - mean) ** 2 for one in numbers) / len(numbers))

    found = fairness.deviation(len(numbers), sum(numbers), sum(one * one for one in numbers))
    assert found == pytest.approx(exact, abs=0.01)


def test_distance_is_to_the_mean_of_the_others(app: Any) -> None:
    plan, _seats = scored([(9000, 8000, 7000)] * LEAST_COMPARED)

    high, middle, low = fairness.scorings(db.session(), plan.id)
    assert [one.sheets for one in (high, middle, low)] == [5, 5, 5]
    assert [one.mean for one in (high, middle, low)] == [90.0, 80.0, 70.0]
    assert [one.distance for one in (high, middle, low)] == pytest.approx([15.0, 0.0, -15.0])
    scale = math.sqrt((15**2 + 0 + 15**2) / 3)
    assert high.standardised == pytest.approx(15 / scale)
    assert high.spread == 0.0


def test_too_few_comparisons_give_no_distance(app: Any) -> None:
    plan, _seats = scored([(9000, 8000)] * (LEAST_COMPARED - 1) + [(9000, 0)])

    first, second = fairness.scorings(db.session(), plan.id)
    assert (first.sheets, first.compared, first.distance, first.standardised) == (5, 4, None, None)
    assert (second.sheets, second.compared, second.distance) == (4, 4, None)


def test_only_sheets_that_count_are_compared(app: Any) -> None:
    plan, seats = scored([(9000, 8000, 7000)] * LEAST_COMPARED)
    cases = meetings.candidates(plan)
    factories.recusal(cases[0], user_id=seats[0].user_id, plan_id=plan.id, state=RecusalState.IN_FORCE)  # fmt: skip
    factories.assessment(
        seats[0], cases[1], step=ReviewStep.INTERVIEW, total=100, state=AssessmentState.DRAFT
    )
    seats[2].state = SeatState.RELEASED
    db.session.flush()

    first, second = fairness.scorings(db.session(), plan.id)
    assert (first.sheets, first.compared) == (4, 4)
    assert (second.sheets, second.compared) == (5, 4)


def test_takes_two_statements_whatever_the_size(app: Any) -> None:
    for size in (1, 12):
        plan, _seats = scored([(8000,) * size] * size)
        db.session.commit()
        key = plan.id
        with statements() as sent:
            names = [one.seat.user.real_name for one in fairness.scorings(db.session(), key)]
        assert (len(names), len(sent)) == (size, 2)
        db.session.expunge_all()
