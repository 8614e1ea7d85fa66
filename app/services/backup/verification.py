"""Verification of a backup: everything that was saved is read again; each fault is one sentence."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import current_app
from flask_babel import gettext

from app.services.backup import contents, log_head, manifest, snapshot
from app.services.backup.manifest import FIELD_KEY, Manifest


@dataclass(frozen=True)
class Report:
    """What was found. `faults` is empty if all agrees; `notes` say what could not be checked."""

    facts: Manifest | None
    faults: tuple[str, ...]
    notes: tuple[str, ...] = ()


def verify(place: Path, keys: Path | None = None) -> Report:
    """Verify the backup at `place` with the keys in `keys`, or with those of this installation if they fit."""
    try:
        facts = manifest.read(place)
    except (ValueError, TypeError) as error:
        return Report(
            None, (gettext("The backup's own description cannot be read: %(why)s.", why=error),)
        )
    found, notes = _keys(facts, keys)
    faults = [
        *_key_faults(facts, found, is_given=keys is not None),
        *_database_faults(facts, place / manifest.DATABASE),
        *_content_faults(facts, place),
    ]
    return Report(facts, tuple(faults), notes)


def _keys(facts: Manifest, folder: Path | None) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return the keys to check with, none if this installation's belong to another one."""
    if folder is not None:
        try:
            return contents.keys_in(folder), ()
        except OSError:
            return {}, ()
    own = {FIELD_KEY: current_app.config["FIELD_KEY"]}
    if contents.fingerprints(own)[FIELD_KEY] == facts.keys.get(FIELD_KEY):
        return own, ()
    return {}, (
        gettext(
            "The keys were not given, so neither they nor the seal of the backup were checked."
        ),
    )


def _key_faults(facts: Manifest, found: dict[str, bytes], *, is_given: bool) -> Iterator[str]:
    present = contents.fingerprints(found)
    for name, expected in facts.keys.items() if is_given else ():
        if present.get(name) != expected:
            yield gettext("The key %(name)s is missing, damaged or of another backup.", name=name)
    key = found.get(FIELD_KEY)
    if key and present[FIELD_KEY] == facts.keys.get(FIELD_KEY) and not facts.is_sealed_with(key):
        yield gettext("The description of the backup was written without the keys: it is forged.")


def _database_faults(facts: Manifest, database: Path) -> Iterator[str]:
    try:
        if manifest.digest_of(database) != facts.digest:
            yield gettext("The database of the backup is damaged (its checksum differs).")
        with snapshot.opened(database) as copy:
            yield from _copy_faults(facts, copy)
    except (OSError, sqlite3.Error) as error:
        yield gettext("The database of the backup cannot be read: %(why)s.", why=error)


def _copy_faults(facts: Manifest, copy: sqlite3.Connection) -> Iterator[str]:
    for (found,) in copy.execute("PRAGMA integrity_check(5)"):
        if found != "ok":
            yield gettext("The database of the backup is damaged: %(why)s.", why=found)
    for table, row, parent, _key in copy.execute("PRAGMA foreign_key_check").fetchmany(5):
        yield gettext(
            "Row %(row)s of %(table)s refers to a row of %(parent)s that is missing.",
            row=row,
            table=table,
            parent=parent,
        )
    for name, rows in _differing(facts.tables, snapshot.tables_of(copy)):
        yield gettext(
            "Table %(table)s has another number of rows than saved: %(rows)s.",
            table=name,
            rows=rows,
        )
    if log_head.of(copy) != facts.log_head:
        yield gettext("The head of the log chain is not the one that was saved.")


def _differing(saved: dict[str, int], found: dict[str, int]) -> Iterator[tuple[str, str]]:
    for name in sorted({*saved, *found}):
        if saved.get(name) != found.get(name):
            yield name, f"{found.get(name, '–')} / {saved.get(name, '–')}"


def _content_faults(facts: Manifest, place: Path) -> Iterator[str]:
    """Yield what is wrong with the contents: those the database names, and all others kept beside them."""
    files, number = place.parent / manifest.CONTENTS, 0
    try:
        with snapshot.opened(place / manifest.DATABASE) as copy:
            listed = list(contents.stored(copy))
    except sqlite3.Error:
        # said of the database already
        return
    for digest, _size in listed:
        number += 1
        if not contents.place_in(files, digest).is_file():
            yield gettext("The stored file %(digest)s is missing.", digest=digest)
    for path in contents.kept(files):
        if manifest.digest_of(path) != path.name:
            yield gettext("The stored file %(digest)s is damaged.", digest=path.name)
    if number != facts.files:
        yield gettext(
            "The database names %(found)s stored files, saved were %(saved)s.",
            found=number,
            saved=facts.files,
        )
