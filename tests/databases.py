"""One prepared database per test worker, put back to its first state after each test that wrote."""

import os
import shutil
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import event

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
    """Any statement that is not a mere question makes the database be made anew from its template."""

    READING = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET", "SHOW", "EXPLAIN")

    def __init__(self, socket: str) -> None:
        self.socket = socket
        self.name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
        self.url = postgres.url(socket, self.name)
        self.is_written = False
        postgres.execute(socket, f"CREATE DATABASE {self.name}")

    def keep(self) -> None:
        db.engine.dispose()
        self._copy(self.name, f"{self.name}_prepared")
        event.listen(db.engine, "before_cursor_execute", self._watch)

    def restore(self) -> None:
        db.engine.dispose()
        if self.is_written:
            postgres.execute(self.socket, f"DROP DATABASE {self.name} WITH (FORCE)")
            self._copy(f"{self.name}_prepared", self.name)
            self.is_written = False

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
        if not statement.lstrip().upper().startswith(self.READING):
            self.is_written = True
