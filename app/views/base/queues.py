"""The rows somebody works through one after another: those of the list as it was left, in its order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from werkzeug.exceptions import BadRequest

from app.extensions import db
from app.ground.actor import Actor
from app.views.base import returning, search
from app.views.base.declared_view import DeclaredView
from app.views.base.list_rows import bounded_count, matching_rows
from app.views.base.row_order import Key, keys_of

MOST_COUNTED = 1000


@dataclass(frozen=True)
class Place:
    """Where a record stands among the rows. It stays the same after an act has moved the record on."""

    id: int
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Walk:
    """The rows of a menu for one person, with the keys by which they are ordered."""

    view: DeclaredView
    rows: Select[Any]
    keys: Sequence[Key]

    def place_of(self, record: Any) -> Place:
        model = self.view.model
        known = [key.value_of for key in self.keys if key.value_of]
        if len(known) == len(self.keys):
            return Place(record.id, tuple(value_of(record) for value_of in known))
        values = db.session.execute(
            select(*(key.column for key in self.keys)).where(model.id == record.id)
        ).one()
        return Place(record.id, tuple(values))

    def next_after(self, place: Place) -> int | None:
        """Return the id of the row that follows `place`, or of the first one where `place` was the last.

        None if there is no other row.
        """
        others = self.view.model.id != place.id
        return self._first(self._beyond(place)) or self._first(others)

    def neighbours(self, record: Any) -> tuple[int | None, int | None]:
        """Return the ids of the rows before and after `record`."""
        place = self.place_of(record)
        back = Walk(self.view, self.rows, [_turned(key) for key in self.keys])
        ways = (back._one(back._beyond(place)), self._one(self._beyond(place)))
        before, after = db.session.execute(select(*(way.scalar_subquery() for way in ways))).one()
        return before, after

    def count(self, place: Place) -> int:
        """Return how many rows there are besides the one at `place`, at most MOST_COUNTED + 1."""
        model = self.view.model
        others = self.rows.with_only_columns(model.id).where(model.id != place.id)
        return bounded_count(others, MOST_COUNTED)

    def _first(self, condition: ColumnElement[bool]) -> int | None:
        return db.session.scalar(self._one(condition))

    def _one(self, condition: ColumnElement[bool]) -> Select[Any]:
        query = self.rows.with_only_columns(self.view.model.id).where(condition)
        return query.order_by(*(one.sorted for one in self._exact())).limit(1)

    def _exact(self) -> list[Key]:
        """Return the keys with the place of missing values written out, as the database lists them.

        PostgreSQL takes a missing value for the largest, SQLite for the smallest.
        """
        found = []
        is_largest = db.session.get_bind().dialect.name == "postgresql"
        for key in self.keys:
            if key.has_null:
                missing = case((key.column.is_(None), int(is_largest)), else_=int(not is_largest))
                found.append(Key(missing, key.is_descending))
            found.append(key)
        return found

    def _beyond(self, place: Place) -> ColumnElement[bool]:
        is_largest = db.session.get_bind().dialect.name == "postgresql"
        values: list[Any] = []
        for key, value in zip(self.keys, place.values, strict=True):
            values += [int((value is None) == is_largest)] if key.has_null else []
            values.append(value)
        ways: list[ColumnElement[bool]] = []
        same: list[ColumnElement[bool]] = []
        for key, value in zip(self._exact(), values, strict=True):
            if value is not None:
                is_past = key.column < value if key.is_descending else key.column > value
                ways.append(and_(*same, is_past))
            same.append(key.column == value)
        return or_(*ways)


def _turned(key: Key) -> Key:
    return Key(key.column, not key.is_descending, key.has_null)


def walk_of(view: DeclaredView, actor: Actor) -> Walk:
    """Return the rows of the list as the person left it, in its order; those of the menu if that is unknown.

    A way back that names a search or a column which is gone counts as unknown.
    """
    args = _left_as(view)
    try:
        rows = _rows(view, actor, args)
    except BadRequest:
        args = {}
        rows = _rows(view, actor, args)
    sort = args.get("sort", "")
    is_descending = args.get("dir") == "desc"
    known = sort if sort in view.orders else ""
    return Walk(view, rows, keys_of(view, known, is_descending=is_descending))


def _rows(view: DeclaredView, actor: Actor, args: Mapping[str, str]) -> Select[Any]:
    """Return the rows that `args` search for; of a queue those that wait for the person, not for a colleague."""
    rows = matching_rows(view, actor, args)
    if not view.waiting or args.get("todo"):
        return rows
    return rows.where(*view.waiting_conditions(actor))


def _left_as(view: DeclaredView) -> Mapping[str, str]:
    way = returning.way_back(f"{view.route_base}/")
    args = {key: value for key, value in parse_qsl(urlsplit(way).query) if value}
    return {} if search.faults(view.searched, args) else args
