"""Rounds of an online meeting that were held on paper: the figures, the second person, what they count for."""

from dataclasses import replace
from typing import Any

import pytest

from app import engine
from app.engine import Refused
from app.enums import Denominator, Level, OverCap, PlanState, RoundState, SeatState
from app.extensions import db
from app.forms.review import StoredUpload
from app.models import Outbox, Plan, Round
from app.services.files import attached_files
from app.services.results import outcomes, paper_rounds, results
from app.services.results.outcomes import NextRound
from app.services.results.results import Entry, Votes
from tests.support import factories, meetings
from tests.support.meetings import candidates, office


@pytest.fixture
def plan(app: Any) -> Plan:
    """An online meeting of three middle candidates, no seat of it accepted yet."""
    return meetings.online()


def an_entry(plan: Plan, *yes: int, present: int = 22) -> Entry:
    """Return the figures of a round over the first candidates."""
    items = candidates(plan)
    votes = tuple(
        Votes(item.id, count, present - count, 0) for item, count in zip(items, yes, strict=False)
    )
    return Entry(25, present, factories.today(), votes)


def enter(
    plan: Plan, entry: Any, actor: Any = None, *, with_scan: bool = True, **details: Any
) -> Round:
    held = (
        paper_rounds.draft(db.session(), plan, entry, _places(plan), factories.clock.now())
        if isinstance(entry, Entry)
        else Round(plan_id=plan.id)
    )
    scan = (
        StoredUpload(factories.attachment(plan, "other").file, "表决票.pdf") if with_scan else None
    )
    engine.fire(
        held,
        "enter_paper",
        actor=actor or office(plan),
        at=factories.clock.now(),
        details={"entry": entry, "scan": scan, "opinions_signed": True, "opinions": scan} | details,
    )
    return held


def _places(plan: Plan) -> int | None:
    return paper_rounds.candidates_due(db.session(), plan)[0].places


def refusal(plan: Plan, entry: Any, **values: Any) -> Refused:
    db.session.commit()
    with pytest.raises(Refused) as caught:
        enter(plan, entry, **values)
    db.session.rollback()
    return caught.value


def test_second_person_of_the_office_is_told(plan: Plan) -> None:
    clerk, second = office(plan), office(plan)

    enter(plan, an_entry(plan, 20, 20, 20), clerk)

    told = db.session.query(Outbox).filter_by(template="round.confirm_paper")
    assert [one.user_id for one in told] == [second.user_id]


def test_round_is_entered_and_confirmed_by_a_second_person(plan: Plan) -> None:
    clerk = office(plan)
    held = enter(plan, an_entry(plan, 20, 3), clerk)
    own = engine.why_not(held, "confirm_paper", actor=clerk, at=factories.clock.now())
    before = outcomes.next_round(db.session(), plan)

    meetings.fire(held, "confirm_paper", office(plan))

    assert own is not None
    assert "second person" in own
    assert before == NextRound(tuple(item.id for item in candidates(plan)))
    assert held.state is RoundState.COUNTED
    assert held.counted_at is not None
    assert (held.number, held.members, held.present, held.is_on_paper) == (1, 25, 22, True)
    assert [(one.yes, one.no, one.abstain, one.eligible) for one in held.candidates] == [
        (20, 2, 0, 22), (3, 19, 0, 22),
    ]  # fmt: skip
    assert [
        scan.name for scan in attached_files.attachments_of(held, paper_rounds.PAPER_SHEET)
    ] == ["表决票.pdf"]
    assert outcomes.next_round(db.session(), plan) == NextRound((candidates(plan)[2].id,))


def test_part_on_paper_and_part_online_are_one_result(plan: Plan) -> None:
    held = enter(plan, an_entry(plan, 20, 3))
    meetings.fire(held, "confirm_paper", office(plan))
    meetings.counted(plan, {candidates(plan)[2].id: 17})

    meetings.concluded(plan)

    assert plan.state is PlanState.CONCLUDED
    assert {one.is_passed for one in plan.results} == {True, False}
    assert len(plan.results) == 3


def test_dropped_round_counts_for_nobody_and_keeps_its_number(plan: Plan) -> None:
    held = enter(plan, an_entry(plan, 20, 3, 3))
    with pytest.raises(Refused):
        meetings.fire(held, "drop_paper", office(plan))
    meetings.fire(held, "drop_paper", office(plan), opinion="第一名的票数填错了")

    again = enter(plan, an_entry(plan, 19, 3, 3))

    assert held.state is RoundState.VOID
    assert again.number == 2


