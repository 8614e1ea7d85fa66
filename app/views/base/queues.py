"""The order in which what waits is worked through: by deadline, then by arrival, then by number of the row."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from app.extensions import db
from app.ground.actor import Actor
from app.views.base.declared_view import DeclaredView

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for a missing deadline or arrival, which comes last."""


@dataclass(frozen=True)
class Place:
    """Where a record stands in its queue. It stays the same after an act has moved the record on."""

    due_at: datetime
    held_since: datetime
    key: int


def is_queue(view: DeclaredView) -> bool:
    """Return whether the menu lists only what waits, with a deadline and an arrival."""
    return (
        bool(view.waiting) and hasattr(view.model, "due_at") and hasattr(view.model, "held_since")
    )


def place_of(record: Any) -> Place:
    return Place(record.due_at or NEVER, record.held_since or NEVER, record.id)


def next_after(view: DeclaredView, actor: Actor, place: Place) -> int | None:
    """Return the id of the record that follows `place`, or of the first one where `place` was the last.

    None if nothing else waits.
    """
    following = _first(view, actor, _is_beyond(view, place), is_up=True)
    return following or _first(view, actor, view.model.id != place.key, is_up=True)


def neighbours(view: DeclaredView, actor: Actor, record: Any) -> tuple[int | None, int | None]:
    """Return the ids of the records before and after `record` in its queue."""
    place = place_of(record)
    before = and_(view.model.id != place.key, ~_is_beyond(view, place))
    return (
        _first(view, actor, before, is_up=False),
        _first(view, actor, _is_beyond(view, place), is_up=True),
    )


def count(view: DeclaredView, actor: Actor, place: Place) -> int:
    """Return how many records wait besides the one at `place`."""
    others = select(func.count()).select_from(view.model).where(view.model.id != place.key)
    return db.session.scalar(others.where(*view.waiting_conditions(actor))) or 0


def _first(
    view: DeclaredView, actor: Actor, condition: ColumnElement[bool], *, is_up: bool
) -> int | None:
    keys = (*_keys(view), view.model.id)
    order = keys if is_up else tuple(key.desc() for key in keys)
    query = select(view.model.id).where(*view.waiting_conditions(actor), condition)
    return db.session.scalar(query.order_by(*order).limit(1))


def _keys(view: DeclaredView) -> tuple[ColumnElement[datetime], ColumnElement[datetime]]:
    columns = (view.model.due_at, view.model.held_since)
    first, second = (func.coalesce(one, literal(NEVER, one.type)) for one in columns)
    return first, second


def _is_beyond(view: DeclaredView, place: Place) -> ColumnElement[bool]:
    due, since = _keys(view)
    is_later = and_(due == place.due_at, since > place.held_since)
    is_below = and_(due == place.due_at, since == place.held_since, view.model.id > place.key)
    return or_(due > place.due_at, is_later, is_below)
