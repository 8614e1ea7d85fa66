"""What differs between two hand-ins of an application, or between the last one and now.

Rows of a list are matched first where they are equal, then where most of their fields are; the rest was added
or removed. Values are compared as stored and shown in words.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.models import Application
from app.services.dossier import dossier, submissions
from app.services.dossier.submissions import Content, Row
from app.services.form.form_definition import MATERIALS, Form, Offered, SectionDef

ALIKE = 0.4
"""Rows that share at least this part of their filled fields are the same row, changed."""


@dataclass(frozen=True)
class FieldChange:
    """One field of one row, in words."""

    key: str
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    """A row that was added (no `old` place), removed (no `new` place) or changed; places count from 0."""

    old: int | None
    new: int | None
    fields: tuple[FieldChange, ...]

    @property
    def is_added(self) -> bool:
        return self.old is None

    @property
    def is_removed(self) -> bool:
        return self.new is None


@dataclass(frozen=True)
class SectionChange:
    """What differs in one section; `places` maps the place of a row then to its place now."""

    key: str
    rows: tuple[RowChange, ...] = ()
    added: tuple[Mapping[str, Any], ...] = ()
    removed: tuple[Mapping[str, Any], ...] = ()
    places: Mapping[int, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return how many places differ: fields of changed rows, whole rows, files."""
        inside = sum(
            len(row.fields) if row.old is not None and row.new is not None else 1
            for row in self.rows
        )
        return inside + len(self.added) + len(self.removed)

    def was(self) -> dict[str, str]:
        """Return {place of a field now, such as rows-0-name: its value then}."""
        return {
            f"rows-{row.new}-{one.key}": one.old
            for row in self.rows
            if row.old is not None and row.new is not None
            for one in row.fields
        }


def since_handing(application: Application) -> dict[str, SectionChange]:
    """Return what the applicant has changed since the last hand-in, by section; nothing before the first."""
    handing = submissions.latest(application)
    if handing is None:
        return {}
    return _of(application, submissions.content(handing), submissions.now(application))


def of_handing(application: Application, since: int | None = None) -> dict[str, SectionChange]:
    """Return what the last hand-in changed against the one before it, or against number `since` (from 1)."""
    kept = submissions.of(application)
    if len(kept) < 2:
        return {}
    place = len(kept) - 2 if since is None or not 0 < since < len(kept) else since - 1
    return _of(application, submissions.content(kept[place]), submissions.content(kept[-1]))


def _of(application: Application, old: Content, new: Content) -> dict[str, SectionChange]:
    form = dossier.form_of(application)
    return between(form, dossier.labels(application), old, new)


def between(form: Form, labels: Offered, old: Content, new: Content) -> dict[str, SectionChange]:
    """Return the sections that differ, in the order of the form, other material last."""
    found = {}
    gone, come = _files(old, new), _files(new, old)
    for section in form.sections:
        before, after = old.sections.get(section.key, []), new.sections.get(section.key, [])
        pairs = match(section, before, after)
        rows = _row_changes(section, labels, before, after, pairs)
        found[section.key] = SectionChange(
            section.key,
            tuple(rows),
            _in(form, come, section.key),
            _in(form, gone, section.key),
            {there: here for there, here in pairs if there is not None and here is not None},
        )
    found[MATERIALS] = SectionChange(
        MATERIALS, (), _in(form, come, MATERIALS), _in(form, gone, MATERIALS)
    )
    return {key: one for key, one in found.items() if one.count}


Pair = tuple[int | None, int | None]


def match(section: SectionDef, old: Sequence[Row], new: Sequence[Row]) -> list[Pair]:
    """Return which row became which: (place then, place now), None on one side for removed and added."""
    if not section.is_repeated:
        return [(0 if old else None, 0 if new else None)] if old or new else []
    pairs: list[Pair] = []
    left, right = list(range(len(old))), list(range(len(new)))
    for there in list(left):
        here = next((one for one in right if _same(old[there], new[one])), None)
        if here is not None:
            _take(pairs, left, right, there, here)
    scores = sorted(
        (-_likeness(section, old[a], new[b]), abs(a - b), a, b) for a in left for b in right
    )
    for score, _distance, there, here in scores:
        if -score >= ALIKE and there in left and here in right:
            _take(pairs, left, right, there, here)
    pairs += [(there, None) for there in left] + [(None, here) for here in right]
    return sorted(pairs, key=lambda pair: (_order(pair[1]), _order(pair[0])))


def _take(pairs: list[Pair], left: list[int], right: list[int], there: int, here: int) -> None:
    pairs.append((there, here))
    left.remove(there)
    right.remove(here)


def _order(place: int | None) -> float:
    return float("inf") if place is None else place


def _same(one: Row, other: Row) -> bool:
    return _canonical(one) == _canonical(other)


def _canonical(row: Row) -> str:
    return json.dumps({key: row[key] for key in sorted(row) if row[key] not in (None, "")})


def _likeness(section: SectionDef, one: Row, other: Row) -> float:
    """Return the part of the fields filled in either row that is equal in both; an equal title is enough."""
    title = section.row_title
    if title and one.get(title) and one.get(title) == other.get(title):
        return 1.0
    filled = {
        key for row in (one, other) for key, value in row.items() if value not in (None, "", False)
    }
    equal = sum(one.get(key) == other.get(key) for key in filled)
    return equal / len(filled) if filled else 0.0


def _row_changes(
    section: SectionDef, labels: Offered, old: Sequence[Row], new: Sequence[Row], pairs: list[Pair]
) -> list[RowChange]:
    found = []
    for there, here in pairs:
        before = old[there] if there is not None else {}
        after = new[here] if here is not None else {}
        fields = _field_changes(section, labels, before, after)
        if not section.is_repeated:
            there = here = 0
        if fields or there is None or here is None:
            found.append(RowChange(there, here, fields))
    return found


def _field_changes(
    section: SectionDef, labels: Offered, old: Row, new: Row
) -> tuple[FieldChange, ...]:
    found = []
    for one in section.typed_fields:
        before, after = old.get(one.key), new.get(one.key)
        if (before or None) != (after or None):
            was = dossier.value_text(one, before, labels)
            found.append(
                FieldChange(one.key, one.label, was, dossier.value_text(one, after, labels))
            )
    return tuple(found)


def _files(one: Content, other: Content) -> list[Mapping[str, Any]]:
    """Return the files of `one` that are not in `other`: the same content under the same kind stays."""
    there = {(file["kind"], file["digest"]) for file in other.files}
    return [file for file in one.files if (file["kind"], file["digest"]) not in there]


def _in(
    form: Form, files: Sequence[Mapping[str, Any]], section: str
) -> tuple[Mapping[str, Any], ...]:
    return tuple(file for file in files if form.section_of_material(file["kind"]) == section)
