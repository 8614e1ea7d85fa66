"""One prepared database per test worker, put back to its first state after each test that wrote."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import Connection, Table, event, text

from app.extensions import db
from app.models.base import metadata
from tests import postgres


class Prepared(Protocol):
    """A database that can be kept as it is now and be brought back to that later."""

    url: str

    def keep(self) -> None: ...

    def restore(self) -> None: ...

    def doubt(self) -> None:
        """Say that something was written which did not pass through SQLAlchemy."""


class SqliteFile:
    """The file is compared after the last connection closed, and copied back when it differs."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "test.db"
        self.copy = folder / "prepared.db"
        self.url = f"sqlite:///{self.path}"
        self.written: Any = None

    def keep(self) -> None:
        db.engine.dispose()
        shutil.copyfile(self.path, self.copy)
        self.written = self._written()

    def restore(self) -> None:
        db.engine.dispose()
        if self._written() != self.written:
            for rest in ("-wal", "-shm"):
                Path(f"{self.path}{rest}").unlink(missing_ok=True)
            # a request of a browser may still hold the old file open: it keeps it, and the new one is another
            fresh = self.path.with_suffix(".fresh")
            shutil.copyfile(self.copy, fresh)
            fresh.replace(self.path)
            self.written = self._written()

    def doubt(self) -> None:
        """Do nothing: the file itself is looked at."""

    def _written(self) -> Any:
        facts, pending = self.path.stat(), Path(f"{self.path}-wal")
        is_pending = pending.exists() and pending.stat().st_size > 0
        return facts.st_mtime_ns, facts.st_size, is_pending


class PostgresDatabase:
    """Tables a test wrote to are brought back row by row; after anything else the database is copied anew."""

    READING = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET", "SHOW", "EXPLAIN")
    TARGET = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)\"?", re.IGNORECASE)
    TIDY_EVERY = 100

    def __init__(self, socket: str) -> None:
        self.socket = socket
        self.name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
        self.url = postgres.url(socket, self.name)
        self.written: set[str] = set()
        self.is_beyond = False
        self.back: dict[str, str] = {}
        self.restored = 0
        postgres.execute(socket, f"CREATE DATABASE {self.name}")

    def keep(self) -> None:
        with db.engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA kept"))
            for table in metadata.sorted_tables:
                connection.execute(text(f"CREATE TABLE kept.{table.name} AS TABLE {table.name}"))
                self.back[table.name] = "; ".join(_way_back(connection, table))
        db.engine.dispose()
        self._copy(self.name, f"{self.name}_prepared")
        event.listen(db.engine, "before_cursor_execute", self._watch)

    def restore(self) -> None:
        if self.is_beyond or not self.written <= set(self.back):
            db.engine.dispose()
            postgres.execute(self.socket, f"DROP DATABASE {self.name} WITH (FORCE)")
            self._copy(f"{self.name}_prepared", self.name)
        elif self.written:
            self._bring_back(sorted(self.written))
        self.written, self.is_beyond = set(), False

    def doubt(self) -> None:
        self.is_beyond = True

    def _bring_back(self, tables: list[str]) -> None:
        """Write the rows of before, without the triggers that guard the logs and the references."""
        self.restored += 1
        with psycopg.connect(
            host=self.socket, user=postgres.ACCOUNT, dbname=self.name, autocommit=True
        ) as connection:
            steps = ["SET session_replication_role = replica", *(self.back[t] for t in tables)]
            connection.execute("; ".join(steps).encode())
            if self.restored % self.TIDY_EVERY == 0:
                connection.execute("VACUUM")

    def _copy(self, source: str, target: str) -> None:
        postgres.execute(
            self.socket, f"CREATE DATABASE {target} TEMPLATE {source} STRATEGY file_copy"
        )

    def _watch(
        self,
        connection: Any,
        cursor: Any,
        statement: str,
        parameters: Any,
        context: Any,
        many: bool,
    ) -> None:
        if statement.lstrip().upper().startswith(self.READING):
            return
        target = self.TARGET.match(statement)
        if target:
            self.written.add(target.group(1))
        else:
            self.is_beyond = True


def _way_back(connection: Connection, table: Table) -> Iterator[str]:
    """Yield the statements that bring a table and the number it counts from back to what they are now."""
    yield f"DELETE FROM {table.name}"
    if connection.execute(text(f"SELECT EXISTS (SELECT 1 FROM {table.name})")).scalar():
        yield f"INSERT INTO {table.name} SELECT * FROM kept.{table.name}"
    if "id" in table.c:
        find = text(f"SELECT pg_get_serial_sequence('{table.name}', 'id')")
        if sequence := connection.execute(find).scalar():
            counted = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}"))
            last, is_called = counted.one()
            yield f"SELECT setval('{sequence}', {last}, {is_called})"
