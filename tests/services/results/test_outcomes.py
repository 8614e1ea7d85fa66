"""The result of an online meeting: computed, signed, confirmed, never typed (guide 1.2.5; Order 40, art. 20–23)."""

from typing import Any

import pytest

from app import engine, settings
from app.engine import Refused
from app.enums import (
    ApplicationState,
    Denominator,
    Level,
    OverCap,
    PlanState,
    RoundState,
    SeatRole,
    SeatState,
    UnitKind,
)
from app.enums import ResultReason as R
from app.extensions import db
from app.models import Plan, Result
from app.services.certificates import filing_checks, filings
from app.services.judging import scoring
from app.services.results import minutes, outcomes, results
from app.services.results.outcomes import NextRound
from tests.support import factories, meetings
from tests.support.tampering import unsealed


@pytest.fixture
def plan(app: Any) -> Plan:
    """An online meeting of three middle candidates, which no cap binds."""
    return meetings.online()


@pytest.fixture
def senior(app: Any) -> Plan:
    """An online meeting of five full senior candidates, of whom two may pass."""
    return meetings.online(count=5, level=Level.SENIOR, senior_cap=40)


def ids(plan: Plan) -> list[int]:
    return [item.id for item in meetings.candidates(plan)]


def why_not(plan: Plan, event: str, actor: Any = None) -> str:
    return (
        engine.why_not(plan, event, actor=actor or meetings.office(plan), at=factories.clock.now())
        or ""
    )


def stored(plan: Plan) -> dict[int, Result]:
    found = db.session.query(Result).filter_by(plan_id=plan.id)
    return {one.application_id: one for one in found}


# the round that is due


def test_first_round_is_over_everybody_in_review(plan: Plan) -> None:
    withdrawn = meetings.candidates(plan)[0]
    withdrawn.state = ApplicationState.WITHDRAWN

    assert outcomes.next_round(db.session(), plan) == NextRound(tuple(ids(plan)[1:]))


def test_who_was_voted_on_in_a_counted_round_is_left_out_of_the_first(plan: Plan) -> None:
    first, second, third = ids(plan)
    held = meetings.counted(plan, {second: 20}, is_on_paper=True)
    waiting = outcomes.next_round(db.session(), plan)

    meetings.counted(plan, {first: 20, third: 3})

    assert held.is_on_paper
    assert waiting == NextRound((first, third))
    assert outcomes.next_round(db.session(), plan) is None


def test_void_round_counts_for_nobody(plan: Plan) -> None:
    meetings.vote(plan, 20, 20, 20)
    void = factories.ballot_round(plan, number=2, state=RoundState.VOID)

    assert void not in outcomes.counted_rounds(db.session(), plan)
    assert void in outcomes.rounds(db.session(), plan)


def test_further_round_is_over_those_who_are_equal(senior: Plan) -> None:
    meetings.vote(senior, 25, 20, 20, 20, 3)

    assert outcomes.next_round(db.session(), senior) == NextRound(tuple(ids(senior)[1:4]), 1)


def test_rounds_end_at_the_limit(senior: Plan) -> None:
    settings.store_value("round_limit", "1")
    meetings.vote(senior, 25, 20, 20, 20, 3)

    assert outcomes.next_round(db.session(), senior) is None
    reasons = [
        one.reason for one in outcomes.outcome_of_plan(db.session(), senior).standings.values()
    ]
    assert reasons == [R.PASSED, R.TIED, R.TIED, R.TIED, R.TOO_FEW]


def test_score_is_the_mean_of_the_submitted_sheets(senior: Plan) -> None:
    first, second, *_rest = meetings.candidates(senior)
    seats = [meetings.judge(senior)[1] for _count in range(3)]
    for seat, total in zip(seats, (8000, 8001, 8001), strict=True):
        factories.assessment(seat, first, total=total)
    factories.assessment(seats[0], second, total=9000, state="draft", submitted_at=None)

    assert scoring.scores_of(db.session(), senior) == {first.id: 8001}


def test_scores_part_those_with_equal_votes(senior: Plan) -> None:
    seat = meetings.judge(senior)[1]
    for item, total in zip(meetings.candidates(senior), (9000, 8000, 7000), strict=False):
        factories.assessment(seat, item, total=total)

    meetings.vote(senior, 20, 20, 20, 20, 20)

    assert outcomes.next_round(db.session(), senior) is None


