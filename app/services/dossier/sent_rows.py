"""Reading what a page of the form sends: changed fields and rows, by section."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.services.dossier.filling import SINGLE_ROW_ID, new_row_id
from app.services.dossier.merging import Change, Texts
from app.services.form.form_definition import SectionDef

ROW_ID = re.compile(r"[a-z0-9]{1,20}")


MOST_SENT = 500
"""Maximum number of rows read from a request; more than any section allows."""


def change_of(section: SectionDef, sent: Any) -> Change | None:
    """Parse the change a page sent as JSON; None if it is malformed or too large.

    `set` {row: {field: [before, now]}}, `add` {row: {field: now}}, `gone` {row: {field: before}},
    `order` [row …].
    """
    if not isinstance(sent, Mapping):
        return None
    known = {one.key for one in section.typed_fields}
    try:
        change = Change(
            fields={
                _row_id(section, row): {
                    key: (_text(pair[0]), _text(pair[1]))
                    for key, pair in fields.items()
                    if key in known
                }
                for row, fields in dict(sent.get("set") or {}).items()
            },
            added=_rows_of(section, sent.get("add"), known),
            gone=dict(_rows_of(section, sent.get("gone"), known)),
        )
        if (order := sent.get("order")) is not None:
            change.order = [_row_id(section, one) for one in order]
    except (TypeError, ValueError, LookupError, AttributeError):
        return None
    if len(change.fields) + len(change.added) + len(change.gone) > MOST_SENT:
        return None
    return change


def rows_of(section: SectionDef, sent: Any) -> dict[str, Texts] | None:
    """Parse rows a page sent as JSON pairs [id, {field: text}]; None if malformed or too many."""
    known = {one.key for one in section.typed_fields}
    try:
        rows = _rows_of(section, dict(sent), known)
    except (TypeError, ValueError, AttributeError):
        return None
    return rows if len(rows) <= MOST_SENT else None


def typed_by_id(
    section: SectionDef, typed: Sequence[Mapping[str, str]], ids: Iterable[str]
) -> dict[str, Texts]:
    """Return the rows of a submitted HTML form by id; unset ticks are added as empty texts.

    A row without an id gets the id at its position in `ids`, else an id made of its position, so that the
    same form sent twice gives the same ids. An invalid or repeated id is replaced by a new one.
    """
    known = list(ids)
    found: dict[str, Texts] = {}
    for place, line in enumerate(typed):
        name = line.get("_id") or (known[place] if place < len(known) else f"r{place}")
        if not ROW_ID.fullmatch(name) or name in found:
            name = new_row_id()
        if not section.is_repeated:
            name = SINGLE_ROW_ID
        row = {one.key: line[one.key] for one in section.typed_fields if one.key in line}
        ticks = (one.key for one in section.typed_fields if one.kind == "tick")
        found[name] = _without_hidden(section, dict.fromkeys(ticks, "") | row)
    return found


def _without_hidden(section: SectionDef, row: Texts) -> Texts:
    """Return the row with the fields emptied that are hidden by its other values."""
    shown: Texts = {}
    for one in section.typed_fields:
        if one.key in row:
            is_known = all(name in row for name in one.visible_when)
            shown[one.key] = row[one.key] if one.is_visible(row | shown) or not is_known else ""
    return shown


def _rows_of(section: SectionDef, sent: Any, known: set[str]) -> dict[str, Texts]:
    return {
        _row_id(section, row): {key: _text(text) for key, text in texts.items() if key in known}
        for row, texts in dict(sent or {}).items()
    }


def _row_id(section: SectionDef, sent: Any) -> str:
    if not isinstance(sent, str) or not ROW_ID.fullmatch(sent):
        raise ValueError("no id of a row")
    return sent if section.is_repeated else SINGLE_ROW_ID


def _text(sent: Any) -> str:
    if not isinstance(sent, str):
        raise TypeError("no text")
    return sent
