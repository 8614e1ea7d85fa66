"""The mark of a database that holds a rehearsal, and the lock of the processes that work with it.

The mark is a table that no other database has, so it needs no migration, and a copy of the file keeps it.
"""

import fcntl
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from config import SettingError

MARK = "rehearsal"
"""The table that marks a database as a rehearsal."""
HAS_MARK = {
    "sqlite": f"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{MARK}'",  # noqa: S608 - a constant
    "postgresql": f"SELECT CASE WHEN to_regclass('{MARK}') IS NULL THEN 0 ELSE 1 END",
}
CREATE_MARK = f"CREATE TABLE {MARK} (begun_at VARCHAR(40) NOT NULL)"
NOT_MARKED = (
    "This database is no rehearsal, so REHEARSAL=1 does not start on it. Begin a rehearsal with"
    " `flask rehearsal begin`, or start without REHEARSAL."
)
MARKED = (
    "This database holds a rehearsal with invented people; the program does not start on it without"
    " REHEARSAL=1. Check DATABASE_URL and DATA_DIR."
)
LOCK = "running.lock"
HELD = "rehearsal"


def guard(engine: Engine, *, is_rehearsal: bool) -> None:
    """Let every connection of `engine` fail with SettingError unless the mark is where it belongs."""

    @event.listens_for(engine, "connect")
    def _check(connection: Any, record: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(HAS_MARK[engine.dialect.name])
        has_mark = bool(cursor.fetchone()[0])
        cursor.close()
        connection.rollback()
        if has_mark != is_rehearsal:
            raise SettingError(MARKED if has_mark else NOT_MARKED)


def hold(app: Flask) -> None:
    """Hold the lock that says that the rehearsal is in use, as long as this process lives.

    Raises SettingError while the rehearsal is being thrown away.
    """
    if not app.config["REHEARSAL"]:
        return
    file = (Path(app.config["DATA_DIR"]) / LOCK).open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise SettingError("The rehearsal is being thrown away.") from error
    app.extensions[HELD] = file
