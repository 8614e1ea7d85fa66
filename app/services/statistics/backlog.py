"""Where applications wait: per step and holder how many, and since when the middle and the oldest one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from app.enums import ApplicationState
from app.models import Application, Unit

WITH_APPLICANT = 0
"""Stands for the holder of a case that lies with its applicant, who is no unit."""
MOST_AT_ONCE = 200
"""So many medians fit into one statement; SQLite joins at most 500 queries."""


@dataclass(frozen=True)
class Pile:
    """The applications that wait in one state with one holder.

    `holder_id` is WITH_APPLICANT where the applicant has them. `median_since` is when the middle one arrived,
    of two middle ones the earlier.
    """

    state: ApplicationState
    holder_id: int
    holder: str
    count: int
    oldest_since: datetime
    median_since: datetime


def arrived() -> ColumnElement[datetime]:
    """Return since when an application waits: since its holder has it."""
    return func.coalesce(Application.held_since, Application.created_at)


def piles(session: Session, rows: Select[Any], *, limit: int, offset: int = 0) -> list[Pile]:
    """Return the largest piles among the applications that `rows` selects, in two statements.

    The medians are read for these piles alone, so that no statement sorts all rows. `limit` is at most
    MOST_AT_ONCE.
    """
    found = session.execute(_largest(rows, min(limit, MOST_AT_ONCE), offset)).all()
    middle = _medians(session, rows, found)
    return [
        Pile(
            row.state,
            row.holder_id or WITH_APPLICANT,
            row.name or gettext("the applicant"),
            row.size,
            row.since,
            # between the two statements an application may have gone on
            middle.get(place, row.since),
        )
        for place, row in enumerate(found)
    ]


def days_since(moment: datetime, now: datetime) -> int:
    """Return for how many whole days something has waited."""
    return (now - moment).days


def _largest(rows: Select[Any], limit: int, offset: int) -> Select[Any]:
    count, keys = func.count(), (Application.state, Application.holder_id)
    largest = (
        rows.with_only_columns(*keys, count.label("size"), func.min(arrived()).label("since"))
        .where(Application.is_under_way())
        .group_by(*keys)
        .order_by(count.desc(), *keys)
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    return (
        select(largest, Unit.name)
        .outerjoin(Unit, Unit.id == largest.c.holder_id)
        .order_by(largest.c.size.desc(), largest.c.state, largest.c.holder_id)
    )


def _medians(session: Session, rows: Select[Any], found: Sequence[Any]) -> dict[int, datetime]:
    """Return the median of each pile by its place; both databases answer it alike."""
    asked = [_median(place, rows, pile).subquery() for place, pile in enumerate(found)]
    if not asked:
        return {}
    return dict(session.execute(union_all(*(select(one) for one in asked))).tuples().all())


def _median(place: int, rows: Select[Any], pile: Any) -> Select[Any]:
    since = arrived()
    return (
        rows.with_only_columns(literal(place).label("place"), since.label("since"))
        .where(Application.state == pile.state, Application.holder_id == pile.holder_id)
        .order_by(since)
        .limit(1)
        .offset((pile.size - 1) // 2)
    )
