"""Columns and search fields that administrators added to a list, and rows in the order of values kept in a table of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.extensions import db
from app.views.base.columns import Column
from app.views.base.search import SearchField


@dataclass(frozen=True)
class StoredOrder:
    """Values in another table by which rows are sorted: at most one for each, with an index in their order.

    `value` is not NULL where `condition` holds; `owner` is the key of the row that it belongs to.
    """

    value: ColumnElement[Any]
    owner: InstrumentedAttribute[int]
    condition: ColumnElement[bool]


@dataclass(frozen=True)
class Further:
    """What the reader's list has besides what its view declares: `shown` are the columns not only for choice."""

    columns: Sequence[Column] = ()
    shown: Sequence[Column] = ()
    fields: Sequence[SearchField] = ()
    stored: Sequence[tuple[str, StoredOrder]] = ()
    """The order by each column, for those that can be sorted."""


NOTHING = Further()


def keys_of_page(
    model: type[Any],
    query: Select[Any],
    order: StoredOrder,
    *,
    is_descending: bool,
    first: int,
    size: int,
) -> list[int]:
    """Return the keys of the rows of a page: first those with a value, in its order, then those without one.

    Two statements, as the database goes through an index in its order only where every row has a value.
    """
    ids = query.with_only_columns(model.id).order_by(None)
    having = ids.join_from(model, order.owner.class_, order.owner == model.id).where(
        order.condition
    )
    by = (order.value, order.owner)
    sorted_ids = having.order_by(*(one.desc() if is_descending else one.asc() for one in by))
    found = list(db.session.scalars(sorted_ids.offset(first).limit(size)))
    if len(found) == size:
        return found
    before = first + len(found) if found else _count(having)
    without = model.id.not_in(select(order.owner).where(order.condition))
    key = model.id.desc() if is_descending else model.id.asc()
    rest = ids.where(without).order_by(key).offset(max(0, first - before)).limit(size - len(found))
    return [*found, *db.session.scalars(rest)]


def _count(query: Select[Any]) -> int:
    return db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
