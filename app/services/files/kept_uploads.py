"""Files chosen in a form that was refused for another reason, kept so that they need not be chosen again.

The page carries a token for each of them; only the person who sent the file gets it back with it, for LIFE. The
files lie beside the stored ones, outside the database, as the transaction of a refused form is rolled back; they
are judged again when they come back. `jobs.cleanup` deletes what was not used.
"""

import hashlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from app.services.files import attached_files, file_store

FOLDER = ".kept"
LIFE = timedelta(days=1)
MOST = 20
"""Most files kept for one person; the oldest one makes room."""
CONTENT, NAME = "content", "name"


@dataclass(frozen=True)
class KeptUpload:
    """A kept file under the name it was sent with."""

    token: str
    name: str
    path: Path

    @property
    def size(self) -> int:
        return self.path.stat().st_size


def keep(stream: IO[bytes], name: str, *, owner: int) -> KeptUpload | None:
    """Keep a file for its sender, from the beginning of `stream`; None if it cannot be read or written."""
    token = secrets.token_urlsafe(24)
    place = _place(token, owner)
    try:
        _make_room(owner)
        place.mkdir(mode=0o700)
        stream.seek(0)
        with (place / CONTENT).open("wb") as file:
            shutil.copyfileobj(stream, file)
        (place / NAME).write_text(attached_files.clean_name(name))
    except (OSError, ValueError):  # no room on the disk, or a stream that was closed
        shutil.rmtree(place, ignore_errors=True)
        return None
    return find(token, owner=owner)


def find(token: str, *, owner: int, at: datetime | None = None) -> KeptUpload | None:
    """Return the kept file of this token, if `owner` sent it and, seen from `at`, less than LIFE ago."""
    place = _place(token, owner)
    try:
        if at is not None and place.stat().st_mtime < (at - LIFE).timestamp():
            return None
        return KeptUpload(token, (place / NAME).read_text(), place / CONTENT)
    except OSError:
        return None


def older_than(before: datetime) -> Iterator[Path]:
    """Yield the places of the files kept before this moment."""
    for place in _folder().iterdir():
        with suppress(FileNotFoundError):
            if place.stat().st_mtime < before.timestamp():
                yield place


def drop(place: Path) -> bool:
    """Delete a kept file."""
    shutil.rmtree(place)
    return True


def _make_room(owner: int) -> None:
    """Delete the oldest files of a person who has MOST already."""
    places = sorted(_folder().glob(f"{owner}-*"), key=lambda place: place.stat().st_mtime)
    for place in places[: max(0, len(places) - MOST + 1)]:
        shutil.rmtree(place, ignore_errors=True)


def _place(token: str, owner: int) -> Path:
    digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
    return _folder() / f"{owner}-{digest}"


def _folder() -> Path:
    folder = file_store.root() / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
