"""Circles of review trees, found from what cannot be reached from the committee downwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import Committee, RouteNode, Unit

MOST_READ = 1000
"""Unreachable places read to name their circles, those with others below them first."""


@dataclass(frozen=True)
class Circle:
    """A circle, named by its first unit; `way` names all its units, the first one again at the end."""

    unit_id: int
    name: str
    committee: str
    place_id: int
    way: str


@dataclass(frozen=True)
class _Place:
    place_id: int
    committee_id: int
    committee: str
    unit_id: int
    superior_id: int
    name: str


def find(own: ColumnElement[bool]) -> tuple[int, list[Circle]]:
    """Return how many of the places never reach their committee, and the circles that cause it.

    A place has one superior only, so walking down from the top ends, circle or not; what is left hangs on a circle.
    """
    reached = _reached(own)
    lower = aliased(RouteNode)
    has_lower = select(lower.id).where(
        lower.committee_id == RouteNode.committee_id, lower.superior_id == RouteNode.unit_id
    )
    query = (
        select(
            func.count().over(),
            RouteNode.id,
            RouteNode.committee_id,
            Committee.name,
            RouteNode.unit_id,
            RouteNode.superior_id,
            Unit.name,
        )
        .join(Unit, Unit.id == RouteNode.unit_id)
        .join(Committee, Committee.id == RouteNode.committee_id)
        .where(own, RouteNode.id.not_in(select(reached.c.id)))
        .order_by(has_lower.exists().desc(), RouteNode.id)
        .limit(MOST_READ)
    )
    rows = db.session.execute(query).tuples().all()
    places = {(row[2], row[4]): _Place(*row[1:]) for row in rows}
    return (int(rows[0][0]) if rows else 0), _circles(places)


def _reached(own: ColumnElement[bool]):  # type: ignore[no-untyped-def]  # the type of a recursive CTE has no name
    above = aliased(RouteNode)
    place = select(above.id).where(
        above.committee_id == RouteNode.committee_id, above.unit_id == RouteNode.superior_id
    )
    is_top = or_(RouteNode.superior_id.is_(None), ~place.exists())
    reached = (
        select(RouteNode.id, RouteNode.committee_id, RouteNode.unit_id)
        .where(own, is_top)
        .cte("reached", recursive=True)
    )
    below = select(RouteNode.id, RouteNode.committee_id, RouteNode.unit_id).join(
        reached,
        (RouteNode.committee_id == reached.c.committee_id)
        & (RouteNode.superior_id == reached.c.unit_id),
    )
    return reached.union_all(below)


def _circles(places: Mapping[tuple[int, int], _Place]) -> list[Circle]:
    found, done = [], set()
    for start in places:
        way: list[_Place] = []
        at = places.get(start)
        while at is not None and (at.committee_id, at.unit_id) not in done:
            done.add((at.committee_id, at.unit_id))
            way.append(at)
            at = places.get((at.committee_id, at.superior_id))
        if at in way:
            found.append(_circle(way[way.index(at) :]))
    return found


def _circle(way: Sequence[_Place]) -> Circle:
    first = way[0]
    names = " → ".join(one.name for one in (*way, first))
    return Circle(first.unit_id, first.name, first.committee, first.place_id, names)