def test_digest_is_the_same_for_the_same_figures(plan: Plan) -> None:
    entry = an_entry(plan, 20, 3, 3)
    turned = replace(entry, votes=tuple(reversed(entry.votes)))

    assert paper_rounds.canonical(plan, entry) == paper_rounds.canonical(plan, turned)
    assert paper_rounds.canonical(plan, entry) != paper_rounds.canonical(
        plan, an_entry(plan, 20, 3, 4)
    )


# what is refused


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"members": 24}, "members", "24"),
        ({"present": 26}, "present", "26"),
        ({"present": 16}, "present", "17"),
        ({"voted_on": factories.in_days(-9)}, "voted_on", "outside the meeting"),
        ({"voted_on": factories.in_days(1)}, "voted_on", "future"),
    ],
)
def test_impossible_figures_are_refused(
    plan: Plan, changes: dict[str, Any], field: str, said: str
) -> None:
    refused = refusal(plan, replace(an_entry(plan, 10, present=17), **changes))

    assert refused.field == field
    assert said in refused.sentence


@pytest.mark.parametrize(
    ("votes", "said"),
    [
        ((23, 0, 0), "only 22 were present"),
        ((20, 2, 1), "only 22 were present"),
        ((-1, 0, 0), "below zero"),
    ],
)
def test_impossible_votes_are_refused(plan: Plan, votes: tuple[int, int, int], said: str) -> None:
    item = candidates(plan)[0]
    entry = replace(an_entry(plan), votes=(Votes(item.id, *votes),))

    refused = refusal(plan, entry)

    assert said in refused.sentence
    assert item.number in refused.sentence


def test_everybody_is_named_once_and_only_who_is_due(plan: Plan) -> None:
    entry, stranger = an_entry(plan, 20), factories.application()
    twice = replace(entry, votes=(*entry.votes, *entry.votes))
    strange = replace(entry, votes=(Votes(stranger.id, 20, 2, 0),))

    assert "more than once" in refusal(plan, twice).sentence
    assert "not to be voted on" in refusal(plan, strange).sentence


@pytest.mark.parametrize("entry", [None, "20"])
def test_round_without_figures_is_refused(plan: Plan, entry: Any) -> None:
    act = engine.Act(Round(plan_id=plan.id), "enter_paper", office(plan), factories.clock.now(),
                     details={"entry": entry})  # fmt: skip

    assert "Enter the figures" in (paper_rounds.is_consistent(act) or "")


def test_round_over_nobody_is_refused(plan: Plan) -> None:
    assert "at least one candidate" in refusal(plan, an_entry(plan)).sentence


def test_round_without_the_signed_sheet_is_refused(plan: Plan) -> None:
    refused = refusal(plan, an_entry(plan, 20), with_scan=False)

    assert refused.field == "scan"


def test_members_are_those_who_accepted(plan: Plan) -> None:
    before = paper_rounds.members_of(db.session(), plan)
    seats = [meetings.judge(plan)[1] for _place in range(3)]
    unsigned = refusal(plan, an_entry(plan, 20))
    factories.opinion(candidates(plan)[0], *seats)

    refused = refusal(plan, an_entry(plan, 20))

    assert before == plan.seats
    assert "no opinion signed by three experts" in unsigned.sentence
    assert "3 judges have accepted" in refused.sentence


def test_recused_judges_who_are_there_do_not_vote(plan: Plan) -> None:
    item = candidates(plan)[0]
    for state in (SeatState.PRESENT, SeatState.ACCEPTED):
        position, _seat = meetings.judge(plan, state=state)
        factories.recusal(item, position.user)
    meetings.judge(plan)

    assert paper_rounds.eligible_judges(db.session(), plan, 2) == {item.id: 1}


def test_eligible_judges_bound_the_votes(plan: Plan) -> None:
    plan.denominator = Denominator.ELIGIBLE
    factories.agree_to_size(plan.committee, 3)
    seats = [meetings.judge(plan) for _count in range(5)]
    item = candidates(plan)[0]
    factories.recusal(item, seats[0][0].user)
    factories.opinion(item, *(seat for _position, seat in seats[1:4]))
    entry = Entry(5, 5, factories.today(), (Votes(item.id, 5, 0, 0),))

    refused = refusal(plan, entry)
    held = enter(plan, replace(entry, votes=(Votes(item.id, 4, 0, 0),)))

    assert "only 4 were present" in refused.sentence
    assert held.candidates[0].eligible == 4


