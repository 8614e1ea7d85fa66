"""Finds what an application has in common with those of other people and with other years of its person."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    case,
    column,
    func,
    not_,
    or_,
    select,
    values,
)
from sqlalchemy.orm import aliased

from app import settings
from app.enums import FingerprintKind
from app.extensions import db
from app.models import Application, Fingerprint
from app.services.files import scans

LINKS = 5
"""Most cases named for one entry and group; the others are counted."""
PAIRS = 200
"""Most pairs of files that look nearly the same; more come from one form and are left out anyway."""
ORDER = list(FingerprintKind)


@dataclass(frozen=True)
class Case:
    """A case in the reader's scope."""

    id: int
    number: str
    name: str
    review_year: int


@dataclass
class Group:
    """Cases that share an entry: how many are in the reader's scope, the newest of them, how many outside."""

    count: int = 0
    outside: int = 0
    cases: list[Case] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.count + self.outside


@dataclass
class Hit:
    """An entry of the application that is also in cases of other people or other years of the same person.

    `is_near` where another file only looks nearly the same.
    """

    kind: FingerprintKind
    text: str
    others: Group
    own: Group
    is_near: bool = False


def hits_of(application: Application, visible: ColumnElement[bool]) -> list[Hit]:
    """Return the hits of an application, those with other people first; `visible` is the reader's scope.

    Files in more cases of others than `common_file_cases` are left out: they are forms and lists of a unit.
    """
    hits = _hits(_same(application), application, visible, is_near=False)
    if pairs := _near_pairs(application):
        hits += _hits(_near(pairs), application, visible, is_near=True)
    most = settings.get("common_file_cases")
    shown = [
        one for one in hits if one.kind is not FingerprintKind.FILE or one.others.total <= most
    ]
    return sorted(
        shown,
        key=lambda one: (not one.others.total, ORDER.index(one.kind), one.is_near, one.text),
    )


def _hits(
    pairs: Select[Any], application: Application, visible: ColumnElement[bool], *, is_near: bool
) -> list[Hit]:
    hits: dict[int, Hit] = {}
    for row in db.session.execute(_ranked(_cases(pairs, application, visible))):
        hit = hits.setdefault(row.entry, Hit(row.kind, row.text, Group(), Group(), is_near))
        _add(hit.own if row.is_own else hit.others, row)
    return list(hits.values())


def _add(group: Group, row: Any) -> None:
    if not row.is_seen:
        group.outside = row.total
        return
    group.count = row.total
    group.cases.append(Case(row.id, row.number, row.name, row.review_year))


def _ranked(cases: Select[Any]) -> Select[Any]:
    """Return the query for the newest cases of each entry and group, each with the group's size."""
    found = cases.subquery()
    group = (found.c.entry, found.c.is_own, found.c.is_seen)
    ranked = select(
        found,
        func.count().over(partition_by=group).label("total"),
        func.row_number().over(partition_by=group, order_by=found.c.id.desc()).label("place"),
    ).subquery()
    is_shown = or_(ranked.c.place == 1, and_(ranked.c.is_seen == 1, ranked.c.place <= LINKS))
    return select(ranked).where(is_shown).order_by(ranked.c.entry, ranked.c.place)


def _cases(
    pairs: Select[Any], application: Application, visible: ColumnElement[bool]
) -> Select[Any]:
    """Return the query for the cases of pairs (entry, kind, text, case), each case once for an entry.

    A case of the same person and year is no other case: it was withdrawn and begun anew.
    """
    pair = pairs.distinct().subquery()
    is_own = Application.person_id == application.person_id
    return (
        select(
            pair.c.entry,
            pair.c.kind,
            pair.c.text,
            Application.id,
            Application.number,
            Application.name,
            Application.review_year,
            case((is_own, 1), else_=0).label("is_own"),
            case((visible, 1), else_=0).label("is_seen"),
        )
        .select_from(pair)
        .join(Application, Application.id == pair.c.case_id)
        .where(not_(and_(is_own, Application.review_year == application.review_year)))
    )


def _same(application: Application) -> Select[Any]:
    """Return the query that pairs the application's entries with the cases that have the same ones."""
    mine, other = aliased(Fingerprint, name="mine"), aliased(Fingerprint, name="other")
    return (
        select(mine.id.label("entry"), mine.kind, mine.text, other.application_id.label("case_id"))
        .join(other, and_(mine.kind == other.kind, mine.digest == other.digest))
        .where(mine.application_id == application.id)
    )


def _near_pairs(application: Application) -> list[tuple[int, str]]:
    """Return (entry, digest of another file) where a file of the application looks nearly like the other."""
    query = select(Fingerprint.digest, Fingerprint.id).where(
        Fingerprint.application_id == application.id, Fingerprint.kind == FingerprintKind.FILE
    )
    entries = dict(db.session.execute(query).tuples().all())
    found = scans.near(entries)
    return [(entries[mine], other) for mine in found for other in sorted(found[mine])][:PAIRS]


def _near(pairs: list[tuple[int, str]]) -> Select[Any]:
    """Return the query that pairs entries with the cases that have the files of `pairs`."""
    near = values(column("entry", Integer), column("digest", String)).data(pairs).cte("near")
    mine, other = aliased(Fingerprint, name="mine"), aliased(Fingerprint, name="other")
    is_other = and_(other.kind == FingerprintKind.FILE, other.digest == near.c.digest)
    return (
        select(mine.id.label("entry"), mine.kind, mine.text, other.application_id.label("case_id"))
        .join(near, near.c.entry == mine.id)
        .join(other, is_other)
    )
