"""Values of a dictionary as an Excel workbook: export, and import of all rows or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.engine import Refused
from app.ground.actor import Actor
from app.models import Dictionary, DictItem
from app.services.codes import dictionary_uses, ordering
from app.services.exports import sheet_rows
from app.services.exports.sheet_rows import Column, Layout, YesNo
from app.services.ground import row_changes
from app.services.ground.audit import audit
from app.services.imports import row_sheets
from app.services.imports.refusals import RowError, SheetRefused, refused
from app.validators import Invalid, code
from app.validators import text as plain_text

MOST_ROWS = 1000
LONGEST = {"code": 32, "label": 200, "standard": 64}
Typed = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """A row of the file with its number there; `seen` is the version of the value it changes, 0 for a new one."""

    number: int
    code: str
    label: str
    valid_from: date | None
    valid_to: date | None
    is_active: bool
    standard: str
    seen: int = 0


@dataclass
class Outcome:
    """What an import changes: labels of new values, (label, before, after) of changed ones, rows without change."""

    added: list[str] = field(default_factory=list)
    changed: list[tuple[str, str, str]] = field(default_factory=list)
    unchanged: int = 0


def columns() -> list[Column]:
    return [
        Column("code", gettext("Code"), width=16),
        Column("label", gettext("Label"), width=40),
        Column("valid_from", gettext("Offered from"), kind="day", width=14),
        Column("valid_to", gettext("Offered until"), kind="day", width=14),
        Column("is_active", gettext("Active"), YesNo, width=10),
        Column("standard", gettext("Standard"), width=24),
    ]


def _layout() -> Layout:
    return Layout("_values", "1", _title, columns, "code", MOST_ROWS, is_of_people=False)


def _title() -> str:
    return gettext("Values of a dictionary")


def write(session: Session, head: Dictionary) -> bytes:
    """Return the values of a dictionary as XLSX bytes, to be changed and read back."""
    guidance = gettext(
        "One value per row. A code that is there already is changed, a new one added at the end; values that are not"
        " in the file stay as they are. Days as 2026-05-31. Keep every heading."
    )
    rows = [
        {
            "code": one.code,
            "label": one.label,
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
            "is_active": YesNo.YES if one.is_active else YesNo.NO,
            "standard": one.standard,
        }
        for one in ordering.in_order(session, head.code)
    ]
    return sheet_rows.template(_layout(), guidance, rows)


def read(session: Session, head: Dictionary, stream: IO[bytes]) -> list[Row]:
    """Return the rows of a file. Raises Refused, or SheetRefused naming every wrong row."""
    layout, errors, rows = _layout(), [], []
    for line in row_sheets.filled_rows(layout, stream):
        typed, faults = row_sheets.read(layout, line)
        typed["is_active"] = typed.get("is_active") is not YesNo.NO
        values, wrong = _checked(typed)
        sentences = row_sheets.sentences(layout, wrong | faults)
        errors += [RowError(line.row, sentence) for sentence in sentences]
        rows.append((line.row, values))
    if errors:
        raise SheetRefused(errors, "file")
    return _with_versions(session, head, rows)


def _checked(typed: Typed) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of a row as forms would store them, and a sentence for each wrong field."""
    values, wrong = dict(typed), {}
    for name, longest in LONGEST.items():
        try:
            words = str(typed.get(name) or "")
            values[name] = plain_text(words, max_length=longest)
            if name == "code" and words:
                values[name] = code(words)
        except Invalid as invalid:
            wrong[name] = str(invalid)
        if name != "standard" and not typed.get(name):
            wrong[name] = gettext("Fill in this field.")
    if values["valid_from"] and values["valid_to"] and values["valid_to"] < values["valid_from"]:
        wrong["valid_to"] = gettext("The last day lies before the first one.")
    return values, wrong


