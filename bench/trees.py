"""Measure the health check and the pages of large review trees: `python -m bench.trees`.

Generates 60,000 units in the trees of COMMITTEES committees, with a circle, broken ways, closed units and cases in
them, on SQLite and on PostgreSQL. Prints milliseconds (median of five) and statements.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, true, update

from app.enums import Role, RouteState, UnitKind
from app.extensions import db
from app.ground import clock
from app.models import Committee, Position, RouteNode, Unit
from app.services.review import route_branches, tree_file, tree_health, tree_workbook
from bench import both
from bench.timing import timed
from tests.support import factories

UNITS, COMMITTEES, ROUNDS, AT_ONCE = 60_000, 3, 5, 5_000
CITIES, COUNTIES = 14, 1_400
"""The first units: cities, then counties; every other one is a school below a county."""


def main() -> None:
    committees = [factories.committee() for _number in range(COMMITTEES)]
    first = _units()
    for committee in committees:
        _tree(committee.id, first)
    _plant(committees[0].id, first)
    db.session.commit()
    one = Committee.id == committees[0].id
    print(
        f"{db.engine.dialect.name}, {UNITS:,} units in {COMMITTEES} trees each, median of {ROUNDS}"
    )
    _measure("health, one committee", lambda: _check(one, Unit.id == 0))
    _measure("health, everything", lambda: _check(true(), true()))
    city = first + 1
    _measure("size of a city's branch", lambda: route_branches.size(committees[0].id, [city]))
    _measure("tree as a file", lambda: tree_file.write(one))
    _measure("city as a workbook", lambda: tree_workbook.write(committees[0], city))


def _units() -> int:
    """Store the units, each with somebody in it; return the id before the first."""
    region = factories.region().code
    before = factories.unit().id
    user = factories.user()
    for start in range(1, UNITS + 1, AT_ONCE):
        numbers = range(start, start + AT_ONCE)
        rows = [
            {"id": before + number, "credit_code": f"B{number:017d}", "name": f"单位{number:05d}", "kind": UnitKind.PUBLIC,
             "region_code": region, "path": f"/{before + number}/", "is_active": True, "version": 1}
            for number in numbers
        ]  # fmt: skip
        db.session.execute(insert(Unit), rows)
        people = [
            {"user_id": user.id, "unit_id": before + number, "is_active": True,
             "role": Role.SUPERIOR if number <= COUNTIES else Role.UNIT}
            for number in numbers
        ]  # fmt: skip
        db.session.execute(insert(Position), people)
    return int(before)


def _tree(committee_id: int, before: int) -> None:
    for start in range(1, UNITS + 1, AT_ONCE):
        rows = [
            {"committee_id": committee_id, "unit_id": before + number, "levels": "12345", "version": 0,
             "superior_id": _superior(number, before), "state": RouteState.CONFIRMED, "created_at": clock.now()}
            for number in range(start, start + AT_ONCE)
        ]  # fmt: skip
        db.session.execute(insert(RouteNode), rows)


def _superior(number: int, before: int) -> int | None:
    if number <= CITIES:
        return None
    if number <= COUNTIES:
        return before + number % CITIES + 1
    return before + CITIES + number % (COUNTIES - CITIES) + 1


def _plant(committee_id: int, before: int) -> None:
    """Put a circle of three counties, a closed county and unanswered places into one tree."""
    places = update(RouteNode).where(RouteNode.committee_id == committee_id)
    circle = [before + CITIES + number for number in (5, 6, 7)]
    for lower, upper in zip(circle, [*circle[1:], circle[0]], strict=True):
        db.session.execute(places.where(RouteNode.unit_id == lower).values(superior_id=upper))
    closed = update(Unit).where(Unit.id == before + CITIES + 20)
    db.session.execute(closed.values(is_active=False))
    late = places.where(RouteNode.unit_id > before + UNITS - 2_000)
    db.session.execute(late.values(state=RouteState.PENDING))


def _check(trees: Any, units: Any) -> None:
    found = tree_health.check(trees, units, days=30, at=clock.now())
    assert {one.key for one in found if one.count} >= {"circle", "closed", "pending"}


def _measure(label: str, act: Callable[[], Any]) -> None:
    times, sent = [], 0
    for _round in range(ROUNDS):
        with timed() as statements:
            start = time.perf_counter()
            act()
            times.append((time.perf_counter() - start) * 1000)
        sent = len(statements.statements)
    print(f"{label:24} {statistics.median(times):8.0f} ms {sent:3} statements", flush=True)


if __name__ == "__main__":
    both.databases("bench.trees", main)
