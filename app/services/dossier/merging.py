"""What somebody changed in a section, and putting it onto what is stored by now.

A change says for every field what stood there when the person began and what stands there now. What nobody
else touched is taken over; what another device changed meanwhile is a conflict and waits for a decision.
Nothing here reads or writes the database.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.services.form import section_checks
from app.services.form.form_definition import Field, Offered, SectionDef
from app.validators import Invalid

Texts = dict[str, str]
"""Field key → what the page shows in that field."""
Row = dict[str, Any]
Place = tuple[str, str]
"""(row id, field key); an empty key means the row as a whole."""


@dataclass
class Change:
    """What one page changed: fields of known rows, new rows, rows taken away, the order.

    `fields` holds (text before, text now); None before means that the page does not know.
    """

    fields: dict[str, dict[str, tuple[str | None, str]]] = field(default_factory=dict)
    added: dict[str, Texts] = field(default_factory=dict)
    gone: dict[str, Texts | None] = field(default_factory=dict)
    order: list[str] | None = None


@dataclass(frozen=True)
class Conflict:
    """A place that both changed. With an empty `key`: one removed the row that the other changed."""

    row: str
    key: str
    mine: str
    theirs: str


@dataclass
class Outcome:
    """The rows after a change, by id in their order; what could not be read; what waits for a decision."""

    rows: dict[str, Row]
    faults: dict[Place, str] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    removed: list[dict[str, Any]] = field(default_factory=list)


def shown(value: Any) -> str:
    """Return a stored value as a field shows it; a tick is `y`."""
    if value is None or value is False:
        return ""
    return "y" if value is True else str(value)


def texts(section: SectionDef, row: Mapping[str, Any]) -> Texts:
    return {one.key: shown(row.get(one.key)) for one in section.typed_fields}


def difference(
    section: SectionDef, before: Mapping[str, Texts] | None, typed: Mapping[str, Texts]
) -> Change:
    """Return what `typed` changes in `before`; None before means that the page does not know.

    Then no row is taken for removed, and every filled field may be a change.
    """
    change = Change()
    if before is None:
        change.fields = {
            key: {name: (None, _lines(text)) for name, text in row.items()}
            for key, row in typed.items()
        }
        return change
    for key, row in typed.items():
        if key not in before:
            change.added[key] = row
            continue
        known = before[key]
        fields = {
            name: (known.get(name, ""), _lines(text))
            for name, text in row.items()
            if _lines(text) != known.get(name, "")
        }
        if fields:
            change.fields[key] = dict(fields)
    change.gone = {key: dict(row) for key, row in before.items() if key not in typed}
    if list(before) != list(typed):
        change.order = list(typed)
    return change


def put_onto(
    section: SectionDef, offered: Offered, stored: Mapping[str, Row], change: Change
) -> Outcome:
    """Return `stored` with `change`; stored rows are left as they are."""
    outcome = Outcome({key: dict(row) for key, row in stored.items()})
    for key, fields in change.fields.items():
        _set_fields(section, offered, outcome, key, fields)
    for key, row in change.added.items():
        _add(section, offered, outcome, key, row)
    for key, before in change.gone.items():
        _take_away(section, outcome, key, before)
    if change.order is not None:
        outcome.rows = _ordered(outcome.rows, change.order)
    outcome.rows = {k: row for k, row in outcome.rows.items() if not section_checks.is_empty(row)}
    return outcome


def _set_fields(
    section: SectionDef,
    offered: Offered,
    outcome: Outcome,
    key: str,
    fields: Mapping[str, tuple[str | None, str]],
) -> None:
    row = outcome.rows.get(key)
    if row is None:
        if any(before is not None for before, _now in fields.values()):
            outcome.conflicts.append(Conflict(key, "", _said(fields), ""))
        else:
            _add(section, offered, outcome, key, {name: now for name, (_b, now) in fields.items()})
        return
    for one in section.typed_fields:
        if one.key not in fields:
            continue
        before, now = fields[one.key]
        here = shown(row.get(one.key))
        same = _sameness(one, offered)
        if same(now, here):
            continue
        if (before is None and here) or (before is not None and not same(before, here)):
            if now or before is not None:
                outcome.conflicts.append(Conflict(key, one.key, now, here))
            continue
        _read_into(row, one, now, offered, outcome, key)


def _add(
    section: SectionDef, offered: Offered, outcome: Outcome, key: str, typed: Mapping[str, str]
) -> None:
    if key in outcome.rows:
        # sent twice because the answer was lost, or taken away and put back while somebody changed it
        _set_fields(section, offered, outcome, key, {k: (None, text) for k, text in typed.items()})
        return
    row: Row = {}
    for one in section.typed_fields:
        row[one.key] = section_checks.read(one, None, offered)
        _read_into(row, one, typed.get(one.key, ""), offered, outcome, key)
    outcome.rows[key] = row


def _take_away(
    section: SectionDef, outcome: Outcome, key: str, before: Mapping[str, str] | None
) -> None:
    row = outcome.rows.get(key)
    if row is None:
        return
    now = texts(section, row)
    if before is None or any(now[name] != before.get(name, "") for name in now):
        theirs = {name: (None, text) for name, text in now.items() if text}
        outcome.conflicts.append(Conflict(key, "", "", _said(theirs)))
        return
    outcome.removed.append({"id": key, "row": row, "at": list(outcome.rows).index(key)})
    del outcome.rows[key]


def _read_into(
    row: Row, one: Field, typed: str, offered: Offered, outcome: Outcome, key: str
) -> None:
    try:
        row[one.key] = section_checks.read(one, typed, offered)
    except Invalid as invalid:
        outcome.faults[key, one.key] = str(invalid)


def _ordered(rows: Mapping[str, Row], wanted: Iterable[str]) -> dict[str, Row]:
    """Return `rows` as `wanted`; a row it does not name stays behind the one it stood behind."""
    order = [key for key in wanted if key in rows]
    known, behind = set(order), ""
    for key in rows:
        if key not in known:
            order.insert(order.index(behind) + 1 if behind else 0, key)
        behind = key
    return {key: rows[key] for key in order}


def _sameness(one: Field, offered: Offered) -> Callable[[str, str], bool]:
    def same(left: str, right: str) -> bool:
        return left == right or _plain(one, left, offered) == _plain(one, right, offered)

    return same


def _plain(one: Field, text: str, offered: Offered) -> Any:
    try:
        return section_checks.read(one, text, offered)
    except Invalid:
        return text


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _said(fields: Mapping[str, tuple[str | None, str]]) -> str:
    return " · ".join(now for _before, now in fields.values() if now)


def by_id(rows: Sequence[Row], ids: Sequence[str] | None) -> dict[str, Row]:
    """Return stored rows under their ids; rows without ids of their own are r0, r1, …."""
    if ids is None or len(ids) != len(rows):
        ids = [f"r{number}" for number in range(len(rows))]
    return dict(zip(ids, rows, strict=True))
