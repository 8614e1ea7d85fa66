"""The log chain: every row of the two logs gets a keyed digest of itself and of the link before it.

The links are added as the last step before the commit, in the same transaction, under a lock on the row
`LogHead`. That row is the last lock a transaction takes, so nobody who holds it waits for anybody else. After
the commit the last link is noted in a file under DATA_DIR too: whoever can write the database alone cannot
cut links off at the end unnoticed. `log_verification` recomputes the chain.
"""

import fcntl
import json
import logging
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Table, bindparam, event, insert, inspect, select, update
from sqlalchemy.orm import Session, UOWTransaction

from app.extensions import db
from app.ground import crypto
from app.models import AuditLog, LogHead, LogLink, TransitionLog

logger = logging.getLogger(__name__)

CHUNK = 2000
"""Rows that are read and linked at once."""
PENDING, COMMITTED = "log_rows", "log_head"
ALG = "zc-log-v1"
CONTENT: dict[str, tuple[str, ...]] = {
    "transition_log": (
        "id", "at", "subject_type", "subject_id", "event", "source", "target", "opinion", "details",
        "actor_id", "actor_name", "actor_role", "unit_id", "unit_name", "request_id",
    ),
    "audit_log": (
        "id", "at", "kind", "is_success", "actor_id", "actor_name", "subject", "details", "address",
        "request_id",
    ),
}  # fmt: skip
"""Log → the columns that its digests cover, in this order."""
TABLES: dict[str, Table] = {
    model.__tablename__: inspect(model).local_table for model in (TransitionLog, AuditLog)
}
LINKS, HEADS = LogLink.__table__, LogHead.__table__
THE_HEAD = select(HEADS.c.chain, HEADS.c.number, HEADS.c.digest)
LOCKED_HEAD = THE_HEAD.with_for_update()
INSERT_LINKS = insert(LINKS)
MOVE_HEAD = update(HEADS).values(number=bindparam("to_number"), digest=bindparam("to_digest"))


class NoChain(RuntimeError):
    """Raised when the row `LogHead` is missing: the database was not prepared, or somebody deleted it."""


@dataclass(frozen=True)
class Head:
    """The last link: the name of the chain, the number of its links, the last digest."""

    chain: str
    number: int
    digest: str

    def __str__(self) -> str:
        """Return the form that papers show and `flask verify-log --head` takes."""
        return f"{self.number}:{self.digest[:32]}"


def register() -> None:
    """Register the session listeners that link new log rows before their transaction commits."""
    session = db.session.session_factory
    if not event.contains(session, "after_flush", _collect):
        event.listen(session, "after_flush", _collect)
        event.listen(session, "before_commit", _link_collected, insert=True)
        event.listen(session, "after_commit", _note_committed)
        event.listen(session, "after_rollback", _forget)


def content(log: str, values: Sequence[Any]) -> str:
    """Return the canonical text of a row of `log`; `values` in the order of `CONTENT`."""
    plain = [log, *(_plain(value) for value in values)]
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, StrEnum):
        return value.value
    # as the database returns it: keys of JSON objects are texts, tuples are lists
    return json.loads(json.dumps(value)) if isinstance(value, dict | list) else value


def first_digest(chain: str) -> str:
    """Return the digest that stands before the first link of the chain named `chain`."""
    return crypto.log_digest(ALG, "begin", chain)


def next_digest(previous: str, number: int, text: str) -> str:
    """Return the digest of link `number`, from the digest before it and the row's canonical text."""
    return crypto.log_digest(ALG, previous, str(number), text)


def head(session: Session) -> Head:
    """Return the last link as this session sees it. Raises NoChain."""
    return _head(session, is_locked=False)


def _head(session: Session, *, is_locked: bool) -> Head:
    query = LOCKED_HEAD if is_locked else THE_HEAD
    found = session.connection().execute(query).one_or_none()
    if found is None:
        raise NoChain("the log chain has not been begun; run `flask prepare`")
    return Head(*found)


