"""Who passes a meeting: two thirds, ranks, caps, posts, ties and further rounds (Order 40, art. 21)."""

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import Level, OverCap
from app.enums import ResultReason as R
from app.services.results.outcome_rules import (
    Candidate,
    Counted,
    Outcome,
    Rules,
    Tally,
    decide,
)

SENIOR, MIDDLE = Level.SENIOR, Level.MIDDLE


def people(count: int, level: Level = SENIOR, **values: Any) -> list[Candidate]:
    return [Candidate(key, level, **values) for key in range(1, count + 1)]


def held(number: int, votes: Mapping[int, int], of: int = 25) -> Counted:
    return Counted(number, {key: Tally(yes, of) for key, yes in votes.items()})


def rules(cap: int | None = None, over_cap: OverCap = OverCap.RANK, **values: Any) -> Rules:
    return Rules(over_cap, {} if cap is None else {SENIOR: cap}, **values)


def reasons(outcome: Outcome) -> dict[int, R | None]:
    return {key: one.reason for key, one in outcome.standings.items()}


def ranks(outcome: Outcome) -> dict[int, int | None]:
    return {key: one.rank for key, one in outcome.standings.items()}


# two thirds


@pytest.mark.parametrize(
    ("yes", "of", "reason"),
    [
        (8, 13, R.TOO_FEW),
        (9, 13, R.PASSED),
        (11, 17, R.TOO_FEW),
        (12, 17, R.PASSED),
        (16, 25, R.TOO_FEW),
        (17, 25, R.PASSED),
        (0, 0, R.TOO_FEW),
        (0, 25, R.TOO_FEW),
    ],
)
def test_pass_is_two_thirds_and_never_less(yes: int, of: int, reason: R) -> None:
    outcome = decide(people(1), [held(1, {1: yes}, of)], rules())

    assert reasons(outcome) == {1: reason}
    assert outcome.standings[1].tally == Tally(yes, of)
    assert outcome.standings[1].round_id == 1
    assert outcome.is_complete


def test_two_thirds_are_of_those_who_may_vote_on_the_candidate() -> None:
    votes = Counted(1, {1: Tally(16, 25), 2: Tally(16, 24)})

    outcome = decide(people(2), [votes], rules())

    assert reasons(outcome) == {1: R.TOO_FEW, 2: R.PASSED}
    assert ranks(outcome) == {1: 2, 2: 1}


def test_who_has_no_votes_yet_comes_first() -> None:
    outcome = decide(people(3), [held(1, {2: 20})], rules())

    assert outcome.unvoted == (1, 3)
    assert not outcome.is_complete
    assert reasons(outcome) == {1: None, 2: None, 3: None}
    assert outcome.standings[1].tally is None


def test_nobody_in_the_meeting_is_complete() -> None:
    assert decide([], [], rules(0)).is_complete


# the rate


