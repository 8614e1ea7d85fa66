"""Rounds and ballots changed by somebody who writes the database but has not the keys of the program."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.engine import Refused
from app.enums import KeyRole, RoundState
from app.extensions import db
from app.ground import clock
from app.models import (
    Application,
    KeyHolder,
    Round,
    RoundCandidate,
    RoundShare,
    RoundVoter,
    SealedBallot,
    Seat,
    TransitionLog,
)
from app.services.voting import key_holders, sealing, vote_rounds
from tests.support import factories, meetings
from tests.support.tampering import unsealed

STRANGE = sealing.public_of(sealing.new_key())
Held = tuple[Any, Any, Any, Round]


@pytest.fixture
def held(app: Flask) -> Held:
    """An open round with ballots of six judges."""
    plan, judges, holders = meetings.ready()
    record = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(record, "open", holders[KeyRole.CHAIR][0])
    for position, _seat in judges[:6]:
        meetings.cast(record, position, "yna")
    db.session.commit()
    return plan, judges, holders, record


def ballot(place: int = 0) -> SealedBallot:
    return db.session.query(SealedBallot).order_by(SealedBallot.id).offset(place).limit(1).one()


def recast(record: Round, one: SealedBallot, letters: str = "yyy") -> None:
    """Put another ballot in the place of one, with its digest, sealed to the genuine key."""
    one.sealed = meetings.seal(record, letters)
    one.digest = sealing.digest(one.sealed)


def _key(record: Round) -> None:
    record.public_key = STRANGE


def _key_and_frozen(record: Round) -> None:
    record.public_key = STRANGE
    facts = vote_rounds.frozen(record) | {"public_key": STRANGE}
    record.frozen = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    record.frozen_hash = hashlib.sha256(record.frozen.encode()).hexdigest()


def _older_form(record: Round) -> None:
    facts = vote_rounds.frozen(record) | {"alg": "zc-round-v1"}
    del facts["public_key"]
    record.alg = sealing.ALG_1
    record.frozen = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    record.frozen_hash = hashlib.sha256(record.frozen.encode()).hexdigest()
    record.public_key, record.row_digest = STRANGE, ""


def _limits(record: Round) -> None:
    facts = vote_rounds.frozen(record) | {"limits": [{"positions": [1, 2, 3], "most": 1}]}
    record.frozen = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _ballot(record: Round) -> None:
    recast(record, ballot())


def _ballot_damaged(record: Round) -> None:
    one = ballot()
    one.sealed = (one.sealed or "")[:-4] + "AAAA"


def _ballots_swapped(record: Round) -> None:
    one, other = ballot(0), ballot(1)
    first, second = (one.sealed, one.digest), (other.sealed, other.digest)
    (one.sealed, one.digest), (other.sealed, other.digest) = second, first


def _ballot_copied(record: Round) -> None:
    one, other = ballot(0), ballot(1)
    other.sealed, other.digest, other.row_digest = one.sealed, one.digest, one.row_digest


def _ballot_put_in(record: Round) -> None:
    free = db.session.query(Seat).filter_by(plan_id=record.plan_id).order_by(Seat.id.desc()).first()
    made = SealedBallot(
        round_id=record.id, seat_id=free.id, alg=record.alg, tracker="0" * 20, row_digest="0" * 64, sealed="", digest="",
    )  # fmt: skip
    recast(record, made)
    db.session.add(made)


def _ballot_taken_out(record: Round) -> None:
    db.session.delete(ballot(2))


def _ballot_emptied(record: Round) -> None:
    ballot().sealed = None


def _roll_shorter(record: Round) -> None:
    db.session.delete(db.session.query(RoundVoter).filter_by(round_id=record.id).first())


def _roll_longer(record: Round) -> None:
    _position, seat = meetings.judge(record.plan)
    db.session.add(RoundVoter(round_id=record.id, seat_id=seat.id))


def _seat_of_another(record: Round) -> None:
    seat = db.session.query(Seat).filter_by(plan_id=record.plan_id).order_by(Seat.id.desc()).first()
    seat.user_id = factories.user().id


def _candidates_swapped(record: Round) -> None:
    first, second, _third = record.candidates
    one, other = first.application_id, second.application_id
    db.session.execute(text("UPDATE round_candidate SET position = position + 10"))
    db.session.flush()
    for key, place in ((one, 2), (other, 1)):
        db.session.execute(
            text("UPDATE round_candidate SET position = :place WHERE application_id = :key"),
            {"place": place, "key": key},
        )
    db.session.execute(text("UPDATE round_candidate SET position = 3 WHERE position = 13"))


def _candidate_eligible(record: Round) -> None:
    record.candidates[0].eligible -= 1


def _candidate_replaced(record: Round) -> None:
    other = meetings.candidate(record.plan)
    record.candidates[0].application_id = other.id


def _holder(record: Round) -> None:
    db.session.query(KeyHolder).first().public_key = STRANGE


def _holder_account(record: Round) -> None:
    db.session.query(KeyHolder).first().user_id = factories.user().id


def _share(record: Round) -> None:
    db.session.delete(db.session.query(RoundShare).first())


CHANGES: dict[str, tuple[Callable[[Round], None], str]] = {
    "key": (_key, "key of the ballot box is not the frozen one"),
    "key with what was frozen": (_key_and_frozen, "the round, its roll"),
    "key under the older form": (_older_form, "the round, its roll"),
    "limits": (_limits, "does not have its digest"),
    "ballot exchanged": (_ballot, "changed or put in"),
    "ballot damaged": (_ballot_damaged, "changed or put in"),
    "two ballots swapped": (_ballots_swapped, "changed or put in"),
    "a ballot copied over another": (_ballot_copied, "changed or put in"),
    "a ballot put in": (_ballot_put_in, "changed or put in"),
    "a ballot taken out": (_ballot_taken_out, "1 ballots that were cast are missing"),
    "a ballot emptied": (_ballot_emptied, "changed or put in"),
    "roll shortened": (_roll_shorter, "roll is not the frozen one"),
    "roll lengthened": (_roll_longer, "roll is not the frozen one"),
    "seat given to another account": (_seat_of_another, "the round, its roll"),
    "two candidates swapped": (_candidates_swapped, "candidates are not the frozen ones"),
    "a candidate replaced": (_candidate_replaced, "candidates are not the frozen ones"),
    "number of eligible judges": (_candidate_eligible, "the round, its roll"),
    "key of a holder": (_holder, "the round, its roll"),
    "account of a holder": (_holder_account, "the round, its roll"),
    "a part of the key": (_share, "part of the key is missing"),
}


def test_every_change_is_reported_when_the_round_is_closed(held: Held) -> None:
    chair = held[2][KeyRole.CHAIR][0]
    for name, (change, said) in CHANGES.items():
        with unsealed():
            change(held[3])
        db.session.flush()
        db.session.expire_all()
        with pytest.raises(Refused) as refusal:
            meetings.fire(held[3], "close", chair, opinion=meetings.EARLY)
        assert said in refusal.value.sentence, (name, refusal.value.sentence)
        db.session.rollback()
        assert held[3].state is RoundState.OPEN

    meetings.fire(held[3], "close", chair, opinion=meetings.EARLY)


def test_every_change_is_reported_when_the_box_is_opened(held: Held) -> None:
    _plan, _judges, holders, record = held
    meetings.close(record, holders)
    chair, code = holders[KeyRole.CHAIR]
    meetings.fire(record, "release", chair, details={"code": code})
    db.session.commit()
    watcher, other = holders[KeyRole.SUPERVISOR]
    for name, (change, said) in CHANGES.items():
        if name == "account of a holder":
            continue  # the chair's account is another one then, which the guards refuse first
        with unsealed():
            change(record)
        db.session.flush()
        db.session.expire_all()
        with pytest.raises(Refused) as refusal:
            meetings.fire(record, "release", watcher, details={"code": other})
        assert said in refusal.value.sentence, (name, refusal.value.sentence)
        db.session.rollback()

    meetings.fire(record, "release", watcher, details={"code": other})
    assert record.state is RoundState.COUNTED


@pytest.mark.parametrize("name", ["key", "key with what was frozen", "key under the older form", "roll lengthened"])  # fmt: skip
def test_nobody_votes_in_a_changed_round(held: Held, name: str) -> None:
    _plan, judges, _holders, record = held
    with unsealed():
        CHANGES[name][0](record)
    db.session.flush()
    db.session.expire_all()

    with pytest.raises(Refused, match="without this program"):
        meetings.cast(record, judges[8][0], "yyy")


def test_swapped_key_reads_no_ballot_and_exchanges_none(app: Flask) -> None:
    """The attack seen: another key before the vote, the ballots read with it, one exchanged, all sealed back."""
    plan, judges, holders = meetings.ready()
    record = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    genuine, private = record.public_key, sealing.new_key()
    with unsealed():
        record.public_key = sealing.public_of(private)
    chair = holders[KeyRole.CHAIR][0]

    with pytest.raises(Refused, match="key of the ballot box is not the frozen one"):
        meetings.fire(record, "open", chair)
    with unsealed():
        record.public_key = genuine
    meetings.fire(record, "open", chair)
    with unsealed():
        record.public_key = sealing.public_of(private)
    with pytest.raises(Refused, match="without this program"):
        meetings.cast(record, judges[1][0], "yyy")


def test_round_is_not_frozen_to_a_strange_holder(app: Flask) -> None:
    plan, _judges, holders = meetings.ready()
    db.session.commit()
    db.session.query(KeyHolder).filter_by(role=KeyRole.OFFICE).one().public_key = STRANGE
    db.session.flush()

    record = vote_rounds.draft(db.session(), plan, clock.now())
    with pytest.raises(Refused, match="the part of the key of"):
        meetings.fire(record, "freeze", holders[KeyRole.OFFICE][0])
    db.session.rollback()

    office = holders[KeyRole.OFFICE][0]
    db.session.query(KeyHolder).filter_by(role=KeyRole.OFFICE).one().public_key = STRANGE
    key_holders.take_code(db.session(), plan, actor=office, at=clock.now())
    meetings.freeze(plan, office)


def test_log_names_the_round_of_every_ballot(held: Held) -> None:
    """How many ballots must be there rests on the log, which the database does not change."""
    logged = db.session.query(TransitionLog).filter_by(subject_type="sealed_ballot", event="cast")

    assert [one.details["round"] for one in logged] == [held[3].id] * 6


# what the database itself refuses


REFUSED: dict[str, tuple[Callable[[Round], None], ...]] = {
    "open": (
        _key, _key_and_frozen, _limits, _ballot, _ballot_damaged, _ballots_swapped, _ballot_copied, _ballot_taken_out,
        _ballot_emptied, _roll_shorter, _roll_longer, _candidates_swapped, _candidate_replaced, _candidate_eligible,
        _holder, _holder_account, _share,
    ),
    "closed": (
        _key, _ballot, _ballot_put_in, _ballot_taken_out, _ballot_emptied, _roll_longer, _candidate_replaced, _holder,
        _share,
    ),
    "counted": (_key, _ballot, _ballot_put_in, _ballot_taken_out, _roll_shorter, _candidate_replaced),
}  # fmt: skip


@pytest.mark.parametrize("state", list(REFUSED))
def test_database_refuses_to_change_a_round(held: Held, state: str) -> None:
    _plan, _judges, holders, record = held
    if state == "closed":
        meetings.close(record, holders)
    if state == "counted":
        meetings.count(record, holders)
    db.session.commit()
    for change in REFUSED[state]:
        with pytest.raises(DatabaseError, match="sealed"):
            _flushed(change, record)
        db.session.rollback()


def _flushed(change: Callable[[Round], None], record: Round) -> None:
    change(record)
    db.session.flush()


def test_database_lets_a_void_round_be_emptied(held: Held) -> None:
    _plan, _judges, holders, record = held

    meetings.fire(record, "ask_void", holders[KeyRole.CHAIR][0], opinion="会议改期，重新投票表决")
    meetings.fire(record, "void", holders[KeyRole.SUPERVISOR][0])

    assert {one.sealed for one in db.session.query(SealedBallot)} == {None}
    assert db.session.query(RoundShare).count() == 0
    assert db.session.query(RoundCandidate).count() == 3
    assert db.session.query(Application).count() == 3
