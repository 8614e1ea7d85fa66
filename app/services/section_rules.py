"""What one section's rows may hold: values are read when saved, completeness and rules when submitted."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from app.services.formdef import Field, Offered, SectionDef
from app.validators import Invalid, dates
from app.validators import text as plain_text

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
TICKED = frozenset({"y", "1", "true", "on", "True"})

Row = dict[str, Any]
Faults = dict[tuple[int, str], str]
"""(row number from 0, field key) → sentence."""


@dataclass(frozen=True)
class Fault:
    """Something missing or wrong in a section; `row` counts from 0, -1 stands for the whole section."""

    row: int
    field: str
    label: str
    reason: str


def read_rows(
    section: SectionDef, typed: Sequence[Mapping[str, Any]], offered: Offered
) -> tuple[list[Row], Faults]:
    """Return the rows as they are stored, and what in them is malformed. Empty values and rows are fine."""
    rows: list[Row] = []
    faults: Faults = {}
    for number, line in enumerate(typed):
        row: Row = {}
        for one in section.typed_fields:
            try:
                row[one.key] = read(one, line.get(one.key), offered)
            except Invalid as invalid:
                faults[number, one.key] = str(invalid)
        rows.append(row)
    return rows, faults


def read(one: Field, typed: Any, offered: Offered) -> Any:
    """Return one value as it is stored: text, ISO day or month, number, code or tick; None for nothing."""
    if one.kind == "tick":
        return typed is True or str(typed) in TICKED
    raw = "" if typed is None else str(typed)
    if not raw.strip():
        return None
    return READERS[one.kind](one, raw, offered)


def is_empty(row: Mapping[str, Any]) -> bool:
    """Say whether nothing at all was typed in a row."""
    return not any(value for value in row.values())


def faults_of(
    section: SectionDef, rows: Sequence[Row], *, cutoff: date | None, today: date
) -> Iterator[Fault]:
    """Yield everything that keeps the section from being handed in."""
    if len(rows) < section.min_rows:
        yield Fault(-1, "", section.label, gettext("At least one entry is needed."))
    for number, row in enumerate(rows):
        for one in section.typed_fields:
            if one.is_needed(row) and row.get(one.key) in (None, ""):
                yield Fault(number, one.key, one.label, gettext("Not filled in."))
            elif one.is_past and _is_after(row.get(one.key), today):
                yield Fault(number, one.key, one.label, gettext("This lies in the future."))
    for rule in section.rules:
        yield from RULES[rule["kind"]](section, rows, rule, cutoff)


def _is_after(value: Any, day: date) -> bool:
    return isinstance(value, str) and bool(value) and value > day.isoformat()[: len(value)]


# reading


def _text(one: Field, raw: str, offered: Offered) -> str:
    return plain_text(raw, max_length=one.maximum)


def _area(one: Field, raw: str, offered: Offered) -> str:
    return plain_text(raw, max_length=one.maximum, multiline=True)


def _email(one: Field, raw: str, offered: Offered) -> str:
    cleaned = plain_text(raw, max_length=one.maximum)
    if not EMAIL.fullmatch(cleaned):
        raise Invalid(gettext("“%(typed)s” is no email address.", typed=cleaned))
    return cleaned


def _day(one: Field, raw: str, offered: Offered) -> str:
    return dates.day(raw).isoformat()


def _month(one: Field, raw: str, offered: Offered) -> str:
    return dates.month(raw)


def _integer(one: Field, raw: str, offered: Offered) -> int:
    return dates.whole_number(raw, minimum=one.minimum, maximum=one.maximum)


def _choice(one: Field, raw: str, offered: Offered) -> str:
    if raw not in offered[one.dictionary]:
        raise Invalid(gettext("What was chosen is not offered any more. Choose again."))
    return raw


READERS: dict[str, Callable[[Field, str, Offered], Any]] = {
    "text": _text,
    "area": _area,
    "email": _email,
    "day": _day,
    "month": _month,
    "integer": _integer,
    "choice": _choice,
}


# rules over filled rows

Rule = Mapping[str, str]


def _order(
    section: SectionDef, rows: Sequence[Row], rule: Rule, cutoff: date | None
) -> Iterator[Fault]:
    first, last = section.field(rule["first"]), section.field(rule["last"])
    for number, row in enumerate(rows):
        begin, end = row.get(first.key), row.get(last.key)
        if begin and end and end < begin:
            why = gettext("This lies before “%(first)s” (%(day)s).", first=first.label, day=begin)
            yield Fault(number, last.key, last.label, why)


def _at_most(
    section: SectionDef, rows: Sequence[Row], rule: Rule, cutoff: date | None
) -> Iterator[Fault]:
    one, other = section.field(rule["field"]), section.field(rule["other"])
    for number, row in enumerate(rows):
        value, most = row.get(one.key), row.get(other.key)
        if value and most and value > most:
            why = gettext("This is more than “%(other)s” (%(most)s).", other=other.label, most=most)
            yield Fault(number, one.key, one.label, why)


def _exactly_one(
    section: SectionDef, rows: Sequence[Row], rule: Rule, cutoff: date | None
) -> Iterator[Fault]:
    one = section.field(rule["field"])
    ticked = [number for number, row in enumerate(rows) if row.get(one.key)]
    if rows and len(ticked) != 1:
        why = gettext("Tick exactly one row; now %(count)s are ticked.", count=len(ticked))
        yield Fault(ticked[1] if ticked else 0, one.key, one.label, why)


def _unique(
    section: SectionDef, rows: Sequence[Row], rule: Rule, cutoff: date | None
) -> Iterator[Fault]:
    one = section.field(rule["field"])
    seen: set[Any] = set()
    for number, row in enumerate(rows):
        value = row.get(one.key)
        if value is not None and value in seen:
            yield Fault(
                number, one.key, one.label, gettext("%(value)s is there twice.", value=value)
            )
        seen.add(value)


def _by_cutoff(
    section: SectionDef, rows: Sequence[Row], rule: Rule, cutoff: date | None
) -> Iterator[Fault]:
    one = section.field(rule["field"])
    for number, row in enumerate(rows):
        if cutoff and _is_after(row.get(one.key), cutoff):
            why = gettext("Achievements of this batch count until %(day)s.", day=cutoff)
            yield Fault(number, one.key, one.label, why)


RULES: dict[str, Callable[[SectionDef, Sequence[Row], Rule, date | None], Iterator[Fault]]] = {
    "order": _order,
    "at_most": _at_most,
    "exactly_one": _exactly_one,
    "unique": _unique,
    "by_cutoff": _by_cutoff,
}
