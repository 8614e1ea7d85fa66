"""Differences between two submissions of an application, or between the last one and the present content.

Rows of a repeated section are paired first if they are equal, then by the share of equal fields (at least
ALIKE); unpaired rows were added or removed. Values are compared as stored and shown as display texts.
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
"""Minimum share of equal filled fields for two rows to count as one changed row."""


@dataclass(frozen=True)
class FieldChange:
    """A changed field of a row; `old` and `new` are display texts."""

    key: str
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class RowChange:
    """A row that was added (`old` is None), removed (`new` is None) or changed.

    `old` and `new` are positions in the section, counted from 0.
    """

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
    """Differences in one section: changed rows, added and removed files.

    `places` maps the old position of a row to its new one.
    """

    key: str
    rows: tuple[RowChange, ...] = ()
    added: tuple[Mapping[str, Any], ...] = ()
    removed: tuple[Mapping[str, Any], ...] = ()
    places: Mapping[int, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return the number of differences: fields of changed rows, added and removed rows, files."""
        inside = sum(
            len(row.fields) if row.old is not None and row.new is not None else 1
            for row in self.rows
        )
        return inside + len(self.added) + len(self.removed)

    def was(self) -> dict[str, str]:
        """Return {present anchor of a field, such as rows-0-name: its old value} of the changed rows."""
        return {
            f"rows-{row.new}-{one.key}": one.old
            for row in self.rows
            if row.old is not None and row.new is not None
            for one in row.fields
        }


def changes_since_submission(application: Application) -> dict[str, SectionChange]:
    """Return what the applicant changed since the last submission, by section; empty before the first one."""
    submission = submissions.latest(application)
    if submission is None:
        return {}
    return _between_contents(
        application, submissions.content(submission), submissions.current_content(application)
    )


def changes_of_submission(
    application: Application, since: int | None = None
) -> dict[str, SectionChange]:
    """Return what the last submission changed, by section.

    It is compared with the one before it, or with submission number `since` (counted from 1).
    """
    kept = submissions.submissions_of(application)
    if len(kept) < 2:
        return {}
    place = len(kept) - 2 if since is None or not 0 < since < len(kept) else since - 1
    return _between_contents(
        application, submissions.content(kept[place]), submissions.content(kept[-1])
    )


def _between_contents(
    application: Application, old: Content, new: Content
) -> dict[str, SectionChange]:
    form = dossier.form_of(application)
    merged = dossier.merged_codes(application)
    old, new = _with_merged(form, merged, old), _with_merged(form, merged, new)
    return between(form, dossier.labels(application), old, new)


def _with_merged(form: Form, merged: Mapping[tuple[str, str], str], content: Content) -> Content:
    """Return a content with the values into which others were merged: nobody changed those."""
    if not merged:
        return content
    kinds = {
        one.key: {field.key: field.dictionary for field in one.fields} for one in form.sections
    }
    return Content(
        {
            key: [
                {
                    name: merged.get((kinds.get(key, {}).get(name, ""), str(value)), value)
                    for name, value in row.items()
                }
                for row in rows
            ]
            for key, rows in content.sections.items()
        },
        content.files,
    )


def between(form: Form, labels: Offered, old: Content, new: Content) -> dict[str, SectionChange]:
    """Return the sections that differ between two contents, in the order of the form, other material last."""
    found = {}
    removed_files, added_files = _files(old, new), _files(new, old)
    for section in form.sections:
        before, after = old.sections.get(section.key, []), new.sections.get(section.key, [])
        pairs = match(section, before, after)
        rows = _row_changes(section, labels, before, after, pairs)
        found[section.key] = SectionChange(
            section.key,
            tuple(rows),
            _in_section(form, added_files, section.key),
            _in_section(form, removed_files, section.key),
            {
                old_place: new_place
                for old_place, new_place in pairs
                if old_place is not None and new_place is not None
            },
        )
    found[MATERIALS] = SectionChange(
        MATERIALS,
        (),
        _in_section(form, added_files, MATERIALS),
        _in_section(form, removed_files, MATERIALS),
    )
    return {key: one for key, one in found.items() if one.count}


Pair = tuple[int | None, int | None]


def match(section: SectionDef, old: Sequence[Row], new: Sequence[Row]) -> list[Pair]:
    """Pair old rows with new ones as (old position, new position); None for a row added or removed."""
    if not section.is_repeated:
        return [(0 if old else None, 0 if new else None)] if old or new else []
    pairs: list[Pair] = []
    left, right = list(range(len(old))), list(range(len(new)))
    for old_place in list(left):
        new_place = next((one for one in right if _same(old[old_place], new[one])), None)
        if new_place is not None:
            _pair_up(pairs, left, right, old_place, new_place)
    scores = sorted(
        (-_likeness(section, old[a], new[b]), abs(a - b), a, b) for a in left for b in right
    )
    for score, _distance, old_place, new_place in scores:
        if -score >= ALIKE and old_place in left and new_place in right:
            _pair_up(pairs, left, right, old_place, new_place)
    pairs += [(old_place, None) for old_place in left] + [(None, new_place) for new_place in right]
    return sorted(pairs, key=lambda pair: (_order(pair[1]), _order(pair[0])))


def _pair_up(
    pairs: list[Pair], left: list[int], right: list[int], old_place: int, new_place: int
) -> None:
    pairs.append((old_place, new_place))
    left.remove(old_place)
    right.remove(new_place)


def _order(place: int | None) -> float:
    return float("inf") if place is None else place


def _same(one: Row, other: Row) -> bool:
    return _canonical(one) == _canonical(other)


def _canonical(row: Row) -> str:
    return json.dumps({key: row[key] for key in sorted(row) if row[key] not in (None, "")})


def _likeness(section: SectionDef, one: Row, other: Row) -> float:
    """Return the share (0 to 1) of filled fields that are equal in both rows; 1 for an equal row title."""
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
    for old_place, new_place in pairs:
        before = old[old_place] if old_place is not None else {}
        after = new[new_place] if new_place is not None else {}
        fields = _field_changes(section, labels, before, after)
        if not section.is_repeated:
            old_place = new_place = 0
        if fields or old_place is None or new_place is None:
            found.append(RowChange(old_place, new_place, fields))
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
    """Return the files of `one` not in `other`; files are the same if kind and content digest are equal."""
    others = {(file["kind"], file["digest"]) for file in other.files}
    return [file for file in one.files if (file["kind"], file["digest"]) not in others]


def _in_section(
    form: Form, files: Sequence[Mapping[str, Any]], section: str
) -> tuple[Mapping[str, Any], ...]:
    return tuple(file for file in files if form.section_of_material(file["kind"]) == section)