def test_each_judge_says_yes_only_as_often_as_the_cap(app: Any) -> None:
    plan = meetings.online(count=5, level=Level.SENIOR, senior_cap=40, over_cap=OverCap.LIMIT_YES)

    refused = refusal(plan, an_entry(plan, 20, 20, 5, 0, 0))
    held = enter(plan, an_entry(plan, 20, 20, 4, 0, 0))

    assert "45 yes" in refused.sentence
    assert held.state is RoundState.ENTERED


@pytest.fixture
def tied(app: Any) -> Plan:
    """A meeting in which three are equal for one place."""
    plan = meetings.online(count=5, level=Level.SENIOR, senior_cap=40)
    meetings.vote(plan, 25, 20, 20, 20, 3)
    return plan


def test_further_round_is_over_all_who_are_equal(tied: Plan) -> None:
    items = candidates(tied)[1:4]
    some = Entry(25, 22, factories.today(), (Votes(items[0].id, 15, 7, 0),))
    every = replace(some, votes=tuple(Votes(item.id, 5, 17, 0) for item in items))
    more = replace(some, votes=tuple(Votes(item.id, 8, 14, 0) for item in items))

    assert "all 3 candidates" in refusal(tied, some).sentence
    assert "22 judges" in refusal(tied, more).sentence
    assert enter(tied, every).places == 1


def test_round_of_an_offline_or_computed_meeting_is_refused(app: Any, plan: Plan) -> None:
    offline, computed = meetings.online(mode="offline"), meetings.online()
    meetings.vote(computed, 20, 20, 20)
    meetings.computed(computed)

    assert "offline" in refusal(offline, an_entry(offline, 20)).sentence
    assert "no round can be added" in refusal(computed, an_entry(computed, 20)).sentence


def test_one_round_at_a_time(plan: Plan) -> None:
    enter(plan, an_entry(plan, 20))
    db.session.commit()

    assert "finish it first" in refusal(plan, an_entry(plan, 20)).sentence


def test_another_office_neither_enters_nor_confirms(plan: Plan) -> None:
    stranger = office(factories.plan())
    held = enter(plan, an_entry(plan, 20))
    now = factories.clock.now()

    reasons = [
        engine.why_not(held, event, actor=stranger, at=now) or ""
        for event in ("confirm_paper", "drop_paper")
    ]
    db.session.commit()

    assert all("another committee" in reason for reason in reasons)
    assert "another committee" in refusal(plan, an_entry(plan, 20), actor=stranger).sentence


def test_meetings_under_way_are_offered(plan: Plan) -> None:
    ahead = meetings.online(batch=plan.batch, opens_on=factories.in_days(3),
                            closes_on=factories.in_days(4))  # fmt: skip
    offline = meetings.online(batch=plan.batch, mode="offline")
    offered = paper_rounds.open_plans(db.session(), (plan.committee_id,))

    assert offered == [(plan.id, plan.name)]
    assert ahead.id not in dict(offered)
    assert offline.id not in dict(offered)
    assert paper_rounds.open_plans(db.session(), ()) == []


# opinions of three experts (domain rule 42)


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"opinions_signed": False}, "opinions_signed"),
        ({"opinions": None}, "opinions"),
        ({"opinions_signed": False, "opinions": None}, "opinions_signed"),
    ],
)
def test_first_vote_on_paper_without_seats_carries_the_signed_opinions(
    plan: Plan, details: dict[str, Any], field: str
) -> None:
    refused = refusal(plan, an_entry(plan, 20), **details)

    assert refused.field == field


def test_signed_opinions_are_kept_with_the_round(plan: Plan) -> None:
    held = enter(plan, an_entry(plan, 20))

    kept = attached_files.attachments_of(held, results.OPINION_SHEET)
    assert [one.name for one in kept] == ["表决票.pdf"]


def test_further_round_needs_no_new_opinions(app: Any) -> None:
    plan = meetings.online(level=Level.SENIOR, senior_cap=40, over_cap=OverCap.SECOND_ROUND)
    meetings.vote(plan, 20, 20, 3)

    held = enter(plan, an_entry(plan, 20, 2), opinions_signed=False, opinions=None)

    assert held.state is RoundState.ENTERED
