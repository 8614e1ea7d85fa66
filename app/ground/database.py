"""How the program talks to its database: pragmas, the kind of transaction, time limits."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, has_request_context, request
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.extensions import db

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BUSY_SECONDS = 10
LOCK_MILLISECONDS = 5_000
STATEMENT_MILLISECONDS = 15_000
PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


def configure(app: Flask, *, is_patient: bool) -> None:
    """Set the engine's options before Flask-SQLAlchemy makes it.

    `is_patient`: commands that migrate or load data may take their time; pages may not.
    """
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    options: dict[str, Any] = {"hide_parameters": True}
    if url.get_backend_name() == "sqlite":
        # the driver must not begin transactions by itself: it would do so at the first write, after the reads
        options["connect_args"] = {"isolation_level": None, "timeout": BUSY_SECONDS}
    else:
        options["connect_args"] = {"options": _postgres_options(is_patient)}
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


def listen(engine: Engine) -> None:
    """Attach the rules of connections and transactions to `engine`."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)


def _set_pragmas(connection: sqlite3.Connection, record: Any) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin(connection: Connection) -> None:
    """Take the write lock at once unless the transaction only reads.

    A transaction that reads first and writes later is refused by SQLite without waiting as soon as another
    one wrote in between; and a check followed by a write would not be one act.
    """
    is_immediate = connection.get_execution_options().get("immediate", not is_reading())
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_immediate else "BEGIN")


def is_reading() -> bool:
    """Whether we are inside a request that must not change anything."""
    return has_request_context() and request.method in SAFE_METHODS


@contextmanager
def writing() -> Iterator[Session]:
    """Yield a session for a small write beside the page, such as "last seen".

    In a GET request it is a short transaction of its own, committed at the end. Anywhere else it is the
    running transaction, which the caller commits: a second writer would wait for the first for ever.
    """
    if not is_reading():
        yield db.session()
        return
    engine = db.engine.execution_options(immediate=True)
    with Session(engine) as session, session.begin():
        yield session
