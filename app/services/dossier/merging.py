"""Three-way merge of a page's edits into the stored rows of a section.

A `Change` has for every field its text when the person began and its text now. Fields that nobody else
changed are taken over; a field that another device changed meanwhile becomes a conflict for the person to
decide.
Pure functions: nothing here reads or writes the database.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.services.form import section_checks
from app.services.form.form_definition import Field, Offered, SectionDef
from app.validators import Invalid

Texts = dict[str, str]
"""Field key → text shown in that field on the page."""
Row = dict[str, Any]
Place = tuple[str, str]
"""(row id, field key); an empty field key means the whole row."""


@dataclass
class Change:
    """Changes of one page: fields of existing rows, added rows, removed rows (`gone`), the order of rows.

    `fields` is row id → field key → (text before, text now); the text before is None if unknown.
    `gone` holds the removed row as the page knew it, or None.
    """

    fields: dict[str, dict[str, tuple[str | None, str]]] = field(default_factory=dict)
    added: dict[str, Texts] = field(default_factory=dict)
    gone: dict[str, Texts | None] = field(default_factory=dict)
    order: list[str] | None = None


@dataclass(frozen=True)
class Conflict:
    """A field changed on both sides; an empty `key` means: one side removed the row, the other changed it.

    `mine` is the text of the page, `theirs` the stored one.
    """

    row: str
    key: str
    mine: str
    theirs: str


@dataclass
class MergeResult:
    """Result of a merge: ordered rows by id, invalid values (`faults`), conflicts and removed rows.

    An entry of `removed` is {"id": row id, "row": values, "at": position before the removal}.
    """

    rows: dict[str, Row]
    faults: dict[Place, str] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)


def as_form_text(value: Any) -> str:
    """Return a stored value as the text of its form field; a set tick is `y`."""
    if value is None or value is False:
        return ""
    return "y" if value is True else str(value)


def texts(section: SectionDef, row: Mapping[str, Any]) -> Texts:
    """Return the form texts of all typed fields of a stored row."""
    return {one.key: as_form_text(row.get(one.key)) for one in section.typed_fields}


def difference(
    section: SectionDef, before: Mapping[str, Texts] | None, typed: Mapping[str, Texts]
) -> Change:
    """Return the changes from `before` to `typed` (both row id → texts).

    `before` is None if the page does not know what it was made from: then no row counts as removed, and every
    typed field may be a change.
    """
    change = Change()
    if before is None:
        change.fields = {
            key: {name: (None, _with_unix_newlines(text)) for name, text in row.items()}
            for key, row in typed.items()
        }
        return change
    for key, row in typed.items():
        if key not in before:
            change.added[key] = row
            continue
        known = before[key]
        fields = {
            name: (known.get(name, ""), _with_unix_newlines(text))
            for name, text in row.items()
            if _with_unix_newlines(text) != known.get(name, "")
        }
        if fields:
            change.fields[key] = dict(fields)
    change.gone = {key: dict(row) for key, row in before.items() if key not in typed}
    if list(before) != list(typed):
        change.order = list(typed)
    return change


def merge_change(
    section: SectionDef, offered: Offered, stored: Mapping[str, Row], change: Change
) -> MergeResult:
    """Merge `change` into a copy of `stored` and return the outcome; rows that end up empty are dropped."""
    outcome = MergeResult({key: dict(row) for key, row in stored.items()})
    for key, fields in change.fields.items():
        _set_fields(section, offered, outcome, key, fields)
    for key, row in change.added.items():
        _add(section, offered, outcome, key, row)
    for key, before in change.gone.items():
        _remove(section, outcome, key, before)
    if change.order is not None:
        outcome.rows = _ordered(outcome.rows, change.order)
    outcome.rows = {k: row for k, row in outcome.rows.items() if not section_checks.is_empty(row)}
    return outcome


def _set_fields(
    section: SectionDef,
    offered: Offered,
    outcome: MergeResult,
    key: str,
    fields: Mapping[str, tuple[str | None, str]],
) -> None:
    row = outcome.rows.get(key)
    if row is None:
        if any(before is not None for before, _now in fields.values()):
            outcome.conflicts.append(Conflict(key, "", _joined_texts(fields), ""))
        else:
            _add(section, offered, outcome, key, {name: now for name, (_b, now) in fields.items()})
        return
    for one in section.typed_fields:
        if one.key not in fields:
            continue
        before, now = fields[one.key]
        stored_text = as_form_text(row.get(one.key))
        same = _equality_of(one, offered)
        if same(now, stored_text):
            continue
        if (before is None and stored_text) or (
            before is not None and not same(before, stored_text)
        ):
            if now or before is not None:
                outcome.conflicts.append(Conflict(key, one.key, now, stored_text))
            continue
        _read_into(row, one, now, offered, outcome, key)


def _add(
    section: SectionDef, offered: Offered, outcome: MergeResult, key: str, typed: Mapping[str, str]
) -> None:
    if key in outcome.rows:
        # the request was repeated because its response was lost, or the row was removed and restored while
        # somebody else changed it
        _set_fields(section, offered, outcome, key, {k: (None, text) for k, text in typed.items()})
        return
    row: Row = {}
    for one in section.typed_fields:
        row[one.key] = section_checks.read(one, None, offered)
        _read_into(row, one, typed.get(one.key, ""), offered, outcome, key)
    outcome.rows[key] = row


def _remove(
    section: SectionDef, outcome: MergeResult, key: str, before: Mapping[str, str] | None
) -> None:
    row = outcome.rows.get(key)
    if row is None:
        return
    now = texts(section, row)
    if before is None or any(now[name] != before.get(name, "") for name in now):
        theirs = {name: (None, text) for name, text in now.items() if text}
        outcome.conflicts.append(Conflict(key, "", "", _joined_texts(theirs)))
        return
    outcome.removed.append({"id": key, "row": row, "at": list(outcome.rows).index(key)})
    del outcome.rows[key]


def _read_into(
    row: Row, one: Field, typed: str, offered: Offered, outcome: MergeResult, key: str
) -> None:
    try:
        row[one.key] = section_checks.read(one, typed, offered)
    except Invalid as invalid:
        outcome.faults[key, one.key] = str(invalid)


def _ordered(rows: Mapping[str, Row], wanted: Iterable[str]) -> dict[str, Row]:
    """Return `rows` in the order `wanted`; a row missing there stays right after its former predecessor."""
    order = [key for key in wanted if key in rows]
    known, behind = set(order), ""
    for key in rows:
        if key not in known:
            order.insert(order.index(behind) + 1 if behind else 0, key)
        behind = key
    return {key: rows[key] for key in order}


def _equality_of(one: Field, offered: Offered) -> Callable[[str, str], bool]:
    def same(left: str, right: str) -> bool:
        return left == right or _read_or_text(one, left, offered) == _read_or_text(
            one, right, offered
        )

    return same


def _read_or_text(one: Field, text: str, offered: Offered) -> Any:
    try:
        return section_checks.read(one, text, offered)
    except Invalid:
        return text


def _with_unix_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _joined_texts(fields: Mapping[str, tuple[str | None, str]]) -> str:
    return " · ".join(now for _before, now in fields.values() if now)


def rows_by_id(rows: Sequence[Row], ids: Sequence[str] | None) -> dict[str, Row]:
    """Return stored rows by id; rows stored without ids are named r0, r1, …."""
    if ids is None or len(ids) != len(rows):
        ids = [f"r{number}" for number in range(len(rows))]
    return dict(zip(ids, rows, strict=True))