def test_thirty_three_at_forty_percent_are_thirteen() -> None:
    votes = {key: 25 if key <= 13 else 24 for key in range(1, 34)}

    outcome = decide(people(33), [held(1, votes)], rules(33 * 40 // 100))

    assert Counter(reasons(outcome).values()) == {R.PASSED: 13, R.OVER_RATE: 20}
    assert ranks(outcome)[13] == 1
    assert ranks(outcome)[14] == 14


def test_fourteen_equal_ones_for_thirteen_places_are_voted_on_again() -> None:
    outcome = decide(people(33), [held(1, {key: 25 if key < 15 else 3 for key in range(1, 34)})],
                     rules(13))  # fmt: skip

    (contest,) = outcome.contests
    assert contest.application_ids == tuple(range(1, 15))
    assert contest.places == 13
    assert Counter(reasons(outcome).values()) == {None: 14, R.TOO_FEW: 19}


@pytest.mark.parametrize("rule", [OverCap.RANK, OverCap.LIMIT_YES])
def test_ranked_list_is_cut_at_the_cap(rule: OverCap) -> None:
    outcome = decide(people(4), [held(1, {1: 18, 2: 25, 3: 20, 4: 9})], rules(2, rule))

    assert reasons(outcome) == {1: R.OVER_RATE, 2: R.PASSED, 3: R.PASSED, 4: R.TOO_FEW}
    assert ranks(outcome) == {1: 3, 2: 1, 3: 2, 4: 4}


def test_score_parts_equal_votes_and_none_comes_last() -> None:
    scored = [Candidate(1, SENIOR, 8000), Candidate(2, SENIOR, None), Candidate(3, SENIOR, 0)]

    outcome = decide(scored, [held(1, {1: 20, 2: 20, 3: 20})], rules(2))

    assert reasons(outcome) == {1: R.PASSED, 2: R.OVER_RATE, 3: R.PASSED}
    assert ranks(outcome) == {1: 1, 2: 3, 3: 2}


def test_limited_yes_does_not_look_at_scores() -> None:
    scored = [Candidate(1, SENIOR, 8000), Candidate(2, SENIOR, 9000)]

    outcome = decide(scored, [held(1, {1: 20, 2: 20})], rules(1, OverCap.LIMIT_YES))

    assert [one.application_ids for one in outcome.contests] == [(1, 2)]


def test_a_cap_of_nothing_passes_nobody_and_holds_no_round() -> None:
    for rule in OverCap:
        outcome = decide(people(2), [held(1, {1: 25, 2: 25})], rules(0, rule))

        assert reasons(outcome) == {1: R.OVER_RATE, 2: R.OVER_RATE}
        assert outcome.is_complete


def test_levels_are_cut_apart_and_only_where_there_is_a_rate() -> None:
    mixed = [Candidate(1, SENIOR), Candidate(2, SENIOR), Candidate(3, MIDDLE), Candidate(4, MIDDLE)]

    outcome = decide(mixed, [held(1, {1: 25, 2: 20, 3: 17, 4: 20})], rules(1))

    assert reasons(outcome) == {1: R.PASSED, 2: R.OVER_RATE, 3: R.PASSED, 4: R.PASSED}
    assert ranks(outcome) == {1: 1, 2: 2, 3: 2, 4: 1}


# ties and further rounds


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        ({1: 13, 2: 11}, {1: R.TOO_FEW, 2: R.TOO_FEW, 3: R.PASSED, 4: R.OVER_RATE}),
        ({1: 17, 2: 11}, {1: R.PASSED, 2: R.TOO_FEW, 3: R.OVER_RATE, 4: R.OVER_RATE}),
        ({1: 17, 2: 17}, {1: None, 2: None, 3: R.OVER_RATE, 4: R.OVER_RATE}),
    ],
)
def test_place_left_empty_by_a_further_round_goes_to_who_follows(
    again: dict[int, int], expected: dict[int, R | None]
) -> None:
    first = held(1, {1: 20, 2: 20, 3: 18, 4: 17}, of=24)

    outcome = decide(people(4), [first, held(2, again, of=24)], rules(1))

    assert reasons(outcome) == expected
    assert (ranks(outcome)[3] == 1) is (expected[3] is R.PASSED)


def test_two_places_left_empty_are_filled_by_rank_and_by_a_further_round() -> None:
    votes = {1: 20, 2: 20, 3: 20, 4: 18, 5: 17, 6: 17}
    rounds = [held(1, votes, of=24), held(2, {1: 12, 2: 12, 3: 12}, of=24)]

    outcome = decide(people(6), rounds, rules(2))

    assert [(one.application_ids, one.places) for one in outcome.contests] == [((5, 6), 1)]
    assert reasons(outcome) | {5: R.TIED, 6: R.TIED} == {
        1: R.TOO_FEW, 2: R.TOO_FEW, 3: R.TOO_FEW, 4: R.PASSED, 5: R.TIED, 6: R.TIED,
    }  # fmt: skip


def test_tied_to_the_end_keep_their_places_empty() -> None:
    first = held(1, {1: 20, 2: 20, 3: 18}, of=24)

    outcome = decide(people(3), [first, held(2, {1: 18, 2: 18}, of=24)], rules(1, round_limit=2))

    assert reasons(outcome) == {1: R.TIED, 2: R.TIED, 3: R.OVER_RATE}


def test_tie_across_the_line_is_voted_on_for_the_places_left() -> None:
    first = held(1, {1: 25, 2: 20, 3: 20, 4: 18})
    before = decide(people(4), [first], rules(2))

    after = decide(people(4), [first, held(2, {2: 5, 3: 18})], rules(2))

    assert [(one.application_ids, one.places) for one in before.contests] == [((2, 3), 1)]
    assert reasons(before) == {1: R.PASSED, 2: None, 3: None, 4: R.OVER_RATE}
    assert reasons(after) == {1: R.PASSED, 2: R.TOO_FEW, 3: R.PASSED, 4: R.OVER_RATE}
    assert ranks(after) == {1: 1, 2: 3, 3: 2, 4: 4}
    assert after.standings[3].round_id == 2
    assert after.standings[3].tally == Tally(18, 25)


def test_tie_that_lies_above_the_line_is_none() -> None:
    outcome = decide(people(3), [held(1, {1: 20, 2: 20, 3: 18})], rules(2))

    assert reasons(outcome) == {1: R.PASSED, 2: R.PASSED, 3: R.OVER_RATE}
    assert ranks(outcome) == {1: 1, 2: 1, 3: 3}


def test_who_stays_equal_after_the_last_round_does_not_pass() -> None:
    rounds = [held(number, {1: 20, 2: 20}) for number in (1, 2, 3)]

    for count, reason in ((1, None), (2, None), (3, R.TIED)):
        outcome = decide(people(2), rounds[:count], rules(1))

        assert set(reasons(outcome).values()) == {reason}
        assert len(outcome.contests) == (reason is None)


