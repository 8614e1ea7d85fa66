"""Save sections of an application and say which of them may be changed now.

Displaying a dossier is in `dossier_display`, whose names are exported from here too.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.attributes import set_committed_value

from app.engine import Refused
from app.enums import ApplicationState
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, MaterialKind, Section
from app.services.dossier import return_reasons
from app.services.dossier.dossier_display import (
    Shown,
    display,
    form_of,
    labels,
    merged_codes,
    source_text,
    stored,
    value_text,
)
from app.services.form import form_definition, section_checks
from app.services.form.form_definition import MATERIALS, Form, SectionDef
from app.services.form.section_checks import Faults, Row
from app.services.rules import rule_evaluation

EDITABLE_STATES = frozenset(
    {ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.IN_CORRECTION}
)


class SectionRefused(Refused):
    """Refusal of a save because values are invalid; `faults` has a sentence per place. Nothing was saved."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(
            gettext(
                "Not saved: %(count)s entries cannot be read. Correct what is marked; the rest is kept as typed.",
                count=len(faults),
            )
        )
        self.faults = faults


class Meanwhile(Refused):
    """Refusal after a concurrent change of the application; a retry reads the changed state."""


def named_sections(application: Application) -> set[str]:
    """Return the keys of the sections named by the last return or supplement request; may be empty."""
    keys = application.returned_sections or {}
    return {key for key in keys if key and not key.startswith(return_reasons.KIND)}


def why_closed(application: Application, key: str) -> str | None:
    """Return why section `key` cannot be changed now, or None."""
    if application.state not in EDITABLE_STATES:
        return gettext(
            "The application is in the state “%(state)s”; its material cannot be changed now.",
            state=application.state.label,
        )
    named, kinds = named_sections(application), return_reasons.kinds_named(application)
    if application.state is ApplicationState.DRAFT or key in named:
        return None
    if application.state is ApplicationState.RETURNED:
        return _only_requested_is_open(application, named) if named else None
    if not named and not kinds and key == MATERIALS:
        return None
    return _only_requested_is_open(application, named if named or kinds else {MATERIALS})


def why_kind_closed(application: Application, section: str, kind: str) -> str | None:
    """Return why material of a kind cannot be changed now, or None.

    A supplement request may ask for single kinds; those are open even when their section is closed.
    """
    if application.state in EDITABLE_STATES and kind in return_reasons.kinds_named(application):
        return None
    return why_closed(application, section)


def save_section(
    application: Application,
    key: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    at: datetime,
    seen_revision: int,
) -> Section:
    """Save the rows of a section, complete or not; the caller commits.

    Values are normalised; empty rows are dropped. `seen_revision` is the revision the page was made from, 0
    for none. Raises Refused when the section is closed, was changed meanwhile or has too many rows,
    SectionRefused when a value is invalid.
    """
    form = form_of(application)
    section = section_for(application, form, key, actor)
    if why := why_closed(application, key):
        raise Refused(why)
    known = stored(application).get(key)
    _refuse_changed(known, seen_revision)
    read, faults = section_checks.read_rows(
        section, rows, form_definition.offered(_session(application), form)
    )
    filled = [row for row in read if not section_checks.is_empty(row)]
    if faults:
        raise SectionRefused(faults)
    _refuse_too_many(section, filled)
    touch(application)
    return _store_rows(application, key, filled, known, at)


def touch(application: Application) -> None:
    """Count up the application's version before its content changes; raise Meanwhile on a concurrent change.

    Of two concurrent changes, or a change and a submission, one fails. The commitment was given for the old
    content, so it is cleared and must be given anew; the number of unmet rules is cleared until it is counted
    again.
    """
    session = _session(application)
    session.flush()
    rule_evaluation.mark_for_recount(application)
    updated = session.execute(
        update(Application)
        .where(
            Application.id == application.id,
            Application.state == application.state,
            Application.version == application.version,
        )
        .values(
            version=Application.version + 1,
            committed_at=None,
            is_secret_free=False,
            rules_unmet=None,
        ),
        execution_options={"synchronize_session": False},
    )
    if updated.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE has a row count
        session.refresh(application)
        raise Meanwhile(gettext("Somebody changed this application at the same moment. Try again."))
    set_committed_value(application, "version", application.version + 1)
    set_committed_value(application, "committed_at", None)
    set_committed_value(application, "is_secret_free", False)
    set_committed_value(application, "rules_unmet", None)


def commit_to(
    application: Application, *, is_true: bool, is_secret_free: bool, at: datetime
) -> None:
    """Record the applicant's commitment and declaration about secrets (Order 40, art. 16).

    Both are given at `at` for the present content.
    """
    application.is_secret_free = is_secret_free
    application.committed_at = at if is_true else None
    application.commitment_version = form_of(application).commitment_version if is_true else 0


def _only_requested_is_open(application: Application, named: set[str]) -> str:
    form = form_of(application)
    labels = [one.label for one in form.sections if one.key in named]
    if MATERIALS in named:
        labels.append(gettext("Other material"))
    if kinds := return_reasons.kinds_named(application):
        query = select(MaterialKind.name).where(MaterialKind.code.in_(kinds))
        labels += _session(application).scalars(query.order_by(MaterialKind.order))
    return gettext(
        "Only what was asked for can be changed now: %(sections)s.",
        sections=gettext(", ").join(labels),
    )


def section_for(application: Application, form: Form, key: str, actor: Actor) -> SectionDef:
    """Return the definition of section `key`; raise Refused unless the actor is the applicant."""
    if actor.person_id is None or actor.person_id != application.person_id:
        raise Refused(gettext("Only the applicant changes the application."))
    section = form.section(key)
    if section is None:
        raise Refused(gettext("The form has no such section."))
    return section


def _refuse_changed(known: Section | None, seen_revision: int) -> None:
    revision = known.revision if known else 0
    if seen_revision != revision:
        saved = f"{clock.local(known.saved_at):%Y-%m-%d %H:%M:%S}" if known else ""
        raise Refused(
            gettext(
                "This section was changed elsewhere at %(time)s, perhaps on your phone. Nothing was saved; "
                "open it anew in another window, compare and take over what is to stay.",
                time=saved,
            )
        )


def _refuse_too_many(section: SectionDef, rows: Sequence[Row]) -> None:
    if len(rows) > section.max_rows:
        raise Refused(
            gettext(
                "There are %(count)s rows; at most %(most)s are allowed.",
                count=len(rows),
                most=section.max_rows,
            )
        )


def _store_rows(
    application: Application, key: str, rows: list[Row], known: Section | None, at: datetime
) -> Section:
    session = _session(application)
    if known is None:
        known = Section(application_id=application.id, key=key, rows=rows, revision=1, saved_at=at)
        session.add(known)
    else:
        known.rows, known.revision, known.saved_at = rows, known.revision + 1, at
        known.row_ids = known.previous_rows = None
    session.flush()
    return known


def _session(application: Application) -> Session:
    return object_session(application) or db.session()


__all__ = [
    "EDITABLE_STATES",
    "Meanwhile",
    "SectionRefused",
    "Shown",
    "commit_to",
    "display",
    "form_of",
    "labels",
    "merged_codes",
    "named_sections",
    "save_section",
    "section_for",
    "source_text",
    "stored",
    "touch",
    "value_text",
    "why_closed",
    "why_kind_closed",
]
