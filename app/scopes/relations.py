"""Relations between an actor and a row, as SQL conditions: same unit, same region, on the way up."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import InstrumentedAttribute

from app.enums import SeatState
from app.ground.actor import Actor
from app.models import (
    Committee,
    RouteStep,
    Unit,
)

PROVINCE = 2
"""Length of a region prefix that stands for a whole province."""


Condition = ColumnElement[bool]


Scope = Callable[[Actor], Condition]
SITTING = tuple(state for state in SeatState if state.is_member)
"""States of a seat whose judge is a member of the meeting."""


def has_key(column: InstrumentedAttribute[Any], key: int | None) -> Condition:
    """Rows whose column equals `key`; none if `key` is None, so that no rows without a value match."""
    return false() if key is None else column == key


def in_region(column: InstrumentedAttribute[Any], actor: Actor) -> Condition:
    if not actor.region_code:
        return false()
    prefix = actor.region_prefix
    if len(prefix) == PROVINCE:
        # the province matches nearly every row: a range would mislead the planner to an index and a full sort
        return column.startswith(prefix)
    return column.between(prefix.ljust(6, "0"), prefix.ljust(6, "9"))


def unit_in_region(column: InstrumentedAttribute[Any], actor: Actor) -> Condition:
    return column.in_(select(Unit.id).where(in_region(Unit.region_code, actor)))


def committee_in_region(column: InstrumentedAttribute[Any], actor: Actor) -> Condition:
    return column.in_(select(Committee.id).where(in_region(Committee.region_code, actor)))


def passes_my_unit(
    column: InstrumentedAttribute[Any], actor: Actor, *, is_for_all: bool = False
) -> Condition:
    """Rows of applications that arrived at the actor's unit.

    `is_for_all` reads them all first, which is faster where all are counted or listed: SQLite does not turn one into
    the other.
    """
    if actor.unit_id is None:
        return false()
    arrived = select(RouteStep.application_id).where(
        RouteStep.unit_id == actor.unit_id, RouteStep.arrived_at.is_not(None)
    )
    if is_for_all:
        return column.in_(arrived)
    return arrived.where(RouteStep.application_id == column).exists()


def below_my_unit(column: InstrumentedAttribute[Any], actor: Actor) -> Condition:
    """Units whose path runs through the actor's unit, without that unit itself."""
    if actor.unit_id is None:
        return false()
    inside = select(Unit.id).where(
        Unit.path.contains(f"/{actor.unit_id}/", autoescape=True), Unit.id != actor.unit_id
    )
    return column.in_(inside)
