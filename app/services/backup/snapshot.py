"""The database as one SQLite file, whatever the program runs on, while the program goes on working.

SQLite is copied by its own backup interface. PostgreSQL is read in one REPEATABLE READ transaction and written into
a SQLite database with the same tables: one form to verify, which can be restored onto either kind.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    Enum,
    MetaData,
    RowMapping,
    Table,
    Text,
    TypeDecorator,
    cast,
    create_engine,
    select,
)
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeEngine

from app.extensions import db, migrate
from app.migrations import guards
from app.models.base import metadata

ROWS = 2_000
"""Rows read and written at once."""
VERSION = "SELECT version_num FROM alembic_version"


class OtherVersion(RuntimeError):
    """Raised when the tables of the database are not those of this version of the program."""


def take(target: Path) -> str:
    """Write the database of the program into the new file `target`; return its revision.

    Raises OtherVersion, and OSError, sqlite3.Error or SQLAlchemyError when reading or writing fails.
    """
    if db.engine.dialect.name == "sqlite":
        _copy_sqlite(Path(str(db.engine.url.database)), target)
    else:
        _copy_postgres(db.engine, target)
    return revision_of(target)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy to read; nothing is written beside it."""
    with closing(
        sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    ) as db_:
        yield db_


def tables_of(copy: sqlite3.Connection) -> dict[str, int]:
    """Return the number of rows of each table."""
    names = copy.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    ).fetchall()
    return {
        name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - a table's name
        for (name,) in names
    }


def revision_of(path: Path) -> str:
    with opened(path) as copy:
        return str(copy.execute(VERSION).fetchone()[0])


def newest_revision() -> str:
    """Return the revision of the tables that this version of the program works with."""
    return str(ScriptDirectory.from_config(migrate.get_config()).get_current_head())


def _copy_sqlite(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy)
        _finish(copy)


def _copy_postgres(source: Engine, target: Path) -> None:
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with source.connect().execution_options(**options) as live:
        revision = MigrationContext.configure(live).get_current_revision()
        if revision != newest_revision():
            raise OtherVersion(str(revision))
        copy = create_engine(f"sqlite:///{target}", poolclass=NullPool)
        with copy.begin() as written:
            _create_tables(written, revision)
            for table in metadata.sorted_tables:
                _copy_rows(live, written, table)
            guards.put_up(written)
    with closing(sqlite3.connect(target)) as copied:
        _finish(copied)


def _create_tables(copy: Connection, revision: str) -> None:
    metadata.create_all(copy)
    copy.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
    copy.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (revision,))


def _copy_rows(live: Connection, copy: Connection, table: Table) -> None:
    for chunk in stored_rows(live, table):
        copy.execute(_plain(table).insert(), [dict(row) for row in chunk])


def stored_rows(live: Connection, table: Table) -> Iterator[Sequence[RowMapping]]:
    """Yield all rows as they are stored, in parts: encrypted fields stay encrypted, JSON keeps its text."""
    plain = _plain(table)
    columns = [
        cast(plain.c[column.name], Text).label(column.name)
        if isinstance(column.type, JSON)
        else plain.c[column.name]
        for column in table.columns
    ]
    found = live.execution_options(yield_per=ROWS).execute(select(*columns))
    yield from found.mappings().partitions()


def _plain(table: Table) -> Table:
    columns = (Column(column.name, stored_type(column.type)) for column in table.columns)
    return Table(table.name, MetaData(), *columns)


def stored_type(of: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the plain type behind a column's type, which changes no value."""
    if isinstance(of, TypeDecorator):
        return of.impl_instance
    return Text() if isinstance(of, JSON | Enum) else of


def _finish(copy: sqlite3.Connection) -> None:
    """Let the copy be one plain file, without the write-ahead log of a running database."""
    copy.execute("PRAGMA journal_mode = DELETE")
    copy.commit()
