"""A review tree as it should be, compared with the stored one: what would change, what is refused, and carrying it out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import engine
from app.engine import Refused
from app.extensions import db
from app.ground.actor import Actor
from app.models import RouteNode, Unit
from app.services.imports.refusals import RowError
from app.services.review import route_branches

Key = TypeVar("Key", int, str)
CHUNK = 500
"""Keys asked for at once."""
MOST_CHANGED = 500
"""Places that one file may change."""


@dataclass(frozen=True)
class Entry:
    """A wanted place: credit codes of unit and superior ("" for the committee), levels; `row` of a workbook or 0."""

    code: str
    superior: str
    levels: str
    row: int = 0
    name: str = ""


@dataclass(frozen=True)
class Changed:
    """A place that would be new or different; `place` is the stored one."""

    entry: Entry
    unit: Unit
    superior: Unit | None
    place: RouteNode | None


@dataclass
class Plan:
    """What a file would change in one tree; `cases` are running ones of the units that move and those below."""

    committee_id: int
    changed: list[Changed] = field(default_factory=list)
    refused: list[RowError] = field(default_factory=list)
    same: int = 0
    cases: int = 0


def plan(committee_id: int, entries: Sequence[Entry]) -> Plan:
    """Return what the entries would change and which of them are refused; nothing is stored."""
    found = Plan(committee_id)
    units = _units(entries)
    places = _places(committee_id, [one.id for one in units.values()])
    wanted: dict[int, int | None] = {}
    seen: dict[str, Entry] = {}
    for entry in entries:
        why = _why_not(entry, seen, units)
        if why is not None:
            found.refused.append(_fault(entry, why))
            continue
        seen[entry.code] = entry
        unit, superior = units[entry.code], units.get(entry.superior)
        wanted[unit.id] = superior.id if superior else None
        place = places.get(unit.id)
        if place and (place.superior_id, place.levels) == (wanted[unit.id], entry.levels):
            found.same += 1
            continue
        found.changed.append(Changed(entry, unit, superior, place))
    _refuse_ways(found, wanted)
    roots = [one.unit.id for one in found.changed if one.place]
    found.cases = sum(route_branches.size(committee_id, part).cases for part in _parts(roots))
    return found


def apply(found: Plan, actor: Actor, *, at: datetime) -> int:
    """Store every change of a plan, superiors first, and return how many.

    The units confirm their places. Raises Refused; the caller then rolls back.
    """
    if len(found.changed) > MOST_CHANGED:
        raise Refused(too_many(len(found.changed)))
    for one in _superiors_first(found.changed):
        place = one.place or RouteNode(committee_id=found.committee_id, unit_id=one.unit.id)
        place.superior_id = one.superior.id if one.superior else None
        place.levels = one.entry.levels
        engine.fire(place, "replace" if one.place else "place", actor=actor, at=at)
    return len(found.changed)


def too_many(count: int) -> str:
    """Return the sentence about more changes than one act makes."""
    return gettext(
        "The file changes %(count)s places; at most %(most)s go at once. Leave only a part of the rows in it.",
        count=count,
        most=MOST_CHANGED,
    )


def _why_not(entry: Entry, seen: Mapping[str, Entry], units: Mapping[str, Unit]) -> str | None:
    if entry.code in seen:
        return gettext("the unit “%(unit)s” stands in the file twice.", unit=units[entry.code].name)
    for code in filter(None, (entry.code, entry.superior)):
        unit = units.get(code)
        if unit is None:
            return gettext("no unit of the register has the credit code %(code)s.", code=code)
        if not unit.is_active:
            return gettext("“%(unit)s” is closed in the register.", unit=unit.name)
    if not entry.code:
        return gettext("the credit code of the unit is missing.")
    if entry.name and entry.name != units[entry.code].name:
        return gettext(
            "the credit code is that of “%(unit)s”, the name in the file is another one.",
            unit=units[entry.code].name,
        )
    return gettext("a unit cannot be its own superior.") if entry.code == entry.superior else None


def _fault(entry: Entry, why: str) -> RowError:
    if entry.row:
        return RowError(entry.row, why)
    return RowError(0, f"{entry.code}{gettext(': ')}{why}")


def _units(entries: Sequence[Entry]) -> dict[str, Unit]:
    codes = sorted({code for one in entries for code in (one.code, one.superior) if code})
    found: dict[str, Unit] = {}
    for part in _parts(codes):
        rows = db.session.scalars(select(Unit).where(Unit.credit_code.in_(part)))
        found |= {one.credit_code: one for one in rows}
    return found


def _places(committee_id: int, keys: Sequence[int]) -> dict[int, RouteNode]:
    found: dict[int, RouteNode] = {}
    for part in _parts(keys):
        query = select(RouteNode).where(
            RouteNode.committee_id == committee_id, RouteNode.unit_id.in_(part)
        )
        loading = query.options(joinedload(RouteNode.superior))
        found |= {one.unit_id: one for one in db.session.scalars(loading)}
    return found


def _refuse_ways(found: Plan, wanted: Mapping[int, int | None]) -> None:
    """Refuse changed places whose way up ends at a unit without a place, or runs in a circle."""
    above = {**_stored_above(found.committee_id, wanted), **wanted}
    ways = {one.unit.id: _way(one.unit.id, above) for one in found.changed}
    names = _names(sorted({key for way, is_whole in ways.values() if not is_whole for key in way}))
    kept = []
    for one in found.changed:
        way, is_whole = ways[one.unit.id]
        if is_whole:
            kept.append(one)
            continue
        shown = route_branches.ARROW.join(names[key] for key in way)
        if len(set(way)) < len(way):
            why = gettext("the way would run in a circle: %(way)s.", way=shown)
        else:
            why = gettext("the last superior of this way has no place in the tree: %(way)s.", way=shown)  # fmt: skip
        found.refused.append(_fault(one.entry, why))
    found.changed = kept


def _way(start: int, above: Mapping[int, int | None]) -> tuple[list[int], bool]:
    """Return the way up and whether it reaches the committee; of a circle the last unit stands twice."""
    way, at = [start], above.get(start)
    while at is not None:
        is_again = at in way
        way.append(at)
        if is_again or at not in above:
            return way, False
        at = above[at]
    return way, True


def _stored_above(committee_id: int, wanted: Mapping[int, int | None]) -> dict[int, int | None]:
    """Return unit → superior of the stored places of the named superiors and everything above them."""
    starts = sorted({key for key in wanted.values() if key is not None})
    found: dict[int, int | None] = {}
    for part in _parts(starts):
        above = (
            select(RouteNode.unit_id, RouteNode.superior_id)
            .where(RouteNode.committee_id == committee_id, RouteNode.unit_id.in_(part))
            .cte("above", recursive=True)
        )
        higher = (
            select(RouteNode.unit_id, RouteNode.superior_id)
            .join(above, RouteNode.unit_id == above.c.superior_id)
            .where(RouteNode.committee_id == committee_id)
        )
        above = above.union(higher)
        found |= dict(db.session.execute(select(above)).tuples().all())
    return found


def _names(keys: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for part in _parts(keys):
        rows = db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(part))).tuples()
        found |= dict(rows.all())
    return found


def _parts(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    for start in range(len(keys)):
        yield keys[start : start + CHUNK]


def _superiors_first(changed: Sequence[Changed]) -> Iterator[Changed]:
    """Yield the changes so that a superior is where it belongs before the units below it are moved.

    Otherwise two places that change sides would seem to run in a circle for a moment.
    """
    waiting = {one.unit.id: one for one in changed}
    for one in changed:
        way = []
        at: Changed | None = waiting.get(one.unit.id)
        while at is not None:
            way.append(waiting.pop(at.unit.id))
            at = waiting.get(at.superior.id) if at.superior else None
        yield from reversed(way)