def _collect(session: Session, flush_context: UOWTransaction) -> None:
    for row in session.new:
        if isinstance(row, TransitionLog | AuditLog):
            log = row.__tablename__
            text = content(log, [getattr(row, name) for name in CONTENT[log]])
            session.info.setdefault(PENDING, []).append((row, log, row.id, text))


def _link_collected(session: Session) -> None:
    """Link the rows written in this transaction; those of a savepoint that was rolled back do not exist."""
    if session.in_nested_transaction():
        return
    session.flush()
    pending = session.info.pop(PENDING, [])
    rows = [(log, key, text) for row, log, key, text in pending if not inspect(row).transient]
    if rows:
        last = _add_links(session, _head(session, is_locked=True), rows)
        session.info[COMMITTED] = last


def _add_links(session: Session, last: Head, rows: Iterable[tuple[str, int, str]]) -> Head:
    """Add a link for each row (log, id, canonical text) after `last`; return the new last link."""
    number, digest = last.number, last.digest
    links = []
    for log, key, text in rows:
        number += 1
        digest = next_digest(digest, number, text)
        links.append({"id": number, "log": log, "row_id": key, "digest": digest})
    # without the ORM, as this is the time during which nobody else can commit an act
    connection = session.connection()
    connection.execute(INSERT_LINKS, links)
    connection.execute(MOVE_HEAD, {"to_number": number, "to_digest": digest})
    return Head(last.chain, number, digest)


def _note_committed(session: Session) -> None:
    last: Head | None = session.info.pop(COMMITTED, None)
    if last is not None:
        note(last)


def _forget(session: Session) -> None:
    session.info.pop(PENDING, None)
    session.info.pop(COMMITTED, None)


def begin(session: Session) -> int:
    """Begin the chain with the rows that stand in the logs, if it has not been begun; return their number.

    Rows written later are linked by their own transaction; one without a link was not written by the program.
    """
    if session.scalar(select(LogHead.id)) is not None:
        return 0
    chain = secrets.token_hex(8)
    session.execute(
        insert(LogHead), {"id": 1, "chain": chain, "number": 0, "digest": first_digest(chain)}
    )
    return sum(link_from(session, log, 0) for log in CONTENT)


def link_from(session: Session, log: str, after: int) -> int:
    """Link the rows of `log` with ids above `after`, for data loaded in bulk; return their number.

    It does not commit and reads in chunks, so that a million rows need little memory.
    """
    last = _head(session, is_locked=True)
    before = last.number
    for chunk in _chunks(session, log, after):
        last = _add_links(session, last, chunk)
    session.info[COMMITTED] = last
    return last.number - before


def _chunks(session: Session, log: str, after: int) -> Iterator[list[tuple[str, int, str]]]:
    table = TABLES[log]
    columns = [table.c[name] for name in CONTENT[log]]
    while True:
        query = select(*columns).where(table.c.id > after).order_by(table.c.id).limit(CHUNK)
        rows = [(log, row.id, content(log, row)) for row in session.execute(query)]
        if not rows:
            return
        yield rows
        after = rows[-1][1]


def folder() -> Path:
    """Return the directory with the last link of each chain, outside of the database."""
    return Path(current_app.config["DATA_DIR"]) / "log-heads"


def note(last: Head) -> None:
    """Note the last link outside of the database; a smaller number than the one noted is left out.

    A fault is logged and does not disturb the act, which is committed already; the next act notes more.
    """
    try:
        folder().mkdir(mode=0o700, exist_ok=True)
        handle = os.open(folder() / last.chain, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            known = os.pread(handle, 100, 0).split()
            if not known or int(known[0]) < last.number:
                os.pwrite(handle, f"{last.number:020d} {last.digest}\n".encode(), 0)
        finally:
            os.close(handle)
    except (OSError, ValueError):
        logger.exception("the last link of the log chain could not be noted")


def noted() -> dict[str, tuple[int, str]]:
    """Return what is noted outside of the database: chain → number and digest of its last link."""
    found = {}
    for path in sorted(folder().glob("*")):
        number, digest = path.read_text(encoding="ascii").split()
        found[path.name] = (int(number), digest)
    return found
