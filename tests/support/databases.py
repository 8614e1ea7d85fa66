"""One prepared database per test worker, restored after each test that wrote to it.

A state is a database and the files that belong to it: the prepared one and others that tests begin with
(`bring`). Each is made once for all workers of a run, because it takes long: the first worker that needs it
makes it and saves a copy, under a lock; the others use the copy.
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
from app.models import version_stamps
from app.models.base import metadata
from tests.support import postgres

Make = Callable[[], None]
FILES = ("files", "demo-accounts.json")
"""Files and directories below DATA_DIR that belong to a state besides the database."""
PREPARED = "prepared"


@dataclass(frozen=True)
class Database:
    """The kind of database of this run (sqlite, postgresql), for tests that use one without the application.

    `socket`: directory of the PostgreSQL server's socket.
    """

    kind: str
    socket: str

    def empty(self, folder: Path, purpose: str) -> str:
        """Make an empty database and return its address."""
        if self.kind == "sqlite":
            return f"sqlite:///{folder / purpose}.db"
        return postgres.empty_database(self.socket, purpose)


class Prepared(Protocol):
    """A database that can be put into a state and is restored to the prepared state after each test."""

    url: str

    def begin(self, make: Make) -> None:
        """Prepare the database, by `make` or by copying what another worker prepared."""

    def bring(self, state: str, make: Make) -> None:
        """Put the prepared database into `state`, by `make` or by copying what another worker made."""

    def restore(self) -> None:
        """Restore the prepared state if anything was written."""

    def doubt(self) -> None:
        """Note that a test wrote to the database without SQLAlchemy, so `restore` must copy all of it."""


class SqliteFile:
    """SQLite: a file whose size and time are compared after each test; copied back if they changed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / "test.db"
        self.url = f"sqlite:///{self.path}"
        self.written: Any = None

    def begin(self, make: Make) -> None:
        self.bring(PREPARED, make)
        self.written = self._fingerprint()

    def bring(self, state: str, make: Make) -> None:
        with _locked_state(self.home, state) as place:
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
        if self._fingerprint() != self.written:
            self._replace(self.home.parent / PREPARED / "test.db")
            self.written = self._fingerprint()

    def doubt(self) -> None:
        """Do nothing: `restore` looks at the file itself."""

    def _replace(self, source: Path) -> None:
        for rest in ("-wal", "-shm"):
            Path(f"{self.path}{rest}").unlink(missing_ok=True)
        # replaced, not overwritten: a browser's request may still have the old file open
        fresh = self.path.with_suffix(".fresh")
        shutil.copyfile(source, fresh)
        fresh.replace(self.path)

    def _fingerprint(self) -> Any:
        facts, pending = self.path.stat(), Path(f"{self.path}-wal")
        is_pending = pending.exists() and pending.stat().st_size > 0
        return facts.st_mtime_ns, facts.st_size, is_pending


class PostgresDatabase:
    """PostgreSQL: tables that a test wrote to are restored from copies of their rows.

    After any other statement, such as DDL, the whole database is copied again.
    """

    READING = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET", "SHOW", "EXPLAIN")
    TARGET = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)\"?", re.IGNORECASE)
    TIDY_EVERY = 100
    FOLLOWING = {table: {version_stamps.VERSION} for table in version_stamps.STAMPED}
    """Tables that triggers write after a table was written."""

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
                self.back[table.name] = "; ".join(_restoring_statements(connection, table))
        self.is_beyond = False
        event.listen(db.engine, "before_cursor_execute", self._watch)

    def bring(self, state: str, make: Make) -> None:
        self.is_beyond = True
        with _locked_state(self.home, state) as place:
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
            self._restore_tables(sorted(self.written))
        self.written, self.is_beyond = set(), False

    def doubt(self) -> None:
        self.is_beyond = True

    def _restore_tables(self, tables: list[str]) -> None:
        """Restore the rows of `tables`, without the triggers that guard logs and foreign keys."""
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
            self.written |= {target.group(1), *self.FOLLOWING.get(target.group(1), ())}
        else:
            self.is_beyond = True


@contextmanager
def _locked_state(home: Path, state: str) -> Iterator[Path]:
    """Lock `state` against other workers and yield its directory; it exists if the state was made."""
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


def _restoring_statements(connection: Connection, table: Table) -> Iterator[str]:
    """Yield the SQL statements that restore a table's rows and id sequence to what they are now."""
    yield f"DELETE FROM {table.name}"
    if connection.execute(text(f"SELECT EXISTS (SELECT 1 FROM {table.name})")).scalar():
        yield f"INSERT INTO {table.name} SELECT * FROM kept.{table.name}"
    if "id" in table.c:
        find = text(f"SELECT pg_get_serial_sequence('{table.name}', 'id')")
        if sequence := connection.execute(find).scalar():
            counted = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}"))
            last, is_called = counted.one()
            yield f"SELECT setval('{sequence}', {last}, {is_called})"
