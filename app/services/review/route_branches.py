"""Branches of a review tree: a unit with everything below it, how much it holds, and its way up in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import CTE, func, select

from app.enums import ON_THE_WAY
from app.extensions import db
from app.models import Application, Position, RouteNode, Unit, User
from app.services.review.route_levels import RouteTree

ARROW = " → "


@dataclass(frozen=True)
class Size:
    """What a branch holds: units, applications on their way up, and active positions of its units."""

    units: int
    cases: int
    positions: int


def branch(committee_id: int, roots: Iterable[int]) -> CTE:
    """Return the ids of `roots` and of every unit below them in the tree; a circle ends where it began."""
    found = (
        select(RouteNode.unit_id)
        .where(RouteNode.committee_id == committee_id, RouteNode.unit_id.in_(list(roots)))
        .cte("branch", recursive=True)
    )
    lower = (
        select(RouteNode.unit_id)
        .join(found, RouteNode.superior_id == found.c.unit_id)
        .where(RouteNode.committee_id == committee_id)
    )
    return found.union(lower)


def size(committee_id: int, roots: Sequence[int]) -> Size:
    """Return what the branches below and with `roots` hold, by one statement."""
    ids = select(branch(committee_id, roots).c.unit_id)
    cases = select(func.count()).where(
        Application.committee_id == committee_id,
        Application.state.in_(ON_THE_WAY),
        Application.unit_id.in_(ids),
    )
    positions = (
        select(func.count(Position.id))
        .join(User, User.id == Position.user_id)
        .where(Position.is_active, User.active.is_(True), Position.unit_id.in_(ids))
    )
    units = select(func.count()).select_from(ids.subquery())
    counts = (part.scalar_subquery() for part in (units, cases, positions))
    return Size(*db.session.execute(select(*counts)).one())


def lower_places(committee_id: int, unit_id: int | None) -> list[RouteNode]:
    """Return the places right below a unit, or right below the committee, by name; one more than `MOST_PLACES`."""
    query = (
        select(RouteNode)
        .join(Unit, Unit.id == RouteNode.unit_id)
        .where(RouteNode.committee_id == committee_id, RouteNode.superior_id == unit_id)
    )
    return list(db.session.scalars(query.order_by(Unit.name, Unit.id).limit(MOST_PLACES + 1)))


MOST_PLACES = 500
"""Places that one act changes."""


def way_in_words(committee_id: int, unit_id: int) -> str:
    """Return the names from a unit up to the one right below the committee; "" for a unit without a place."""
    return names_in_words(list(reversed(RouteTree(committee_id).path(unit_id))))


def names_in_words(keys: Sequence[int]) -> str:
    """Return the names of units in this order."""
    rows = db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(keys))).tuples()
    names = dict(rows.all())
    return ARROW.join(names[key] for key in keys)
