"""Statements that are put together once and asked again with other values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Executable, Result, bindparam
from sqlalchemy.sql.cache_key import CacheKey

from app.extensions import db
from app.ground import clock
from app.models.base import UtcDateTime

MOST_SHAPES = 100


@dataclass(frozen=True)
class Prepared:
    """A statement with the values to ask it with. Statements that differ in values alone share one, as each takes
    half a megabyte."""

    statement: Any
    values: Mapping[str, Any]

    def execute(self) -> Result[Any]:
        """Ask the database now, in the session of the request."""
        return db.session.execute(self.statement, self.values)


def present_moment() -> BindParameter[datetime]:
    """Return the moment at which a statement is asked, for conditions of to-dos: these are kept between requests."""
    return bindparam("moment", callable_=clock.now, type_=UtcDateTime(), unique=True)


_shapes: dict[Any, tuple[Executable, CacheKey]] = {}


def prepare(statement: Any) -> Prepared:
    """Return `statement` as the first one of its shape, with its own values."""
    key = statement._generate_cache_key()
    if len(_shapes) >= MOST_SHAPES:
        _shapes.clear()
    shared, first = _shapes.setdefault(key.key, (statement, key))
    values = {
        one.key: own.value
        for one, own in zip(first.bindparams, key.bindparams, strict=True)
        if own.callable is None
    }
    return Prepared(shared, values)