def _with_versions(
    session: Session, head: Dictionary, rows: Sequence[tuple[int, Typed]]
) -> list[Row]:
    known = {one.code: one.version for one in ordering.in_order(session, head.code)}
    first: dict[str, int] = {}
    for number, values in rows:
        if values["code"] in first:
            why = gettext("The same code stands in row %(row)s.", row=first[values["code"]])
            raise SheetRefused([RowError(number, why)], "file")
        first[values["code"]] = number
    return [
        Row(number, **{**values, "seen": known.get(values["code"], 0)}) for number, values in rows
    ]


def packed(rows: Sequence[Row]) -> list[list[Any]]:
    """Return rows as JSON values, from which `unpacked` makes them again."""
    return [
        [one.number, one.code, one.label, _iso(one.valid_from), _iso(one.valid_to), one.is_active,
         one.standard, one.seen]
        for one in rows
    ]  # fmt: skip


def unpacked(sent: Any) -> list[Row]:
    """Return rows sent back by the page that showed them, checked anew. Raises Refused for anything else."""
    try:
        rows = [_unpacked(*one) for one in sent]
    except (TypeError, ValueError):
        rows = []
    if not 0 < len(rows) <= MOST_ROWS:
        raise refused(gettext("The rows did not come back whole. Read the file in again."))
    return rows


def _unpacked(
    number: int, code: str, label: str, since: str, until: str, is_active: bool, standard: str, seen: int
) -> Row:  # fmt: skip
    typed = {
        "code": code, "label": label, "valid_from": _day(since), "valid_to": _day(until),
        "is_active": bool(is_active), "standard": standard,
    }  # fmt: skip
    values, wrong = _checked(typed)
    if wrong:
        raise ValueError(wrong)
    return Row(int(number), **values, seen=int(seen))


def enter(
    session: Session, head: Dictionary, rows: Sequence[Row], *, actor: Actor, today: date
) -> Outcome:
    """Store the rows and return what changed; the caller commits, or rolls back after a dry run.

    Raises SheetRefused naming every row that cannot be taken, of which nothing is to be stored.
    """
    known = {one.code: one for one in ordering.in_order(session, head.code)}
    outcome, errors = Outcome(), []
    last = max((one.order for one in known.values()), default=0)
    for row in rows:
        try:
            item = known.get(row.code)
            if (item.version if item else 0) != row.seen:
                raise Refused(gettext("“%(code)s” was changed meanwhile.", code=row.code))
            if item is None:
                last += 1
                _add(session, head, row, last, actor)
                outcome.added.append(row.label)
            else:
                _change(session, item, row, outcome, actor, today)
        except Refused as refusal:
            errors.append(RowError(row.number, refusal.sentence))
    if errors:
        raise SheetRefused(errors, "file")
    return outcome


def _add(session: Session, head: Dictionary, row: Row, order: int, actor: Actor) -> None:
    dictionary_uses.require_open(session, head.code)
    item = DictItem(kind=head.code, code=row.code, order=order, **_values(row))
    session.add(item)
    _note(session, item, actor, is_created=True)


def _change(
    session: Session, item: DictItem, row: Row, outcome: Outcome, actor: Actor, today: date
) -> None:
    values = _values(row)
    if all(getattr(item, name) == value for name, value in values.items()):
        outcome.unchanged += 1
        return
    dictionary_uses.require_change(
        session, item, today=today, is_active=row.is_active, first=row.valid_from, last=row.valid_to
    )
    label = item.label
    for name, value in values.items():
        setattr(item, name, value)
    told = _note(session, item, actor, is_created=False)
    outcome.changed.append((label, told.get("from", ""), told.get("to", "")))


def _note(session: Session, item: DictItem, actor: Actor, *, is_created: bool) -> dict[str, str]:
    told = row_changes.changes(item)
    session.flush()
    audit(
        "maintenance",
        actor=actor,
        subject=f"dict_item:{item.id}",
        details={"created": is_created, **told},
    )
    return told


def _values(row: Row) -> dict[str, Any]:
    names = ("label", "valid_from", "valid_to", "is_active", "standard")
    return {name: getattr(row, name) for name in names}


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
