"""Uploaded files: judged by their content, kept once under their digest, never deleted.

A file is read to a temporary place while its size is counted, looked into by a process of its own, and
moved to its final name; its row belongs to the caller's transaction. A rolled back row leaves at most an
unreferenced content behind, never a row without content.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from flask import current_app
from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app import settings
from app.actor import Actor
from app.extensions import db
from app.models import Attachment, StoredFile
from app.models.base import Base
from app.services.numbering import INSERTS
from app.workflow.engine import Refused

MEGABYTE = 1024 * 1024
CHUNK = 256 * 1024
LONGEST_NAME = 200
SECONDS = 20
PROBE = Path(__file__).parent / "file_probe.py"
MEDIA_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
WORDS = {"pdf": "PDF", "jpg": "JPG", "png": "PNG"}
SUFFIXES = {"pdf": (".pdf",), "jpg": (".jpg", ".jpeg"), "png": (".png",)}
IN_NAMES_REPLACED = '/\\:*?"<>|'


def store(
    stream: IO[bytes],
    name: str,
    *,
    kinds: Sequence[str] = ("pdf", "jpg", "png"),
    max_mb: int | None = None,
) -> StoredFile:
    """Judge an upload and keep it; return its row, not committed.

    Raises Refused with a sentence naming the file: empty, too large, of another type than `kinds`,
    encrypted, broken, with too many pages or pixels.
    """
    shown = clean_name(name)
    limit = max_mb or settings.get("upload_max_mb")
    root = _root()
    handle, temporary = tempfile.mkstemp(dir=root, prefix=".new-")
    path = Path(temporary)
    try:
        with os.fdopen(handle, "wb") as file:
            digest, size = _receive(stream, file, shown, limit)
        found = _judge(path, shown, kinds, _known(digest))
        _keep(path, _place(root, digest))
    finally:
        with suppress(FileNotFoundError):
            path.unlink()
    return _row(digest, size, found)


def attach(
    record: Base,
    stored: StoredFile,
    kind: str,
    name: str,
    actor: Actor,
    at: datetime,
    section: str = "",
) -> Attachment:
    """Attach a stored file to a record under the name it was sent with; raises Refused over the total limit."""
    _refuse_over_total(record, stored)
    made = Attachment(
        subject_type=record.__tablename__,
        subject_id=record.id,
        kind=kind,
        name=fit_name(clean_name(name), stored),
        file_id=stored.id,
        section=section,
        added_by=actor.user_id,
        added_at=at,
    )
    db.session.add(made)
    db.session.flush()
    return made


def detach(attachment: Attachment, at: datetime) -> None:
    """Take a file out of its place; what it was stays on record."""
    attachment.removed_at = at


def of(record: Base, kind: str | None = None) -> list[Attachment]:
    """Return what is attached to a record now, in the order it was added."""
    query = (
        select(Attachment)
        .where(
            Attachment.subject_type == record.__tablename__,
            Attachment.subject_id == record.id,
            Attachment.removed_at.is_(None),
        )
        .options(joinedload(Attachment.file))
        .order_by(Attachment.id)
    )
    if kind is not None:
        query = query.where(Attachment.kind == kind)
    return list(db.session.scalars(query))


def open_path(attachment: Attachment) -> Path:
    """Return where the content lies; raises FileNotFoundError when it is gone."""
    path = _place(_root(), attachment.file.digest)
    if not path.is_file():
        raise FileNotFoundError(attachment.file.digest)
    return path


def clean_name(name: str) -> str:
    """Return the last part of a sent name without what would mislead or run; Chinese stays as it is."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(
        c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn")
    )
    safe = "".join("_" if c in IN_NAMES_REPLACED else c for c in visible).strip(" .")
    stem, dot, suffix = safe.rpartition(".")
    if len(safe) > LONGEST_NAME and dot:
        safe = f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"
    return safe[:LONGEST_NAME] or gettext("file")


def fit_name(name: str, stored: StoredFile) -> str:
    """Return `name` with the suffix its content has, so that nobody is led to open it as something else."""
    kind = kind_of(stored)
    if name.lower().endswith(SUFFIXES[kind]):
        return name
    return f"{name[: LONGEST_NAME - 4]}.{kind}"


