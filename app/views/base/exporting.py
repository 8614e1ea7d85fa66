"""Exports of lists: the rows and columns a person sees or chose, and what the file says when the list has more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Response
from flask_babel import gettext
from sqlalchemy import Select, func, select
from sqlalchemy.orm.interfaces import LoaderOption

from app import settings
from app.extensions import db
from app.ground.actor import Actor
from app.services.exports import table_export
from app.services.ground.audit import audit
from app.views.base.columns import Column
from app.views.base.declarations import FieldSource
from app.views.base.declared_view import DeclaredView
from app.views.base.list_rows import Paging, matching_rows, ordered
from app.views.base.lists import chosen_columns

CHUNK = 500
"""Rows read at a time, each time with the same number of statements."""


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


def download(
    view: DeclaredView, actor: Actor, args: Mapping[str, str], keys: Sequence[str]
) -> Response:
    """Return the list of `args` as an Excel file, with the further fields `keys` of its records.

    Rows are read CHUNK at a time, and so are their fields. Fields of dossiers leave an audit row.
    """
    chosen, limit = chosen_columns.chosen(view, actor, args), settings.get("export_max_rows")
    source = view.field_source(actor)
    offered = {key for group in source.groups() for key, _label in group.fields} if source else ()
    fields = [key for key in dict.fromkeys(keys) if key in offered]
    found = matching_rows(view, actor, args)
    ids = select_ids(view, ordered(view, found, Paging.read(view, args)), limit)
    notes = [file_note(limit, _count(found))] if len(ids) == limit else []
    notes += chosen_columns.gone_sentence(
        replace(chosen, gone=(*chosen.gone, *_gone(keys, fields)))
    )
    headings = [str(column.label) for column in chosen.columns]
    if source is not None and fields:
        headings += source.headings(fields)
    added = {one.key for one in view.further().columns}
    if recorded := [*(one.key for one in chosen.columns if one.key in added), *fields]:
        _record(actor, type(view).__name__, recorded, len(ids))
    rows = _rows(view, actor, ids, chosen.columns, source, fields)
    note = " ".join(filter(None, notes))
    return table_export.download(str(view.label), headings, rows, note=note)


def _record(actor: Actor, menu: str, fields: Sequence[str], rows: int) -> None:
    """Note an export of dossiers in the audit trail before its rows are read, in a transaction of its own.

    One that has read already could not write on SQLite once somebody else has written.
    """
    db.session.commit()
    db.session.connection(execution_options={"immediate": True})
    details = {"fields": list(fields), "rows": rows}
    audit("dossier_export", actor=actor, subject=menu, details=details)
    db.session.commit()


def select_ids(view: DeclaredView, query: Select[Any], limit: int) -> Sequence[int]:
    """Return the ids of at most `limit` rows of `query`, in its order."""
    return db.session.scalars(query.with_only_columns(view.model.id).limit(limit)).all()


def _gone(keys: Sequence[str], fields: Sequence[str]) -> list[str]:
    return [key for key in keys if key not in fields]


def _rows(
    view: DeclaredView,
    actor: Actor,
    ids: Sequence[int],
    columns: Sequence[Column],
    source: FieldSource | None,
    fields: Sequence[str],
) -> Iterator[list[Any]]:
    loading = [*chosen_columns.loading(columns), *(source.loading if source and fields else ())]
    for chunk in batched(ids, CHUNK):
        query = select(view.model).where(view.model.id.in_(chunk), type(view).scope(actor))
        records = {
            one.id: one for one in db.session.scalars(query.options(*loading)).unique().all()
        }
        further = source.values(list(records.values()), fields) if source and fields else {}
        for key in chunk:
            if key in records:
                shown = [column.exported(records[key]) for column in columns]
                yield [*shown, *further.get(key, ())]


def batched(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Yield `ids` in parts of `size`."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


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
