"""Uploaded files: checked by content, stored once per digest and attached to records.

`receive` writes an upload to a temporary file, limits its size and checks it, without an open transaction
for the seconds this may take. `keep` stores it in the caller's transaction; see `file_store` for the order
of the steps. `store` does both.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app import settings
from app.engine import Refused
from app.extensions import db
from app.ground import read_once
from app.ground.actor import Actor
from app.models import Attachment, StoredFile
from app.models.base import Base
from app.services.files import file_refusals, file_store, sandbox
from app.services.files.file_store import Content

MEGABYTE = file_refusals.MEGABYTE
LONGEST_NAME = 200
KEPT_TIMES = 5
"""Limit of all files of a record including removed ones, as a multiple of the limit for present files."""
PROBE = Path(__file__).parent / "file_probe.py"
MEDIA_TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
SUFFIXES = {"pdf": (".pdf",), "jpg": (".jpg", ".jpeg"), "png": (".png",)}
PICTURE_STARTS = {b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png"}
IN_NAMES_REPLACED = '/\\:*?"<>|'
JOINERS = "\u200d"
"""Zero-width joiner, allowed in file names: it joins emoji and neither hides nor reorders text."""


HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
NEVER_SHOWN = re.compile("[\u2065\ufdd0-\ufdef\ufff0-\ufff8\U000e0000-\U000e0fff]")
"""Characters without a category that Unicode sets apart as invisible or as no characters.

Any other one was assigned after this program's tables were made, such as the newest Chinese characters.
"""


@dataclass(frozen=True)
class CheckedFile:
    """An upload that passed the checks but is not stored yet; call `discard` at the end in any case."""

    content: Content
    name: str
    kind: str
    pages: int

    def discard(self) -> None:
        """Delete the temporary file; no-op once it was stored."""
        self.content.discard()


def receive(
    stream: IO[bytes],
    name: str,
    *,
    kinds: Sequence[str] = ("pdf", "jpg", "png"),
    max_mb: int | None = None,
) -> CheckedFile:
    """Check an upload without storing it; the database is only read for settings.

    Raises Refused with a sentence that names the file when it is empty, too large, of a type not in `kinds`,
    encrypted, broken, has too many pages or pixels, or contains active content or attached files.
    """
    shown = clean_name(name)
    limit = max_mb or settings.get("upload_max_mb")
    most_pages = settings.get("upload_max_pages")
    sent = file_store.new_file(stream, lambda size: _refuse_large(size, shown, limit))
    try:
        if sent.size == 0:
            raise Refused(
                gettext("“%(name)s” is empty (0 bytes). Choose the file again.", name=shown)
            )
        return _judge(sent, shown, kinds, limit, most_pages)
    except BaseException:
        sent.discard()
        raise


def keep(judged: CheckedFile) -> StoredFile:
    """Store a checked file and return its row, not committed."""
    return file_store.keep(judged.content, MEDIA_TYPES[judged.kind], judged.pages)


def store(
    stream: IO[bytes],
    name: str,
    *,
    kinds: Sequence[str] = ("pdf", "jpg", "png"),
    max_mb: int | None = None,
) -> StoredFile:
    """Check and store an upload; return its row, not committed. Raises Refused as `receive` does."""
    return keep(receive(stream, name, kinds=kinds, max_mb=max_mb))


def attach(
    record: Base,
    stored: StoredFile,
    kind: str,
    name: str,
    actor: Actor,
    at: datetime,
    section: str = "",
    order: int = 0,
) -> Attachment:
    """Attach a stored file to a record under its cleaned name; raises Refused over the total limits."""
    refuse_over_total(record, stored.size)
    refuse_over_kept(record, stored.size)
    made = Attachment(
        subject_type=record.__tablename__,
        subject_id=record.id,
        kind=kind,
        name=fit_name(clean_name(name), stored),
        file_id=stored.id,
        section=section,
        order=order,
        added_by=actor.user_id,
        added_at=at,
    )
    db.session.add(made)
    db.session.flush()
    return made


def detach(attachment: Attachment, at: datetime) -> None:
    """Mark an attachment as removed; its row and content are kept."""
    attachment.removed_at = at


def attachments_of(record: Base, kind: str | None = None) -> list[Attachment]:
    """Return the present attachments of a record in the order its owner chose, optionally of one kind."""
    query = (
        select(Attachment)
        .where(
            Attachment.subject_type == record.__tablename__,
            Attachment.subject_id == record.id,
            Attachment.removed_at.is_(None),
        )
        .options(joinedload(Attachment.file))
        .order_by(Attachment.order, Attachment.id)
    )
    found = read_once.of(
        db.session(),
        ("attachments", record.__tablename__, record.id),
        (Attachment,),
        lambda: db.session.scalars(query).all(),
    )
    return [one for one in found if kind in (None, one.kind)]


def open_path(attachment: Attachment) -> Path:
    """Return the path of the content. Raises FileNotFoundError when it is missing."""
    return file_store.path_of(attachment.file.digest)


def clean_name(name: str) -> str:
    """Return a safe file name: without folders, invisible and reserved characters, limited in length.

    Chinese characters are kept, also those that are newer than this program's tables of characters.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(one for one in last if _is_shown(one))
    safe = "".join("_" if c in IN_NAMES_REPLACED else c for c in visible).strip(" .")
    stem, dot, suffix = safe.rpartition(".")
    if len(safe) > LONGEST_NAME and dot:
        safe = f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"
    return safe[:LONGEST_NAME] or gettext("file")


