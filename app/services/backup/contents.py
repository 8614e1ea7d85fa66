"""Files of a backup: contents by digest, each once for all backups in a folder; keys in a folder of their own."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from flask import current_app

from app.services.backup.manifest import FIELD_KEY, digest_of, fingerprint
from app.services.files import file_store

STORED = "SELECT digest, size FROM stored_file ORDER BY digest"


class Damaged(OSError):
    """Raised when a content is not what its name says."""


def kept(folder: Path) -> Iterator[Path]:
    """Yield every content in a file store or in a backup's copy of one."""
    yield from folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*")


def add_all(place: Path) -> None:
    """Copy every content of the file store that `place` does not have yet. Raises OSError."""
    for path in kept(file_store.root()):
        # one that `cleanup` deletes at this moment is not referred to by any row
        with suppress(FileNotFoundError):
            add(path, place_in(place, path.name))


def add(source: Path, target: Path) -> None:
    """Copy a content unless it is there in its full size. Raises OSError, Damaged."""
    if target.is_file() and target.stat().st_size == source.stat().st_size:
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    new = Path(name)
    try:
        with source.open("rb") as read, os.fdopen(handle, "wb") as written:
            shutil.copyfileobj(read, written)
            written.flush()
            os.fsync(written.fileno())
        if digest_of(new) != target.name:
            raise Damaged(f"{source} is damaged")
        new.chmod(0o400)
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
    file_store.sync_directory(target.parent)


def stored(copy: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    """Yield digest and size of every content that a copy of the database refers to."""
    yield from copy.execute(STORED)


def place_in(folder: Path, digest: str) -> Path:
    return folder / digest[:2] / digest[2:4] / digest


def keys() -> dict[str, bytes]:
    """Return the keys of this installation by file name: those under DATA_DIR, and FIELD_KEY wherever it is from."""
    folder = Path(current_app.config["DATA_DIR"]) / "keys"
    found = {
        path.name: path.read_bytes()
        for path in sorted(folder.glob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
    return {**found, FIELD_KEY: current_app.config["FIELD_KEY"]}


def keys_in(folder: Path) -> dict[str, bytes]:
    """Return the keys that were saved in `folder`. Raises OSError."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def fingerprints(found: dict[str, bytes]) -> dict[str, str]:
    return {name: fingerprint(key) for name, key in found.items()}


def write_keys(found: dict[str, bytes], folder: Path, aside: str = "") -> None:
    """Write keys for their owner alone; one of the same name with another content is kept with suffix `aside`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, key in found.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == key:
            continue
        if path.exists() and aside:
            path.rename(folder / f".{name}.{aside}")
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
    file_store.sync_directory(folder)
