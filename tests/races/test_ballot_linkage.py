"""Whoever has the whole database after the count and the log learns no more than the published numbers say.

The attacker guesses the choice of every voter by every order there is: of rows, numbers, receipts, digests, times.
LONG=1 plays 200 rounds.
"""

import json
import os
import random
from collections.abc import Iterator
from math import exp, lgamma, log
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.enums import KeyRole
from app.extensions import db
from app.models import SealedBallot
from app.services.voting import ballots
from tests.support import factories, meetings
from tests.support.halves import DATABASE

ROUNDS = 200 if os.environ.get("LONG") else 15
JUDGES, LEAST_P = 11, 0.01


def test_votes_cannot_be_traced_by_any_order(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    lottery = random.Random(7)
    plan, judges, holders = meetings.ready(judges=JUDGES, count=2)
    factories.agree_to_size(plan.committee, JUDGES)
    hits: dict[str, int] = {}
    guesses, expected = 0, 0.0
    db.session.commit()
    for _turn in range(ROUNDS):
        truth, held_id = _play(plan, judges, holders, lottery)
        votes = ballots.candidates(db.session(), held_id)
        for way, order in _orders(held_id.id):
            for place, one in enumerate(votes):
                opened = one.opened or ""
                hit = sum(
                    truth[seat][place] == letter for seat, letter in zip(order, opened, strict=True)
                )
                hits[way] = hits.get(way, 0) + hit
        for one in votes:
            opened = one.opened or ""
            guesses += len(opened)
            # by chance a guess along any order is right as often as two letters drawn from the box agree
            expected += sum(opened.count(letter) ** 2 for letter in "yna") / len(opened)
        db.session.rollback()
    logged = capsys.readouterr().out

    chance = expected / guesses
    for way, hit in hits.items():
        assert _tail(guesses, hit, chance) > LEAST_P / len(hits), (way, hit, guesses, chance)
    assert "yna" not in logged


def _play(plan: Any, judges: Any, holders: Any, lottery: random.Random) -> tuple[Any, Any]:
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    order = list(judges)
    lottery.shuffle(order)
    truth = {}
    for position, seat in order:
        letters = "".join(lottery.choice("yyynna") for _case in range(2))
        truth[seat.id] = letters
        meetings.cast(held, position, letters)
    meetings.count(held, holders)
    db.session.flush()
    return truth, held


def _orders(round_id: int) -> Iterator[tuple[str, list[int]]]:
    """Yield the voters in every order that the tables hold."""
    cast = db.session.query(SealedBallot).filter_by(round_id=round_id).all()
    for way in ("id", "tracker", "digest", "created_at", "seat_id"):
        yield (
            way,
            [one.seat_id for one in sorted(cast, key=lambda one: (getattr(one, way), one.id))],
        )
    hidden = "rowid" if DATABASE == "sqlite" else "ctid"
    query = f"SELECT seat_id FROM sealed_ballot WHERE round_id = {round_id} ORDER BY {hidden}"
    yield hidden, list(db.session.scalars(text(query)))
    log = (
        "SELECT b.seat_id FROM transition_log t JOIN sealed_ballot b ON b.id = t.subject_id "
        f"WHERE t.subject_type = 'sealed_ballot' AND b.round_id = {round_id} ORDER BY t.id"
    )
    yield "act log", list(db.session.scalars(text(log)))


def _tail(tries: int, hits: int, chance: float) -> float:
    """Return how likely so many hits or more are by chance, by the exact binomial distribution."""
    return sum(
        exp(
            lgamma(tries + 1) - lgamma(k + 1) - lgamma(tries - k + 1)
            + k * log(chance) + (tries - k) * log(1 - chance)
        )
        for k in range(hits, tries + 1)
    )  # fmt: skip


def test_no_choice_stands_anywhere_before_the_count(app: Flask, tmp_path: Path) -> None:
    plan, judges, holders = meetings.ready(count=12)
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    letters = "ynaynaynayna"
    for position, _seat in judges:
        meetings.cast(held, position, letters)
    db.session.commit()

    rows = [
        json.dumps([str(value) for value in row])
        for table in factories.db.metadata.sorted_tables
        for row in db.session.execute(table.select())
    ]
    files = []
    if DATABASE == "sqlite":
        path = Path(str(db.engine.url.database))
        files = [one.read_bytes() for one in path.parent.glob(f"{path.name}*")]

    assert not any(letters in row for row in rows)
    assert not any(letters.encode() in content for content in files)
