"""Six kinds of tampering by somebody who can write the database but not read the keys, at many places each.

LONG=1 tries 100 places of each kind, otherwise six.
"""

import os
from collections.abc import Callable, Iterator
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.enums import Role
from app.extensions import db
from app.migrations import guards
from app.models import TransitionLog
from app.services.ground import log_chain, log_guards, log_verification
from app.services.ground.audit import audit
from app.services.ground.log_verification import Report

PLACES = 100 if os.environ.get("LONG") else 6
ROWS = 60
Place = tuple[int, str, int]
"""Number of the link, log, id of the row."""


@pytest.fixture
def places(session: Session) -> list[Place]:
    """A chain of many acts and audit rows."""
    for number in range(ROWS // 2):
        session.add(
            TransitionLog(
                subject_type="application", subject_id=number, event="report", source="a", target="b",
                actor_role=Role.UNIT, actor_name="王五",
            )
        )  # fmt: skip
        audit("unlock", subject=str(number))
        session.commit()
    found = session.execute(
        text("SELECT id, log, row_id FROM log_link ORDER BY id DESC LIMIT :rows"), {"rows": ROWS}
    )
    return [(row[0], row[1], row[2]) for row in reversed(found.all())]


@pytest.fixture
def examine(places: list[Place]) -> Iterator[Callable[[], Report]]:
    """Verifies in the transaction of the tampering, which is rolled back afterwards."""
    head = log_chain.head(db.session())
    noted = {head.chain: (head.number, head.digest)}
    yield lambda: log_verification.examine(db.session(), noted)
    db.session.rollback()


def run(session: Session, *statements: str) -> None:
    """Run statements with the triggers taken down and put up again, as a thorough forger does."""
    guards.take_down(session.connection())
    for statement in statements:
        session.execute(text(statement))
    guards.put_up(session.connection())


def some(places: list[Place], kind: str) -> list[Place]:
    return Random(kind).choices(places[1:-1], k=PLACES)


def row_of(place: Place) -> tuple[str, int]:
    return place[1], place[2]


def test_nothing_is_found_where_nothing_was_done(
    places: list[Place], examine: Callable[[], Report]
) -> None:
    report = examine()

    assert (report.faults, report.first_bad) == ((), None)
    assert report.links == places[-1][0]


def test_delete(session: Session, places: list[Place], examine: Callable[[], Report]) -> None:
    for order, place in enumerate(some(places, "delete")):
        number, log, row = place
        following = places[places.index(place) + 1]
        statements = [f"DELETE FROM {log} WHERE id = {row}"]
        if order % 3:
            statements.append(f"DELETE FROM log_link WHERE id = {number}")
        if order % 3 == 2:  # and the links after it moved up, so that no number is missing
            statements += [
                f"UPDATE log_link SET id = {one[0] - 1} WHERE id = {one[0]}"
                for one in places[places.index(place) + 1 :]
            ]
        run(session, *statements)
        report = examine()
        session.rollback()

        assert report.first_bad == row_of(following if order % 3 else place), order


def test_insert(session: Session, places: list[Place], examine: Callable[[], Report]) -> None:
    """A row without a link, and one with the link of another row; copied from a real one."""
    for order, place in enumerate(some(places, "insert")):
        number, log, row = place
        names = ", ".join(name for name in log_chain.CONTENT[log] if name != "id")
        statements = [f"INSERT INTO {log} (id, {names}) SELECT {10**6}, {names} FROM {log} WHERE id = {row}"]  # fmt: skip
        if order % 2:
            statements += [f"UPDATE log_link SET row_id = {10**6} WHERE id = {number}"]
        run(session, *statements)
        report = examine()
        session.rollback()

        assert report.first_bad == (log, 10**6), order


def test_insert_with_a_link_of_its_own(
    session: Session, places: list[Place], examine: Callable[[], Report]
) -> None:
    """The links after it make room, the new one gets an invented digest."""
    for place in some(places, "squeeze"):
        number, log, row = place
        names = ", ".join(name for name in log_chain.CONTENT[log] if name != "id")
        later = [one for one in reversed(places) if one[0] >= number]
        run(
            session,
            f"INSERT INTO {log} (id, {names}) SELECT {10**6}, {names} FROM {log} WHERE id = {row}",
            *(f"UPDATE log_link SET id = {one[0] + 1} WHERE id = {one[0]}" for one in later),
            f"INSERT INTO log_link (id, log, row_id, digest) VALUES ({number}, '{log}', {10**6}, '{'0' * 64}')",
            "UPDATE log_head SET number = number + 1",
        )
        report = examine()
        session.rollback()

        assert report.first_bad == (log, 10**6)


CHANGES = {
    "transition_log": ("actor_name = '赵六'", "target = 'passed'", "opinion = 'x'", "details = '{}'", "at = '2020-01-01'",
                       "subject_id = subject_id + 1", "request_id = 'x'", "unit_id = 7"),
    "audit_log": ("is_success = NOT is_success", "subject = 'x'", "actor_id = 7", "details = '{\"a\": 1}'",
                  "address = '10.0.0.1'", "at = '2020-01-01'", "kind = 'lock'"),
}  # fmt: skip


def test_change(session: Session, places: list[Place], examine: Callable[[], Report]) -> None:
    for order, place in enumerate(some(places, "change")):
        _number, log, row = place
        change = CHANGES[log][order % len(CHANGES[log])]
        if change == "details = '{}'":
            change = "details = '{\"x\": 1}'"
        run(session, f"UPDATE {log} SET {change} WHERE id = {row}")
        report = examine()
        session.rollback()

        assert report.first_bad == row_of(place), change


def test_swap(session: Session, places: list[Place], examine: Callable[[], Report]) -> None:
    """Two rows exchange their ids, or two links their rows, or two links their places."""
    for order, place in enumerate(some(places, "swap")):
        other = next(
            one for one in (*reversed(places), *places) if one[1] == place[1] and one != place
        )
        first, last = sorted((place, other))
        if order % 3 == 0:
            statements = [
                f"UPDATE {first[1]} SET id = {new} WHERE id = {old}"
                for new, old in ((-1, first[2]), (first[2], last[2]), (last[2], -1))
            ]
        else:
            column = "row_id" if order % 3 == 1 else "id"
            one, two = (first[2], last[2]) if column == "row_id" else (first[0], last[0])
            where = f"log = '{first[1]}' AND {column}"
            statements = [
                f"UPDATE log_link SET {column} = -1 WHERE {where} = {one}",
                f"UPDATE log_link SET {column} = {one} WHERE {where} = {two}",
                f"UPDATE log_link SET {column} = {two} WHERE {where} = -1",
            ]
        run(session, *statements)
        report = examine()
        session.rollback()

        found = last if order % 3 else first
        assert report.first_bad == row_of(found), order


def test_cut_at_the_end(
    session: Session, places: list[Place], examine: Callable[[], Report]
) -> None:
    """The rows, their links and the head are put back to an earlier state that agrees in itself."""
    for order, place in enumerate(some(places, "cut")):
        gone = places[places.index(place) + 1 :]
        statements = [f"DELETE FROM {log} WHERE id = {row}" for _number, log, row in gone]
        if order % 3:
            statements.append(f"DELETE FROM log_link WHERE id > {place[0]}")
        if order % 3 == 2:
            statements.append(
                f"UPDATE log_head SET number = {place[0]}, "
                f"digest = (SELECT digest FROM log_link WHERE id = {place[0]})"
            )
        run(session, *statements)
        report = examine()
        session.rollback()

        assert len(report.faults) == (1, 2, 1)[order % 3], report.faults
        assert report.first_bad == (None if order % 3 else row_of(gone[0]))


def triggers(session: Session) -> list[tuple[str, str]]:
    query = (
        "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
        if session.get_bind().dialect.name == "postgresql"
        else "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1"
    )
    return [(row[0], row[1]) for row in session.execute(text(query))]


def without(name: str, table: str, dialect: str, order: int) -> list[str]:
    """Drop a trigger, and one time in two put one of the same name there that does nothing."""
    if dialect == "postgresql":
        return [
            [f"DROP TRIGGER {name} ON {table}"],
            [f"ALTER TABLE {table} DISABLE TRIGGER {name}"],
        ][order % 2]
    idle = f"CREATE TRIGGER {name} BEFORE DELETE ON {table} BEGIN SELECT 1; END"
    return [[f"DROP TRIGGER {name}"], [f"DROP TRIGGER {name}", idle]][order % 2]


def test_trigger_dropped(
    session: Session, places: list[Place], examine: Callable[[], Report]
) -> None:
    names = triggers(session)
    dialect = session.get_bind().dialect.name
    for order in range(max(PLACES, len(names))):
        name, table = names[order % len(names)]
        for statement in without(name, table, dialect, order // len(names)):
            session.execute(text(statement))
        found = list(log_guards.faults(session))
        session.rollback()

        assert [name in one for one in found] == [True], (name, found)
    assert examine().faults == ()


IDLE = {
    "postgresql": (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS "
        "$$ BEGIN RETURN NULL; END $$ LANGUAGE plpgsql",
    ),
    "sqlite": (
        "DROP TRIGGER log_link_no_update",
        "CREATE TRIGGER log_link_no_update BEFORE UPDATE OF digest ON log_link WHEN 0 "
        "BEGIN SELECT RAISE(ABORT, 'log_link is append-only'); END",
    ),
}
"""Statements after which all triggers stand, and some refuse nothing."""


def test_trigger_that_refuses_nothing_any_more(session: Session) -> None:
    dialect = session.get_bind().dialect.name
    for statement in IDLE[dialect]:
        session.execute(text(statement))

    found = list(log_guards.faults(session))
    session.rollback()

    assert len(found) == {"postgresql": 3, "sqlite": 1}[dialect]