def _is_shown(character: str) -> bool:
    if character in JOINERS:
        return True
    if unicodedata.category(character) == "Cn":
        is_no_character = ord(character) & 0xFFFE == 0xFFFE
        return not is_no_character and not NEVER_SHOWN.fullmatch(character)
    return unicodedata.category(character) not in HIDDEN


def fit_name(name: str, stored: StoredFile) -> str:
    """Return `name` with the suffix of its actual type, so that it is not opened as another type."""
    kind = kind_of(stored)
    if name.lower().endswith(SUFFIXES[kind]):
        return name
    return f"{name[: LONGEST_NAME - 4]}.{kind}"


def kind_of(stored: StoredFile) -> str:
    """Return the type of a stored file: pdf, jpg or png."""
    return next(kind for kind, media in MEDIA_TYPES.items() if media == stored.media_type)


def total(record: Base, *, with_removed: bool = False) -> int:
    """Return the total size in bytes of a record's present attachments, or also of removed ones."""
    query = (
        select(func.coalesce(func.sum(StoredFile.size), 0))
        .join(Attachment, Attachment.file_id == StoredFile.id)
        .where(Attachment.subject_type == record.__tablename__, Attachment.subject_id == record.id)
    )
    if not with_removed:
        query = query.where(Attachment.removed_at.is_(None))
    return int(db.session.scalar(query) or 0)


def refuse_over_total(record: Base, more: int) -> None:
    """Raise Refused when `more` bytes exceed the limit for a record's present attachments."""
    limit = settings.get("upload_total_mb")
    if total(record) + more > limit * MEGABYTE:
        raise Refused(
            gettext(
                "All files together may have %(limit)s MB at most. Remove or shrink some of them first.",
                limit=limit,
            )
        )


def refuse_over_kept(record: Base, more: int) -> None:
    """Raise Refused when `more` bytes exceed the limit for present and removed attachments of a record.

    Prevents filling the disk by uploading and removing files again and again.
    """
    limit = settings.get("upload_total_mb")
    if total(record, with_removed=True) + more > KEPT_TIMES * limit * MEGABYTE:
        raise Refused(
            gettext(
                "Too many files were uploaded and removed again. Put a removed file back, or ask a system "
                "administrator."
            )
        )


def _refuse_large(size: int, name: str, limit: int) -> None:
    if size > limit * MEGABYTE:
        raise Refused(file_refusals.too_large(name, limit))


def _judge(sent: Content, name: str, kinds: Sequence[str], limit: int, most: int) -> CheckedFile:
    """Check a file and return the content to store: the sent bytes or a cleaned copy."""
    if (drawn := _own_picture(sent)) is not None:
        _refuse(drawn if drawn in kinds else "type", sent, name, kinds, limit, most)
        return CheckedFile(sent, name, drawn, 1)
    clean = file_store.empty_file()
    try:
        found = sandbox.run(
            PROBE, sent.path, most, clean, limit * MEGABYTE, written=(limit + 1) * MEGABYTE
        )
        why = found.get("why") or (found["type"] if found["type"] in kinds else "type")
        _refuse(why, sent, name, kinds, limit, most)
        content = sent
        if found["is_cleaned"]:
            with clean.open("rb") as stream:
                content = file_store.new_file(stream)
            sent.discard()
        return CheckedFile(content, name, found["type"], found["pages"])
    finally:
        clean.unlink(missing_ok=True)


def _own_picture(sent: Content) -> str | None:
    """Return the type of a picture that is stored already, else None; re-encoding would only lose quality."""
    if not file_store.place(sent.digest).is_file():
        return None
    with sent.path.open("rb") as file:
        head = file.read(8)
    return next((kind for start, kind in PICTURE_STARTS.items() if head.startswith(start)), None)


def _refuse(
    why: str, sent: Content, name: str, kinds: Sequence[str], limit: int, most: int
) -> None:
    """Raise Refused with the sentence for `why`, unless it is one of `kinds`."""
    if why in kinds:
        return
    kind_of_refusal = file_store.TemporaryRefusal if why == "busy" else Refused
    raise kind_of_refusal(file_refusals.sentence(why, sent.path, name, kinds, limit, most))
