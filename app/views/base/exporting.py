"""The rows of a list that an export holds, and what its file says when the list has more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select, func, select
from sqlalchemy.orm.interfaces import LoaderOption

from app import settings
from app.extensions import db
from app.ground.actor import Actor
from app.views.base.declared_view import DeclaredView
from app.views.base.listing import Paging, matching_rows, ordered


@dataclass(frozen=True)
class Extract:
    """The rows of a list that fit into an export; `note` says so if there are more."""

    records: Sequence[Any]
    query: Select[Any]
    note: str


def extract(
    view: DeclaredView, actor: Actor, args: Mapping[str, str], loading: Sequence[LoaderOption]
) -> Extract:
    """Return the rows of the view in the order and the search of `args`, at most as many as an export holds."""
    found = matching_rows(view, actor, args)
    limit = settings.get("export_max_rows")
    query = ordered(view, found, Paging.read(view, args)).limit(limit)
    records = db.session.scalars(query.options(*loading)).unique().all()
    is_full = len(records) == limit
    return Extract(records, query, file_note(limit, _count(found)) if is_full else "")


def file_note(limit: int, total: int) -> str:
    """Return the sentence for the first and the last row of a file, empty if all rows are in it."""
    if total <= limit:
        return ""
    return gettext(
        "This file holds only the first %(limit)s of %(total)s rows, in the order of the list. "
        "Narrow the list by a search to export the others.",
        limit=f"{limit:,}",
        total=f"{total:,}",
    )


def _count(query: Select[Any]) -> int:
    rows = query.with_only_columns(query.selected_columns[0]).order_by(None).subquery()
    return db.session.execute(select(func.count()).select_from(rows)).scalar_one()
