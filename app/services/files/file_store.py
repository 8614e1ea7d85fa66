"""Where contents lie: each once, under its SHA-256, below DATA_DIR/files; row first, file last.

The order of one upload, and what is left when it ends anywhere:

1. `new_file`: the bytes go to a temporary file `.new-…` and are on the disk (fsync) before anything else.
   Ends here: a temporary file, taken away by `sweeping` after a day.
2. `keep`: the row of the content and the row of its place are written in the caller's transaction and
   flushed, so that every constraint has spoken. Ends here: the transaction rolls back, nothing is there.
3. Before the commit, as its last step, the temporary file is given its final name and the directory is on
   the disk. Ends here: a content without a row, taken away by `sweeping`; a rename that fails ends the
   transaction.
4. The commit. A row that is there therefore always has its content; there is no step between them.

Two uploads of the same content at the same moment: each brings a file of its own, the second waits at the
unique digest, both rename to the same name, which has the same bytes. So neither depends on the other's end.

Taking away against a new reference: whoever stores a content holds its row (inserted, or locked with
FOR KEY SHARE) until the own commit; `sweeping` deletes an unused row under FOR UPDATE, and takes a file away
only while it holds the digest's unique key by an insert that it rolls back afterwards. Whoever stores the
same content then waits at that key and renames the own file into the empty place. SQLite has one writer at a
time, so there the order is the same without waiting at rows.
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
"""Where a session keeps the files that get their final names when it commits."""


class NotNow(Refused):
    """Nothing is wrong with what was sent; the same may work a little later."""


@dataclass(frozen=True)
class Content:
    """Bytes on the disk that are not stored yet."""

    path: Path
    digest: str
    size: int

    def discard(self) -> None:
        """Take the temporary file away; does nothing once it was stored."""
        with suppress(FileNotFoundError):
            self.path.unlink()


def root() -> Path:
    folder = Path(current_app.config["DATA_DIR"]) / "files"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def place(digest: str) -> Path:
    """Return where the content of `digest` lies, or would lie."""
    return root() / digest[:2] / digest[2:4] / digest


def path_of(digest: str) -> Path:
    """Return where a content can be read, one of the running transaction too.

    Raises FileNotFoundError when it is gone.
    """
    waiting: Path | None = _incoming(db.session()).get(digest)
    path = waiting if waiting is not None and waiting.is_file() else place(digest)
    if not path.is_file():
        raise FileNotFoundError(digest)
    return path


def new_file(stream: IO[bytes], count: Callable[[int], None] = lambda size: None) -> Content:
    """Write a stream to a temporary file that is on the disk afterwards.

    `count` is told the size as it grows and may raise to stop. Raises Refused when the disk takes no more.
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
    """Make an empty temporary file beside the contents; raises Refused when there is no room."""
    try:
        handle, name = tempfile.mkstemp(dir=root(), prefix=NEW)
    except OSError as error:
        raise no_room() from error
    os.close(handle)
    return Path(name)


def keep(content: Content, media_type: str, pages: int) -> StoredFile:
    """Write the row of a content, not committed; its file gets its final name with the commit."""
    _incoming(db.session())[content.digest] = content.path
    values = {
        "digest": content.digest,
        "size": content.size,
        "media_type": media_type,
        "pages": pages,
    }
    insert = INSERTS[db.session.get_bind().dialect.name](StoredFile).values(values)
    held = select(StoredFile).where(StoredFile.digest == content.digest)
    for _attempt in range(ATTEMPTS):
        # somebody may store the same content at the same moment, or take it away as unused
        db.session.execute(insert.on_conflict_do_nothing(index_elements=[StoredFile.digest]))
        row = db.session.scalars(held.with_for_update(read=True, key_share=True)).one_or_none()
        if row is not None:
            return row
    raise no_room()


def no_room() -> NotNow:
    return NotNow(
        gettext(
            "The file could not be kept just now. Nothing was changed; try again in a few minutes, and tell "
            "the support if it happens again."
        )
    )


def sync_directory(folder: Path) -> None:
    """Return when the names in `folder` are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _incoming(session: Session) -> dict[str, Path]:
    found: dict[str, Path] = session.info.setdefault(INCOMING, {})
    return found


def _give_final_names(session: Session) -> None:
    """The last step before the commit; one that fails ends the transaction with a sentence."""
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
    """Take away what the transaction that ends did not store."""
    if transaction.parent is not None:
        return
    for path in session.info.pop(INCOMING, {}).values():
        with suppress(FileNotFoundError):
            path.unlink()


_session: Any = db.session
event.listen(_session, "before_commit", _give_final_names)
event.listen(_session, "after_transaction_end", _forget)