def test_denominator_is_of_the_plan(plan: Plan) -> None:
    held = meetings.vote(plan, 16, 16, 16)
    vote = held.candidates[0]
    with unsealed():
        vote.eligible = 24

    present = outcomes.counted_of(plan, vote, held)
    plan.denominator = Denominator.ELIGIBLE

    assert (present, outcomes.counted_of(plan, vote, held)) == (25, 24)
    standings = outcomes.outcome_of_plan(db.session(), plan).standings
    assert [one.is_passed for one in standings.values()] == [True, False, False]


def test_posts_bind_public_institutions(app: Any) -> None:
    school = factories.unit(kind=UnitKind.PUBLIC)
    plan = meetings.online(count=0)
    factories.quota(school, level=Level.MIDDLE, granted=1)
    for unit in (school, school, factories.unit()):
        factories.application(ApplicationState.IN_REVIEW, plan=plan, level=Level.MIDDLE, unit=unit)

    meetings.vote(plan, 20, 21, 18)

    standings = outcomes.outcome_of_plan(db.session(), plan).standings
    assert [one.reason for one in standings.values()] == [R.OVER_QUOTA, R.PASSED, R.PASSED]


# computing


def test_result_is_computed_with_the_votes_that_decided(senior: Plan) -> None:
    first = meetings.vote(senior, 25, 20, 20, 18, 3)
    second = meetings.counted(senior, dict(zip(ids(senior)[1:3], (18, 5), strict=True)))
    clerk = meetings.computed(senior)

    found = [stored(senior)[key] for key in ids(senior)]
    assert senior.state is PlanState.ENTERED
    assert senior.entered_by == clerk.user_id
    assert (senior.members, senior.present, senior.voted_on) == (25, 25, factories.today())
    assert [(one.yes, one.no, one.abstain, one.counted_of) for one in found] == [
        (25, 0, 0, 25), (18, 7, 0, 25), (5, 20, 0, 25), (18, 7, 0, 25), (3, 22, 0, 25),
    ]  # fmt: skip
    assert [one.reason for one in found] == [
        R.PASSED, R.PASSED, R.TOO_FEW, R.OVER_RATE, R.TOO_FEW,
    ]  # fmt: skip
    assert [one.rank for one in found] == [1, 2, 3, 4, 5]
    assert [one.round_id for one in found] == [first.id, second.id, second.id, first.id, first.id]
    assert [one.is_passed for one in found] == [True, True, False, False, False]


def test_base_of_thirty_three_passes_thirteen(app: Any) -> None:
    plan = meetings.online(count=33, level=Level.SENIOR, senior_cap=40)
    meetings.vote(plan, *[25] * 13, *[24] * 20)

    meetings.computed(plan)

    assert sum(one.is_passed for one in plan.results) == 13


def test_nothing_is_computed_before_a_round_was_counted(plan: Plan) -> None:
    assert "No round" in why_not(plan, "compute")


def test_nothing_is_computed_while_a_round_is_open(plan: Plan) -> None:
    meetings.vote(plan, 20, 20, 20)
    factories.ballot_round(plan, number=2, state=RoundState.OPEN)

    assert "Round 2" in why_not(plan, "compute")


def test_nothing_is_computed_before_everybody_was_voted_on(plan: Plan) -> None:
    meetings.counted(plan, {ids(plan)[0]: 20})

    assert "2 candidates have not been voted on" in why_not(plan, "compute")


def test_nothing_is_computed_while_a_further_round_is_due(senior: Plan) -> None:
    meetings.vote(senior, 25, 20, 20, 20, 3)

    assert "3 candidates are to be voted on again for 1 places" in why_not(senior, "compute")


def test_nothing_is_computed_for_a_committee_that_was_not_valid(plan: Plan) -> None:
    meetings.vote(plan, 20, 20, 20)
    plan.committee.valid_to = factories.in_days(-1)

    assert "valid from" in why_not(plan, "compute")


def test_result_of_an_offline_meeting_is_not_computed(app: Any) -> None:
    plan = meetings.online(mode="offline")

    assert "offline" in why_not(plan, "compute")


def test_another_office_does_not_compute(plan: Plan) -> None:
    meetings.vote(plan, 20, 20, 20)
    stranger = meetings.office(factories.plan())

    assert "another committee" in why_not(plan, "compute", stranger)


# minutes and signatures


