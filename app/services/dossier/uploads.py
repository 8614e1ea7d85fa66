"""Resumable uploads in pieces (断点续传): after an interruption only the last piece is sent again.

`begin` returns a token; `add_piece` takes the pieces in order; `opened` opens the complete file for the same
checks as a plain upload, after which `end` deletes the upload. A piece is on disk before `received` counts
it, and bytes beyond `received` are overwritten: after a crash the next piece continues at the right offset.
Two tabs with one token are serialised by the row lock; the slower one is told the offset to continue at.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from flask_babel import gettext
from sqlalchemy import delete, func, select

from app import settings
from app.engine import Refused
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Upload
from app.services.dossier import materials
from app.services.files import attached_files, file_refusals, file_store

PIECE = 1024 * 1024
LIFE = timedelta(days=1)
AT_ONCE = 40
"""Maximum number of unfinished uploads per application."""
FOLDER = ".parts"


class WrongOffset(Refused):
    """Refusal of a piece at the wrong offset; `received` is the offset expected next."""

    def __init__(self, received: int) -> None:
        super().__init__(
            gettext(
                "The file has not arrived completely. The upload goes on at byte %(at)s.",
                at=received,
            )
        )
        self.received = received


def begin(
    application: Application,
    kind: str,
    name: str,
    size: int,
    *,
    secret: str,
    replaces: int | None = None,
    actor: Actor,
    at: datetime,
) -> tuple[Upload, str]:
    """Return a new upload, flushed, and its token, after the checks of a plain upload.

    Raises Refused when the file may be secret or is too large or empty, the kind of material is closed or
    full, the total limit is exceeded, or too many uploads were begun.
    """
    asked = materials.accept(application, kind, 1, secret=secret, replaces=replaces, actor=actor)
    shown = attached_files.clean_name(name)
    _refuse_size(application, shown, size, asked.max_mb)
    token = secrets.token_urlsafe(32)
    upload = Upload(
        token_digest=_token_digest(token),
        application_id=application.id,
        user_id=actor.user_id,
        kind=kind,
        name=shown,
        size=size,
        received=0,
        created_at=at,
        touched_at=at,
    )
    db.session.add(upload)
    db.session.flush()
    return upload, token


def find(
    application: Application, token: str, *, actor: Actor, at: datetime, is_locked: bool = False
) -> Upload | None:
    """Return the actor's own upload of this token, or None after LIFE without a piece.

    With `is_locked` the row is locked for a change.
    """
    query = select(Upload).where(
        Upload.token_digest == _token_digest(token),
        Upload.application_id == application.id,
        Upload.user_id == actor.user_id,
        Upload.touched_at >= at - LIFE,
    )
    if is_locked:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(query).one_or_none()


def add_piece(upload: Upload, offset: int, piece: bytes, *, digest: str = "", at: datetime) -> int:
    """Write a piece of a locked upload and return the bytes received so far; the caller commits.

    Raises WrongOffset when `offset` is not the expected one, Refused when the piece is empty, too large or
    damaged, or the disk is full.
    """
    if offset != upload.received:
        raise WrongOffset(upload.received)
    if not piece or len(piece) > PIECE or offset + len(piece) > upload.size:
        raise Refused(
            gettext("This piece does not fit the file. Choose the file again and begin anew.")
        )
    if digest and hashlib.sha256(piece).hexdigest() != digest.lower():
        raise Refused(gettext("This piece arrived damaged; it is sent again."))
    try:
        _write_piece(part_of(upload), offset, piece)
    except OSError as error:
        raise file_store.no_room() from error
    upload.received = offset + len(piece)
    upload.touched_at = at
    db.session.flush()
    return upload.received


@contextmanager
def open_complete(upload: Upload) -> Iterator[IO[bytes]]:
    """Open the complete file for reading; raises WrongOffset while pieces are missing."""
    path = part_of(upload)
    if upload.received != upload.size or not path.is_file():
        raise WrongOffset(upload.received)
    # after a crash an uncounted piece may lie beyond the end
    os.truncate(path, upload.size)
    with path.open("rb") as stream:
        yield stream


def end(upload: Upload) -> None:
    """Delete the row of an upload that is finished, refused or cancelled.

    The caller commits, then calls `drop_part`. Raises Refused when another tab deleted it first.
    """
    statement = delete(Upload).where(Upload.id == upload.id)
    if db.session.execute(statement).rowcount != 1:
        raise Refused(gettext("This upload was finished in another window already."))


def drop_part(path: Path) -> None:
    """Delete the file of an upload whose row is gone; if that fails, the cleanup job does it after a day."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def part_of(upload: Upload) -> Path:
    """Return the path of the file that collects the pieces of an upload."""
    return parts() / upload.token_digest


def parts() -> Path:
    """Return the folder of unfinished uploads; create it if missing."""
    folder = file_store.root() / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _refuse_size(application: Application, name: str, size: int, max_mb: int) -> None:
    if size < 1:
        raise Refused(gettext("“%(name)s” is empty (0 bytes). Choose the file again.", name=name))
    if size > max_mb * attached_files.MEGABYTE:
        raise Refused(file_refusals.too_large(name, max_mb))
    query = select(func.count(Upload.id), func.coalesce(func.sum(Upload.size), 0)).where(
        Upload.application_id == application.id
    )
    begun, announced = db.session.execute(query).one()
    if (
        begun >= AT_ONCE
        or announced + size > 2 * settings.get("upload_total_mb") * attached_files.MEGABYTE
    ):
        raise Refused(
            gettext(
                "Too many uploads were begun and not finished. Finish or cancel them, or wait a day."
            )
        )
    attached_files.refuse_over_total(application, size)
    attached_files.refuse_over_kept(application, size)


def _write_piece(path: Path, offset: int, piece: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        written = 0
        while written < len(piece):
            written += os.pwrite(handle, piece[written:], offset + written)
        os.fsync(handle)
    finally:
        os.close(handle)


def _token_digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
