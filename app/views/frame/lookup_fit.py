"""Which specialties and titles a look-up offers first: those of the series that the form or the position is about."""

from typing import Any

from flask import request
from sqlalchemy import ColumnElement, Select, or_, select

from app.ground.actor import Actor
from app.models import Committee, RouteNode, Title
from app.services.registers.register_lookup import key_of

NAMED: dict[str, tuple[str, Any]] = {
    "title_code": ("title", Title),
    "committee_id": ("committee", Committee),
}
"""Fields of a form whose choice tells the series (`data-lookup-with`), with the register each one names."""


def fits(column: Any, actor: Actor) -> ColumnElement[bool] | None:
    """Return the condition for rows whose series fits: of the title or committee chosen, else of the position.

    A unit fits the series of the committees in whose review tree it stands. None if nothing is known.
    """
    series = _of_form()
    if series is None:
        series = _of_position(actor)
    return None if series is None else column.in_(series)


def _of_form() -> Select[tuple[str]] | None:
    for name, (kind, model) in NAMED.items():
        if (key := key_of(kind, request.args.get(name, ""))) is not None:
            return select(model.series_code).where(model.__mapper__.primary_key[0] == key)
    return None


def _of_position(actor: Actor) -> Select[tuple[str]] | None:
    if actor.committee_ids:
        return select(Committee.series_code).where(Committee.id.in_(actor.committee_ids))
    if actor.unit_id is None:
        return None
    stands = or_(RouteNode.unit_id == actor.unit_id, RouteNode.superior_id == actor.unit_id)
    return select(Committee.series_code).join(RouteNode).where(stands)
