"""Trying other lines: the same rules as the result, twice from the same figures; nothing is written."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import Aggregation, Denominator, Level, OverCap, ReviewStep, UnitKind
from app.enums import ResultReason as R
from app.extensions import db
from app.models import Plan
from app.services.judging import scoring
from app.services.judging.scoring import Sheets
from app.services.meeting import caps
from app.services.meeting.lines import TWO_THIRDS, Lines, changed, lines_of
from app.services.results import outcomes, trials
from app.services.results.outcome_rules import is_pass
from app.services.results.trials import Fate
from tests.support import factories, meetings
from tests.support.counting import statements

SCORED = [ReviewStep.MATERIAL_SCORE.value, ReviewStep.OPINION.value, ReviewStep.VOTE.value]


@pytest.fixture
def senior(app: Any) -> Plan:
    """An online meeting of five full senior candidates, of whom two may pass; all have two thirds."""
    plan = meetings.online(count=5, level=Level.SENIOR, senior_cap=40)
    meetings.vote(plan, 25, 24, 23, 22, 10)
    return plan


def compared(plan: Plan, **values: Any) -> trials.Trial:
    figures = trials.figures_of(db.session(), plan)
    return trials.compare(figures, lines_of(plan), replace(lines_of(plan), **values))


@given(st.integers(0, 60), st.integers(0, 60), st.fractions(Fraction(1, 10), 1, max_denominator=20))
def test_a_higher_line_never_lets_more_pass(yes: int, of: int, line: Fraction) -> None:
    assert is_pass(yes, of) == is_pass(yes, of, TWO_THIRDS) == (yes > 0 and 3 * yes >= 2 * of)
    if line >= TWO_THIRDS and is_pass(yes, of, line):
        assert is_pass(yes, of)


@given(
    st.lists(st.integers(0, 10000), max_size=9),
    st.sampled_from(Aggregation),
    st.integers(3, 12),
)
def test_scores_of_a_trial_are_the_aggregate_of_the_sheets(
    totals: list[int], rule: Aggregation, trim_from: int
) -> None:
    lines = Lines(
        tuple(SCORED), rule, trim_from, 50, Denominator.PRESENT, 40, 55, OverCap.RANK
    )  # fmt: skip
    sheets = Sheets({(7, ReviewStep.MATERIAL_SCORE): totals}, frozenset())

    found = scoring.scores_by(sheets, lines).get(7)
    assert found == scoring.aggregate(totals, rule, trim_from)


def test_the_lines_of_the_plan_change_nobody(senior: Plan) -> None:
    trial = compared(senior)

    assert trial.is_voted
    assert trial.moves() == []
    assert trial.after.standings == outcomes.outcome_of_plan(db.session(), senior).standings


def test_a_higher_cap_lets_the_next_in_rank_in(senior: Plan) -> None:
    third, fourth = (item.id for item in meetings.candidates(senior)[2:4])

    moves = compared(senior, senior_cap=80).moves()
    assert [(one.item.id, one.before, one.after) for one in moves] == [
        (third, Fate.FAILS, Fate.PASSES),
        (fourth, Fate.FAILS, Fate.PASSES),
    ]
    assert {one.reason_before for one in moves} == {R.OVER_RATE}
    assert [one.reason_after for one in moves] == [R.PASSED, R.PASSED]


def test_a_lower_cap_and_a_higher_line_drop_some(senior: Plan) -> None:
    first, second = (item.id for item in meetings.candidates(senior)[:2])

    (lower,) = compared(senior, senior_cap=20).moves()
    assert (lower.item.id, lower.leaves) == (second, True)
    dropped = compared(senior, pass_line=Fraction(1)).moves()
    assert [one.item.id for one in dropped] == [second]
    assert first not in {one.item.id for one in dropped}


def test_a_second_round_is_neither_in_nor_out(senior: Plan) -> None:
    trial = compared(senior, over_cap=OverCap.SECOND_ROUND)

    assert {one.after for one in trial.moves()} == {Fate.AGAIN}
    group = trial.groups(lambda item: item.level)[Level.SENIOR]
    assert (group.before, group.after, group.again_after) == (2, 0, 4)
    assert (group.joins, group.leaves) == (0, 2)


def test_a_tie_follows_the_trimmed_scores(app: Any) -> None:
    plan = meetings.online(count=2, level=Level.SENIOR, senior_cap=50, steps=SCORED)
    seats = [meetings.judge(plan)[1] for _count in range(5)]
    first, second = meetings.candidates(plan)
    for case, totals in ((first, (2000, 8000, 8000, 8000, 8000)), (second, (7500,) * 5)):
        for seat, total in zip(seats, totals, strict=True):
            factories.assessment(seat, case, total=total)
    meetings.vote(plan, 20, 20)

    trial = compared(plan, aggregation=Aggregation.TRIMMED, trim_from=5)
    assert trial.before.standings[second.id].is_passed
    assert [(one.item.id, one.joins, one.leaves) for one in trial.moves()] == [
        (first.id, True, False),
        (second.id, False, True),
    ]


def test_groups_by_unit_and_by_quota(app: Any) -> None:
    plan = meetings.online(count=0, senior_cap=50)
    school = factories.unit(kind=UnitKind.PUBLIC)
    own = [meetings.candidate(plan, unit=school, level=Level.SENIOR) for _count in range(2)]
    other = [
        meetings.candidate(
            plan, unit=factories.unit(kind=UnitKind.PRIVATE_FIRM), level=Level.SENIOR
        )
        for _count in range(2)
    ]
    factories.quota(
        school, level=Level.SENIOR, specialty_code=own[0].specialty_code,
        review_year=own[0].review_year, asked=5, granted=5,
    )  # fmt: skip
    meetings.counted(plan, {own[0].id: 25, own[1].id: 23, other[0].id: 24, other[1].id: 22})

    trial = compared(plan, senior_cap=75)
    by_unit = trial.groups(lambda item: item.unit_id)
    assert by_unit[school.id].joins == 1
    assert sum(one.joins for one in by_unit.values()) == 1
    (posts,) = trial.groups(
        lambda item: caps.line_of(item) if item.unit.kind.needs_quota else None
    ).values()
    assert (posts.candidates, posts.before, posts.after) == (2, 1, 2)


def test_before_the_vote_nobody_is_compared(app: Any) -> None:
    trial = compared(meetings.online(level=Level.SENIOR), senior_cap=0)

    assert not trial.is_voted
    assert (trial.moves(), trial.groups(lambda item: True)) == ([], {})


def test_figures_take_the_same_statements_for_any_size(app: Any) -> None:
    sizes = []
    for count in (2, 12):
        plan = meetings.online(count=count, level=Level.SENIOR)
        meetings.vote(plan, *([20] * count))
        db.session.commit()
        with statements() as sent:
            trial = compared(db.session.get_one(Plan, plan.id), senior_cap=20)
            assert [item.unit.name and item.specialty.name for item in trial.figures.items]
        sizes.append(len(sent))
        db.session.expunge_all()
    assert sizes[0] == sizes[1] <= 11


def test_the_digest_follows_votes_and_scores_but_not_the_lines(senior: Plan) -> None:
    before = trials.digest_of(trials.figures_of(db.session(), senior))
    senior.senior_cap = 10
    db.session.flush()
    assert trials.digest_of(trials.figures_of(db.session(), senior)) == before
    seat = meetings.judge(senior)[1]
    factories.assessment(seat, meetings.candidates(senior)[0])
    assert trials.digest_of(trials.figures_of(db.session(), senior)) != before


def test_lines_name_what_differs(senior: Plan) -> None:
    present = lines_of(senior)
    assert changed(present, replace(present, senior_cap=1, over_cap=OverCap.LIMIT_YES)) == [
        "senior_cap",
        "over_cap",
    ]
    assert present.stored()["pass_line"] == "2/3"
