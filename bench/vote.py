"""Measure opening a ballot box with 25 judges and 200 candidates, on both databases: `python -m bench.vote`.

Prints milliseconds (median of three) to close the round, and from the second code to the counted votes.
"""

import itertools
import statistics
import time
from typing import Any

from app.enums import KeyRole
from app.extensions import db
from bench.both import databases
from tests.support import factories, meetings

ROUNDS, JUDGES, CANDIDATES = 3, 25, 200


def measure() -> None:
    factories.work_days()
    taken = [_play() for _round in range(ROUNDS)]
    names = ("freeze", "cast all", "close", "count")
    figures = (statistics.median(one[place] for one in taken) for place in range(len(names)))
    shown = ", ".join(f"{name} {value:.0f}" for name, value in zip(names, figures, strict=True))
    print(f"{db.engine.dialect.name}: {JUDGES} × {CANDIDATES}, ms: {shown}")


def _play() -> tuple[float, ...]:
    plan, judges = meetings.sitting(judges=JUDGES, count=CANDIDATES)
    holders: dict[KeyRole, Any] = meetings.keys(plan, judges[0][0])
    db.session.commit()
    moments = [time.perf_counter()]
    held = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    _tick(moments)
    meetings.fire(held, "open", holders[KeyRole.CHAIR][0])
    for position, _seat in judges:
        meetings.cast(held, position, "yna" * (CANDIDATES // 3) + "yy")
        db.session.commit()
    _tick(moments)
    meetings.fire(held, "close", holders[KeyRole.CHAIR][0])
    _tick(moments)
    for role in (KeyRole.CHAIR, KeyRole.SUPERVISOR):
        actor, code = holders[role]
        meetings.fire(held, "release", actor, details={"code": code})
    _tick(moments)
    return tuple((later - earlier) * 1000 for earlier, later in itertools.pairwise(moments))


def _tick(moments: list[float]) -> None:
    db.session.commit()
    moments.append(time.perf_counter())


if __name__ == "__main__":
    databases("bench.vote", measure)
