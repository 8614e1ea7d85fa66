"""The rows of a list: which match, in which order, which stand on a page, how many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, session
from sqlalchemy import ColumnElement, Select, case, false, func, select

from app import settings
from app.extensions import db
from app.ground.actor import Actor
from app.todos.declared import Todo
from app.views.base import customised, further, row_order
from app.views.base.declared_view import DeclaredView
from app.views.base.further import StoredOrder

SIZES = (20, 50, 100)
LARGEST_PAGE = 100_000
FEW = 1000
"""So many rows are sorted at once in no time."""


@dataclass(frozen=True)
class Paging:
    """Requested page number, page size and sort order. `read` aborts 400 on an invalid number or column."""

    page: int
    size: int
    sort: str
    descending: bool

    @classmethod
    def read(cls, view: DeclaredView, args: Mapping[str, str]) -> "Paging":
        page, size = (
            _parse_int(args.get("page", "1")),
            _parse_int(args.get("size") or customised.page_size(view) or SIZES[0]),
        )
        sort, direction = args.get("sort", ""), args.get("dir", "asc")
        if not sort:
            sort, is_downwards = customised.sort(view)
            direction = "desc" if is_downwards else direction
        if not 1 <= page <= LARGEST_PAGE or size < 1 or direction not in ("asc", "desc"):
            abort(400)
        if sort and sort not in view.orders:
            abort(400)
        return cls(page, min(size, settings.get("page_size_max")), sort, direction == "desc")


def plain_order() -> Paging:
    """Return the order in which a list stands unless another is asked for."""
    return Paging(1, SIZES[0], "", descending=False)


def matching_rows(view: DeclaredView, actor: Actor, args: Mapping[str, str]) -> Select[Any]:
    """Return the query for all rows of the view that `actor` may see and that match the search in `args`.

    Who only looks as somebody else sees none.

    Abort 400 on an unknown search field and on a value that cannot be read.
    """
    if actor.is_onlooker:
        return select(view.model).where(false())
    if todo := chosen_todo(view, actor, args):
        query = select(view.model).where(*todo.conditions(type(view), actor))
    else:
        query = view.rows(actor)
    # what waits is listed whole, whatever year the lists are limited to: as it is counted
    if not todo:
        query = query.where(*of_chosen_year(view.model))
    allowed = {key for field in view.searched for key in field.parameters()}
    if any(key.startswith("q.") and key not in allowed for key in args):
        abort(400)
    for field in view.searched:
        condition = field.condition(args)
        if condition is not None:
            query = query.where(condition)
    return query


def of_chosen_year(model: type[Any]) -> list[ColumnElement[bool]]:
    """Return the condition for the review year that the person limits all lists to; none for all years."""
    year = session.get("year")
    return [model.review_year == year] if year and hasattr(model, "review_year") else []


def chosen_todo(view: DeclaredView, actor: Actor, args: Mapping[str, str]) -> Todo | None:
    """Return the to-do that `args` limit the list to, None for none. Abort 400 on one that `actor` has not."""
    key = args.get("todo")
    if not key:
        return None
    todos = (one for one in view.all_todos() if one.is_for(type(view), actor.role))
    return next((one for one in todos if one.key == key), None) or abort(400)


def ordered(view: DeclaredView, query: Select[Any], paging: Paging) -> Select[Any]:
    """Return `query` in the requested order, with the primary key last so that pages are stable."""
    keys = row_order.keys_of(view, paging.sort, is_descending=paging.descending)
    return query.order_by(*view.order_before_all(), *(key.sorted for key in keys))


def page_of(
    view: DeclaredView, query: Select[Any], paging: Paging, loading: Sequence[Any], total: int
) -> Sequence[Any]:
    """Return the records of one page in one statement: their keys are found first, then these few are read whole.

    Where no more than FEW of `total` rows match they are found before they are sorted: otherwise the database may go
    through all rows in the order of the list to look for them.
    """
    key = view.model.id
    if total <= FEW:
        matching = query.with_only_columns(key).order_by(None).limit(FEW)
        query = select(view.model).where(key.in_(matching))
    if (stored := dict(view.further().stored).get(paging.sort)) is not None:
        return _page_in_stored_order(view, query, paging, loading, stored)
    found = ordered(view, query, paging).with_only_columns(key)
    keys = found.offset((paging.page - 1) * paging.size).limit(paging.size)
    page = select(view.model).where(key.in_(keys)).options(*loading)
    return db.session.scalars(ordered(view, page, paging)).all()


def _page_in_stored_order(
    view: DeclaredView,
    query: Select[Any],
    paging: Paging,
    loading: Sequence[Any],
    order: StoredOrder,
) -> Sequence[Any]:
    keys = further.keys_of_page(
        view.model,
        query,
        order,
        is_descending=paging.descending,
        first=(paging.page - 1) * paging.size,
        size=paging.size,
    )
    page = select(view.model).where(view.model.id.in_(keys)).options(*loading)
    records = {one.id: one for one in db.session.scalars(page)}
    return [records[key] for key in keys if key in records]


def bounded_count(query: Select[Any], limit: int) -> int:
    """Count the rows of `query`, stopping at `limit` + 1."""
    inner = query.with_only_columns(query.selected_columns[0]).order_by(None).limit(limit + 1)
    return db.session.execute(select(func.count()).select_from(inner.subquery())).scalar_one()


def idle_buttons(view: DeclaredView, records: Sequence[Any], actor: Actor) -> set[tuple[str, int]]:
    """Return (button, record id) where a button's condition `when` does not hold, read in one statement."""
    asked = [(b.name, b.when(actor)) for b in view.buttons_for(actor) if b.when is not None]
    if not asked or not records:
        return set()
    holds = [case((condition, 1), else_=0) for _name, condition in asked]
    query = select(view.model.id, *holds).where(view.model.id.in_([one.id for one in records]))
    return {
        (name, key)
        for key, *found in db.session.execute(query)
        for (name, _condition), is_held in zip(asked, found, strict=True)
        if not is_held
    }


def _parse_int(text: str | int) -> int:
    try:
        return int(text)
    except ValueError:
        abort(400)
