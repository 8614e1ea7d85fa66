"""Content-addressed file store: each content once, by SHA-256, below DATA_DIR/files; row first, file last.

Steps of an upload, and what is left over when it fails after each:

1. `new_file` writes the bytes to a temporary file `.new-…` and syncs it to the disk (fsync). Failure after
   it leaves a temporary file, deleted by `cleanup` after a day.
2. `keep` writes the content's row (and the caller the row that refers to it) in the caller's transaction;
   both are flushed, so that all constraints are checked. Failure rolls back and leaves no row.
3. As the last step before the commit, the temporary file is renamed to its final name and the directory is
   synced. Failure after it leaves a content without a row, deleted by `cleanup`; a rename that fails ends
   the transaction.
4. The commit. So a committed row always has its content.

Concurrent uploads of the same content: each has its own temporary file, the second waits at the unique
digest, and both rename to the same name, which has the same bytes. So neither depends on the success of the
other.

Deletion against a new reference: a transaction that stores a content holds its row (inserted, or locked
with FOR KEY SHARE) until it commits. `cleanup` deletes an unused row under FOR UPDATE, and deletes a file
only while it holds the digest's unique key by an insert that it rolls back afterwards. A transaction that
stores the same content waits at that key and then renames its own file to the free name. SQLite has one
writer at a time, so the order is the same there without row locks.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from flask import current_app
from flask_babel import gettext
from sqlalchemy import event, select
from sqlalchemy.orm import Session, SessionTransaction

from app.engine import Refused
from app.extensions import db
from app.models import StoredFile
from app.services.ground.numbering import INSERTS

CHUNK = 256 * 1024
NEW = ".new-"
ATTEMPTS = 5
INCOMING = "incoming files"
"""Key in `Session.info` of the temporary files that get their final names at the commit."""


class TemporaryRefusal(Refused):
    """Refusal of a valid request for a temporary reason; trying again later may succeed."""


@dataclass(frozen=True)
class Content:
    """A content in a temporary file, not stored yet."""

    path: Path
    digest: str
    size: int

    def discard(self) -> None:
        """Delete the temporary file; no-op once it was stored."""
        with suppress(FileNotFoundError):
            self.path.unlink()


def root() -> Path:
    """Return the folder of the file store; create it if it is missing."""
    folder = Path(current_app.config["DATA_DIR"]) / "files"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def place(digest: str) -> Path:
    """Return the final path of the content with this digest, whether it exists or not."""
    return root() / digest[:2] / digest[2:4] / digest


def path_of(digest: str) -> Path:
    """Return the path of a content to read, also of one stored by the running transaction.

    Raises FileNotFoundError when it is missing.
    """
    waiting: Path | None = _incoming(db.session()).get(digest)
    path = waiting if waiting is not None and waiting.is_file() else place(digest)
    if not path.is_file():
        raise FileNotFoundError(digest)
    return path


def new_file(stream: IO[bytes], count: Callable[[int], None] = lambda size: None) -> Content:
    """Write a stream to a temporary file and sync it to the disk.

    `count` is called with the size so far and may raise to stop. Raises Refused when the file cannot be
    written.
    """
    path = empty_file()
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("wb") as file:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                count(size)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise no_room() from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Content(path, digest.hexdigest(), size)


def empty_file() -> Path:
    """Create an empty temporary file in the file store. Raises Refused when that fails."""
    try:
        handle, name = tempfile.mkstemp(dir=root(), prefix=NEW)
    except OSError as error:
        raise no_room() from error
    os.close(handle)
    return Path(name)


def keep(content: Content, media_type: str, pages: int) -> StoredFile:
    """Store the row of a content, not committed; its file gets its final name at the commit.

    The same content a second time in one transaction is not kept twice.
    """
    if _incoming(db.session()).setdefault(content.digest, content.path) != content.path:
        content.discard()
    values = {
        "digest": content.digest,
        "size": content.size,
        "media_type": media_type,
        "pages": pages,
    }
    insert = INSERTS[db.session.get_bind().dialect.name](StoredFile).values(values)
    query = select(StoredFile).where(StoredFile.digest == content.digest)
    for _attempt in range(ATTEMPTS):
        # a concurrent transaction may store the same content or delete it as unused
        db.session.execute(insert.on_conflict_do_nothing(index_elements=[StoredFile.digest]))
        row = db.session.scalars(query.with_for_update(read=True, key_share=True)).one_or_none()
        if row is not None:
            return row
    raise no_room()


def no_room() -> TemporaryRefusal:
    """Return the refusal for a file that could not be written."""
    return TemporaryRefusal(
        gettext(
            "The file could not be kept just now. Nothing was changed; try again in a few minutes, and tell "
            "the support if it happens again."
        )
    )


def sync_directory(folder: Path) -> None:
    """Sync the directory entries of `folder` to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _incoming(session: Session) -> dict[str, Path]:
    found: dict[str, Path] = session.info.setdefault(INCOMING, {})
    return found


def _give_final_names(session: Session) -> None:
    """Rename incoming files as the last step before the commit; raise NotNow on failure."""
    incoming = session.info.get(INCOMING, {})
    try:
        session.flush()
        for digest, path in incoming.items():
            _give_final_name(path, place(digest))
    except OSError as error:
        raise no_room() from error


def _give_final_name(temporary: Path, final: Path) -> None:
    if final.is_file():
        return
    final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary.chmod(0o400)
    temporary.replace(final)
    sync_directory(final.parent)
    sync_directory(final.parent.parent)


def _forget(session: Session, transaction: SessionTransaction) -> None:
    """Delete temporary files that the ended transaction did not store."""
    if transaction.parent is not None:
        return
    for path in session.info.pop(INCOMING, {}).values():
        with suppress(FileNotFoundError):
            path.unlink()


_session: Any = db.session
event.listen(_session, "before_commit", _give_final_names)
event.listen(_session, "after_transaction_end", _forget)
