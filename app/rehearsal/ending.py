"""Ends a rehearsal: everything of it is thrown away, its database, files and keys; nothing else is touched."""

import shutil
from pathlib import Path

from flask_babel import gettext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import SQLAlchemyError

from app.engine import Refused
from app.ground import rehearsal
from app.rehearsal import copying, places
from app.rehearsal.places import Place

OWN_FUNCTIONS = """
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = current_schema()
AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
"""The functions of a database of PostgreSQL that no extension brought."""


def end() -> Place:
    """Throw the rehearsal away and return where it stood. Raises Refused; then everything is still there."""
    where = places.place()
    facts = places.described(where.folder)
    if facts is None:
        raise Refused(gettext("There is no rehearsal."))
    if facts.get("database") != where.shown:
        raise Refused(
            gettext(
                "The rehearsal stands in the database %(name)s. Set REHEARSAL_DATABASE_URL as it was when it was"
                " begun.",
                name=facts.get("database"),
            )
        )
    with places.alone(where.folder):
        try:
            throw_away(where)
        except (OSError, SQLAlchemyError) as error:
            raise Refused(
                gettext(
                    "The rehearsal could not be thrown away: %(why)s.", why=places.reason(error)
                )
            ) from error
    return where


def throw_away(where: Place) -> None:
    """Remove the database, then the directory. Raises OSError or SQLAlchemyError."""
    file = copying.file_of(where.database)
    if file is None:
        _empty(where)
    else:
        for rest in ("", "-wal", "-shm", "-journal"):
            Path(f"{file}{rest}").unlink(missing_ok=True)
    if where.folder.exists():
        shutil.rmtree(where.folder)


def _empty(where: Place) -> None:
    """Drop everything in the database of PostgreSQL in one transaction, if it bears the mark."""
    with places.opened(where) as target:
        if places.content(target) != rehearsal.MARK:
            return
        tables = MetaData()
        tables.reflect(target)
        tables.drop_all(target)
        _drop_functions(target)


def _drop_functions(target: Connection) -> None:
    for (name,) in target.execute(text(OWN_FUNCTIONS)).all():
        target.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name} CASCADE")
