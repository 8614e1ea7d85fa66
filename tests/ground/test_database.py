"""How connections are set up, and which transactions take the write lock at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.ground.database import side_write_session
from app.models import Setting
from tests.support.halves import DATABASE

SQLITE = {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2, "busy_timeout": 10_000}
POSTGRES = {"lock_timeout": "5s", "statement_timeout": "15s", "TimeZone": "UTC"}


def settings_of_a_connection() -> dict[str, object]:
    with db.engine.connect() as connection:
        if DATABASE == "sqlite":
            return {name: connection.scalar(text(f"PRAGMA {name}")) for name in SQLITE}
        return {name: connection.scalar(text(f"SHOW {name}")) for name in POSTGRES}


def add_up(table: str) -> None:
    """Read a number and write the next one, as two statements of one transaction."""
    with db.engine.begin() as connection:
        lock = "" if DATABASE == "sqlite" else " FOR UPDATE"
        value = connection.scalar(text(f"SELECT value FROM {table}{lock}"))
        connection.execute(text(f"UPDATE {table} SET value = :next"), {"next": value + 1})


def test_connections_are_durable_and_patient_for_a_bounded_time(app: Flask) -> None:
    assert settings_of_a_connection() == (SQLITE if DATABASE == "sqlite" else POSTGRES)


def test_a_check_and_its_write_are_one_act(app: Flask) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE tally (value INTEGER)"))
        connection.execute(text("INSERT INTO tally VALUES (0)"))

    def work(_number: int) -> None:
        with app.app_context():
            add_up("tally")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(80)))

    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT value FROM tally")) == 80


def test_errors_do_not_repeat_what_was_to_be_stored(app: Flask) -> None:
    db.session.add_all(
        [Setting(key="same", value="canary-1"), Setting(key="same", value="canary-2")]
    )

    with pytest.raises(IntegrityError) as error:
        db.session.flush()

    assert "[SQL parameters hidden" in str(error.value)
    db.session.rollback()


def test_writing_in_a_page_is_a_transaction_of_its_own(app: Flask) -> None:
    with app.test_request_context("/", method="GET"):
        db.session.execute(text("SELECT 1"))
        with side_write_session() as session:
            session.add(Setting(key="own", value="1"))
        db.session.rollback()

    assert db.session.scalar(select(Setting.id).where(Setting.key == "own")) is not None


def test_writing_in_a_post_is_part_of_its_transaction(app: Flask) -> None:
    with app.test_request_context("/", method="POST"):
        with side_write_session() as session:
            session.add(Setting(key="part", value="1"))
        db.session.rollback()

    assert db.session.scalar(select(Setting.id).where(Setting.key == "part")) is None


def test_a_page_does_not_wait_for_a_writer(app: Flask) -> None:
    with db.engine.execution_options(immediate=True).begin() as writer:
        writer.execute(text("UPDATE region SET name = 'x'"))

        with app.test_request_context("/", method="GET"):
            seen = db.session.scalar(text("SELECT count(*) FROM region WHERE name = 'x'"))
            db.session.remove()

    assert seen == 0
