"""Checks of a filled section before submission: missing values and contradictions.

Parsing typed values is in `section_values`; rules over several rows are in `row_checks`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext

from app.services.form.form_parts import Field, Offered, Row, SectionDef
from app.services.form.row_checks import HINTS, RULES, Bounds, Fault, is_after
from app.services.form.section_values import Faults, asked, is_empty, read, read_rows

TITLES = "titles"
"""Key of the section of titles held; rules measure time from the present title."""


def faults_of(
    section: SectionDef,
    rows: Sequence[Row],
    *,
    cutoff: date | None,
    today: date,
    since: date | None = None,
) -> Iterator[Fault]:
    """Yield everything that prevents submission of the section.

    `cutoff` is the batch's last day for achievements, `since` the day of the present title (`title_since`).
    """
    rows = [asked(section, row) for row in rows]
    if len(rows) < section.min_rows:
        yield Fault(-1, "", section.label, _too_few_sentence(len(rows), section.min_rows))
    for number, row in enumerate(rows):
        for one in section.typed_fields:
            if why := _why_incomplete(section, one, row, today):
                yield Fault(number, one.key, one.label, why)
    bounds = Bounds(cutoff, today, since)
    for rule in section.rules:
        if rule["kind"] in RULES:
            yield from RULES[rule["kind"]](section, rows, rule, bounds)


def hints_of(section: SectionDef, rows: Sequence[Row]) -> Iterator[Fault]:
    """Yield hints for the applicant to look at again; they do not prevent submission."""
    rows = [asked(section, row) for row in rows]
    for rule in section.rules:
        if rule["kind"] in HINTS:
            yield from HINTS[rule["kind"]](section, rows, rule)


def title_since(titles: Sequence[Mapping[str, Any]], series: str = "") -> date | None:
    """Return the day the highest title was obtained, or None; titles of `series` are preferred."""
    held = [row for row in titles if row.get("level") and row.get("obtained_on")]
    same = [row for row in held if row.get("series") == series] or held
    if not same:
        return None
    present = min(same, key=lambda row: (row["level"], row["obtained_on"]))
    return date.fromisoformat(present["obtained_on"])


def _why_incomplete(
    section: SectionDef, one: Field, row: Mapping[str, Any], today: date
) -> str | None:
    value = row.get(one.key)
    if one.kind == "tick":
        return gettext("This must be ticked.") if one.is_needed(row) and not value else None
    if value is None or value == "":
        return _missing_sentence(section, one) if one.is_needed(row) else None
    if one.is_past and is_after(value, today):
        return gettext("This lies in the future.")
    if isinstance(value, str) and one.kind in ("text", "area") and len(value) < one.minimum:
        return gettext(
            "This has %(count)s characters; at least %(least)s are needed.",
            count=len(value),
            least=one.minimum,
        )
    return None


def _too_few_sentence(count: int, least: int) -> str:
    if least == 1:
        return gettext("At least one entry is needed.")
    return gettext(
        "At least %(least)s entries are needed; there are %(count)s.", least=least, count=count
    )


def _missing_sentence(section: SectionDef, one: Field) -> str:
    if one.kind in ("text", "area") and not section.is_repeated:
        return gettext("Not filled in. If there is none, enter “无”.")
    return gettext("Not filled in.")


__all__ = [
    "TITLES",
    "Fault",
    "Faults",
    "Offered",
    "Row",
    "asked",
    "faults_of",
    "hints_of",
    "is_empty",
    "read",
    "read_rows",
    "title_since",
]
