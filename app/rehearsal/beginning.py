"""Begins a rehearsal: checks, an own directory, an own database with the mark, then its filling by a process of its own."""

import os
import subprocess
import sys
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.engine import Refused
from app.ground import paths, rehearsal
from app.rehearsal import copying, ending, places
from app.rehearsal.places import Place
from app.services.backup import snapshot


def begin(*, size: str, moves: bool, at: datetime) -> Place:
    """Make a rehearsal of the database in force and return its place. Raises Refused; then nothing is left of it."""
    where = places.place()
    _refuse_unless_readable(where)
    _refuse_if_there(where)
    places.describe(where, at.isoformat())
    try:
        _mark(where, at)
        ended = subprocess.run(
            _filling(size, moves), cwd=paths.ROOT, env=dict(os.environ) | {"REHEARSAL": "1"}
        )
    except (OSError, SQLAlchemyError) as error:
        ending.throw_away(where)
        raise Refused(_failed(places.reason(error))) from error
    except BaseException:
        ending.throw_away(where)
        raise
    if ended.returncode:
        ending.throw_away(where)
        raise Refused(_failed(""))
    (where.folder / places.READY).touch()
    return where


def _filling(size: str, moves: bool) -> list[str]:
    """Return the command that fills the rehearsal, with the rehearsal's own settings."""
    command = [sys.executable, "-m", "flask", "--app", "app", "rehearsal", "fill", "--size", size]
    return [*command, *([] if moves else ["--keep-dates"])]


def _refuse_unless_readable(where: Place) -> None:
    file = copying.file_of(where.in_force)
    if file is not None and not file.is_file():
        raise Refused(
            gettext(
                "There is no database in force: %(file)s does not exist. Check DATABASE_URL and DATA_DIR.",
                file=str(file),
            )
        )
    try:
        with copying.reading(where.in_force) as source:
            present, holds = copying.revision_of(source), places.content(source)
    except SQLAlchemyError as error:
        raise Refused(
            gettext("The database in force cannot be read: %(why)s.", why=places.reason(error))
        ) from error
    if holds == rehearsal.MARK:
        raise Refused(gettext("The database named as the one in force is a rehearsal itself."))
    if present != snapshot.newest_revision():
        raise Refused(
            gettext(
                "The database in force is of another version of the program (%(present)s). Start the program on it"
                " once, or run `flask prepare`, then repeat this.",
                present=present or "–",
            )
        )


def _refuse_if_there(where: Place) -> None:
    if where.folder.exists() and places.described(where.folder) is None:
        raise Refused(
            gettext(
                "The directory %(folder)s is there and was not made for a rehearsal; move it away.",
                folder=str(where.folder),
            )
        )
    holds = "" if _is_missing(where) else _content(where)
    if where.folder.exists() or holds == rehearsal.MARK:
        raise Refused(
            gettext(
                "There is a rehearsal already. End it first with `make rehearsal-end` or `flask rehearsal end`."
            )
        )
    if holds:
        raise Refused(
            gettext(
                "The database %(name)s is not empty and no rehearsal; nothing was changed. Name an empty one with"
                " REHEARSAL_DATABASE_URL.",
                name=where.shown,
            )
        )


def _is_missing(where: Place) -> bool:
    """Say whether the rehearsal's database is a file that does not exist."""
    file = copying.file_of(where.database)
    return file is not None and not file.exists()


def _content(where: Place) -> str:
    try:
        with copying.reading(where.database) as target:
            return places.content(target)
    except SQLAlchemyError as error:
        raise Refused(
            gettext(
                "The database %(name)s cannot be opened: %(why)s.",
                name=where.shown,
                why=places.reason(error),
            )
        ) from error


def _mark(where: Place, at: datetime) -> None:
    """Mark the database before anything is in it, so that what stops half-way is known for what it is."""
    with places.opened(where) as target:
        target.execute(text(rehearsal.CREATE_MARK))
        target.execute(
            text(f"INSERT INTO {rehearsal.MARK} VALUES (:at)"),  # noqa: S608 - a constant
            {"at": at.isoformat()},
        )


def _failed(why: str) -> str:
    return gettext(
        "The rehearsal was not made, and nothing is left of it. %(why)s", why=why
    ).strip()
