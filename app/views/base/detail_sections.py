"""Sections of a detail page: label-value pairs, tables, texts, files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Column

from app.models import Attachment
from app.services.files import attached_files
from app.views.base.aliases import Label, Page
from app.views.base.columns import Cell, resolve


@dataclass
class DetailSection:
    """A section of a detail page; `kind` is pairs, table, text or files.

    `flag` is a short mark beside its name, `notes` are the reasons of a return, `check` is its row of the
    first check form, `is_folded` hides its content when only changes are shown.
    """

    key: str
    label: Label
    kind: str
    pairs: list[tuple[Label, Cell]] = field(default_factory=list)
    columns: Sequence[Label] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    files: list[Page] = field(default_factory=list)
    text: str = ""
    count: int | None = None
    flag: Any = None
    notes: Sequence[tuple[Label, str]] = field(default_factory=list)
    check: Any = None
    is_folded: bool = False


def labelled(model: type[Any]) -> list[str]:
    """Return the attribute names of the labelled columns of `model`; relations replace foreign keys."""
    mapper, keys = model.__mapper__, []
    by_column = {
        next(iter(r.local_columns)): r.key
        for r in mapper.relationships
        if r.direction.name == "MANYTOONE"
    }
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        # an expression that only some queries fill in is no column of the table
        if isinstance(column, Column) and "label" in column.info:
            keys.append(by_column.get(column, attribute.key))
    return keys


def pairs(key: str, label: Label, record: Any, names: Sequence[Any]) -> DetailSection:
    """Return a section of label–value pairs for attribute paths or columns of `record`."""
    columns = [resolve(type(record), name) for name in names]
    return DetailSection(key, label, "pairs", pairs=[(c.label, c.cell(record)) for c in columns])


def table_of(key: str, label: Label, records: Sequence[Any], names: Sequence[Any]) -> DetailSection:
    """Return a section that lists `records` with the given columns."""
    columns = [resolve(type(records[0]), name) for name in names] if records else []
    rows = [[c.cell(record) for c in columns] for record in records]
    return DetailSection(
        key, label, "table", columns=[c.label for c in columns], rows=rows, count=len(rows)
    )


def text(key: str, label: Label, content: str) -> DetailSection:
    return DetailSection(key, label, "text", text=content)


def files_of(
    *records: Any,
    key: str = "files",
    label: Label | None = None,
    section: str | None = None,
    kinds: Mapping[str, Label] | None = None,
) -> DetailSection:
    """Return the files attached to `records` as a section with previews.

    `kinds` names the kinds of paper; each file is then shown under the name of its kind.
    """
    files = [file_entry(one, kinds) for record in records for one in _attached(record, section)]
    return DetailSection(key, label or gettext("Files"), "files", files=files, count=len(files))


def _attached(record: Any, section: str | None) -> Sequence[Attachment]:
    found = (one for one in attached_files.attachments_of(record) if section in (None, one.section))
    return sorted(found, key=lambda one: one.id)


def file_entry(attachment: Attachment, kinds: Mapping[str, Label] | None = None) -> Page:
    """Return one attachment as the templates show it; `kinds` maps kinds of paper to their names."""
    url = url_for("Files.download", pk=attachment.id)
    return {
        "id": attachment.id,
        "name": attachment.name,
        "kind": attachment.kind,
        "kind_label": (kinds or {}).get(attachment.kind),
        "url": url,
        "pages_url": f"{url}/page/",
        "media_type": attachment.file.media_type,
        "size_text": _size(attachment.file.size),
        "pages": attachment.file.pages,
    }


def _size(size: int) -> str:
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)} KB"
