"""The signed record of a round: its verifier finds every forgery, whoever made it."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.engine import Refused
from app.enums import KeyRole
from app.extensions import db
from app.ground import crypto, paths, signing
from app.models import Plan, Result, Round, RoundCandidate, SealedBallot
from app.services.voting import ballots, round_record
from tests.support import factories, meetings
from tests.support.tampering import unsealed
from tests.support.verifiers import (
    STRANGER,
    opened,
    resigned,
    under_old_signature,
    verdict,
    verify_ballots,
)

Facts = dict[str, Any]
LETTERS = {"y": "yes", "n": "no", "a": "abstain"}


@pytest.fixture
def counted(app: Flask) -> Round:
    """A counted round of which the first candidate passed and the others did not, with its computed result."""
    plan, judges, holders = meetings.ready()
    case = meetings.candidates(plan)[2]
    factories.recusal(case, judges[4][0].user)
    record = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(record, "open", holders[KeyRole.CHAIR][0])
    for place, (position, _seat) in enumerate(judges[:12]):
        last = "-" if place == 4 else "yna"[place % 3]
        meetings.cast(record, position, ("y" if place < 11 else "a") + "n" + last)
    meetings.count(record, holders)
    meetings.computed(plan)
    db.session.commit()
    return record


def plan_of(record: Round) -> Plan:
    return db.session.get_one(Plan, record.plan_id)


def printed(record: Round) -> list[str]:
    """Return the options for the digests that the minutes print."""
    result = signing.digest(plan_of(record).signed_result)
    return ["--record", signing.digest(record.signed_record), "--result", result, "--frozen", record.frozen_hash]  # fmt: skip


def exported(record: Round) -> signing.Signed:
    return round_record.export(db.session(), record)


# what is forged, in the facts of the record and of the result


def set_votes(candidate: Facts, letters: str) -> None:
    candidate["opened"] = letters
    for letter, name in LETTERS.items():
        candidate[name] = letters.count(letter)


def follow(facts: Facts, result: Facts) -> None:
    """Bring the result into agreement with the forged votes."""
    numbers = json.loads(facts["frozen"])["candidates"]
    for one in result["results"]:
        vote = facts["candidates"][numbers.index(one["candidate"])]
        one.update({name: vote[name] for name in LETTERS.values()})
        one["passed"] = 3 * one["yes"] >= 2 * one["of"]


def all_ballots(letter: str) -> Callable[[Facts, Facts], None]:
    def forge(facts: Facts, result: Facts) -> None:
        for one in facts["candidates"]:
            set_votes(one, letter * len(one["opened"]))

    return forge


def one_ballot(place: int, old: str, new: str) -> Callable[[Facts, Facts], None]:
    def forge(facts: Facts, result: Facts) -> None:
        one = facts["candidates"][place]
        assert old in one["opened"]
        set_votes(one, one["opened"].replace(old, new, 1))

    return forge


def exchanged(first: int, second: int) -> Callable[[Facts, Facts], None]:
    def forge(facts: Facts, result: Facts) -> None:
        one, other = facts["candidates"][first], facts["candidates"][second]
        votes = one["opened"], other["opened"]
        set_votes(one, votes[1][: one["eligible"]])
        set_votes(other, votes[0][: other["eligible"]])

    return forge


def drop_receipt(facts: Facts, result: Facts) -> None:
    del facts["receipts"][3]
    facts["cast"] -= 1
    for one in facts["candidates"]:
        set_votes(one, one["opened"][: facts["cast"]])


def drop_two_receipts(facts: Facts, result: Facts) -> None:
    drop_receipt(facts, result)
    drop_receipt(facts, result)


def add_receipt(facts: Facts, result: Facts) -> None:
    facts["receipts"].append({**facts["receipts"][0], "tracker": "0" * 20})
    facts["cast"] += 1
    for one in facts["candidates"]:
        set_votes(one, (one["opened"] + "y")[: one["eligible"]])


def replace_receipt(facts: Facts, result: Facts) -> None:
    facts["receipts"][0]["digest"] = "0" * 64


def change_frozen(**changed: Any) -> Callable[[Facts, Facts], None]:
    def forge(facts: Facts, result: Facts) -> None:
        facts["frozen"] = signing.canonical(json.loads(facts["frozen"]) | changed)
        facts["frozen_hash"] = hashlib.sha256(facts["frozen"].encode()).hexdigest()

    return forge


def change(**changed: Any) -> Callable[[Facts, Facts], None]:
    return lambda facts, result: facts.update(changed)


FORGERIES: dict[str, Callable[[Facts, Facts], None]] = {
    "all ballots turned to yes": all_ballots("y"),
    "all ballots turned to no": all_ballots("n"),
    "all ballots turned to abstentions": all_ballots("a"),
    "one no made yes with its number": one_ballot(1, "n", "y"),
    "one yes made no with its number": one_ballot(0, "y", "n"),
    "one abstention made yes with its number": one_ballot(0, "a", "y"),
    "results of the first two exchanged": exchanged(0, 1),
    "results of the last two exchanged": exchanged(1, 2),
    "results of first and last exchanged": exchanged(0, 2),
    "a receipt dropped, the number of cast lowered": drop_receipt,
    "two receipts dropped, the number of cast lowered": drop_two_receipts,
    "a receipt added, the number of cast raised": add_receipt,
    "a receipt replaced": replace_receipt,
    "another denominator": change_frozen(denominator="eligible"),
    "no recusals": change_frozen(recused=[]),
    "another time of the count": change(counted_at="2026-01-01T08:00:00+00:00"),
    "another time of the close": change(closed_at="2026-01-01T08:00:00+00:00"),
    "another key of the box": change(public_key="BAAA"),
    "fewer invalid ballots": change(invalid=3),
}


def forged(record: Round, forge: Callable[[Facts, Facts], None]) -> tuple[Facts, Facts, Facts]:
    """Return the facts of export, record and result after a forgery that keeps them in agreement."""
    export = opened(exported(record))
    facts, result = opened(export["at_count"]), opened(export["result"])
    forge(facts, result)
    follow(facts, result)
    return export | {"now": facts, "shown": result["results"]}, facts, result


def test_record_is_counted_again_by_a_program_of_its_own(counted: Round) -> None:
    code, said = verdict(verify_ballots, exported(counted), *printed(counted))

    assert code == 0, said
    assert said.count("= 纸面") == 3
    assert said.count("NOT GIVEN") == 1
    bare = verdict(verify_ballots, exported(counted))
    assert bare[0] == 0
    assert bare[1].count("NOT GIVEN") == 4


def test_program_runs_without_anything_installed(counted: Round) -> None:
    tool = paths.ROOT / "tools" / "verify_ballots.py"

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "-S", str(tool), *options], input=json.dumps(exported(counted)), text=True,
            capture_output=True, check=False,
        )  # fmt: skip

    assert run("--key", crypto.fingerprint()).returncode == 0
    assert "unknown key" in run("--key", crypto.fingerprint("00" * 32)).stdout
    assert run().returncode == 2


def test_record_names_no_judge(counted: Round) -> None:
    text = json.dumps(exported(counted), ensure_ascii=False)

    names = [one.seat.user.real_name for one in db.session.query(SealedBallot)]
    assert len(names) == 12
    assert not any(name in text for name in names)


def test_every_forged_file_is_found(counted: Round) -> None:
    tried, missed = 0, []
    for name, forge in FORGERIES.items():
        export, facts, result = forged(counted, forge)
        genuine = opened(exported(counted))
        files = {
            "only the file": under_old_signature(
                genuine | {"now": facts, "shown": result["results"]}, exported(counted)
            ),
            "under the old signatures": under_old_signature(
                export
                | {
                    "at_count": under_old_signature(facts, genuine["at_count"]),
                    "result": under_old_signature(result, genuine["result"]),
                },
                exported(counted),
            ),
            "signed anew by a stranger": resigned(
                export
                | {"at_count": resigned(facts, STRANGER), "result": resigned(result, STRANGER)},
                STRANGER,
            ),
            "record signed by a stranger, file by the program": signing.signed(
                export
                | {"at_count": resigned(facts, STRANGER), "result": resigned(result, STRANGER)}
            ),
        }
        for how, file in files.items():
            tried += 1
            code, said = verdict(verify_ballots, file)
            assert "damaged" not in said
            if code == 0:
                missed.append((name, how))

    assert (missed, tried) == ([], 4 * len(FORGERIES))


def test_forgery_by_who_has_the_key_differs_from_what_was_printed(counted: Round) -> None:
    missed = []
    for name, forge in FORGERIES.items():
        export, facts, result = forged(counted, forge)
        for one in facts["receipts"]:
            parts = (facts["receipt_alg"], one["tracker"], one["digest"])
            text = ballots.receipt_text(*parts, facts["frozen_hash"], facts["round_id"])
            one["signature"] = crypto.sign(text)
        record = signing.signed(facts)
        for listed in result["rounds"]:
            listed["record"] = signing.digest(json.dumps(record))
        file = signing.signed(export | {"at_count": record, "result": signing.signed(result)})
        if verdict(verify_ballots, file, *printed(counted))[0] == 0:
            missed.append(name)

    assert missed == []


def test_receipts_signed_anew_with_another_key_are_found(counted: Round) -> None:
    export = opened(exported(counted))
    facts = opened(export["at_count"])
    for few in (1, 3, 12):
        for one in facts["receipts"][:few]:
            parts = (facts["receipt_alg"], one["tracker"], one["digest"])
            text = ballots.receipt_text(*parts, facts["frozen_hash"], facts["round_id"])
            one["signature"] = STRANGER.sign(text.encode()).hex()
        record = signing.signed(facts)
        file = signing.signed(export | {"at_count": record, "now": facts})

        code, said = verdict(verify_ballots, file)

        assert code == 1
        assert said.count("signature of the receipt") == few


def test_receipt_of_every_judge_is_found_in_the_box(counted: Round) -> None:
    receipts = [f"{one.tracker}:{one.digest}" for one in db.session.query(SealedBallot)]
    options = [part for one in receipts for part in ("--receipt", one)]

    code, said = verdict(verify_ballots, exported(counted), *options)

    assert (code, said.count("receipt in the box")) == (0, 12)
    tracker, digest = receipts[0].split(":")
    for other in (f"{tracker}:{digest[:-1]}0", f"{'0' * 20}:{digest}", tracker):
        assert verdict(verify_ballots, exported(counted), "--receipt", other)[0] == 1 or digest.endswith("0")  # fmt: skip


def _all_yes(record: Round) -> None:
    for one in record.candidates:
        letters = "y" * len(one.opened or "")
        one.opened, one.yes, one.no, one.abstain = letters, len(letters), 0, 0


def _flip(record: Round) -> None:
    one = record.candidates[1]
    one.opened = (one.opened or "").replace("n", "y", 1)
    one.yes, one.no = (one.yes or 0) + 1, (one.no or 0) - 1


def _exchange(record: Round) -> None:
    first, second = record.candidates[:2]
    for name in ("opened", "yes", "no", "abstain"):
        one, other = getattr(first, name), getattr(second, name)
        setattr(first, name, other)
        setattr(second, name, one)


def _drop(record: Round) -> None:
    db.session.delete(db.session.query(SealedBallot).filter_by(round_id=record.id).first())
    record.cast = (record.cast or 0) - 1


def _pass(record: Round) -> None:
    db.session.query(Result).filter_by(is_passed=False).update({"is_passed": True})


def _exchange_results(record: Round) -> None:
    first, second = db.session.query(Result).order_by(Result.id).limit(2)
    first.is_passed, second.is_passed = second.is_passed, first.is_passed


def _forge_result_row(record: Round) -> None:
    _pass(record)
    facts = signing.facts_of(plan_of(record).signed_result or "")
    for one in facts["results"]:
        one["passed"] = True
    plan_of(record).signed_result = json.dumps(resigned(facts, STRANGER))


def _unsign(record: Round) -> None:
    record.signed_record = None


def _unsign_result(record: Round) -> None:
    plan_of(record).signed_result = None


def _rename(record: Round) -> None:
    record.closed_at = record.opened_at


def _sign_as_stranger(record: Round) -> None:
    _all_yes(record)
    db.session.flush()
    facts = round_record.facts(db.session(), record)
    record.signed_record = json.dumps(resigned(facts, STRANGER))


ROWS = (
    _all_yes, _flip, _exchange, _drop, _pass, _exchange_results, _forge_result_row, _unsign, _unsign_result, _rename,
    _sign_as_stranger,
)  # fmt: skip


def test_every_change_of_rows_is_found_in_an_honest_export(counted: Round) -> None:
    found = []
    for change_rows in ROWS:
        with unsealed():
            change_rows(counted)
        db.session.flush()
        db.session.expire_all()
        code, said = verdict(verify_ballots, exported(counted))
        assert "damaged" not in said
        found.append(code)
        db.session.rollback()

    assert found == [1] * len(ROWS)


def test_result_is_not_computed_from_a_changed_round(counted: Round) -> None:
    plan = plan_of(counted)
    clerk = meetings.office(plan)
    meetings.fire(plan, "reopen", clerk, opinion="重新计算结果，核对票数")
    db.session.commit()
    for change_rows in (_all_yes, _flip, _exchange, _unsign, _sign_as_stranger):
        with unsealed():
            change_rows(counted)
        with pytest.raises(Refused, match="Somebody changed Round 1"):
            meetings.fire(plan, "compute", clerk)
        db.session.rollback()

    meetings.fire(plan, "compute", clerk)


def test_changed_result_is_not_confirmed(counted: Round) -> None:
    plan = plan_of(counted)
    meetings.signed(plan)
    db.session.commit()
    for change_rows in (_pass, _exchange_results, _forge_result_row, _unsign_result, _flip):
        with unsealed():
            change_rows(counted)
        db.session.flush()
        db.session.expire_all()
        with pytest.raises(Refused, match="Somebody changed"):
            meetings.fire(plan, "confirm", meetings.office(plan))
        db.session.rollback()

    meetings.fire(plan, "confirm", meetings.office(plan))
    assert db.session.query(RoundCandidate).count() == 3


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"alg": "zc-ballots-v1"}', "\x00", "1" * 5000])  # fmt: skip
def test_what_is_no_record_is_said_to_be_none(app: Flask, tmp_path: Any, content: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(content, encoding="utf-8")

    assert verify_ballots.main([str(path), "--key", crypto.fingerprint()]) == 1
