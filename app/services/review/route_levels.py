"""The review tree of one committee (审核树) level by level; a node's key is the id of its unit."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, func, literal, or_, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import RouteNode, Unit

DEEPEST = 50
"""Levels followed upwards; a tree that runs in a circle ends here."""


class RouteTree:
    """Units that have a place in the tree of a committee, below their superior in this tree.

    A unit whose superior has no place of its own stands on the top level, so that it can be found and moved.
    """

    def __init__(self, committee_id: int) -> None:
        self.committee_id = committee_id

    def below(self, parent: int | None) -> Select[Any]:
        """Select the units right below `parent`."""
        is_below = self.is_at_top() if parent is None else RouteNode.superior_id == parent
        return self._nodes().where(is_below).order_by(Unit.name, RouteNode.unit_id)

    def of(self, keys: Iterable[int]) -> Select[Any]:
        """Select these units."""
        return self._nodes().where(RouteNode.unit_id.in_(list(keys)))

    def path(self, key: int) -> list[int]:
        """Return the ids of the units from the top level down to this one."""
        way = (
            select(RouteNode.unit_id, RouteNode.superior_id, literal(0).label("height"))
            .where(RouteNode.committee_id == self.committee_id, RouteNode.unit_id == key)
            .cte("way", recursive=True)
        )
        above = (
            select(RouteNode.unit_id, RouteNode.superior_id, way.c.height + 1)
            .join(way, RouteNode.unit_id == way.c.superior_id)
            .where(RouteNode.committee_id == self.committee_id, way.c.height < DEEPEST)
        )
        way = way.union_all(above)
        ids = db.session.scalars(select(way.c.unit_id).order_by(way.c.height.desc()))
        return list(dict.fromkeys(ids))

    def find(self, text: str) -> Select[Any]:
        """Select the units whose name contains the text."""
        found = self._nodes().where(Unit.name.contains(text, autoescape=True))
        return found.order_by(func.length(Unit.name), RouteNode.unit_id)

    def is_at_top(self) -> Any:
        """Return the condition for places right below the committee, or below a unit that has no place."""
        above = aliased(RouteNode)
        place = select(above.id).where(
            above.committee_id == self.committee_id, above.unit_id == RouteNode.superior_id
        )
        return or_(RouteNode.superior_id.is_(None), ~place.exists())

    def _nodes(self) -> Select[Any]:
        lower = aliased(RouteNode)
        has_lower = select(lower.id).where(
            lower.committee_id == self.committee_id, lower.superior_id == RouteNode.unit_id
        )
        return (
            select(RouteNode.unit_id, Unit.name, has_lower.exists())
            .join(Unit, Unit.id == RouteNode.unit_id)
            .where(RouteNode.committee_id == self.committee_id)
        )
