"""Where a rehearsal stands: a directory and a database of its own, found from the settings of the program in force."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import gettext
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

import config
from app.engine import Refused
from app.ground import rehearsal
from app.rehearsal import copying

DESCRIPTION = "rehearsal.json"
"""The file that says that the directory was made for a rehearsal, and in which database that stands."""

READY = "ready"
"""The file that says that the rehearsal was made to its end."""


@dataclass(frozen=True)
class Place:
    """The directory of a rehearsal and the addresses of both databases, its own and the one in force."""

    folder: Path
    database: str
    in_force: str

    @property
    def shown(self) -> str:
        """The address of the rehearsal's database as people may read it, without a password."""
        return make_url(self.database).render_as_string(hide_password=True)


def place() -> Place:
    """Return where the rehearsal of this installation stands, or would stand. Raises Refused."""
    if os.environ.get("REHEARSAL") == "1":
        raise Refused(
            gettext("This is asked of the program in force: leave REHEARSAL=1 out of the settings.")
        )
    data = config.data_directory(os.environ)
    folder = data / config.REHEARSAL
    found = Place(
        folder,
        config.database_url(os.environ.get("REHEARSAL_DATABASE_URL"), folder),
        config.database_url(os.environ.get("DATABASE_URL"), data),
    )
    if _is_same(found.database, found.in_force):
        raise Refused(
            gettext(
                "REHEARSAL_DATABASE_URL names the database in force. Name another one, or leave it out."
            )
        )
    return found


def described(folder: Path) -> dict[str, Any] | None:
    """Return what the directory says about its rehearsal, None if there is none."""
    try:
        facts: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts


def describe(where: Place, at: str) -> None:
    """Make the directory and let it say for what it is there. Raises Refused when it cannot be made."""
    try:
        where.folder.mkdir(mode=0o700)
    except OSError as error:
        raise Refused(
            gettext(
                "The directory %(folder)s cannot be made: %(why)s.",
                folder=str(where.folder),
                why=reason(error),
            )
        ) from error
    facts = {"begun_at": at, "database": where.shown}
    (where.folder / DESCRIPTION).write_text(json.dumps(facts), encoding="utf-8")


@contextmanager
def opened(where: Place) -> Iterator[Connection]:
    """Open the rehearsal's database to write to it, without the program."""
    engine = create_engine(where.database, poolclass=NullPool, hide_parameters=True)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def content(connection: Connection) -> str:
    """Say what the database holds: "rehearsal", "other" or "" for nothing."""
    tables = inspect(connection).get_table_names()
    if rehearsal.MARK in tables:
        return rehearsal.MARK
    return "other" if tables else ""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the rehearsal so that no process of it runs or starts. Raises Refused if one does."""
    with (folder / rehearsal.LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(
                gettext("The rehearsal is still running. Stop it first (Ctrl-C), then repeat this.")
            ) from error
        yield


def _is_same(one: str, other: str) -> bool:
    files = copying.file_of(one), copying.file_of(other)
    if files[0] is not None and files[1] is not None:
        return files[0].resolve() == files[1].resolve()
    first, second = make_url(one), make_url(other)
    return files == (None, None) and _address(first) == _address(second)


def _address(url: Any) -> tuple[Any, ...]:
    """Return what tells two databases of PostgreSQL apart; other spellings of a host are caught by what they hold."""
    return url.host or url.query.get("host"), url.port or 5432, url.database


def reason(error: Exception) -> str:
    """Return why reading or writing failed, in one line without what was written."""
    origin = error.orig if isinstance(error, SQLAlchemyError) and hasattr(error, "orig") else error
    return str(origin).strip().splitlines()[0] if str(origin).strip() else type(error).__name__
