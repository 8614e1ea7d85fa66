"""Multiply what stands in a small world, row by row with all parts, so that pages meet many rows in the same states."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, String, Table, UniqueConstraint, insert, or_, select

from app.enums import Role
from app.extensions import db
from app.models import Committee, OwnRole, Person, Position, Unit, User
from app.models.base import metadata
from tests.support import factories as make
from tests.support.world import OWN_IDS, Side

PLACES = (Unit, Committee, User, Position, OwnRole)
"""Stay as they are: the copies belong to the same places and people."""
SEALED = {"round", "round_candidate", "round_voter", "round_share", "sealed_ballot"}
"""The database refuses further rows of them."""
KEPT = {model.__tablename__ for model in PLACES} | SEALED
SUBJECT = ("subject_type", "subject_id")
YEARS, DAYS, LAST_YEAR = 3, 400, 2100
"""By so much a copy is moved in time where only one row may stand at a time, as long as there are years."""


@dataclass
class Copying:
    """The rows to copy with what they became: (table, number of the copy, old id) → new id."""

    roots: dict[str, set[int]]
    times: int
    made: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def run(self) -> None:
        for table in metadata.sorted_tables:
            if "id" in table.c and table.name not in KEPT:
                self._copy(table)
        db.session.flush()

    def _copy(self, table: Table) -> None:
        found = [dict(row) for row in db.session.execute(self._chosen(table)).mappings()]
        pairs = [(number, row) for row in found for number in range(1, self.times + 1)]
        copies = [self._copied(table, number, row) for number, row in pairs]
        kept = [(pair, copy) for pair, copy in zip(pairs, copies, strict=True) if copy is not None]
        if not kept:
            return
        query = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        new = db.session.scalars(query, [copy for _pair, copy in kept])
        for ((number, row), _copy), key in zip(kept, new, strict=True):
            self.made[table.name, number, row["id"]] = key

    def _chosen(self, table: Table) -> Any:
        """Return the query for the rows to copy: those named, and those that belong to a copied one."""
        ways = [table.c.id.in_(self.roots.get(table.name, set()))]
        copied = self._copied_ids()
        for column, target in _links(table):
            ways.append(column.in_(copied.get(target, set())))
        if set(SUBJECT) <= set(table.c.keys()):
            ways += [
                (table.c.subject_type == name) & table.c.subject_id.in_(keys)
                for name, keys in copied.items()
            ]
        return select(table).where(or_(*ways)).order_by(table.c.id)

    def _copied_ids(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for name, _number, key in self.made:
            if name in KEPT:
                continue
            found.setdefault(name, set()).add(key)
        return found

    def _copied(self, table: Table, number: int, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the copy of `row`, None where only one such row can be."""
        copy = {key: value for key, value in row.items() if key != "id"}
        for column, target in _links(table):
            copy[column.name] = self.made.get(
                (target, number, copy[column.name]), copy[column.name]
            )
        if (kind := copy.get(SUBJECT[0])) is not None:
            subject = (kind, number, copy[SUBJECT[1]])
            copy[SUBJECT[1]] = self.made.get(subject, copy[SUBJECT[1]])
        for columns in _unique(table):
            same = all(copy[column.name] == row[column.name] for column in columns)
            if same and not any(_vary(copy, column, number) for column in reversed(columns)):
                return None
        return copy


def multiply(side: Side, times: int) -> None:
    """Add `times` copies of everything of `side` but its places and people, and so many more of those."""
    staff = {actor.person_id for actor in side.actors.values()}
    committees = _more_places(side, times)
    roots = _roots(side.ids)
    roots["person"] -= {key for key in staff if key}
    roots["person"] -= set(db.session.scalars(select(Person.id).where(Person.user_id.is_not(None))))
    own = side.actors[Role.OFFICE].committee_ids[0]
    copying = Copying(roots, times)
    copying.made |= {("committee", number, own): key for number, key in enumerate(committees, 1)}
    copying.run()
    db.session.commit()


def _roots(ids: OWN_IDS) -> dict[str, set[int]]:
    return {m.__tablename__: set(keys) for m, keys in ids.items() if m not in PLACES}


def _more_places(side: Side, times: int) -> list[int]:
    """Make as many units, accounts and committees, these of the same organiser; return the committees."""
    school, organiser = (
        db.session.get_one(Unit, side.actors[role].unit_id) for role in (Role.UNIT, Role.OFFICE)
    )
    made = []
    for _number in range(times):
        make.position(Role.UNIT, unit=make.unit(parent=school))
        made.append(make.committee(unit=organiser, region_code=organiser.region_code).id)
    return made


def _links(table: Table) -> Iterator[tuple[Column[Any], str]]:
    for column in table.c:
        for key in column.foreign_keys:
            if key.column.name == "id":
                yield column, key.column.table.name


def _unique(table: Table) -> Iterator[list[Column[Any]]]:
    for one in (*table.constraints, *table.indexes):
        if isinstance(one, UniqueConstraint) or (isinstance(one, Index) and one.unique):
            yield list(one.columns)


def _vary(copy: dict[str, Any], column: Column[Any], number: int) -> bool:
    """Change the value of one column so that it differs in every copy; return whether that was possible."""
    value = copy[column.name]
    if column.foreign_keys or column.name == "state":
        return False
    if isinstance(value, str) and type(column.type) is String:
        copy[column.name] = f"{number:03d}{value[3:]}"
    elif isinstance(value, datetime | date):
        copy[column.name] = value + timedelta(days=DAYS * number)
    elif isinstance(value, int) and not isinstance(value, bool):
        copy[column.name] = value + YEARS * number
        return copy[column.name] <= LAST_YEAR
    else:
        return False
    return True
