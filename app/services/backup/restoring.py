"""Restoring a backup into an empty installation: contents and keys first, the database last.

So a restore that is interrupted leaves no database, and is simply done again.
"""

import os
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

from alembic import command
from flask import current_app
from flask_babel import gettext
from sqlalchemy import Connection, MetaData, Table, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from app.engine import Refused
from app.extensions import db, migrate
from app.ground import clock
from app.migrations import guards
from app.services.backup import contents, manifest, snapshot, verification
from app.services.backup.manifest import Manifest
from app.services.files import file_store


def restore(place: Path, keys: Path | None, *, at: datetime) -> Manifest:
    """Verify the backup at `place` and restore it; return its facts. Raises Refused, before anything is changed.

    Keys that DATA_DIR holds already and that differ are kept beside the restored ones under another name.
    """
    report = verification.verify(place, keys)
    if report.facts is None or report.faults:
        raise Refused(
            gettext(
                "The backup is damaged; nothing was changed. %(faults)s",
                faults=" ".join(report.faults[:5]),
            )
        )
    _refuse_unless_empty()
    if keys is None and report.notes:
        raise Refused(
            gettext("The keys of this installation do not open this backup; name them with --keys.")
        )
    try:
        _restore(report.facts, place, keys, at)
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        raise Refused(
            gettext("The backup was not restored: %(reason)s.", reason=str(error).splitlines()[0])
        ) from error
    return report.facts


def _restore(facts: Manifest, place: Path, keys: Path | None, at: datetime) -> None:
    database = place / manifest.DATABASE
    with snapshot.opened(database) as copy:
        for digest, _size in contents.stored(copy):
            source = contents.place_in(place.parent / manifest.CONTENTS, digest)
            contents.add(source, file_store.place(digest))
    if keys is not None:
        own = Path(current_app.config["DATA_DIR"]) / "keys"
        contents.write_keys(
            contents.keys_in(keys), own, aside=f"before-{clock.local(at):%Y%m%d-%H%M%S}"
        )
    if db.engine.dialect.name == "sqlite":
        _put_file(database, Path(str(db.engine.url.database)))
    else:
        _load(facts, database)


def _refuse_unless_empty() -> None:
    """Raise Refused if there is a database already: a restore never replaces one."""
    if db.engine.dialect.name == "sqlite":
        path = Path(str(db.engine.url.database))
        is_empty = not path.exists() or path.stat().st_size == 0
    else:
        is_empty = not inspect(db.engine).get_table_names()
    if not is_empty:
        raise Refused(
            gettext(
                "There is a database already; nothing was changed. Restore into an empty DATA_DIR, or name an empty "
                "database with DATABASE_URL."
            )
        )


def _put_file(source: Path, target: Path) -> None:
    """Copy the file to its place; the write-ahead log of a database that is gone would spoil it."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for rest in ("-wal", "-shm"):
        Path(f"{target}{rest}").unlink(missing_ok=True)
    new = target.with_name(f".new-{target.name}")
    shutil.copyfile(source, new)
    new.chmod(0o600)
    with new.open("rb") as file:
        os.fsync(file.fileno())
    new.replace(target)
    file_store.sync_directory(target.parent)


def _load(facts: Manifest, database: Path) -> None:
    """Create the tables of the backup's revision and load all rows in one transaction."""
    command.upgrade(migrate.get_config(), facts.revision)
    with snapshot.opened(database) as copy, db.engine.begin() as connection:
        guards.take_down(connection)
        tables = MetaData()
        tables.reflect(connection)
        for table in reversed(tables.sorted_tables):
            connection.execute(table.delete())
        for table in tables.sorted_tables:
            _load_rows(copy, connection, table)
        guards.put_up(connection)


def _load_rows(copy: sqlite3.Connection, connection: Connection, table: Table) -> None:
    names = [column.name for column in table.columns]
    listed = ", ".join(f'"{name}"' for name in names)
    driver = connection.connection.driver_connection
    assert driver is not None
    with (
        driver.cursor() as cursor,
        cursor.copy(f'COPY "{table.name}" ({listed}) FROM STDIN') as sink,
    ):
        for row in copy.execute(f'SELECT {listed} FROM "{table.name}"'):  # noqa: S608 - names of the schema
            sink.write_row(row)
    if "id" in names:
        highest = select(
            func.setval(func.pg_get_serial_sequence(table.name, "id"), func.max(table.c.id))
        )
        connection.execute(highest)
