"""Finds files whose pages look nearly the same: the same scan saved anew, resized, compressed or brightened.

What a page looks like is computed after the submission by the clock process, in the limited
process of all parsers. A copy scanned once more lies elsewhere on the glass and is not found
(docs/adr/0011-scans-that-look-the-same.md).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, or_, select, update

from app.extensions import db
from app.ground import fonts
from app.models import Scan
from app.services.files import file_store, page_look, sandbox
from app.services.ground.numbering import INSERTS

PAGES = 3
"""Pages of a file that are compared; what is copied is a certificate or the first page of a paper."""
NEAREST = 28
"""Most bits of 1,023 in which two pages that look the same differ (measured in ADR 11)."""
BAND_BITS = 48
BANDS = (
    Scan.band_1,
    Scan.band_2,
    Scan.band_3,
    Scan.band_4,
    Scan.band_5,
    Scan.band_6,
    Scan.band_7,
    Scan.band_8,
)
"""Bands are every eighth of the lowest frequencies; pages of one look share at least one in nearly all cases."""
CANDIDATES = 2000
"""Most pages compared bit by bit for one case; more share a band only if they come from one form."""
SCRIPT = Path(page_look.__file__)

Looks = Mapping[str, Sequence[str | None]]
"""The looks of the first pages by digest."""


def await_reading(digests: Collection[str]) -> None:
    """Let the contents be read soon, those that were not yet; not committed."""
    if digests:
        insert = INSERTS[db.session.get_bind().dialect.name](Scan)
        rows = [{"digest": digest, "page": 1} for digest in digests]
        db.session.execute(insert.values(rows).on_conflict_do_nothing())


def waiting(count: int) -> list[str]:
    """Return the digests of up to `count` contents that were not read yet, the oldest first."""
    query = select(Scan.digest).where(Scan.read_at.is_(None)).order_by(Scan.id).limit(count)
    return list(db.session.scalars(query))


def looks_of(digests: Sequence[str]) -> Looks:
    """Return the looks of the pages of each content, without the database.

    A content that is gone, or that no parser can draw, looks like nothing.
    """
    paths = dict(_paths(digests))
    drawn = _drawn(list(paths))
    return {digest: [] for digest in digests} | {
        paths[path]: found for path, found in drawn.items()
    }


def keep(looks: Looks, at: datetime) -> None:
    """Store the looks; their contents wait no longer. Not committed."""
    for digest, found in looks.items():
        _keep(digest, found, at)


def near(digests: Collection[str]) -> dict[str, set[str]]:
    """Return {digest: digests of other contents of which a page looks like one of its own}, those alone that have any."""
    found: dict[str, set[str]] = defaultdict(set)
    own = _pages(Scan.digest.in_(digests))
    if not own:
        return found
    wanted = [
        band.in_({bands_of(look)[place] for _, look in own}) for place, band in enumerate(BANDS)
    ]
    for other, theirs in _pages(or_(*wanted)):
        for digest, look in own:
            if other != digest and (look ^ theirs).bit_count() <= NEAREST:
                found[digest].add(other)
    return found


def bands_of(look: int) -> tuple[int, ...]:
    """Return the bands of a look, in the order of `BANDS`."""
    total = 4 * page_look.DIGITS
    lowest = f"{look:0{total}b}"[1 : 1 + BAND_BITS * len(BANDS)]
    return tuple(int(lowest[place :: len(BANDS)], 2) for place in range(len(BANDS)))


def _pages(condition: ColumnElement[bool]) -> list[tuple[str, int]]:
    """Return (digest, look) of pages that look like something."""
    query = select(Scan.digest, Scan.look).where(condition, Scan.look.is_not(None))
    rows = db.session.execute(query.order_by(Scan.id.desc()).limit(CANDIDATES))
    return [(digest, int(look or "0", 16)) for digest, look in rows]


def _paths(digests: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (path, digest) of the contents that are there."""
    for digest in digests:
        path = file_store.place(digest)
        if path.is_file():
            yield str(path), digest


def _drawn(paths: Sequence[str]) -> dict[str, list[str | None]]:
    """Return the looks by path; when a parser ends the process, its files are tried one by one."""
    if not paths:
        return {}
    answer = sandbox.run(SCRIPT, PAGES, *paths, "--", *fonts.paths_of_all())
    if "looks" in answer:
        looks: dict[str, list[str | None]] = answer["looks"]
        return looks
    if len(paths) == 1:
        return {}
    return {path: looks for one in paths for path, looks in _drawn([one]).items()}


def _keep(digest: str, looks: Sequence[str | None], at: datetime) -> None:
    first, *more = looks or [None]
    db.session.execute(
        update(Scan)
        .where(Scan.digest == digest, Scan.page == 1)
        .values(read_at=at, **_values(first))
    )
    rows = [
        {"digest": digest, "page": page, "read_at": at, **_values(look)}
        for page, look in enumerate(more, start=2)
    ]
    if rows:
        insert = INSERTS[db.session.get_bind().dialect.name](Scan)
        db.session.execute(insert.values(rows).on_conflict_do_nothing())


def _values(look: str | None) -> dict[str, object]:
    bands = bands_of(int(look, 16)) if look else (None,) * len(BANDS)
    return {"look": look, **{band.key: value for band, value in zip(BANDS, bands, strict=True)}}
