"""Copies the configuration from the database in force, which is only read, into the rehearsal's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import (
    JSON,
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    cast,
    create_engine,
    func,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from app.ground.database import UNREACHABLE
from app.migrations import guards
from app.models.base import metadata
from app.rehearsal.tables import COPIED, Copy
from app.services.backup import snapshot

Row = dict[str, Any]


class StoredJson(TypeDecorator[str]):
    """A JSON column of PostgreSQL that takes the text of its value, so that nothing is changed on the way."""

    impl = Text
    cache_ok = True

    def bind_expression(self, bindparam: BindParameter[str]) -> ColumnElement[Any]:
        return cast(bindparam, JSON)


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """Open a database to read it as it stands at one moment; nothing can be written through the connection."""
    engine = _engine(url)
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    try:
        with engine.connect().execution_options(**options) as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield connection
    finally:
        engine.dispose()


def file_of(url: str) -> Path | None:
    """Return the file of an SQLite database, None for PostgreSQL."""
    parts = make_url(url)
    is_file = parts.get_backend_name() == "sqlite"
    return Path(str(parts.database)) if is_file else None


def revision_of(source: Connection) -> str | None:
    """Return the revision of the tables of a database, None if it has none."""
    return MigrationContext.configure(source).get_current_revision()


def copy(source: Connection, target: Connection) -> int:
    """Replace the configuration of `target` by that of `source`; return the number of rows copied."""
    count = 0
    guards.take_down(target)
    tables = [table for table in metadata.sorted_tables if table.name in COPIED]
    for table in reversed(tables):
        target.execute(table.delete())
    for table in tables:
        count += _copy_table(source, target, table)
    guards.put_up(target)
    return count


def _engine(url: str) -> Engine:
    file = file_of(url)
    if file is None:
        return create_engine(url, poolclass=NullPool, connect_args=UNREACHABLE)
    return create_engine(
        f"sqlite:///{file.resolve().as_uri()}?mode=ro&uri=true",
        poolclass=NullPool,
        connect_args={"isolation_level": None},
    )


def _copy_table(source: Connection, target: Connection, table: Table) -> int:
    kept = COPIED[table.name]
    rows = [
        dict(row) | _emptied(table, kept)
        for chunk in snapshot.stored_rows(source, table)
        for row in chunk
        if not kept.personal or row[kept.personal] is None
    ]
    insert = _as_stored(table, target.dialect.name).insert()
    ordered = parents_first(rows, *own_reference(table))
    for start in range(0, len(rows), snapshot.ROWS):
        target.execute(insert, ordered[start : start + snapshot.ROWS])
    if target.dialect.name == "postgresql" and "id" in table.c:
        following = func.coalesce(func.max(table.c.id), 0) + 1
        sequence = func.pg_get_serial_sequence(table.name, "id")
        target.execute(select(func.setval(sequence, following, False)))
    return len(rows)


def _emptied(table: Table, kept: Copy) -> Row:
    """Return the values of the columns that name somebody: nothing."""
    return {name: None if table.c[name].nullable else "" for name in kept.emptied}


def _as_stored(table: Table, dialect: str) -> Table:
    """Return the table with plain types, so that values are written as they were read."""
    text = StoredJson() if dialect == "postgresql" else Text()
    columns = (
        Column(one.name, text if isinstance(one.type, JSON) else snapshot.stored_type(one.type))
        for one in table.columns
    )
    return Table(table.name, MetaData(), *columns)


def own_reference(table: Table) -> tuple[str, str]:
    """Return the column of a table that refers to another row of it, and the column it names; "" if none does."""
    for column in table.columns:
        for key in column.foreign_keys:
            if key.column.table is table:
                return column.name, key.column.name
    return "", ""


def parents_first(rows: list[Row], reference: str, named: str) -> list[Row]:
    """Return the rows so that each comes after the one it refers to."""
    if not reference:
        return rows
    waiting, ordered, placed = rows, list[Row](), {None}
    while waiting:
        ready = [row for row in waiting if row[reference] in placed]
        if not ready:
            raise ValueError("rows refer to each other in a circle")
        placed |= {row[named] for row in ready}
        ordered += ready
        waiting = [row for row in waiting if row[named] not in placed]
    return ordered
