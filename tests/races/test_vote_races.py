"""Votes at the same moment, from real threads with connections of their own (security: C4 and C5).

Through the engine and not over HTTP, so that a thousand rounds are possible: LONG=1 plays them.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError

from app import engine
from app.engine import Refused
from app.enums import KeyRole, RoundState
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Round, SealedBallot
from app.services.voting import ballots, vote_rounds
from tests.support import factories, meetings

LONG = bool(os.environ.get("LONG"))
ROUNDS = 1000 if LONG else 12
TABS, MEMBERS = 4, 25


@pytest.fixture
def pool() -> Any:
    with ThreadPoolExecutor(12) as made:
        yield made


def at_once(app: Flask, pool: ThreadPoolExecutor, acts: list[Callable[[], Any]]) -> list[bool]:
    """Start all acts at one moment; return of each whether it was acknowledged."""
    gate = Barrier(min(len(acts), 12))

    def run(place: int) -> bool:
        with app.app_context():
            if place < 12:
                gate.wait()
            try:
                acts[place]()
                db.session.commit()
                return True
            except (Refused, IntegrityError):
                db.session.rollback()
                return False
            except DBAPIError as error:
                # a lock that could not be had in time is no acknowledgement either
                db.session.rollback()
                if "lock" not in str(error).lower():
                    raise
                return False
            finally:
                db.session.remove()

    db.session.commit()
    return list(pool.map(run, range(len(acts))))


def casts(held_id: int, sealed: str, actor: Actor) -> Callable[[], Any]:
    def act() -> None:
        held = db.session.get_one(Round, held_id)
        ballots.cast(held, sealed, actor=actor, at=clock.now())

    return act


def closes(held_id: int, chair: Actor) -> Callable[[], Any]:
    def act() -> None:
        engine.fire(
            db.session.get_one(Round, held_id),
            "close",
            actor=chair,
            at=clock.now(),
            opinion=meetings.EARLY,
        )

    return act


def test_one_judge_casts_one_ballot_however_often_it_is_sent(
    app: Flask, pool: ThreadPoolExecutor
) -> None:
    """C4: 25 members × 4 parallel, again and again: one ballot each, the others refused."""
    plan, judges, holders = meetings.ready(judges=MEMBERS, count=1)
    clerk, chair = holders[KeyRole.OFFICE][0], holders[KeyRole.CHAIR][0]
    actors = [factories.actor_of(position) for position, _seat in judges]
    turns = max(1, ROUNDS // MEMBERS)

    for _turn in range(turns):
        held = meetings.freeze(plan, clerk)
        meetings.fire(held, "open", chair)
        sealed = meetings.seal(held, "y")
        key = held.id
        for actor in actors:
            told = at_once(app, pool, [casts(key, sealed, actor)] * TABS)
            assert told.count(True) == 1
        held = db.session.get_one(Round, key)
        assert vote_rounds.count_cast(db.session(), key) == MEMBERS
        meetings.void(held, clerk, "测试一轮后作废")
        db.session.commit()


def test_what_is_acknowledged_is_counted_and_nothing_else(
    app: Flask, pool: ThreadPoolExecutor
) -> None:
    """C5: the chair closes while ballots arrive: counted = stored = acknowledged."""
    plan, judges, holders = meetings.ready(judges=11, count=1)
    factories.agree_to_size(plan.committee, 11)
    clerk, chair = holders[KeyRole.OFFICE][0], holders[KeyRole.CHAIR][0]
    actors = [factories.actor_of(position) for position, _seat in judges]
    seen: set[int] = set()

    for turn in range(ROUNDS):
        held = meetings.freeze(plan, clerk)
        meetings.fire(held, "open", chair)
        sealed, key = meetings.seal(held, "y"), held.id
        acts = [casts(key, sealed, actor) for actor in actors]
        acts.insert(turn % (len(acts) + 1), closes(key, chair))

        told = at_once(app, pool, acts)

        db.session.expire_all()
        held = db.session.get_one(Round, key)
        acknowledged = told.count(True) - told[turn % len(acts)]
        stored = vote_rounds.count_cast(db.session(), key)
        seen.add(stored)
        if not told[turn % len(acts)]:
            meetings.fire(held, "close", chair, opinion=meetings.EARLY)
        assert (held.state, stored) == (RoundState.CLOSED, acknowledged)
        meetings.void(held, clerk, "测试一轮后作废")
        db.session.commit()

    assert db.session.query(SealedBallot).count() >= sum(seen)