def test_nobody_with_two_thirds_in_the_further_round_leaves_the_place_empty() -> None:
    rounds = [held(1, {1: 20, 2: 20}), held(2, {1: 13, 2: 12})]

    outcome = decide(people(2), rounds, rules(1))

    assert reasons(outcome) == {1: R.TOO_FEW, 2: R.TOO_FEW}
    assert outcome.is_complete


def test_a_round_over_others_does_not_decide_a_tie() -> None:
    outcome = decide(people(3), [held(1, {1: 20, 2: 20}), held(2, {2: 20, 3: 20})], rules(1))

    assert outcome.contests[0].application_ids == (1, 2, 3)


def test_rounds_over_parts_of_the_candidates_count_together() -> None:
    outcome = decide(people(3), [held(1, {1: 20}), held(2, {2: 22, 3: 8})], rules(1))

    assert reasons(outcome) == {1: R.OVER_RATE, 2: R.PASSED, 3: R.TOO_FEW}
    assert outcome.standings[1].round_id == 1


# a second round


def test_second_round_is_held_only_when_more_pass_than_may() -> None:
    second = rules(2, OverCap.SECOND_ROUND)

    few = decide(people(3), [held(1, {1: 25, 2: 17, 3: 16})], second)
    many = decide(people(4), [held(1, {1: 25, 2: 17, 3: 20, 4: 3})], second)

    assert reasons(few) == {1: R.PASSED, 2: R.PASSED, 3: R.TOO_FEW}
    assert [(one.application_ids, one.places) for one in many.contests] == [((1, 2, 3), 2)]
    assert reasons(many) == {1: None, 2: None, 3: None, 4: R.TOO_FEW}


def test_second_round_decides_anew() -> None:
    rounds = [held(1, {1: 25, 2: 17, 3: 20, 4: 3}), held(2, {1: 10, 2: 20, 3: 17})]

    outcome = decide(people(4), rounds, rules(2, OverCap.SECOND_ROUND))

    assert reasons(outcome) == {1: R.TOO_FEW, 2: R.PASSED, 3: R.PASSED, 4: R.TOO_FEW}
    assert ranks(outcome) == {1: 3, 2: 1, 3: 2, 4: 4}


def test_second_round_with_too_many_again_is_cut_and_its_ties_go_on() -> None:
    first = held(1, {1: 25, 2: 25, 3: 25, 4: 25})
    second = held(2, {1: 19, 2: 17, 3: 17, 4: 17})
    rule = rules(2, OverCap.SECOND_ROUND)

    due = decide(people(4), [first, second], rule)
    over = decide(people(4), [first, second, held(3, {2: 17, 3: 4, 4: 4})], rule)

    assert [(one.application_ids, one.places) for one in due.contests] == [((2, 3, 4), 1)]
    assert reasons(over) == {1: R.PASSED, 2: R.PASSED, 3: R.TOO_FEW, 4: R.TOO_FEW}


# the posts of a unit


def test_posts_of_a_unit_bind_besides_the_rate() -> None:
    school = people(3, posts="school")
    others = [Candidate(4, SENIOR), Candidate(5, SENIOR)]

    outcome = decide(
        [*school, *others],
        [held(1, {1: 25, 2: 24, 3: 23, 4: 20, 5: 18})],
        rules(2, posts={"school": 1}),
    )

    assert reasons(outcome) == {
        1: R.PASSED, 2: R.OVER_QUOTA, 3: R.OVER_QUOTA, 4: R.PASSED, 5: R.OVER_RATE,
    }  # fmt: skip


def test_unit_without_posts_passes_nobody() -> None:
    outcome = decide(people(2, posts="school"), [held(1, {1: 25, 2: 3})], rules(9))

    assert reasons(outcome) == {1: R.OVER_QUOTA, 2: R.TOO_FEW}


def test_tie_for_the_last_post_is_voted_on_before_the_rate_is_cut() -> None:
    everybody = [*people(2, posts="school"), Candidate(3, SENIOR), Candidate(4, SENIOR)]
    first, rule = held(1, {1: 20, 2: 20, 3: 20, 4: 20}), rules(2, posts={"school": 1})

    due = decide(everybody, [first], rule)
    then = decide(everybody, [first, held(2, {1: 18, 2: 3})], rule)
    last = decide(everybody, [first, held(2, {1: 18, 2: 3}), held(3, {1: 17, 3: 19, 4: 4})], rule)

    assert [(one.application_ids, one.places) for one in due.contests] == [((1, 2), 1)]
    assert reasons(due) == dict.fromkeys(range(1, 5))
    assert [(one.application_ids, one.places) for one in then.contests] == [((1, 3, 4), 2)]
    assert reasons(last) == {1: R.PASSED, 2: R.TOO_FEW, 3: R.PASSED, 4: R.TOO_FEW}


