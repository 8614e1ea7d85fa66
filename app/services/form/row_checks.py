"""Rules over the rows of a section, by the name used in the form definition.

What each rule demands follows the decrees of the professional field. A month and a day are compared by year
and month only: a month includes all its days, so the month of the cut-off counts as a whole.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext

from app.services.form.form_parts import Field, Row, Rule, SectionDef
from app.validators.texts import says_nothing

LONGEST_GAP = 3
"""Default of rule `no_gap`: months between two rows that need no explanation."""


@dataclass(frozen=True)
class Fault:
    """A missing or wrong value in a section; `row` counts from 0, -1 stands for the whole section."""

    row: int
    field: str
    label: str
    reason: str


@dataclass(frozen=True)
class Bounds:
    """Dates the rules compare with.

    `cutoff` is the batch's last day for achievements, `since` the day the present title was obtained.
    """

    cutoff: date | None
    today: date
    since: date | None


def is_after(value: Any, day: date) -> bool:
    """Say whether a stored day, month or year lies after `day`; False for an empty value."""
    return value is not None and value != "" and str(value) > day.isoformat()[: len(str(value))]


def is_before(value: Any, day: date) -> bool:
    """Say whether a stored day, month or year lies before `day`, compared at its own precision."""
    return value is not None and value != "" and str(value) < day.isoformat()[: len(str(value))]


def _fault(number: int, one: Field, why: str) -> Fault:
    return Fault(number, one.key, one.label, why)


def _order(section: SectionDef, rows: Sequence[Row], rule: Rule, bounds: Bounds) -> Iterator[Fault]:
    first, last = section.field(rule["first"]), section.field(rule["last"])
    for number, row in enumerate(rows):
        begin, end = row.get(first.key), row.get(last.key)
        if begin and end and end < begin[: len(end)]:
            why = gettext("This lies before “%(first)s” (%(day)s).", first=first.label, day=begin)
            yield _fault(number, last, why)


def _at_most(
    section: SectionDef, rows: Sequence[Row], rule: Rule, bounds: Bounds
) -> Iterator[Fault]:
    one, other = section.field(rule["field"]), section.field(rule["other"])
    for number, row in enumerate(rows):
        value, most = row.get(one.key), row.get(other.key)
        if value is not None and most is not None and value > most:
            why = gettext("This is more than “%(other)s” (%(most)s).", other=other.label, most=most)
            yield _fault(number, one, why)


def _exactly_one(
    section: SectionDef, rows: Sequence[Row], rule: Rule, bounds: Bounds
) -> Iterator[Fault]:
    one = section.field(rule["field"])
    ticked = [number for number, row in enumerate(rows) if row.get(one.key)]
    if rows and len(ticked) != 1:
        why = gettext("Tick exactly one row; now %(count)s are ticked.", count=len(ticked))
        yield _fault(ticked[1] if ticked else 0, one, why)


def _unique(
    section: SectionDef, rows: Sequence[Row], rule: Rule, bounds: Bounds
) -> Iterator[Fault]:
    one = section.field(rule["field"])
    seen: set[Any] = set()
    for number, row in enumerate(rows):
        value = row.get(one.key)
        if value is not None and value in seen:
            yield _fault(number, one, gettext("%(value)s is there twice.", value=value))
        seen.add(value)


def _by_cutoff(
    section: SectionDef, rows: Sequence[Row], rule: Rule, bounds: Bounds
) -> Iterator[Fault]:
    """Yield rows dated after the cut-off or in the future; a period has to be over by then as well."""
    for one in (section.field(rule["field"]), *_ends_of(section, rule["field"])):
        for number, row in enumerate(rows):
            if why := _lateness(one, row, bounds):
                yield _fault(number, one, why)


def _ends_of(section: SectionDef, begin: str) -> Iterator[Field]:
    """Yield the fields that end the period begun by the field `begin`, by the section's rules of order."""
    for rule in section.rules:
        if rule["kind"] == "order" and rule["first"] == begin:
            yield section.field(rule["last"])


def _lateness(one: Field, row: Row, bounds: Bounds) -> str | None:
    value = row.get(one.key)
    if bounds.cutoff and is_after(value, bounds.cutoff):
        why = gettext("Achievements of this batch count until %(day)s.", day=bounds.cutoff)
        return why + _compared_as(value, bounds.cutoff)
    # what is marked as past was compared with today already
    if one.is_past or not is_after(value, bounds.today):
        return None
    if one.is_needed(row):
        return gettext("This lies in the future.")
    return gettext("This lies in the future. Leave it empty as long as it goes on.")


def _compared_as(value: Any, bound: date) -> str:
    """Say how a month or a year is compared with a day; nothing for a day."""
    shown = bound.isoformat()[: len(str(value))]
    if len(shown) == len("2026-05"):
        return gettext(" Months are compared as a whole: %(month)s itself counts.", month=shown)
    if len(shown) == len("2026"):
        return gettext(" Years are compared as a whole: %(year)s itself counts.", year=shown)
    return ""


