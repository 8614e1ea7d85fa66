"""Finds what an application has in common with those of other people and with other years of its person."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select
from sqlalchemy.orm import aliased

from app import settings
from app.enums import FingerprintKind
from app.extensions import db
from app.models import Application, Fingerprint

LINKS = 5
"""Most cases named for one entry and group; the others are counted."""
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
    """An entry of the application that is also in cases of other people or other years of the same person."""

    kind: FingerprintKind
    text: str
    others: Group
    own: Group


def hits_of(application: Application, visible: ColumnElement[bool]) -> list[Hit]:
    """Return the hits of an application, those with other people first; `visible` is the reader's scope.

    Files in more cases of others than `common_file_cases` are left out: they are forms and lists of a unit.
    """
    hits: dict[int, Hit] = {}
    for row in db.session.execute(_ranked(application, visible)):
        hit = hits.setdefault(row.entry, Hit(row.kind, row.text, Group(), Group()))
        _add(hit.own if row.is_own else hit.others, row)
    most = settings.get("common_file_cases")
    shown = [
        one
        for one in hits.values()
        if one.kind is not FingerprintKind.FILE or one.others.total <= most
    ]
    return sorted(shown, key=lambda one: (not one.others.total, ORDER.index(one.kind), one.text))


def _add(group: Group, row: Any) -> None:
    if not row.is_seen:
        group.outside = row.total
        return
    group.count = row.total
    group.cases.append(Case(row.id, row.number, row.name, row.review_year))


def _ranked(application: Application, visible: ColumnElement[bool]) -> Select[Any]:
    """Return the query for the newest cases of each entry and group, each with the group's size."""
    found = _matches(application, visible).subquery()
    group = (found.c.entry, found.c.is_own, found.c.is_seen)
    ranked = select(
        found,
        func.count().over(partition_by=group).label("total"),
        func.row_number().over(partition_by=group, order_by=found.c.id.desc()).label("place"),
    ).subquery()
    is_shown = or_(ranked.c.place == 1, and_(ranked.c.is_seen == 1, ranked.c.place <= LINKS))
    return select(ranked).where(is_shown).order_by(ranked.c.entry, ranked.c.place)


def _matches(application: Application, visible: ColumnElement[bool]) -> Select[Any]:
    """Return the query for the application's entries joined with the same ones of other cases.

    A case of the same person and year is no other case: it was withdrawn and begun anew.
    """
    mine, other = aliased(Fingerprint, name="mine"), aliased(Fingerprint, name="other")
    is_own = Application.person_id == application.person_id
    return (
        select(
            mine.id.label("entry"),
            mine.kind,
            mine.text,
            Application.id,
            Application.number,
            Application.name,
            Application.review_year,
            case((is_own, 1), else_=0).label("is_own"),
            case((visible, 1), else_=0).label("is_seen"),
        )
        .select_from(mine)
        .join(other, and_(mine.kind == other.kind, mine.digest == other.digest))
        .join(Application, Application.id == other.application_id)
        .where(
            mine.application_id == application.id,
            not_(and_(is_own, Application.review_year == application.review_year)),
        )
    )
