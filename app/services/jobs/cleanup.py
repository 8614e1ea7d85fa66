"""Delete unreferenced files, temporary and unfinished uploads, files kept for refused forms, and old previews.

`file_store` explains why no content is deleted that a concurrent transaction begins to refer to. Each item
has its own transaction; one that fails is logged and tried again the next time. Folders of contents are
scanned in 24 parts, one per hour, so that no single scan of a large store takes long.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.ground import clock
from app.models import Scan, StoredFile, Upload
from app.models.base import metadata
from app.services.dossier import uploads
from app.services.files import file_store, kept_uploads, previews
from app.services.ground.numbering import INSERTS

AGE = timedelta(days=1)
HOURS = 24
PLACES = 256
STAMP = ".swept"
logger = logging.getLogger(__name__)


def sweep_hourly(at: datetime) -> int:
    """Run this hour's part unless it was done; return the number of deleted items. Commits item by item."""
    hour = clock.local(at).strftime("%Y-%m-%d %H")
    stamp = file_store.root() / STAMP
    try:
        if stamp.is_file() and stamp.read_text() == hour:
            return 0
        stamp.write_text(hour)
    except OSError:
        logger.exception("the place of the files cannot be written")
        return 0
    return sum(sweep(at, part=clock.local(at).hour).values())


def sweep(at: datetime, part: int | None = None) -> dict[str, int]:
    """Delete unreferenced items older than a day and return how many of each kind.

    `part` (0 to 23) limits the scan of contents to that share of the folders; without it all are scanned.
    """
    before = at - AGE
    return {
        "uploads": _count(_unfinished(before), lambda key: _drop_upload(key, before)),
        "kept": _count(kept_uploads.older_than(before), kept_uploads.drop),
        "temporary": _count(_temporary(before), _drop_temporary),
        "rows": _count(_unused_rows(before), _drop_row),
        "contents": _count(_old_contents(before, part), _drop_content),
        "previews": previews.shrink(),
    }


def _count(items: Iterable[Any], drop: Callable[[Any], bool]) -> int:
    waiting = list(items)
    db.session.rollback()
    return sum(_try(drop, item) for item in waiting)


def _try(drop: Callable[[Any], bool], item: Any) -> bool:
    try:
        return drop(item)
    except (OSError, SQLAlchemyError):
        logger.exception("an unused file stays", extra={"item": str(item)})
        return False
    finally:
        db.session.rollback()


def _unfinished(before: datetime) -> Iterable[int]:
    return db.session.scalars(select(Upload.id).where(Upload.touched_at < before))


def _drop_upload(key: int, before: datetime) -> bool:
    """Delete an abandoned upload, its row first, so that no row refers to missing pieces."""
    query = select(Upload).where(Upload.id == key, Upload.touched_at < before)
    upload = db.session.scalars(query.with_for_update(skip_locked=True)).one_or_none()
    if upload is None:
        return False
    path = uploads.part_of(upload)
    db.session.delete(upload)
    db.session.commit()
    path.unlink(missing_ok=True)
    return True


def _temporary(before: datetime) -> Iterator[Path]:
    for path in file_store.root().glob(f"{file_store.NEW}*"):
        if _is_older(path, before):
            yield path
    known = set(db.session.scalars(select(Upload.token_digest)))
    for path in uploads.parts().iterdir():
        if path.name not in known and _is_older(path, before):
            yield path


def _drop_temporary(path: Path) -> bool:
    path.unlink(missing_ok=True)
    return True


def _unused_rows(before: datetime) -> Iterable[int]:
    return db.session.scalars(
        select(StoredFile.id).where(StoredFile.created_at < before, ~_is_used())
    )


def _is_used() -> Any:
    """Return the SQL condition that some row of the database refers to the content."""
    columns = (
        key.parent
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if key.column is StoredFile.__table__.c.id
    )
    condition: Any = None
    for column in columns:
        found = exists().where(column == StoredFile.id)
        condition = found if condition is None else condition | found
    return condition


def _drop_row(key: int) -> bool:
    """Delete the row of an unreferenced content, unless another transaction holds the row."""
    query = select(StoredFile.digest).where(StoredFile.id == key)
    digest = db.session.scalar(query.with_for_update(skip_locked=True))
    if digest is None:
        return False
    # a separate statement, so that it sees references committed before the lock was taken
    if db.session.scalar(query.where(_is_used())) is not None:
        return False
    db.session.execute(delete(Scan).where(Scan.digest == digest))
    db.session.execute(delete(StoredFile).where(StoredFile.id == key))
    db.session.commit()
    return True


def _old_contents(before: datetime, part: int | None) -> Iterator[Path]:
    """Yield old contents without a row, from the folders of this `part`."""
    for number in range(PLACES):
        if part is not None and number % HOURS != part:
            continue
        old = [
            path
            for path in (file_store.root() / f"{number:02x}").glob("*/*")
            if _is_older(path, before)
        ]
        digests = [path.name for path in old]
        known = set(
            db.session.scalars(select(StoredFile.digest).where(StoredFile.digest.in_(digests)))
        )
        yield from (path for path in old if path.name not in known)


def _drop_content(path: Path) -> bool:
    """Delete a content while an uncommitted row reserves its digest; return False if a row exists."""
    insert = INSERTS[db.session.get_bind().dialect.name](StoredFile).values(
        digest=path.name, size=1, media_type="", pages=0
    )
    claim = insert.on_conflict_do_nothing(index_elements=[StoredFile.digest])
    if db.session.scalar(claim.returning(StoredFile.id)) is None:
        return False
    path.unlink(missing_ok=True)
    return True


def _is_older(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False
