"""The order in which a menu lists its rows; the keys of a case page walk them in the same one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import UnaryExpression, case, func, literal

from app.views.base import customised
from app.views.base.declared_view import DeclaredView

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for a missing deadline or arrival, which comes last."""


@dataclass(frozen=True)
class Key:
    """A column to sort by. `has_null` says that rows may have no value there; `value_of` tells it of a record at hand."""

    column: Any
    is_descending: bool = False
    has_null: bool = False
    value_of: Callable[[Any], Any] | None = None

    @property
    def sorted(self) -> UnaryExpression[Any]:
        return self.column.desc() if self.is_descending else self.column.asc()


def is_queue(view: DeclaredView) -> bool:
    """Return whether the menu lists only what waits, with a deadline and an arrival."""
    return (
        bool(view.waiting) and hasattr(view.model, "due_at") and hasattr(view.model, "held_since")
    )


def keys_of(view: DeclaredView, sort: str = "", *, is_descending: bool = False) -> Sequence[Key]:
    """Return the keys of the list: the chosen column, otherwise the queue's, otherwise the menu's own order.

    A queue goes by deadline, then by arrival. The number of the row comes last, so that the order is stable. Rows
    without a value in a column that administrators added come after all others.
    """
    model = view.model
    if not sort:
        sort, is_descending = customised.sort(view)
    if sort in dict(view.further().stored):
        value = view.orders[sort]
        has_none = Key(case((value.is_(None), 1), else_=0))
        by_value = Key(value, is_descending, has_null=True)
        return (has_none, by_value, Key(model.id, is_descending))
    if sort:
        return (Key(view.orders[sort], is_descending, has_null=True), Key(model.id, True))
    if is_queue(view):
        dated = (_dated(model, name) for name in ("due_at", "held_since"))
        return (*dated, Key(model.id, value_of=attrgetter("id")))
    name, direction = view.base_order
    first = Key(getattr(model, name), direction == "desc", True, attrgetter(name))
    by_id = Key(model.id, first.is_descending if name == "id" else True, False, attrgetter("id"))
    return (by_id,) if name == "id" else (first, by_id)


def _dated(model: Any, name: str) -> Key:
    """Return the key of a day that may be missing."""
    column = getattr(model, name)
    missing = func.coalesce(column, literal(NEVER, column.type))
    return Key(missing, value_of=lambda record: getattr(record, name) or NEVER)