def kind_of(stored: StoredFile) -> str:
    """Return pdf, jpg or png."""
    return next(kind for kind, media in MEDIA_TYPES.items() if media == stored.media_type)


def _receive(stream: IO[bytes], file: IO[bytes], name: str, limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit * MEGABYTE:
            raise Refused(
                gettext(
                    "“%(name)s” is larger than %(limit)s MB. Scan it with a lower resolution, or split it.",
                    name=name,
                    limit=limit,
                )
            )
        digest.update(chunk)
        file.write(chunk)
    if size == 0:
        raise Refused(gettext("“%(name)s” is empty (0 bytes). Choose the file again.", name=name))
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest(), size


def _known(digest: str) -> dict[str, Any] | None:
    """Return what was found out about the same content before."""
    known = db.session.scalar(select(StoredFile).where(StoredFile.digest == digest))
    if known is None:
        return None
    return {"type": kind_of(known), "pages": known.pages}


def _judge(
    path: Path, name: str, kinds: Sequence[str], known: dict[str, Any] | None
) -> dict[str, Any]:
    most = settings.get("upload_max_pages")
    found = known if known and known["pages"] <= most else _probe(path, most)
    if "why" not in found and found["type"] in kinds:
        return found
    why = found.get("why", "type")
    allowed = gettext(", ").join(WORDS[kind] for kind in kinds)
    sentences = {
        "type": gettext(
            "“%(name)s” is no %(kinds)s file by its content, whatever it is called. Choose another one.",
            name=name,
            kinds=allowed,
        ),
        "encrypted": gettext(
            "“%(name)s” is protected with a password. Save it without protection and upload it again.",
            name=name,
        ),
        "no_pages": gettext(
            "“%(name)s” has no page. Open it, check it and save it again.", name=name
        ),
        "pages": gettext(
            "“%(name)s” has more than %(most)s pages. Upload the pages that matter.",
            name=name,
            most=most,
        ),
        "pixels": gettext(
            "“%(name)s” has too many pixels. Reduce the picture to at most 40 megapixels.",
            name=name,
        ),
        "broken": gettext(
            "“%(name)s” is damaged or incomplete. Open it, save it again and upload it.", name=name
        ),
        "too_much": gettext(
            "“%(name)s” takes too much to read. Print it into a plain PDF and upload that.",
            name=name,
        ),
    }
    raise Refused(sentences.get(why, sentences["broken"]))


def _probe(path: Path, max_pages: int) -> dict[str, Any]:
    command = [sys.executable, "-I", str(PROBE), str(path), str(max_pages)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True, env={})
        found: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return {"why": "too_much"}
    return found


def _root() -> Path:
    root = Path(current_app.config["DATA_DIR"]) / "files"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


def _place(root: Path, digest: str) -> Path:
    return root / digest[:2] / digest[2:4] / digest


def _keep(temporary: Path, final: Path) -> None:
    """Give the content its final name, which is on the disk when this returns."""
    if final.is_file():
        return
    final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary.chmod(0o400)
    temporary.replace(final)
    directory = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _row(digest: str, size: int, found: dict[str, Any]) -> StoredFile:
    insert = INSERTS[db.session.get_bind().dialect.name](StoredFile).values(
        digest=digest, size=size, media_type=MEDIA_TYPES[found["type"]], pages=found["pages"]
    )
    # somebody may store the same content at the same moment
    db.session.execute(insert.on_conflict_do_nothing(index_elements=[StoredFile.digest]))
    return db.session.scalars(select(StoredFile).where(StoredFile.digest == digest)).one()


def _refuse_over_total(record: Base, stored: StoredFile) -> None:
    limit = settings.get("upload_total_mb")
    query = (
        select(func.coalesce(func.sum(StoredFile.size), 0))
        .join(Attachment, Attachment.file_id == StoredFile.id)
        .where(
            Attachment.subject_type == record.__tablename__,
            Attachment.subject_id == record.id,
            Attachment.removed_at.is_(None),
        )
    )
    if int(db.session.scalar(query) or 0) + stored.size > limit * MEGABYTE:
        raise Refused(
            gettext(
                "All files together may have %(limit)s MB at most. Remove or shrink some of them first.",
                limit=limit,
            )
        )
