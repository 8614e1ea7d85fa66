"""Offline results over the cap: the rule of the plan decides, from the votes and scores that were entered."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from app.engine import Refused
from app.enums import Level, OverCap, PlanState, ResultReason, RoundState, UnitKind
from app.extensions import db
from app.models import Plan, Result, Round
from app.services.certificates import filing_checks
from app.services.results import offline_results, paper_rounds, results
from app.services.results.results import Entry, Votes
from tests.support import factories, meetings
from tests.support.acting import fire
from tests.support.meetings import office
from tests.support.meetings import on_the_sheet as candidates

PASSED, OVER, FEW, TIED = (
    ResultReason.PASSED,
    ResultReason.OVER_RATE,
    ResultReason.TOO_FEW,
    ResultReason.TIED,
)


def meeting(count: int, rule: OverCap, **values: Any) -> Plan:
    """Make an approved offline meeting of `count` full senior candidates; 40 % may pass."""
    plan = meetings.offline(over_cap=rule, seats=25)
    for one in candidates(plan):
        one.plan_id = None
    for _count in range(count):
        meetings.candidate(plan, level=Level.SENIOR, **values)
    db.session.flush()
    return plan


def enter(plan: Plan, *yes: int, scores: tuple[int | None, ...] = (), **details: Any) -> None:
    """Enter these yes votes of 22 judges and these scores, in the order of the sheet."""
    people = candidates(plan)
    padded = [*scores, *(None,) * len(people)]
    votes = tuple(
        Votes(one.id, said, 22 - said, 0, "", padded[place])
        for place, (one, said) in enumerate(zip(people, yes, strict=True))
    )
    entry = Entry(25, 22, factories.today(), votes, opinions_signed=True)
    fire(plan, "enter", office(plan), details={"entry": entry} | details)


def hold_again(plan: Plan, yes: dict[int, int], present: int = 22) -> Round:
    """Enter a further round on paper and let a second person confirm it: {place on the sheet: yes votes}."""
    due, people = paper_rounds.candidates_due(db.session(), plan)
    by_place = candidates(plan)
    votes = tuple(
        Votes(by_place[place].id, said, present - said, 0) for place, said in sorted(yes.items())
    )
    assert {one.id for one in people} == {one.application_id for one in votes}
    entry = Entry(25, present, factories.today(), votes)
    held = paper_rounds.draft(db.session(), plan, entry, due.places, factories.clock.now())
    scan = SimpleNamespace(stored=factories.attachment(plan, "x").file, name="再次投票.pdf")
    fire(held, "enter_paper", office(plan), details={"entry": entry, "scan": scan})
    fire(held, "confirm_paper", office(plan))
    return held


def confirm(plan: Plan) -> None:
    for kind in results.SCANS.values():
        factories.attachment(plan, kind)
    fire(plan, "confirm", office(plan))


def reasons(plan: Plan) -> list[ResultReason | None]:
    stored = {one.application_id: one.reason for one in db.session.query(Result)}
    return [stored[one.id] for one in candidates(plan)]


def ranks(plan: Plan) -> list[int | None]:
    stored = {one.application_id: one.rank for one in db.session.query(Result)}
    return [stored[one.id] for one in candidates(plan)]


@pytest.fixture(autouse=True)
def calendar(app: Any) -> None:
    factories.work_days()


# by votes, then by score


def test_votes_rank_and_the_cap_cuts(app: Any) -> None:
    plan = meeting(5, OverCap.RANK)

    enter(plan, 16, 20, 18, 3, 22)

    assert reasons(plan) == [OVER, PASSED, OVER, FEW, PASSED]
    assert ranks(plan) == [4, 2, 3, 5, 1]
    confirm(plan)
    assert plan.state is PlanState.CONCLUDED
    assert [one.state.value for one in candidates(plan)] == [
        "failed", "passed", "failed", "failed", "passed",
    ]  # fmt: skip


def test_scores_decide_between_equal_votes(app: Any) -> None:
    plan = meeting(5, OverCap.RANK)

    enter(plan, 20, 20, 20, 2, 2, scores=(8550, 9000, 8551))

    assert reasons(plan) == [OVER, PASSED, PASSED, FEW, FEW]
    assert ranks(plan) == [3, 1, 2, 4, 4]


def test_equal_votes_and_scores_are_voted_on_again(app: Any) -> None:
    plan = meeting(5, OverCap.RANK)

    enter(plan, 20, 19, 19, 2, 2, scores=(8000, 8550, 8550))

    assert reasons(plan) == [PASSED, None, None, FEW, FEW]
    assert "2 candidates are to be voted on again for 1 places" in (
        offline_results.consequence(db.session(), plan).sentence
    )
    held = hold_again(plan, {1: 15, 2: 7})
    assert reasons(plan) == [PASSED, PASSED, FEW, FEW, FEW]
    decided = {one.application_id: one.round_id for one in plan.results}
    assert decided[candidates(plan)[1].id] == held.id
    confirm(plan)
    assert filing_checks.problems(db.session(), plan)[:1] != []  # nobody is in filing yet
    assert plan.state is PlanState.CONCLUDED


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_missing_score_that_decides_is_refused_by_name(app: Any, missing: int) -> None:
    plan = meeting(5, OverCap.RANK)
    scores = [8000, 8100, 8200]
    scores_given: tuple[int | None, ...] = tuple(
        None if place == missing else one for place, one in enumerate(scores)
    )

    with pytest.raises(Refused, match=candidates(plan)[missing].number):
        enter(plan, 20, 20, 20, 2, 2, scores=scores_given)

    assert plan.state is PlanState.APPROVED


def test_score_that_decides_nothing_may_be_missing(app: Any) -> None:
    plan = meeting(5, OverCap.RANK)

    enter(plan, 20, 20, 2, 2, 2, scores=(8000,))

    assert reasons(plan) == [PASSED, PASSED, FEW, FEW, FEW]


# by a further round, by the limit of yes votes


def test_second_round_decides_among_those_with_two_thirds(app: Any) -> None:
    plan = meeting(5, OverCap.SECOND_ROUND)

    enter(plan, 22, 20, 18, 2, 2)
    assert reasons(plan) == [None, None, None, FEW, FEW]
    hold_again(plan, {0: 4, 1: 20, 2: 16})

    assert reasons(plan) == [FEW, PASSED, PASSED, FEW, FEW]
    confirm(plan)


def test_who_loses_two_thirds_in_the_further_round_does_not_pass(app: Any) -> None:
    plan = meeting(5, OverCap.SECOND_ROUND)

    enter(plan, 22, 20, 18, 2, 2)
    hold_again(plan, {0: 20, 1: 12, 2: 12})
    # nobody but the first has two thirds in the further round
    assert reasons(plan) == [PASSED, FEW, FEW, FEW, FEW]
    confirm(plan)


@pytest.mark.parametrize("yes", [(22, 22, 1), (20, 20, 5), (15, 15, 15)])
def test_more_yes_votes_than_the_judges_have_is_refused(
    app: Any, yes: tuple[int, int, int]
) -> None:
    plan = meeting(3, OverCap.LIMIT_YES)

    with pytest.raises(Refused, match="count the ballots again"):
        enter(plan, *yes)


def test_yes_votes_within_the_limit_are_taken(app: Any) -> None:
    plan = meeting(3, OverCap.LIMIT_YES)

    enter(plan, 20, 1, 1)

    assert reasons(plan) == [PASSED, FEW, FEW]


def test_posts_of_a_unit_cut_before_the_rate(app: Any) -> None:
    unit = factories.unit(kind=UnitKind.PUBLIC)
    factories.quota(unit, level=Level.SENIOR, granted=1)
    plan = meeting(5, OverCap.RANK, unit=unit)

    enter(plan, 22, 20, 2, 2, 2)

    assert reasons(plan) == [PASSED, ResultReason.OVER_QUOTA, FEW, FEW, FEW]
    confirm(plan)


def test_no_further_round_before_the_entry_or_when_none_is_due(app: Any) -> None:
    plan = meeting(5, OverCap.RANK)
    entry = Entry(25, 22, factories.today(), (Votes(candidates(plan)[0].id, 20, 2, 0),))
    held = paper_rounds.draft(db.session(), plan, entry, None, factories.clock.now())
    with pytest.raises(Refused, match="held offline"):
        fire(held, "enter_paper", office(plan), details={"entry": entry})

    enter(plan, 20, 20, 2, 2, 2)
    with pytest.raises(Refused, match="no further round"):
        fire(held, "enter_paper", office(plan), details={"entry": entry})


def test_entry_again_computes_again(app: Any) -> None:
    plan = meeting(5, OverCap.RANK)
    enter(plan, 20, 20, 20, 2, 2)
    assert reasons(plan) == [None, None, None, FEW, FEW]

    enter(plan, 20, 21, 22, 2, 2)

    assert reasons(plan) == [OVER, PASSED, PASSED, FEW, FEW]


def test_result_is_not_confirmed_while_a_paper_round_waits(app: Any) -> None:
    plan = meeting(5, OverCap.RANK)
    enter(plan, 20, 20, 20, 2, 2)
    held = hold_again(plan, {0: 20, 1: 20, 2: 3})
    assert held.state is RoundState.COUNTED
    assert reasons(plan) == [PASSED, PASSED, FEW, FEW, FEW]


# opinions of three experts (domain rule 42)


@pytest.mark.parametrize("lacking", ["tick", "scan", "both"])
def test_result_needs_the_opinions_of_three_experts(app: Any, lacking: str) -> None:
    plan = meeting(5, OverCap.RANK)
    enter(plan, 20, 20, 2, 2, 2)
    factories.attachment(plan, results.RESULT_SHEET)
    if lacking == "scan":
        said = "scan of the opinions"
    else:
        plan.opinions_signed, said = False, "three experts signed"
    if lacking == "tick":
        factories.attachment(plan, results.OPINION_SHEET)

    with pytest.raises(Refused, match=said):
        fire(plan, "confirm", office(plan))

    assert plan.state is PlanState.ENTERED


def test_scans_of_the_entry_are_kept_by_kind(app: Any) -> None:
    plan = meeting(5, OverCap.RANK)
    scan = SimpleNamespace(stored=factories.attachment(plan, "x").file, name="评议意见.pdf")

    enter(plan, 20, 20, 2, 2, 2, opinions=scan)

    kept = results.attached_files.attachments_of(plan, results.OPINION_SHEET)
    assert [one.name for one in kept] == ["评议意见.pdf"]
    assert plan.opinions_signed


def test_votes_know_their_score() -> None:
    assert replace(Votes(1, 2, 3, 4), score=8550).score == 8550