# what always holds

VOTES = st.integers(0, 9)
MEETINGS = st.fixed_dictionaries(
    {
        "people": st.lists(
            st.tuples(
                st.sampled_from([SENIOR, MIDDLE]),
                st.one_of(st.none(), st.integers(0, 3)),
                st.sampled_from([None, "a", "b"]),
                st.lists(VOTES, min_size=3, max_size=3),
            ),
            min_size=1,
            max_size=9,
        ),
        "rule": st.sampled_from(list(OverCap)),
        "caps": st.fixed_dictionaries({}, optional={SENIOR: st.integers(0, 6), MIDDLE: st.integers(0, 6)}),
        "posts": st.fixed_dictionaries({}, optional={"a": st.integers(-1, 4), "b": st.integers(0, 4)}),
        "limit": st.integers(1, 3),
    }
)  # fmt: skip


def meeting(drawn: Mapping[str, Any]) -> tuple[list[Candidate], Rules, list[list[int]]]:
    """Return candidates, rules, and how often each gets a yes in every round."""
    everybody = [
        Candidate(key, level, score, posts)
        for key, (level, score, posts, _votes) in enumerate(drawn["people"], start=1)
    ]
    rule = Rules(drawn["rule"], drawn["caps"], drawn["posts"], drawn["limit"])
    return everybody, rule, [votes for *_facts, votes in drawn["people"]]


def first_round(votes: list[list[int]]) -> Counted:
    return held(1, {key: one[0] for key, one in enumerate(votes, start=1)}, 9)


def to_the_end(everybody: list[Candidate], rule: Rules, votes: list[list[int]]) -> Outcome:
    """Hold every round that is due until nothing is left to decide."""
    rounds = [first_round(votes)]
    while not (outcome := decide(everybody, rounds, rule)).is_complete:
        number, due = len(rounds), outcome.contests[0].application_ids
        rounds.append(held(number + 1, {key: votes[key - 1][number % 3] for key in due}, 9))
        assert len(rounds) < 30
    return outcome


@given(MEETINGS)
def test_never_more_pass_than_caps_and_posts_allow(drawn: Mapping[str, Any]) -> None:
    everybody, rule, votes = meeting(drawn)

    for outcome in (
        decide(everybody, [first_round(votes)], rule),
        to_the_end(everybody, rule, votes),
    ):
        passed = [one for one in everybody if outcome.standings[one.application_id].is_passed]
        for level, count in Counter(one.level for one in passed).items():
            assert count <= rule.caps.get(level, len(everybody))
        for line, count in Counter((one.level, one.posts) for one in passed if one.posts).items():
            assert count <= max(rule.posts.get(line[1], 0), 0)
        tallies = [outcome.standings[one.application_id].tally for one in passed]
        assert all(tally is not None and tally.is_pass for tally in tallies)


@given(MEETINGS)
def test_nobody_beyond_the_rate_ranks_before_somebody_who_passed(drawn: Mapping[str, Any]) -> None:
    standings = to_the_end(*meeting(drawn)).standings.values()

    for beyond in (one for one in standings if one.reason is R.OVER_RATE):
        for passed in (one for one in standings if one.is_passed and one.level is beyond.level):
            assert passed.rank is not None
            assert beyond.rank is not None
            assert passed.rank < beyond.rank


@given(MEETINGS)
def test_everything_is_decided_in_the_end(drawn: Mapping[str, Any]) -> None:
    outcome = to_the_end(*meeting(drawn))

    assert None not in reasons(outcome).values()


@given(MEETINGS, st.randoms(use_true_random=False))
def test_order_of_candidates_is_of_no_matter(drawn: Mapping[str, Any], random: Random) -> None:
    everybody, rule, votes = meeting(drawn)
    shuffled = list(everybody)
    random.shuffle(shuffled)

    assert decide(shuffled, [first_round(votes)], rule) == decide(
        everybody, [first_round(votes)], rule
    )


@given(MEETINGS, st.data())
def test_one_more_yes_never_costs_anybody_the_pass(
    drawn: Mapping[str, Any], data: st.DataObject
) -> None:
    everybody, rule, votes = meeting(drawn)
    lucky = data.draw(st.sampled_from(everybody)).application_id
    more = [[one[0] + (key == lucky), *one[1:]] for key, one in enumerate(votes, start=1)]

    before = decide(everybody, [first_round(votes)], rule).standings[lucky]
    after = decide(everybody, [first_round(more)], rule).standings[lucky]

    # in a second round everybody starts anew, whatever the votes of the first one
    assert not before.is_passed or after.is_passed or rule.over_cap is OverCap.SECOND_ROUND
