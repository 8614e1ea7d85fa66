"""Making a backup: a folder with the database and a manifest, beside it the contents, elsewhere the keys.

    DIR/20260302-030000/manifest.json, manifest.sha256, database.db
    DIR/files/ab/cd/abcd…                   each content once, for all backups in DIR
    KEYS/20260302-030000/field.key, …       what opens them

The contents are copied before the database and once more after it: one that a row of the copied database refers
to was either there at the first time or is too young to be cleaned up.
"""

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from flask import current_app
from flask_babel import gettext
from sqlalchemy.exc import SQLAlchemyError

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.services.backup import contents, log_head, manifest, snapshot
from app.services.backup.manifest import Manifest
from app.services.files import file_store


def make(folder: Path, keys: Path | None, *, at: datetime) -> Path:
    """Make a backup under `folder`, its keys under `keys` if given, and return its place.

    Nothing with the final name exists until everything is on the disk. Raises Refused.
    """
    folder, keys = folder.resolve(), keys.resolve() if keys else None
    if keys and (keys.is_relative_to(folder) or folder.is_relative_to(keys)):
        raise Refused(
            gettext(
                "The keys need a place of their own, outside of the backup: who finds both can read everything."
            )
        )
    name = f"{clock.local(at):%Y%m%d-%H%M%S}"
    try:
        return _make(folder, keys, name, at)
    except snapshot.OtherVersion as error:
        raise Refused(
            gettext(
                "The database belongs to another version of the program; make the backup with that version."
            )
        ) from error
    except (OSError, sqlite3.Error, SQLAlchemyError) as error:
        raise Refused(
            gettext("The backup was not made: %(reason)s.", reason=str(error).splitlines()[0])
        ) from error


def _make(folder: Path, keys: Path | None, name: str, at: datetime) -> Path:
    place, new = folder / name, folder / f".new-{name}"
    if place.exists():
        raise FileExistsError(f"{place} exists")
    new.mkdir(mode=0o700, parents=True)
    files = folder / manifest.CONTENTS
    contents.add_all(files)
    database = new / manifest.DATABASE
    database.touch(mode=0o600)
    revision = snapshot.take(database)
    _sync(database)
    with snapshot.opened(database) as copy:
        facts = _facts(copy, database, revision, at)
        for digest, _size in contents.stored(copy):
            contents.add(file_store.place(digest), contents.place_in(files, digest))
    manifest.write(facts.sealed_with(current_app.config["FIELD_KEY"]), new)
    for part in (manifest.MANIFEST, manifest.CHECKSUM):
        _sync(new / part)
    if keys:
        contents.write_keys(contents.keys(), keys / name)
    file_store.sync_directory(new)
    new.rename(place)
    file_store.sync_directory(folder)
    return place


def _facts(copy: sqlite3.Connection, database: Path, revision: str, at: datetime) -> Manifest:
    sizes = [size for _digest, size in contents.stored(copy)]
    return Manifest(
        made_at=at.astimezone(UTC).isoformat(timespec="seconds"),
        program=current_app.config["VERSION"],
        revision=revision,
        database=db.engine.dialect.name,
        digest=manifest.digest_of(database),
        size=database.stat().st_size,
        tables=snapshot.tables_of(copy),
        log_head=log_head.of(copy),
        files=len(sizes),
        content_bytes=sum(sizes),
        keys=contents.fingerprints(contents.keys()),
    )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
