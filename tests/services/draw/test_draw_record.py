"""The signed record of a draw: its verifier finds every forgery, whoever made it."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy.exc import DatabaseError

from app.extensions import db
from app.ground import clock, crypto, paths, signing
from app.models import Draw, Seat
from app.services.draw import draw_record, draw_rules
from tests.support import drawing, factories
from tests.support.tampering import unsealed
from tests.support.verifiers import (
    STRANGER,
    opened,
    resigned,
    under_old_signature,
    verdict,
    verify_draw,
)

Facts = dict[str, Any]


@pytest.fixture
def drawn(app: Flask) -> Draw:
    made = drawing.meeting()
    draw = drawing.freeze(
        made, source_kind="ssq", source_day=factories.in_days(1), public_source="2026077期"
    )
    drawing.commit(made, draw)
    with time_machine.travel(clock.now() + timedelta(days=1)):
        drawing.settle_value(made, draw, "03 07 11 19 25 31 + 08")
        drawing.reveal(made, draw)
    db.session.commit()
    return draw


def exported(draw: Draw) -> signing.Signed:
    return draw_record.export(db.session(), draw)


def printed(draw: Draw) -> list[str]:
    """Return the options for the digests that the sheet of the draw prints."""
    record = signing.digest(draw.signed_record)
    return ["--record", record, "--pool", draw.pool_hash, "--seed", str(draw.seed)]


def again(facts: Facts, secret: str = "", **pool: Any) -> None:
    """Forge a draw as a whole: other pool or secret, all digests, the seed and the seats computed anew."""
    facts["pool"] = signing.canonical(json.loads(facts["pool"]) | pool)
    facts["pool_hash"] = hashlib.sha256(facts["pool"].encode()).hexdigest()
    secrets = [secret or facts["office"]["secret"], facts["supervisor"]["secret"]]
    for role, opened_secret in zip(("office", "supervisor"), secrets, strict=True):
        commitment = draw_rules.commitment(facts["pool_hash"], role, opened_secret)
        facts[role] = {"commitment": commitment, "secret": opened_secret}
    facts["seed"] = draw_rules.seed(facts["pool_hash"], *secrets, facts["public_value"])
    seats = draw_rules.draw_seats(draw_rules.read_pool(facts["pool"]), facts["seed"])
    facts["seats"] = [
        {"place": place, "token": one.token, "group": one.group, "kind": one.kind}
        for place, one in enumerate(seats, start=1)
    ]


def without_first(facts: Facts) -> None:
    entries = json.loads(facts["pool"])["entries"]
    entries[0]["x"] = ["busy"]
    again(facts, entries=entries)


def with_other_value(facts: Facts) -> None:
    facts["public_value"] = "0102030405"
    again(facts)


def change(**changed: Any) -> Callable[[Facts], None]:
    return lambda facts: facts.update(changed)


FORGERIES: dict[str, Callable[[Facts], None]] = {
    "drawn anew with another secret": lambda facts: again(facts, "0123456789abcdef0123"),
    "an expert kept out, everything computed anew": without_first,
    "another public value, everything computed anew": with_other_value,
    "the same pool with another unit limit": lambda facts: again(facts, unit_max=1),
    "a renamed public source": change(public_source="福彩双色球2026078期"),
    "a public source with one more space": change(public_source="福彩双色球2026077期 "),
    "a later day named with the source": change(public_source="福彩双色球2026077期（次日）"),
    "drawn a second later": change(drawn_at="2026-11-29T00:00:01+00:00"),
    "drawn a year earlier": change(drawn_at="2025-11-29T00:00:00+00:00"),
    "drawn at no time": change(drawn_at=None),
    "another attempt": lambda facts: (facts.update(attempt=2), again(facts, attempt=2))[0],
    "another plan": lambda facts: (facts.update(plan=99), again(facts, plan=99))[0],
}


def test_record_is_checked_by_a_program_of_its_own(drawn: Draw) -> None:
    code, said = verdict(verify_draw, exported(drawn), *printed(drawn))

    assert code == 0, said
    assert said.count("= 纸面") == 3
    assert drawn.public_source in said
    assert verdict(verify_draw, exported(drawn))[1].count("NOT GIVEN") == 3


def test_program_runs_without_anything_installed(drawn: Draw) -> None:
    tool = paths.ROOT / "tools" / "verify_draw.py"

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-I", "-S", str(tool), *options], input=json.dumps(exported(drawn)), text=True,
            capture_output=True, check=False,
        )  # fmt: skip

    assert run("--key", crypto.fingerprint()).returncode == 0
    assert "unknown key" in run("--key", crypto.fingerprint("00" * 32)).stdout
    assert run().returncode == 2


def test_every_forged_file_is_found(drawn: Draw) -> None:
    tried, missed = 0, []
    for name, forge in FORGERIES.items():
        genuine = opened(exported(drawn))
        facts = opened(genuine["at_draw"])
        forge(facts)
        stranger = genuine | {"now": facts, "at_draw": resigned(facts, STRANGER)}
        old = genuine | {"now": facts, "at_draw": under_old_signature(facts, genuine["at_draw"])}
        files = {
            "only what the database says": signing.signed(genuine | {"now": facts}),
            "under the old signatures": under_old_signature(old, exported(drawn)),
            "signed anew by a stranger": resigned(stranger, STRANGER),
            "record signed by a stranger, file by the program": signing.signed(stranger),
            "record without a signature": signing.signed(stranger | {"at_draw": None}),
        }
        for how, file in files.items():
            tried += 1
            code, said = verdict(verify_draw, file)
            assert "cannot be read" not in said, (name, how, said)
            if code == 0:
                missed.append((name, how))
        by_program = signing.signed(genuine | {"now": facts, "at_draw": signing.signed(facts)})
        assert verdict(verify_draw, by_program, *printed(drawn))[0] == 1, name

    assert (missed, tried) == ([], 5 * len(FORGERIES))


def _other_source(draw: Draw) -> None:
    draw.public_source = "福彩双色球2026078期"


def _other_time(draw: Draw) -> None:
    draw.drawn_at = draw.plan.reported_at


def _other_seat(draw: Draw) -> None:
    first, last = (drawing.seats(draw)[place] for place in (0, -1))
    first.expert_id, last.expert_id = last.expert_id, first.expert_id


def _fewer_seats(draw: Draw) -> None:
    db.session.query(Seat).filter_by(id=drawing.seats(draw)[-1].id).delete()


def _as_a_whole(draw: Draw) -> None:
    facts = draw_record.record(db.session(), draw)
    again(facts, "0123456789abcdef0123")
    draw.office_secret, draw.office_digest = "0123456789abcdef0123", facts["office"]["commitment"]
    draw.seed = facts["seed"]
    experts = {draw_rules.token(draw.salt, one): one for (one,) in db.session.query(Seat.expert_id)}
    for seat, fact in zip(drawing.seats(draw), facts["seats"], strict=False):
        seat.expert_id = experts.get(fact["token"], seat.expert_id)
    draw.signed_record = json.dumps(resigned(facts, STRANGER))


def _unsigned(draw: Draw) -> None:
    draw.signed_record = None


ROWS = (_other_source, _other_time, _other_seat, _fewer_seats, _as_a_whole, _unsigned)


def test_every_change_of_rows_is_found_in_an_honest_export(drawn: Draw) -> None:
    found = []
    for change_rows in ROWS:
        with unsealed():
            change_rows(drawn)
        db.session.flush()
        db.session.expire_all()
        found.append(verdict(verify_draw, exported(drawn))[0])
        db.session.rollback()

    assert found == [1] * len(ROWS)


@pytest.mark.parametrize("change_rows", [_other_source, _as_a_whole, _unsigned])
def test_database_refuses_changes_of_a_drawn_record(
    drawn: Draw, change_rows: Callable[[Draw], None]
) -> None:
    with pytest.raises(DatabaseError, match="sealed"), db.session.no_autoflush:
        _flushed(change_rows, drawn)


def _flushed(change_rows: Callable[[Draw], None], draw: Draw) -> None:
    change_rows(draw)
    db.session.flush()


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"alg": "zc-draw-v1"}', "\x00"])
def test_what_is_no_record_is_said_to_be_none(app: Flask, tmp_path: Any, content: str) -> None:
    path = tmp_path / "record.json"
    path.write_text(content, encoding="utf-8")

    assert verify_draw.main(["", str(path), "--key", crypto.fingerprint()]) == 1