@pytest.fixture
def entered(plan: Plan) -> Plan:
    """The meeting with its result computed: one passed, one did not, one abstained from."""
    meetings.vote(plan, 20, 3, 17)
    meetings.computed(plan)
    return plan


@pytest.mark.parametrize(
    "typed", ["", " ", "太短", "x" * 20_001, None, "会议<script>alert(1)</script>" * 3]
)
def test_minutes_are_a_text(entered: Plan, typed: str | None) -> None:
    with pytest.raises(Refused) as caught:
        meetings.fire(
            entered, "write_minutes", meetings.office(entered), details={"minutes": typed}
        )

    assert caught.value.field == "minutes"
    assert entered.minutes == ""


def test_changed_minutes_lose_the_signatures(entered: Plan) -> None:
    meetings.signed(entered)
    clerk = meetings.office(entered)

    meetings.fire(entered, "write_minutes", clerk, details={"minutes": meetings.MINUTES})
    kept = entered.chair_signed_at, entered.supervisor_signed_at
    meetings.fire(entered, "write_minutes", clerk, details={"minutes": meetings.MINUTES + "补充。"})

    assert None not in kept
    assert (entered.chair_signed_at, entered.chair_signed_by) == (None, None)
    assert (entered.supervisor_signed_at, entered.supervisor_signed_by) == (None, None)


def test_both_sign_once(entered: Plan) -> None:
    chair, watcher = meetings.signed(entered)

    again = why_not(entered, "sign_chair", factories.actor_of(chair))
    twice = why_not(entered, "sign_supervisor", factories.actor_of(watcher))

    assert entered.chair_signed_by == chair.user_id
    assert entered.supervisor_signed_by == watcher.user_id
    assert "signed already" in again
    assert "signed already" in twice


def test_nobody_signs_without_minutes(entered: Plan) -> None:
    chair, _seat = meetings.judge(entered, SeatRole.CHAIR)

    for event, position in (
        ("sign_chair", chair),
        ("sign_supervisor", meetings.supervisor(entered)),
    ):
        assert "minutes" in why_not(entered, event, factories.actor_of(position))


def test_chair_signs_or_who_presides(entered: Plan) -> None:
    entered.minutes = meetings.MINUTES
    absent, _seat = meetings.judge(entered, SeatRole.CHAIR, SeatState.ACCEPTED)
    vice, _seat = meetings.judge(entered, SeatRole.VICE)
    member, _seat = meetings.judge(entered)
    stranger, _seat = meetings.judge(meetings.online(), SeatRole.CHAIR)

    reasons = [
        why_not(entered, "sign_chair", factories.actor_of(one))
        for one in (absent, vice, member, stranger)
    ]

    assert [bool(reason) for reason in reasons] == [True, False, True, True]
    assert "presided" in reasons[0]


def test_chair_who_has_left_still_signs(entered: Plan) -> None:
    chair, _seat = meetings.judge(entered, SeatRole.CHAIR, SeatState.GONE)

    assert minutes.signs_as_chair(db.session(), entered, chair.user_id)


def test_chair_and_supervisor_are_two_persons(entered: Plan) -> None:
    chair, _watcher = meetings.signed(entered)
    minutes.clear_signatures(entered)
    meetings.fire(entered, "sign_chair", factories.actor_of(chair))
    same = factories.position(
        meetings.Role.SUPERVISOR, committee=entered.committee, user=chair.user
    )

    assert "another person" in why_not(entered, "sign_supervisor", factories.actor_of(same))


def test_supervisor_of_another_committee_does_not_sign(entered: Plan) -> None:
    entered.minutes = meetings.MINUTES
    stranger = meetings.supervisor(factories.plan())

    assert "another committee" in why_not(entered, "sign_supervisor", factories.actor_of(stranger))


# confirmation


def test_signed_result_is_confirmed_by_a_second_person(plan: Plan) -> None:
    meetings.vote(plan, 20, 3, 17)
    clerk = meetings.computed(plan)
    meetings.signed(plan)

    own = why_not(plan, "confirm", clerk)
    meetings.fire(plan, "confirm", meetings.office(plan))

    assert "second person" in own
    assert plan.state is PlanState.CONCLUDED
    states = [item.state for item in meetings.candidates(plan)]
    assert states == [ApplicationState.PASSED, ApplicationState.FAILED, ApplicationState.PASSED]


