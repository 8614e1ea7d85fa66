"""Measure a draw of 25 out of 10,000 experts with all rules of exclusion and recusal: `python -m bench.draw`.

Prints milliseconds (median of five) on SQLite and on PostgreSQL, each in a new database.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import insert

from app import engine
from app.enums import ApplicationState, ExpertState, Level, RelationKind, SeatState
from app.extensions import db
from app.ground import clock
from app.models import Draw, Expert, Person, Relation, Unit, User
from app.services.draw import draw_record, recusals
from bench.both import databases
from tests.support import drawing
from tests.support import factories as f
from tests.support.drawing import OFFICE_SECRET, REASON, SUPERVISOR_SECRET, Meeting
from tests.support.verifiers import verify_draw

ROUNDS, EXPERTS, SEATS, UNITS, CANDIDATES = 5, 10_000, 25, 400, 200


def measure() -> None:
    made = _fill()
    db.session.commit()
    _run(made)


def _fill() -> Meeting:
    """Create a pool of which each rule excludes some experts, and a meeting with candidates of their units."""
    made = drawing.meeting(size=0, seats=SEATS, alternates=5)
    units = [f.unit() for _count in range(UNITS)]
    persons = [_person(number, units[number % UNITS]) for number in range(EXPERTS)]
    first = db.session.query(User.id).order_by(User.id.desc()).first()
    base = first[0] if first else 0
    db.session.execute(insert(User), [_account(base + 1 + n) for n in range(EXPERTS)])
    for number, one in enumerate(persons):
        one["user_id"] = base + 1 + number
    db.session.execute(insert(Person), persons)
    known = {p.id_index: p.id for p in db.session.query(Person.id_index, Person.id)}
    keys = [known[one["id_index"]] for one in persons]
    db.session.execute(insert(Expert), [_expert(made, n, key, units) for n, key in enumerate(keys)])
    db.session.execute(insert(Relation), [_relation(key) for key in keys[::50]])
    for number in range(CANDIDATES):
        f.application(
            ApplicationState.IN_REVIEW, plan=made.plan, unit=units[number % 20], level=Level.MIDDLE
        )
    return made


def _person(number: int, unit: Unit) -> dict[str, Any]:
    return {
        "name": f"专家{number:05d}",
        "id_kind": "resident",
        "id_number": f"430000{number:012d}",
        "id_index": f"{number:064x}",
        "employment": "public_post",
        "unit_id": unit.id,
        "banned_until": f.in_days(9) if number % 97 == 0 else None,
        "ban_reason": "",
    }


def _account(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "username": f"expert{number}",
        "first_name": "",
        "last_name": "",
        "email": f"expert{number}@local.invalid",
        "active": number % 53 != 0,
        "real_name": f"专家{number:05d}",
    }


def _expert(made: Meeting, number: int, person_id: int, units: list[Unit]) -> dict[str, Any]:
    return {
        "committee_id": made.committee.id,
        "person_id": person_id,
        "unit_id": units[number % UNITS].id,
        "title_code": f.title(Level.SENIOR).code,
        "specialty_code": "05001",
        "term_from": f.in_days(-100),
        "term_to": f.in_days(-1) if number % 31 == 0 else f.in_days(900),
        "leave_from": f.in_days(-1) if number % 41 == 0 else None,
        "state": ExpertState.ADMITTED,
    }


def _relation(person_id: int) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "kind": RelationKind.KIN,
        "name": "张一",
        "note": "",
        "declared_at": clock.now(),
    }


def _run(made: Meeting) -> None:
    times: dict[str, list[float]] = {}
    for _round in range(ROUNDS):
        draw = _timed(times, "freeze", lambda: drawing.freeze(made, reason=REASON))
        drawing.commit(made, draw)
        drawing.fire(draw, "open_office", made.office, secret=OFFICE_SECRET)
        _timed(times, "draw", lambda d=draw: _reveal(made, d))
        seat = drawing.seats(draw, SeatState.CALLED)[0]
        _timed(times, "rules of one seat", lambda s=seat: recusals.automatic(db.session(), s))
        _timed(times, "accept", lambda s=seat: drawing.fire(s, "accept", made.office))
        record = _timed(times, "record", lambda d=draw: draw_record.record(db.session(), d))
        _timed(times, "verify", lambda r=record: verify_draw.check(r))
        drawing.fire(draw, "ask_void", made.office, REASON)
        engine.fire(draw, "void", actor=made.supervisor, at=clock.now())
        db.session.commit()
        size, eligible = draw.pool_size, draw.eligible_size
    print(
        f"{db.engine.dialect.name}: {SEATS} of {size:,} ({eligible:,} eligible), median of {ROUNDS}"
    )
    for name, taken in times.items():
        print(f"  {name:18} {statistics.median(taken):8.1f} ms")


def _reveal(made: Meeting, draw: Draw) -> None:
    drawing.fire(draw, "open_supervisor", made.supervisor, secret=SUPERVISOR_SECRET)


def _timed(times: dict[str, list[float]], name: str, act: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    result = act()
    db.session.commit()
    times.setdefault(name, []).append((time.perf_counter() - start) * 1000)
    return result


if __name__ == "__main__":
    databases("bench.draw", measure)
