"""A sealed box opened a second time by two holders, with a program of its own on another machine."""

import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.enums import KeyRole, OverCap
from app.extensions import db
from app.ground import crypto, paths, signing
from app.models import Round
from app.services.voting import ballots, round_record, sealing
from tests.support import factories, meetings
from tests.support.verifiers import STRANGER, opened, resigned, under_old_signature

TOOL = paths.ROOT / "tools" / "open_box.py"
ORDER = (KeyRole.CHAIR, KeyRole.SUPERVISOR, KeyRole.OFFICE)
LETTERS = ("yyn", "nyn", "yya", "ynn", "aaa", "yyy", "nnn", "y?n", "-yy")


class Box:
    """A round that was closed, its exported box, and the codes of its holders."""

    def __init__(self, folder: Path, alg: str = sealing.ALG) -> None:
        plan, judges, self.holders = meetings.ready(over_cap=OverCap.LIMIT_YES)
        factories.recusal(meetings.candidates(plan)[0], judges[3][0].user)
        if alg == sealing.ALG_1:
            meetings.with_older_codes(plan, self.holders)
        self.record = meetings.freeze(plan, self.holders[KeyRole.OFFICE][0], alg)
        meetings.fire(self.record, "open", self.holders[KeyRole.CHAIR][0])
        for place, letters in enumerate(LETTERS):
            meetings.cast(self.record, judges[place][0], letters)
        meetings.close(self.record, self.holders)
        db.session.commit()
        self.folder = folder
        self.exported = round_record.box(db.session(), self.record)

    def run(
        self, exported: Any, *roles: KeyRole, options: tuple[str, ...] = (), **codes: str
    ) -> Any:
        path = self.folder / "box.json"
        path.write_text(json.dumps(exported), encoding="utf-8")
        typed = [
            codes.get(role.value) or (self.holders[role][1] if role in roles else "")
            for role in ORDER
        ]
        return subprocess.run(
            [sys.executable, "-I", str(TOOL), str(path), "--key", crypto.fingerprint(), *options],
            input="\n".join(typed) + "\n", text=True, capture_output=True, check=False,
        )  # fmt: skip

    def count(self) -> Round:
        for role in (KeyRole.CHAIR, KeyRole.SUPERVISOR):
            actor, code = self.holders[role]
            meetings.fire(self.record, "release", actor, details={"code": code})
        return self.record


@pytest.fixture
def box(app: Flask, tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_any_two_holders_come_to_the_same_counts(box: Box, tmp_path: Path) -> None:
    answers = [box.run(box.exported, *pair) for pair in combinations(ORDER, 2)]
    record = box.count()
    (tmp_path / "round.json").write_text(
        json.dumps(round_record.export(db.session(), record)), encoding="utf-8"
    )
    compared = box.run(box.exported, *ORDER[:2], options=("--record", str(tmp_path / "round.json")))

    numbers = [one.application.number for one in record.candidates]
    counts = [(one.yes, one.no, one.abstain) for one in ballots.candidates(db.session(), record)]
    for answer in answers:
        assert answer.returncode == 0, answer.stdout
        for number, (yes, no, abstain) in zip(numbers, counts, strict=True):
            assert (
                f"{number} 同意 / yes {yes} 不同意 / no {no} 弃权 / abstain {abstain}"
                in answer.stdout
            )
        assert f"ballots: {len(LETTERS)}  无效 / invalid: {record.invalid}" in answer.stdout
    assert record.invalid
    assert compared.returncode == 0, compared.stdout
    assert "THE SAME COUNTS" in compared.stdout


def test_round_of_an_earlier_version_is_opened_as_it_was_sealed(app: Flask, tmp_path: Path) -> None:
    box = Box(tmp_path, sealing.ALG_1)

    answer, record = box.run(box.exported, *ORDER[1:]), box.count()

    assert record.alg == sealing.ALG_1
    assert answer.returncode == 0, answer.stdout
    for one in ballots.candidates(db.session(), record):
        assert f"yes {one.yes} 不同意 / no {one.no} 弃权 / abstain {one.abstain}" in answer.stdout
    assert (record.cast, record.invalid) == (len(LETTERS), 3)


def test_box_names_neither_judge_nor_seat(box: Box) -> None:
    facts = opened(box.exported)

    assert {name for one in facts["ballots"] for name in one} == {
        "tracker",
        "digest",
        "sealed",
        "away",
    }
    trackers = [one["tracker"] for one in facts["ballots"]]
    assert trackers == sorted(trackers)
    assert len(facts["holders"]) == 3


def test_box_does_not_open_for_one_holder_a_wrong_code_or_three(box: Box) -> None:
    alone = box.run(box.exported, KeyRole.CHAIR)
    wrong = box.run(box.exported, KeyRole.CHAIR, office=sealing.new_code())
    three = box.run(box.exported, *ORDER)

    assert [one.returncode for one in (alone, wrong, three)] == [1, 1, 1]
    assert "two holders" in alone.stdout
    assert "not the code of the office" in wrong.stdout


def test_every_change_of_the_box_is_found(box: Box) -> None:
    facts = opened(box.exported)
    changed: dict[str, Any] = {"under the old signature": under_old_signature(facts | {"ballots": facts["ballots"][1:]}, box.exported),
               "signed by a stranger": resigned(facts, STRANGER), "no box": signing.signed({"alg": "x"}), "nothing": {}}  # fmt: skip
    first = facts["ballots"][0]
    other = facts["ballots"][1]["sealed"]
    for name, ballot in (
        ("ballot copied", first | {"sealed": other}),
        ("ballot damaged", first | {"sealed": first["sealed"][:-4]}),
    ):
        changed[name] = signing.signed(facts | {"ballots": [ballot, *facts["ballots"][1:]]})
    changed["another key"] = signing.signed(
        facts | {"public_key": sealing.public_of(sealing.new_key())}
    )

    for name, exported in changed.items():
        answer = box.run(exported, *ORDER[:2])
        assert answer.returncode == 1, name
        assert not answer.stderr, name


def test_another_count_is_told_from_the_record(box: Box, tmp_path: Path) -> None:
    facts = opened(box.exported)
    fewer = signing.signed(facts | {"ballots": facts["ballots"][1:]})
    record = box.count()
    path = tmp_path / "round.json"
    path.write_text(json.dumps(round_record.export(db.session(), record)), encoding="utf-8")

    answer = box.run(fewer, *ORDER[1:], options=("--record", str(path)))

    assert answer.returncode == 1
    assert "another number of ballots" in answer.stdout
    assert "DIFFERS" in answer.stdout
