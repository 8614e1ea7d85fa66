"""Verification of the log chain: finds the first row that was deleted, inserted, changed, swapped or cut off."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import LogLink
from app.services.ground import log_chain, log_guards
from app.services.ground.log_chain import CHUNK, CONTENT, TABLES, Head

NEEDED_DIGITS = 16
"""Digits of a printed digest that are enough to compare: 64 bits."""
Link = tuple[int, str, int, str]
"""Number, log, id of the row, digest."""


@dataclass(frozen=True)
class Report:
    """What a verification read and found: number of links, last link, sentences, the first bad row.

    `faults` is empty if everything agrees. `first_bad` is the log and the id of a row.
    """

    links: int
    head: Head | None
    faults: tuple[str, ...]
    first_bad: tuple[str, int] | None = None


def verify(session: Session, printed: Iterable[str] = ()) -> Report:
    """Recompute the whole chain and compare it with the heads noted outside and `printed` on papers.

    Begins a transaction of its own; what `session` has not committed is lost.
    """
    noted = log_chain.noted()
    begin_snapshot(session)
    return examine(session, noted, printed)


def examine(
    session: Session, noted: dict[str, tuple[int, str]], printed: Iterable[str] = ()
) -> Report:
    """Recompute the chain as the transaction of `session` sees it. `noted` was read before it began."""
    try:
        head = log_chain.head(session)
    except log_chain.NoChain:
        return Report(0, None, (gettext("The log chain is missing in this database."),))
    walk = _Walk(log_chain.first_digest(head.chain))
    for chunk in _links(session):
        walk.step(session, chunk)
    unlinked = _unlinked(session)
    faults = [
        *walk.faults,
        *_end_faults(head, walk),
        *_noted_faults(session, head, noted),
        *_printed_faults(session, printed),
        *map(_unlinked_fault, unlinked),
        *log_guards.faults(session),
    ]
    bad = [*walk.first_bad, *((log, row) for log, row, _count in unlinked)]
    return Report(walk.number, head, tuple(faults), bad[0] if bad else None)


def check_rows(session: Session, log: str, keys: Iterable[int]) -> Report:
    """Recompute the links of single rows of `log`, each from the stored link before it.

    It finds changed rows and rows without a link; `verify` finds deleted ones too. `links` counts the rows.
    """
    wanted = sorted(set(keys))
    head = log_chain.head(session)
    faults: list[tuple[int, str]] = []
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        links = _links_of(session, log, chunk)
        before = _digests(session, [one[0] - 1 for one in links.values()])
        before[0] = log_chain.first_digest(head.chain)
        rows = _rows(session, list(links.values()))
        for key in chunk:
            if why := _row_fault(log, key, links.get(key), before, rows.get((log, key))):
                faults.append((key, why))
    first_bad = (log, faults[0][0]) if faults else None
    return Report(len(wanted), head, tuple(why for _key, why in faults), first_bad)


def _links_of(session: Session, log: str, keys: list[int]) -> dict[int, Link]:
    query = select(LogLink.id, LogLink.log, LogLink.row_id, LogLink.digest)
    found = session.execute(query.where(LogLink.log == log, LogLink.row_id.in_(keys)))
    return {row[2]: (row[0], row[1], row[2], row[3]) for row in found}


def _digests(session: Session, numbers: list[int]) -> dict[int, str]:
    query = select(LogLink.id, LogLink.digest).where(LogLink.id.in_(numbers))
    return {row[0]: row[1] for row in session.execute(query)}


def _row_fault(
    log: str, key: int, link: Link | None, before: dict[int, str], row: str | None
) -> str | None:
    if link is None:
        return gettext("Row %(row)s of %(log)s has no link in the chain.", row=key, log=log)
    number, digest = link[0], link[3]
    previous = before.get(number - 1)
    if row and previous and log_chain.next_digest(previous, number, row) == digest:
        return None
    return gettext("Row %(row)s of %(log)s is not what was written.", row=key, log=log)


def begin_snapshot(session: Session) -> None:
    """Let all statements of this transaction see the same state; acts committed meanwhile are not seen."""
    session.rollback()
    is_postgres = session.get_bind().dialect.name == "postgresql"
    # on SQLite a transaction that only reads sees one state and keeps nobody from writing
    option = {"isolation_level": "REPEATABLE READ"} if is_postgres else {"immediate": False}
    session.connection(execution_options=option)


class _Walk:
    """The way along the links: number and digest of the last one, and the first fault met."""

    def __init__(self, first: str) -> None:
        self.number, self.digest = 0, first
        self.faults: list[str] = []
        self.first_bad: list[tuple[str, int]] = []

    def step(self, session: Session, links: list[Link]) -> None:
        rows = _rows(session, links)
        for number, log, key, digest in links:
            if not self.faults and (why := self._fault(number, log, key, digest, rows)):
                self.faults.append(why)
                self.first_bad.append((log, key))
            self.number, self.digest = number, digest

    def _fault(
        self, number: int, log: str, key: int, digest: str, rows: dict[tuple[str, int], str]
    ) -> str | None:
        """Return the sentence for a link that does not fit, or None."""
        row, where = rows.get((log, key)), {"log": log, "row": key, "number": number}
        if number != self.number + 1:
            return gettext(
                "Before row %(row)s of %(log)s links %(first)s to %(last)s of the chain were deleted.",
                **where, first=self.number + 1, last=number - 1,
            )  # fmt: skip
        if row is None:
            return gettext("Row %(row)s of %(log)s (link %(number)s) was deleted.", **where)
        if log_chain.next_digest(self.digest, number, row) == digest:
            return None
        return gettext(
            "Row %(row)s of %(log)s (link %(number)s) is not what was written: it was changed, exchanged or "
            "inserted, or its link was.",
            **where,
        )


def _links(session: Session) -> Iterator[list[Link]]:
    last = 0
    columns = (LogLink.id, LogLink.log, LogLink.row_id, LogLink.digest)
    while True:
        query = select(*columns).where(LogLink.id > last).order_by(LogLink.id).limit(CHUNK)
        links = [(row[0], row[1], row[2], row[3]) for row in session.execute(query)]
        if not links:
            return
        yield links
        last = links[-1][0]


def _rows(session: Session, links: list[Link]) -> dict[tuple[str, int], str]:
    """Return the canonical texts of the rows that `links` stand for."""
    found: dict[tuple[str, int], str] = {}
    for log, names in CONTENT.items():
        table = TABLES[log]
        keys = [key for _number, of, key, _digest in links if of == log]
        query: Any = select(*(table.c[name] for name in names)).where(table.c.id.in_(keys))
        for row in session.execute(query) if keys else ():
            found[log, row.id] = log_chain.content(log, row)
    return found


def _end_faults(head: Head, walk: _Walk) -> Iterator[str]:
    if (head.number, head.digest) != (walk.number, walk.digest):
        yield gettext(
            "The chain ends with link %(found)s, its head names link %(named)s: the end was cut off or exchanged.",
            found=walk.number,
            named=head.number,
        )


def _noted_faults(session: Session, head: Head, noted: dict[str, tuple[int, str]]) -> Iterator[str]:
    """Compare with what is noted under DATA_DIR; it may lag behind, but never be ahead."""
    for chain, (number, digest) in noted.items():
        if chain != head.chain:
            yield gettext(
                "DATA_DIR/log-heads/%(chain)s names another chain with %(number)s links: the logs were begun anew. "
                "If this database was set up anew on purpose, delete that file.",
                chain=chain,
                number=number,
            )
        elif _digest_of(session, number) != digest:
            yield gettext(
                "Link %(number)s was noted under DATA_DIR and is not in the database like that: the end was cut "
                "off, or an older copy was restored.",
                number=number,
            )


def _printed_faults(session: Session, printed: Iterable[str]) -> Iterator[str]:
    for one in printed:
        number, _colon, digits = one.partition(":")
        if not number.isascii() or not number.isdigit() or len(digits) < NEEDED_DIGITS:
            yield gettext(
                "“%(head)s” is not a head of the chain; type it as printed, for example 1204:9f3c… with at least "
                "%(count)s digits after the colon.",
                head=one,
                count=NEEDED_DIGITS,
            )
        elif not (_digest_of(session, int(number)) or "").startswith(digits.lower()):
            yield gettext("The printed head %(head)s is not in this chain.", head=one)


def _digest_of(session: Session, number: int) -> str | None:
    digest: str | None = session.scalar(select(LogLink.digest).where(LogLink.id == number))
    return digest


def _unlinked(session: Session) -> list[tuple[str, int, int]]:
    """Return log, first id and number of the rows without a link.

    The program links every row in the transaction that writes it.
    """
    found = []
    for log, table in TABLES.items():
        has_link = (
            select(LogLink.id).where(LogLink.log == log, LogLink.row_id == table.c.id).exists()
        )
        query = select(func.min(table.c.id), func.count()).select_from(table).where(~has_link)
        first, count = session.execute(query).one()
        if count:
            found.append((log, first, count))
    return found


def _unlinked_fault(unlinked: tuple[str, int, int]) -> str:
    log, first, count = unlinked
    return gettext(
        "Row %(row)s of %(log)s was inserted past the program (%(count)s such rows).",
        row=first,
        log=log,
        count=count,
    )