def _since_title(
    section: SectionDef, rows: Sequence[Row], rule: Rule, bounds: Bounds
) -> Iterator[Fault]:
    """Yield rows dated before the present title; without a title there is no such bound."""
    one = section.field(rule["field"])
    for number, row in enumerate(rows):
        if bounds.since and is_before(row.get(one.key), bounds.since):
            why = gettext(
                "This lies before the present title was obtained (%(day)s) and does not count. "
                "Take the row out, or correct the date.",
                day=bounds.since,
            )
            yield _fault(number, one, why + _compared_as(row[one.key], bounds.since))


def _every_year(
    section: SectionDef, rows: Sequence[Row], rule: Rule, bounds: Bounds
) -> Iterator[Fault]:
    """Yield a fault if full years since the present title (at most the last `years`) have no row."""
    one = section.field(rule["field"])
    if bounds.since is None:
        return
    last = bounds.today.year - 1
    if bounds.cutoff:
        last = min(last, bounds.cutoff.year)
    first = max(bounds.since.year + 1, last - rule.get("years", last) + 1)
    there = {row.get(one.key) for row in rows}
    missing = [year for year in range(first, last + 1) if year not in there]
    if missing:
        why = gettext(
            "A row is missing for %(years)s. Add it; for a year without assessment enter the reason.",
            years=gettext(", ").join(map(str, missing)),
        )
        yield Fault(-1, one.key, one.label, why)


@dataclass(frozen=True)
class _Span:
    """Period of a row, in months counted from year 0; a row without an end lasts until now."""

    number: int
    begin: int
    end: int
    note: bool


def _spans(rows: Sequence[Row], rule: Rule, bounds: Bounds) -> list[_Span]:
    now = bounds.today.year * 12 + bounds.today.month
    found = []
    for number, row in enumerate(rows):
        if row.get(rule["first"]):
            begin = _months(row[rule["first"]])
            end = _months(row[rule["last"]]) if row.get(rule["last"]) else max(now, begin)
            found.append(_Span(number, begin, end, _explains(row.get(rule["note"]))))
    return sorted(found, key=lambda span: (span.begin, span.end, span.number))


def _explains(note: Any) -> bool:
    return bool(note) and not says_nothing(str(note))


def _months(day: str) -> int:
    return int(day[:4]) * 12 + int(day[5:7])


def _no_gap(
    section: SectionDef, rows: Sequence[Row], rule: Rule, bounds: Bounds
) -> Iterator[Fault]:
    note, longest = section.field(rule["note"]), rule.get("months", LONGEST_GAP)
    reached = None
    for span in _spans(rows, rule, bounds):
        gap = span.begin - reached - 1 if reached is not None else 0
        if gap > longest and not span.note:
            why = gettext(
                "There are %(months)s months between this row and the one before. Give the reason here.",
                months=gap,
            )
            yield _fault(span.number, note, why)
        reached = max(reached or 0, span.end)


def _no_overlap(
    section: SectionDef, rows: Sequence[Row], rule: Rule, bounds: Bounds
) -> Iterator[Fault]:
    note = section.field(rule["note"])
    before: _Span | None = None
    for span in _spans(rows, rule, bounds):
        if before and span.begin < before.end and not (span.note or before.note):
            why = gettext(
                "This overlaps with row %(row)s. Correct the times, or give the reason here.",
                row=before.number + 1,
            )
            yield _fault(span.number, note, why)
        if before is None or span.end > before.end:
            before = span


def _only_highest(section: SectionDef, rows: Sequence[Row], rule: Rule) -> Iterator[Fault]:
    """Yield rows that repeat an achievement: only its highest award counts."""
    one = section.field(rule["field"])
    seen: dict[str, int] = {}
    for number, row in enumerate(rows):
        name = "".join(str(row.get(one.key) or "").split()).casefold()
        if name and name in seen:
            why = gettext(
                "Row %(row)s is about the same achievement; only its highest award counts.",
                row=seen[name] + 1,
            )
            yield _fault(number, one, why)
        seen.setdefault(name, number)


RULES: Mapping[str, Callable[[SectionDef, Sequence[Row], Rule, Bounds], Iterator[Fault]]] = {
    "order": _order,
    "at_most": _at_most,
    "exactly_one": _exactly_one,
    "unique": _unique,
    "by_cutoff": _by_cutoff,
    "since_title": _since_title,
    "every_year": _every_year,
    "no_gap": _no_gap,
    "no_overlap": _no_overlap,
}
HINTS: Mapping[str, Callable[[SectionDef, Sequence[Row], Rule], Iterator[Fault]]] = {
    "only_highest": _only_highest,
}
