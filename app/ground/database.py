"""Database connections: SQLite pragmas, kind of transaction, PostgreSQL time limits."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, current_app, has_request_context, request
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from app.extensions import db
from app.ground import rehearsal

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BUSY_SECONDS = 10
LOCK_MILLISECONDS = 5_000
STATEMENT_MILLISECONDS = 15_000
UNREACHABLE = {"connect_timeout": 5, "tcp_user_timeout": 20_000}
"""PostgreSQL: seconds until a server that cannot be reached is given up, milliseconds until a silent network is."""
PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # what is deleted is overwritten with zeros, so that no sealed ballot stays in a free part of a page
    "PRAGMA secure_delete = ON",
)
CHECKPOINT_MILLISECONDS = 500
"""How long an emptying of the write-ahead file waits for readers; the clock process tries again."""
FORGETS = "forgets what was deleted"


def configure(app: Flask, *, is_patient: bool) -> None:
    """Set the engine's options before Flask-SQLAlchemy creates it.

    `is_patient` lifts the time limits, for commands that migrate or load data; pages keep them.
    """
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    options: dict[str, Any] = {"hide_parameters": True}
    if url.get_backend_name() == "sqlite":
        # the driver must not begin transactions itself: it would begin at the first write, after the reads
        options["connect_args"] = {"isolation_level": None, "timeout": BUSY_SECONDS}
    else:
        options["connect_args"] = {"options": _postgres_options(is_patient), **UNREACHABLE}
        options["pool_pre_ping"] = True
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options | app.config.get(
        "SQLALCHEMY_ENGINE_OPTIONS", {}
    )


def _postgres_options(is_patient: bool) -> str:
    limits = {
        "timezone": "UTC",
        "lock_timeout": 0 if is_patient else LOCK_MILLISECONDS,
        "statement_timeout": 0 if is_patient else STATEMENT_MILLISECONDS,
        "idle_in_transaction_session_timeout": 0 if is_patient else 60_000,
    }
    return " ".join(f"-c {name}={value}" for name, value in limits.items())


def register_listeners(engine: Engine, *, is_rehearsal: bool) -> None:
    """Attach the handlers for new connections and transactions to `engine`, and for commits."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    rehearsal.guard(engine, is_rehearsal=is_rehearsal)
    factory = db.session.session_factory
    if not event.contains(factory, "after_commit", _forget):
        event.listen(factory, "after_commit", _forget)
        event.listen(factory, "after_rollback", _keep)


def forget_when_committed(session: Session) -> None:
    """Empty the write-ahead file once this transaction is committed, so that nothing it deleted stays there."""
    session.info[FORGETS] = True


def empty_write_ahead() -> bool:
    """Move the write-ahead file of SQLite into the database and cut it to nothing; return whether it is empty.

    A reader of an older state keeps it from being emptied; the clock process tries again (`finish_forgetting`).
    PostgreSQL keeps its own: see docs/adr/0007.
    """
    if db.engine.dialect.name != "sqlite":
        return True
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {CHECKPOINT_MILLISECONDS}")
        is_busy = bool(cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        cursor.execute(PRAGMAS[0])
    finally:
        connection.close()
    return not is_busy


def _forget(session: Session) -> None:
    is_outermost = not session.in_nested_transaction()
    if is_outermost and session.info.pop(FORGETS, False) and not empty_write_ahead():
        _mark().touch()


def finish_forgetting() -> None:
    """Empty the write-ahead file if a reader kept it from being emptied after a count."""
    if _mark().exists() and empty_write_ahead():
        _mark().unlink(missing_ok=True)


def _mark() -> Path:
    return Path(current_app.config["DATA_DIR"]) / "write-ahead.to-empty"


def _keep(session: Session) -> None:
    session.info.pop(FORGETS, None)


def _set_pragmas(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    """Take the write lock at once unless the transaction only reads.

    SQLite refuses, without waiting, a transaction that reads first and writes after another one has written;
    and a check followed by a write would not be atomic.
    """
    is_immediate = connection.get_execution_options().get("immediate", not is_reading())
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_immediate else "BEGIN")


def is_reading() -> bool:
    """Return whether the current request must not change data (GET, HEAD, OPTIONS)."""
    return has_request_context() and request.method in SAFE_METHODS


@contextmanager
def side_write_session() -> Iterator[Session]:
    """Yield a session for a small side write, such as "last seen".

    In a GET request it is a short separate transaction, committed at the end. Elsewhere it is the running
    transaction, which the caller commits: a second writer would deadlock with the first.
    """
    if not is_reading():
        yield db.session()
        return
    engine = db.engine.execution_options(immediate=True)
    with Session(engine) as session, session.begin():
        yield session
