"""Save a section while it is being filled in: autosave, button, two devices at once, undo of a removal.

The caller commits.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from app.engine import Refused
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Section
from app.services.dossier import dossier, merging
from app.services.dossier.merging import Change, Conflict, Place, Row, Texts
from app.services.form import form_definition
from app.services.form.form_definition import Form, Offered, SectionDef

SINGLE_ROW_ID = "r0"
"""Id of the single row of a section that is not repeated."""
TRIES = 4
"""Attempts of a save that fails because of concurrent changes of the application."""


@dataclass(frozen=True)
class SectionState:
    """Stored state of a section: rows by id, revision (0: never saved) and time of the last save."""

    rows: dict[str, Row] = field(default_factory=dict)
    revision: int = 0
    saved_at: datetime | None = None
    can_put_back: int = 0
    """Number of rows that `put_back` can restore: those removed by the last save."""


@dataclass(frozen=True)
class SaveResult:
    """Result of a save: the section afterwards (`now`), and the invalid or conflicting values not saved."""

    now: SectionState
    faults: dict[Place, str] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    is_merged: bool = False
    """Another save came in between; the section now contains both changes."""


def section_state(application: Application, key: str) -> SectionState:
    """Return the stored state of section `key`."""
    return _filled(_stored_section(application, key))


def new_row_id() -> str:
    """Return a random id for a new row."""
    return f"n{secrets.token_hex(5)}"


def save(
    application: Application,
    key: str,
    change: Change,
    *,
    actor: Actor,
    at: datetime,
    seen: int,
    is_pressed: bool = False,
    form: Form | None = None,
) -> SaveResult:
    """Call `save_once`, up to TRIES times if the application was changed concurrently.

    A failed attempt has stored nothing, so the next one continues in the same transaction on fresh data.
    """
    put = partial(
        save_once, application, key, change, actor=actor, at=at, seen=seen, is_pressed=is_pressed
    )
    for _try in range(TRIES - 1):
        try:
            return put(form=form)
        except dossier.Meanwhile:
            _session(application).expire_all()
    return put(form=form)


def save_once(
    application: Application,
    key: str,
    change: Change,
    *,
    actor: Actor,
    at: datetime,
    seen: int,
    is_pressed: bool = False,
    form: Form | None = None,
) -> SaveResult:
    """Merge a change into section `key` and store the values that are valid and free of conflicts.

    `seen` is the revision the page was made from. With `is_pressed` (a button, not autosave) a section that
    was never saved is stored even if empty, unless it has invalid values. Raises Refused, storing nothing,
    when the section is closed or has too many rows.
    """
    section, form = open_section(application, key, actor, form)
    known = _stored_section(application, key)
    before = _filled(known)
    outcome = merging.merge_change(
        section, _offered(application, form, section, change), before.rows, change
    )
    is_merged = seen != before.revision
    is_first = known is None and is_pressed and not outcome.faults
    if _is_same(outcome.rows, before.rows) and not is_first:
        return SaveResult(before, outcome.faults, outcome.conflicts, is_merged)
    if len(outcome.rows) > max(section.max_rows, len(before.rows)):
        raise Refused(too_many(section, len(outcome.rows)))
    dossier.touch(application)
    stored = _store_rows(application, key, known, outcome, at)
    return SaveResult(_filled(stored), outcome.faults, outcome.conflicts, is_merged)


def restore_removed_rows(
    application: Application, key: str, *, actor: Actor, at: datetime
) -> SectionState:
    """Restore the rows that the last save removed (撤销); raises Refused when there are none."""
    section, _form = open_section(application, key, actor)
    known = _stored_section(application, key)
    if known is None or not known.previous_rows:
        raise Refused(gettext("There is nothing to put back."))
    rows = _filled(known).rows
    order = list(rows)
    for one in sorted(known.previous_rows, key=lambda entry: entry["at"]):
        if one["id"] not in rows:
            rows[one["id"]] = one["row"]
            order.insert(one["at"], one["id"])
    if len(rows) > section.max_rows:
        raise Refused(too_many(section, len(rows)))
    dossier.touch(application)
    outcome = merging.MergeResult({one: rows[one] for one in order})
    return _filled(_store_rows(application, key, known, outcome, at))


def open_section(
    application: Application, key: str, actor: Actor, form: Form | None = None
) -> tuple[SectionDef, Form]:
    """Return section and form for editing; raises Refused when it is closed or not the actor's own."""
    form = form or dossier.form_of(application)
    section = dossier.section_for(application, form, key, actor)
    if why := dossier.why_closed(application, key):
        raise Refused(why)
    return section, form


def too_many(section: SectionDef, count: int) -> str:
    """Return the refusal of more rows than the section allows."""
    return gettext(
        "There are %(count)s rows; at most %(most)s are allowed.",
        count=count,
        most=section.max_rows,
    )


def texts_of(section: SectionDef, rows: Mapping[str, Row]) -> dict[str, Texts]:
    """Return the form texts of stored rows, by row id."""
    return {key: merging.texts(section, row) for key, row in rows.items()}


def _stored_section(application: Application, key: str) -> Section | None:
    query = select(Section).where(Section.application_id == application.id, Section.key == key)
    return _session(application).scalars(query).one_or_none()


def _filled(known: Section | None) -> SectionState:
    if known is None:
        return SectionState()
    rows = merging.rows_by_id(known.rows, known.row_ids)
    return SectionState(rows, known.revision, known.saved_at, len(known.previous_rows or ()))


def _offered(application: Application, form: Form, section: SectionDef, change: Change) -> Offered:
    """Return the choices of the dictionaries used by changed fields; other dictionaries stay empty."""
    touched = {key for row in change.fields.values() for key in row}
    touched |= {key for row in change.added.values() for key in row}
    fields = tuple(one for one in section.typed_fields if one.key in touched)
    asked = replace(form, sections=(replace(section, fields=fields),))
    needed = form_definition.offered(_session(application), asked) if asked.dictionaries() else {}
    return {one.dictionary: {} for one in section.typed_fields if one.dictionary} | needed


def _is_same(left: Mapping[str, Row], right: Mapping[str, Row]) -> bool:
    """Say whether rows, order and values are equal; a missing field counts as empty."""
    if list(left) != list(right):
        return False
    return all(
        merging.as_form_text(left[row].get(key)) == merging.as_form_text(right[row].get(key))
        for row in left
        for key in {*left[row], *right[row]}
    )


def _store_rows(
    application: Application,
    key: str,
    known: Section | None,
    outcome: merging.MergeResult,
    at: datetime,
) -> Section:
    session = _session(application)
    if known is None:
        known = Section(application_id=application.id, key=key, revision=0)
        session.add(known)
    known.rows, known.row_ids = list(outcome.rows.values()), list(outcome.rows)
    known.previous_rows = outcome.removed or None
    known.revision, known.saved_at = known.revision + 1, at
    session.flush()
    return known


def _session(application: Application) -> Session:
    return object_session(application) or db.session()