def test_confirmation_names_what_is_missing(entered: Plan) -> None:
    nothing = why_not(entered, "confirm")
    chair, _seat = meetings.judge(entered, SeatRole.CHAIR)
    meetings.fire(
        entered,
        "write_minutes",
        meetings.office(entered),
        details={"minutes": meetings.MINUTES},
    )
    meetings.fire(entered, "sign_chair", factories.actor_of(chair))
    last = why_not(entered, "confirm")

    assert all(word in nothing for word in ("Minutes", "chair", "supervisor"))
    assert "supervisor" in last
    assert "chair" not in last


def test_confirmation_looks_once_more_at_the_rounds(entered: Plan) -> None:
    meetings.signed(entered)
    stored(entered)[ids(entered)[1]].rank = 1
    db.session.flush()

    assert "compute it or enter it again" in why_not(entered, "confirm")


def test_confirmation_needs_the_sheet_of_a_paper_round(entered: Plan) -> None:
    meetings.signed(entered)
    with unsealed():
        outcomes.counted_rounds(db.session(), entered)[0].is_on_paper = True

    assert "sheet of Round 1" in why_not(entered, "confirm")


def test_result_sent_back_is_computed_anew(entered: Plan) -> None:
    meetings.signed(entered)
    meetings.fire(entered, "reopen", meetings.office(entered), opinion="职数已调整，重新汇总")
    between = (entered.state, len(stored(entered)), entered.chair_signed_at, entered.minutes)

    meetings.computed(entered)

    assert between == (PlanState.APPROVED, 0, None, meetings.MINUTES)
    assert len(stored(entered)) == 3


def test_online_result_is_never_entered(entered: Plan) -> None:
    assert "votes online" in why_not(entered, "enter")


# filing


def test_filing_of_an_online_result_needs_no_scan_of_what_was_signed_here(plan: Plan) -> None:
    meetings.vote(plan, 20, 3, 17)
    meetings.concluded(plan)
    filing = factories.filing(plan)
    proof = factories.attachment(filing, filings.NOTICE_PROOF)
    act = engine.Act(filing, "file", meetings.office(plan), factories.clock.now())

    complete = filings.has_papers(act)
    proof.removed_at = factories.clock.now()

    assert complete is None
    assert "Proof" in str(filings.has_papers(act))


@pytest.fixture
def filed(senior: Plan) -> Plan:
    """A confirmed meeting of full seniors: two passed, two are beyond the rate."""
    meetings.vote(senior, 25, 24, 23, 22, 3)
    meetings.concluded(senior)
    for item in meetings.candidates(senior):
        if item.state is ApplicationState.PASSED:
            item.state = ApplicationState.IN_FILING
    db.session.flush()
    return senior


def test_result_that_follows_from_the_rounds_is_filed(filed: Plan) -> None:
    assert filing_checks.problems(db.session(), filed) == []


@pytest.mark.parametrize(
    ("place", "changes", "said"),
    [
        (0, {"yes": 24, "no": 1}, "differ"),
        (0, {"counted_of": 24}, "differ"),
        (0, {"round_id": None}, "no counted round"),
        (4, {"is_passed": True}, "3 yes of 25"),
        (4, {"reason": R.OVER_RATE}, "3 yes of 25"),
        (0, {"reason": R.TOO_FEW}, "25 yes of 25"),
        (0, {"reason": None}, "25 yes of 25"),
        (2, {"rank": 1}, "ranks before"),
    ],
)
def test_line_that_does_not_follow_from_the_rounds_is_named(
    filed: Plan, place: int, changes: dict[str, Any], said: str
) -> None:
    item = meetings.candidates(filed)[place]
    with unsealed():
        for key, value in changes.items():
            setattr(stored(filed)[item.id], key, value)

    lines = [line for line in filing_checks.problems(db.session(), filed) if item.number in line]

    assert said in lines[0]


@pytest.mark.parametrize("rule", list(OverCap))
def test_more_than_the_cap_never_pass(app: Any, rule: OverCap) -> None:
    plan = meetings.online(count=5, level=Level.SENIOR, senior_cap=40, over_cap=rule)
    meetings.vote(plan, 25, 24, 23, 22, 21)
    if rule is OverCap.SECOND_ROUND:
        meetings.vote(plan, 20, 19, 18, 3, 3)

    meetings.computed(plan)

    assert [one.is_passed for one in (stored(plan)[key] for key in ids(plan))] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert results.is_within_caps(
        engine.Act(plan, "confirm", meetings.office(plan), factories.clock.now())
    ) is None  # fmt: skip
