"""One prepared database per test worker, put back to its first state after each test that wrote."""

import os
import re
import shutil
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import event, text

from app.extensions import db
from tests import postgres


class Prepared(Protocol):
    """A database that can be kept as it is now and be brought back to that later."""

    url: str

    def keep(self) -> None: ...

    def restore(self) -> None: ...


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
            shutil.copyfile(self.copy, self.path)
            self.written = self._written()

    def _written(self) -> Any:
        facts = self.path.stat()
        return facts.st_mtime_ns, facts.st_size


class PostgresDatabase:
    """What a test wrote is deleted; only one that touched prepared rows makes the database be copied anew."""

    READING = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET", "SHOW", "EXPLAIN")
    TARGET = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)\"?", re.IGNORECASE)
    TIDY_EVERY = 100

    def __init__(self, socket: str) -> None:
        self.socket = socket
        self.name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
        self.url = postgres.url(socket, self.name)
        self.written: set[str] = set()
        self.is_beyond = False
        self.empty: set[str] = set()
        self.numbered: set[str] = set()
        self.restored = 0
        postgres.execute(socket, f"CREATE DATABASE {self.name}")

    def keep(self) -> None:
        with db.engine.connect() as connection:
            tables = [table.name for table in db.metadata.sorted_tables]
            self.numbered = {table.name for table in db.metadata.sorted_tables if "id" in table.c}
            self.empty = {
                name
                for name in tables
                if not connection.execute(text(f"SELECT EXISTS (SELECT 1 FROM {name})")).scalar()
            }
        db.engine.dispose()
        self._copy(self.name, f"{self.name}_prepared")
        event.listen(db.engine, "before_cursor_execute", self._watch)

    def restore(self) -> None:
        db.engine.dispose()
        if self.is_beyond or not self.written <= self.empty:
            postgres.execute(self.socket, f"DROP DATABASE {self.name} WITH (FORCE)")
            self._copy(f"{self.name}_prepared", self.name)
        elif self.written:
            self._empty(sorted(self.written))
        self.written, self.is_beyond = set(), False

    def _empty(self, tables: list[str]) -> None:
        """Delete without the triggers that guard the logs and the references, and count from one again."""
        self.restored += 1
        with psycopg.connect(
            host=self.socket, user=postgres.ACCOUNT, dbname=self.name, autocommit=True
        ) as connection:
            connection.execute("SET session_replication_role = replica")
            for table in tables:
                connection.execute(f"DELETE FROM {table}")
            for table in self.numbered.intersection(tables):
                sequence = f"pg_get_serial_sequence('{table}', 'id')"
                connection.execute(
                    f"SELECT setval({sequence}, 1, false) WHERE {sequence} IS NOT NULL"
                )
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
