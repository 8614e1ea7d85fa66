"""One prepared database per test worker, put back to its first state after each test that wrote.

What takes long to make is made once for all workers of a run: the prepared database itself, and every other
state that tests begin with (`bring`). Whoever needs one first makes it and keeps a copy, under a lock; all
others take the copy. A state is the database and the files that belong to it.
"""

import fcntl
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import Connection, Table, event, text

from app.extensions import db
from app.models.base import metadata
from tests import postgres

Make = Callable[[], None]
FILES = ("files", "demo-accounts.json")
"""What belongs to a state besides the database, below DATA_DIR."""
PREPARED = "prepared"


@dataclass(frozen=True)
class Database:
    """Which database this run is on, for tests that need one without the application."""

    kind: str
    socket: str

    def empty(self, folder: Path, purpose: str) -> str:
        """Make an empty database and return its address."""
        if self.kind == "sqlite":
            return f"sqlite:///{folder / purpose}.db"
        return postgres.empty_database(self.socket, purpose)


class Prepared(Protocol):
    """A database that begins prepared, can be brought to another state, and comes back after each test."""

    url: str

    def begin(self, make: Make) -> None:
        """Prepare the database, by `make` or by copying what another worker prepared."""

    def bring(self, state: str, make: Make) -> None:
        """Bring the prepared database to `state`, by `make` or by copying what another worker made."""

    def restore(self) -> None: ...

    def doubt(self) -> None:
        """Say that something was written which did not pass through SQLAlchemy."""


class SqliteFile:
    """The file is compared after the last connection closed, and copied back when it differs."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / "test.db"
        self.url = f"sqlite:///{self.path}"
        self.written: Any = None

    def begin(self, make: Make) -> None:
        self.bring(PREPARED, make)
        self.written = self._written()

    def bring(self, state: str, make: Make) -> None:
        with _kept(self.home, state) as place:
            is_made = place.exists()
            if not is_made:
                make()
            db.session.remove()
            db.engine.dispose()
            if is_made:
                self._replace(place / "test.db")
                _copy_files(place, self.home / "data")
                return
            place.mkdir()
            _copy_files(self.home / "data", place)
            shutil.copyfile(self.path, place / "test.db")

    def restore(self) -> None:
        db.engine.dispose()
        if self._written() != self.written:
            self._replace(self.home.parent / PREPARED / "test.db")
            self.written = self._written()

    def doubt(self) -> None:
        """Do nothing: the file itself is looked at."""

    def _replace(self, source: Path) -> None:
        for rest in ("-wal", "-shm"):
            Path(f"{self.path}{rest}").unlink(missing_ok=True)
        # a request of a browser may still hold the old file open: it keeps it, and the new one is another
        fresh = self.path.with_suffix(".fresh")
        shutil.copyfile(source, fresh)
        fresh.replace(self.path)

    def _written(self) -> Any:
        facts, pending = self.path.stat(), Path(f"{self.path}-wal")
        is_pending = pending.exists() and pending.stat().st_size > 0
        return facts.st_mtime_ns, facts.st_size, is_pending


class PostgresDatabase:
    """Tables a test wrote to are brought back row by row; after anything else the database is copied anew."""

    READING = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET", "SHOW", "EXPLAIN")
    TARGET = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)\"?", re.IGNORECASE)
    TIDY_EVERY = 100

    def __init__(self, home: Path, database: Database) -> None:
        self.home = home
        self.socket = database.socket
        self.name = f"test_{home.name}"
        self.url = postgres.url(self.socket, self.name)
        self.written: set[str] = set()
        self.is_beyond = False
        self.back: dict[str, str] = {}
        self.restored = 0
        postgres.execute(self.socket, f"CREATE DATABASE {self.name}")

    def begin(self, make: Make) -> None:
        def make_and_keep() -> None:
            make()
            with db.engine.begin() as connection:
                connection.execute(text("CREATE SCHEMA kept"))
                for table in metadata.sorted_tables:
                    connection.execute(
                        text(f"CREATE TABLE kept.{table.name} AS TABLE {table.name}")
                    )

        self.bring(PREPARED, make_and_keep)
        with db.engine.begin() as connection:
            for table in metadata.sorted_tables:
                self.back[table.name] = "; ".join(_way_back(connection, table))
        self.is_beyond = False
        event.listen(db.engine, "before_cursor_execute", self._watch)

    def bring(self, state: str, make: Make) -> None:
        self.is_beyond = True
        with _kept(self.home, state) as place:
            is_made = place.exists()
            if not is_made:
                make()
            db.session.remove()
            db.engine.dispose()
            if is_made:
                self._replace(state)
                _copy_files(place, self.home / "data")
                return
            self._copy(self.name, f"state_{state}")
            place.mkdir()
            _copy_files(self.home / "data", place)

    def restore(self) -> None:
        if self.is_beyond or not self.written <= set(self.back):
            db.engine.dispose()
            self._replace(PREPARED)
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

    def _replace(self, state: str) -> None:
        postgres.execute(self.socket, f"DROP DATABASE {self.name} WITH (FORCE)")
        self._copy(f"state_{state}", self.name)

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


@contextmanager
def _kept(home: Path, state: str) -> Iterator[Path]:
    """Yield the directory of `state` to one worker at a time; it is there when the state was made."""
    place = home.parent / state
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield place


def _copy_files(source: Path, target: Path) -> None:
    for name in FILES:
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)
        elif (source / name).exists():
            shutil.copy2(source / name, target / name)


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
