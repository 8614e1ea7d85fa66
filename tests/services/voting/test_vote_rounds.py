"""A round of votes through the engine: frozen, open, closed, opened by two, counted without voters."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.engine import Refused
from app.enums import KeyRole, Level, OpinionState, OverCap, Role, RoundState, SeatRole, SeatState
from app.extensions import db
from app.ground import clock
from app.models import (
    KeyHolder,
    Opinion,
    Plan,
    Position,
    Round,
    RoundShare,
    RoundVoter,
    SealedBallot,
    Seat,
    TransitionLog,
)
from app.services.results import outcomes
from app.services.voting import (
    ballot_rules,
    ballots,
    key_holders,
    sealing,
    vote_rounds,
)
from tests.support import factories, meetings
from tests.support.tampering import unsealed

Held = tuple[Plan, list[tuple[Position, Seat]], dict[KeyRole, Any], Round]


@pytest.fixture
def sat(app: Flask) -> tuple[Plan, list[tuple[Position, Seat]], dict[KeyRole, Any]]:
    return meetings.ready()


@pytest.fixture
def held(sat: Any) -> Held:
    plan, judges, holders = sat
    return plan, judges, holders, meetings.freeze(plan, holders[KeyRole.OFFICE][0])


@pytest.fixture
def opened(held: Held) -> Held:
    meetings.fire(held[3], "open", held[2][KeyRole.CHAIR][0])
    return held


def why(record: Any, event: str, actor: Any, **values: Any) -> str:
    with pytest.raises(Refused) as refusal:
        meetings.fire(record, event, actor, **values)
    return refusal.value.sentence


def refused_freeze(plan: Plan, holders: dict[KeyRole, Any]) -> str:
    record = vote_rounds.draft(db.session(), plan, clock.now())
    sentence = why(record, "freeze", holders[KeyRole.OFFICE][0])
    db.session.rollback()
    return sentence


def counts(record: Round) -> list[tuple[int, int, int]]:
    return [(one.yes, one.no, one.abstain) for one in ballots.candidates(db.session(), record)]


# from the freeze to the count


def test_round_is_counted_without_voters(opened: Held) -> None:
    plan, judges, holders, record = opened
    for place, (position, _seat) in enumerate(judges):
        meetings.cast(record, position, "yn" + ("y" if place < 9 else "a"))

    meetings.count(record, holders)

    assert record.state is RoundState.COUNTED
    assert (record.members, record.present, record.cast, record.invalid) == (13, 13, 13, 0)
    assert counts(record) == [(13, 0, 0), (0, 13, 0), (9, 0, 4)]
    assert db.session.query(RoundShare).count() == 0
    assert {one.sealed for one in db.session.query(SealedBallot)} == {None}
    assert outcomes.next_round(db.session(), plan) is None


@pytest.mark.parametrize("opinion", ["", "无", "没有问题", "……", "1111", "不行不行不行"])
def test_closing_early_needs_a_reason_that_says_something(opened: Held, opinion: str) -> None:
    _plan, _judges, holders, record = opened

    with pytest.raises(Refused) as refusal:
        meetings.fire(record, "close", holders[KeyRole.CHAIR][0], opinion=opinion)

    assert refusal.value.field == "opinion"
    assert record.state is RoundState.OPEN


@pytest.mark.parametrize(
    "pair",
    [(KeyRole.OFFICE, KeyRole.CHAIR), (KeyRole.SUPERVISOR, KeyRole.OFFICE), (KeyRole.CHAIR, KeyRole.SUPERVISOR)],
)  # fmt: skip
def test_any_two_holders_open_the_box(opened: Held, pair: tuple[KeyRole, KeyRole]) -> None:
    _plan, judges, holders, record = opened
    meetings.cast(record, judges[1][0], "yyy")
    meetings.fire(record, "close", holders[KeyRole.CHAIR][0], opinion=meetings.EARLY)

    for role in pair:
        actor, code = holders[role]
        meetings.fire(record, "release", actor, details={"code": code.lower()})

    assert (record.state, record.cast) == (RoundState.COUNTED, 1)


def test_one_holder_alone_opens_nothing(opened: Held) -> None:
    _plan, judges, holders, record = opened
    meetings.cast(record, judges[1][0], "yyy")
    chair, code = holders[KeyRole.CHAIR]
    meetings.fire(record, "close", chair, opinion=meetings.EARLY)

    assert "code" in why(record, "release", chair, details={"code": sealing.new_code()})
    meetings.fire(record, "release", chair, details={"code": code})

    assert record.state is RoundState.CLOSED
    assert "second holder" in why(record, "release", chair, details={"code": code})
    stranger = meetings.office(_plan)
    assert "no part" in why(record, "release", stranger, details={"code": code})
    assert record.counted_at is None


def test_recused_votes_do_not_count_and_leave_no_pattern(sat: Any) -> None:
    plan, judges, holders = sat
    case = meetings.candidates(plan)[1]
    factories.recusal(case, judges[4][0].user)
    record = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(record, "open", holders[KeyRole.CHAIR][0])
    for place, (position, _seat) in enumerate(judges):
        meetings.cast(record, position, "y-y" if place == 4 else "yyy")

    meetings.count(record, holders)

    votes = ballots.candidates(db.session(), record)
    assert [(one.eligible, one.opened) for one in votes] == [
        (13, "y" * 13), (12, "y" * 12), (13, "y" * 13),
    ]  # fmt: skip


def test_invalid_ballot_abstains_on_everybody(sat: Any) -> None:
    plan, judges, holders = sat
    plan.over_cap = OverCap.LIMIT_YES
    case = meetings.candidates(plan)[0]
    factories.recusal(case, judges[3][0].user)
    record = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(record, "open", holders[KeyRole.CHAIR][0])
    meetings.cast(record, judges[1][0], "yyn")
    # a recused judge who votes all the same
    meetings.cast(record, judges[3][0], "yyy")

    meetings.count(record, holders)

    assert (record.cast, record.invalid) == (2, 1)
    assert counts(record) == [(1, 0, 0), (1, 0, 1), (0, 1, 1)]


def test_more_yes_than_places_is_invalid() -> None:
    facts = {
        "candidates": ["1", "2", "3"],
        "recused": [[7, 1]],
        "limits": [{"positions": [1, 2, 3], "most": 1}],
    }

    assert ballot_rules.is_valid("yna", facts, 1)
    assert not ballot_rules.is_valid("yya", facts, 1)
    assert not ballot_rules.is_valid("yn", facts, 1)
    assert not ballot_rules.is_valid("yx-", facts, 1)
    assert not ballot_rules.is_valid("-na", facts, 1)
    assert ballot_rules.is_valid("-na", facts, 7)
    assert not ballot_rules.is_valid("nna", facts, 7)


def test_damaged_ballot_is_reported_and_the_round_can_be_voided(opened: Held) -> None:
    plan, judges, holders, record = opened
    chair = holders[KeyRole.CHAIR][0]
    cast = meetings.cast(record, judges[1][0], "yyy")
    first = cast.sealed or ""
    with unsealed():
        cast.sealed = first[:100] + ("A" if first[100] != "A" else "B") + first[101:]
    db.session.commit()

    assert cast.tracker in why(record, "close", chair, opinion=meetings.EARLY)

    db.session.rollback()
    assert (record.state, record.cast) == (RoundState.OPEN, None)
    meetings.fire(record, "ask_void", chair, opinion="一张选票损坏，重新投票")
    meetings.fire(record, "void", holders[KeyRole.SUPERVISOR][0])
    assert db.session.query(RoundShare).count() == 0
    again = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    assert again.number == 2


# casting


def test_ballot_is_cast_once_by_whoever_is_on_the_roll(opened: Held) -> None:
    plan, judges, holders, record = opened
    position, _seat = judges[1]
    meetings.cast(record, position, "yyy")

    with pytest.raises(Refused, match="already"):
        meetings.cast(record, position, "nnn")
    late, _seat = meetings.judge(plan)
    with pytest.raises(Refused, match="roll"):
        meetings.cast(record, late, "yyy")
    gone, seat = judges[2]
    seat.state = SeatState.GONE
    with pytest.raises(Refused, match="left"):
        meetings.cast(record, gone, "yyy")
    with pytest.raises(Refused, match="position"):
        ballots.cast(record, "x", actor=holders[KeyRole.OFFICE][0], at=clock.now())
    assert vote_rounds.count_cast(db.session(), record.id) == 1


def test_who_is_recused_from_everybody_has_nothing_to_vote_on(sat: Any) -> None:
    plan, judges, holders = sat
    for case in meetings.candidates(plan):
        factories.recusal(case, judges[4][0].user)
    record = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(record, "open", holders[KeyRole.CHAIR][0])

    with pytest.raises(Refused, match="every candidate"):
        meetings.cast(record, judges[4][0], "---")
    assert len(vote_rounds.voters(record)) == 12


def test_nobody_casts_for_somebody_else(opened: Held) -> None:
    _plan, judges, _holders, record = opened
    sealed = meetings.seal(record, "yyy")
    forged = SealedBallot(
        round_id=record.id, seat_id=judges[2][1].id, alg=sealing.ALG, sealed=sealed,
        digest="0" * 64, tracker="forged",
    )  # fmt: skip

    assert "roll" in why(forged, "cast", factories.actor_of(judges[1][0]))


@pytest.mark.parametrize("sealed", ["", "A" * 10, "é" * 128, "=" * 128, "A" * 4000])
def test_what_is_no_sealed_ballot_is_refused(opened: Held, sealed: str) -> None:
    _plan, judges, _holders, record = opened

    with pytest.raises(Refused, match="whole"):
        ballots.cast(record, sealed, actor=factories.actor_of(judges[1][0]), at=clock.now())


@pytest.mark.parametrize("letters", ["", "yy", "yyyy", "yyx", "y?y"])
def test_what_is_no_choice_is_not_sealed(opened: Held, letters: str) -> None:
    with pytest.raises(Refused, match="every candidate"):
        ballots.seal_letters(opened[3], letters, opened[1][1][1].id)


@pytest.mark.parametrize(
    ("letters", "seat", "said"),
    [
        ("yyn", 1, "at most 1 times, but said it 2 times"),
        ("yyy", 1, "Change 2 of them"),
        ("-yy", 7, "numbered 1、2、3"),
        ("yna", 7, "every candidate"),
        ("-na", 1, "every candidate"),
    ],
)
def test_ballot_beyond_its_rules_is_refused_with_what_to_change(
    letters: str, seat: int, said: str
) -> None:
    facts = {
        "candidates": ["1", "2", "3"],
        "recused": [[7, 1]],
        "limits": [{"positions": [1, 2, 3], "most": 1}],
    }

    assert said in str(ballot_rules.refusal(letters, facts, seat))
    assert ballot_rules.refusal("nya", facts, 1) is None
    assert ballot_rules.refusal("-ya", facts, 7) is None


@pytest.mark.parametrize("over_cap", [OverCap.LIMIT_YES, OverCap.SECOND_ROUND])
def test_server_seals_no_ballot_with_more_yes_than_places(app: Flask, over_cap: OverCap) -> None:
    plan, judges, holders = meetings.ready(level=Level.SENIOR, over_cap=over_cap)
    seat = judges[1][1]
    record = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    limits = [{"positions": [1, 2, 3], "most": 1}]
    with unsealed():
        record.frozen = json.dumps(vote_rounds.frozen(record) | {"limits": limits})

    with pytest.raises(Refused, match="at most 1 times"):
        ballots.seal_letters(record, "yyn", seat.id)
    assert ballots.seal_letters(record, "nny", seat.id)
    assert vote_rounds.count_cast(db.session(), record.id) == 0


def test_no_ballot_before_the_opening_and_after_the_close(held: Held) -> None:
    _plan, judges, holders, record = held
    chair = holders[KeyRole.CHAIR][0]

    with pytest.raises(Refused, match="Frozen"):
        meetings.cast(record, judges[1][0], "yyy")
    meetings.fire(record, "open", chair)
    meetings.fire(record, "close", chair, opinion=meetings.EARLY)
    with pytest.raises(Refused, match="Closed"):
        meetings.cast(record, judges[1][0], "yyy")


def test_database_holds_one_ballot_a_seat(opened: Held) -> None:
    _plan, judges, _holders, record = opened
    cast = meetings.cast(record, judges[1][0], "yyy")
    db.session.add(
        SealedBallot(
            round_id=record.id, seat_id=cast.seat_id, alg="x", sealed="x", digest="x", tracker="x"
        )
    )

    with pytest.raises(IntegrityError):
        db.session.flush()


def test_receipt_is_the_same_whenever_it_is_asked_for(opened: Held) -> None:
    _plan, judges, _holders, record = opened
    cast = meetings.cast(record, judges[1][0], "yna")

    first, second = ballots.receipt(cast), ballots.receipt(cast)

    assert first == second
    assert (first.alg, first.round_id, first.frozen_hash) == (
        "ed25519",
        record.id,
        record.frozen_hash,
    )


# what must be so before


def test_round_needs_codes_quorum_chair_and_opinions(app: Flask) -> None:
    plan, judges = meetings.sitting(away=5)
    clerk = {KeyRole.OFFICE: (meetings.office(plan), "")}
    db.session.commit()
    assert "code" in refused_freeze(plan, clerk)
    holders = meetings.keys(plan, judges[0][0])
    db.session.commit()
    assert "at least 9" in refused_freeze(plan, holders)
    for _position, seat in judges:
        seat.state = SeatState.PRESENT
    judges[0][1].state = SeatState.GONE
    db.session.commit()
    assert "preside" in refused_freeze(plan, holders)
    judges[0][1].state = SeatState.PRESENT
    opinion = db.session.query(Opinion).first()
    assert opinion is not None
    opinion.state = OpinionState.DRAFT
    db.session.commit()
    assert "no opinion" in refused_freeze(plan, holders)
    opinion.state = OpinionState.COMPLETE
    judges[12][1].state = SeatState.DECLINED
    db.session.commit()
    assert "odd number" in refused_freeze(plan, holders)
    judges[12][1].state = SeatState.PRESENT
    plan.steps = ["opinion"]
    db.session.commit()
    assert "no step" in refused_freeze(plan, holders)
    plan.steps, plan.closes_on, plan.opens_on = (
        ["opinion", "vote"],
        factories.in_days(-1),
        factories.in_days(-2),
    )
    db.session.commit()
    assert "runs from" in refused_freeze(plan, holders)


def test_one_round_at_a_time_and_none_when_all_is_decided(held: Held) -> None:
    plan, _judges, holders, record = held
    db.session.commit()

    assert "finish it first" in refused_freeze(plan, holders)
    meetings.fire(record, "open", holders[KeyRole.CHAIR][0])
    meetings.count(record, holders)
    db.session.commit()
    assert "decided" in refused_freeze(plan, holders)


def test_only_whoever_presides_opens_and_closes(held: Held) -> None:
    _plan, judges, holders, record = held
    member = factories.actor_of(judges[5][0])

    assert "presides" in why(record, "open", member)
    judges[5][1].role, judges[0][1].state = SeatRole.VICE, SeatState.GONE
    meetings.fire(record, "open", member)
    assert "presides" in why(record, "close", holders[KeyRole.CHAIR][0])
    assert "presides" in why(
        record, "ask_void", holders[KeyRole.CHAIR][0], opinion="设备故障，重新投票"
    )
    meetings.void(record, holders[KeyRole.OFFICE][0])


def test_frozen_text_holds_what_the_vote_is_about(held: Held) -> None:
    plan, judges, _holders, record = held

    facts = json.loads(record.frozen)

    assert facts["candidates"] == [one.number for one in meetings.candidates(plan)]
    assert facts["roll"] == [seat.id for _position, seat in judges]
    assert (facts["members"], facts["present"], facts["limits"]) == (13, 13, [])
    roll = select(RoundVoter.seat_id).where(RoundVoter.round_id == record.id)
    assert set(db.session.scalars(roll)) == set(facts["roll"])


# holders


def test_three_different_people_of_the_meeting_hold_the_key(sat: Any) -> None:
    plan, judges, holders = sat
    session, at = db.session(), clock.now()
    chair = holders[KeyRole.CHAIR][0]
    watcher = factories.position(Role.SUPERVISOR, committee=plan.committee, user=judges[0][0].user)

    with pytest.raises(Refused, match="chair or a vice"):
        key_holders.take_code(session, plan, actor=factories.actor_of(judges[1][0]), at=at)
    with pytest.raises(Refused, match="another committee"):
        key_holders.take_code(
            session,
            plan,
            actor=factories.actor(Role.OFFICE, committee=factories.committee()),
            at=at,
        )
    with pytest.raises(Refused, match="another part"):
        key_holders.take_code(session, plan, actor=factories.actor_of(watcher), at=at)
    code = key_holders.take_code(session, plan, actor=chair, at=at)
    assert code != holders[KeyRole.CHAIR][1]
    assert session.query(KeyHolder).count() == 3


def test_code_is_not_replaced_while_a_round_is_sealed_to_it(held: Held) -> None:
    plan, _judges, holders, _record = held

    with pytest.raises(Refused, match="sealed to the present codes"):
        key_holders.take_code(db.session(), plan, actor=holders[KeyRole.CHAIR][0], at=clock.now())


def test_codes_and_choices_stand_in_no_log(opened: Held) -> None:
    _plan, judges, holders, record = opened
    meetings.cast(record, judges[1][0], "yna")
    meetings.count(record, holders)

    logged = json.dumps([[log.details, log.opinion] for log in db.session.query(TransitionLog)])

    assert not any(code in logged for _actor, code in holders.values())
    assert "yna" not in logged
