"""What an applicant fills in: saving a section, what is open for changes, and showing it to others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.attributes import set_committed_value

from app import clock
from app.actor import Actor
from app.enums import Labelled, S
from app.extensions import db
from app.models import Application, Attachment, DictItem, Person, Section
from app.services import files, formdef, section_rules
from app.services.formdef import MATERIALS, Field, Form, Offered, SectionDef
from app.services.section_rules import Faults, Row
from app.validators import mask_id
from app.workflow.engine import Refused

OPEN = frozenset({S.DRAFT, S.RETURNED, S.IN_CORRECTION})


class SectionRefused(Refused):
    """Something typed cannot be read; `faults` has a sentence for each place. Nothing was saved."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(
            gettext(
                "Not saved: %(count)s entries cannot be read. Correct what is marked; the rest is kept as typed.",
                count=len(faults),
            )
        )
        self.faults = faults


@dataclass(frozen=True)
class Shown:
    """A section as others read it: one row of pairs, or a table."""

    key: str
    label: str
    kind: str
    columns: list[str]
    rows: list[list[Any]] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


def form_of(application: Application) -> Form:
    """Return the version of the form the application began with."""
    return formdef.load(_session(application), application.form_version)


def stored(application: Application) -> dict[str, Section]:
    """Return the sections that were ever saved, by key."""
    query = select(Section).where(Section.application_id == application.id)
    return {one.key: one for one in _session(application).scalars(query)}


def named_sections(application: Application) -> set[str]:
    """Return the sections that a return or a supplement names; none means none was named."""
    return {key for key in application.returned_sections or {} if key}


def why_closed(application: Application, key: str) -> str | None:
    """Return why section `key` cannot be changed now, or None."""
    if application.state not in OPEN:
        return gettext(
            "The application is in the state “%(state)s”; its material cannot be changed now.",
            state=application.state.label,
        )
    named = named_sections(application)
    if application.state is S.DRAFT or key in named:
        return None
    if application.state is S.RETURNED:
        return _closed_but(application, named) if named else None
    if not named and key == MATERIALS:
        return None
    return _closed_but(application, named or {MATERIALS})


def save_section(
    application: Application,
    key: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    at: datetime,
    seen_revision: int,
) -> Section:
    """Store what was typed in a section, complete or not; the caller commits.

    Values are normalised; empty rows are dropped. `seen_revision` is the revision the person looked at,
    0 for none. Raises Refused when the section is closed or was changed meanwhile, SectionRefused when a
    value cannot be read.
    """
    form = form_of(application)
    section = _section_for(application, form, key, actor)
    if why := why_closed(application, key):
        raise Refused(why)
    known = stored(application).get(key)
    _refuse_changed(known, seen_revision)
    read, faults = section_rules.read_rows(
        section, rows, formdef.offered(_session(application), form)
    )
    filled = [row for row in read if not section_rules.is_empty(row)]
    if faults:
        raise SectionRefused(faults)
    _refuse_too_many(section, filled)
    touch(application)
    return _write(application, key, filled, known, at)


def touch(application: Application) -> None:
    """Note that the material changes: of two who do so, or change and submit, at once, one loses.

    The commitment was given for the material as it was, so it must be given anew.
    """
    session = _session(application)
    session.flush()
    moved = session.execute(
        update(Application)
        .where(
            Application.id == application.id,
            Application.state == application.state,
            Application.version == application.version,
        )
        .values(version=Application.version + 1, committed_at=None, is_secret_free=False),
        execution_options={"synchronize_session": False},
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE has a row count
        session.refresh(application)
        raise Refused(gettext("Somebody changed this application at the same moment. Try again."))
    set_committed_value(application, "version", application.version + 1)
    set_committed_value(application, "committed_at", None)
    set_committed_value(application, "is_secret_free", False)


def commit_to(
    application: Application, *, is_true: bool, is_secret_free: bool, at: datetime
) -> None:
    """Note the applicant's commitment and declaration, given now for what is filled in (Order 40, art. 16)."""
    application.is_secret_free = is_secret_free
    application.committed_at = at if is_true else None
    application.commitment_version = form_of(application).commitment_version if is_true else 0


def display(application: Application) -> list[Shown]:
    """Return the whole dossier for readers other than the applicant: ID and telephone masked."""
    session = _session(application)
    form = form_of(application)
    offered = _all_labels(session, form)
    saved = stored(application)
    attached = _by_section(form, files.of(application))
    shown = []
    for section in form.sections:
        rows = saved[section.key].rows if section.key in saved else []
        lines = [_line(section, row, application.person, offered) for row in rows]
        if not section.is_repeated and not lines:
            lines = [_line(section, {}, application.person, offered)]
        shown.append(
            Shown(
                section.key,
                section.label,
                "table" if section.is_repeated else "pairs",
                [one.label for one in section.fields],
                lines,
                attached.get(section.key, []),
            )
        )
    if rest := attached.get(MATERIALS):
        shown.append(Shown(MATERIALS, gettext("Other material"), "table", [], [], rest))
    return shown


def value_text(one: Field, value: Any, offered: Offered) -> str:
    """Return a stored value in words."""
    if one.kind == "tick":
        return gettext("Yes") if value else gettext("No")
    if value is None or value == "":
        return ""
    if one.kind == "choice":
        return offered.get(one.dictionary, {}).get(str(value), str(value))
    return f"{value} {one.unit}".strip()


def source_text(one: Field, person: Person, *, is_masked: bool = True) -> str:
    """Return what the person's own data say for a field that is not typed here."""
    value = getattr(person, one.source)
    if value is None:
        return ""
    if is_masked and one.source in ("id_number", "phone"):
        return mask_id(value)
    return str(value.label) if isinstance(value, Labelled) else str(value)


def _line(section: SectionDef, row: Row, person: Person, offered: Offered) -> list[Any]:
    return [
        source_text(one, person) if one.source else value_text(one, row.get(one.key), offered)
        for one in section.fields
    ]


def _all_labels(session: Session, form: Form) -> Offered:
    """Return the labels of all codes, switched-off ones too: what was chosen then keeps its name."""
    offered = formdef.offered(session, form)
    query = select(DictItem).where(DictItem.kind.in_(offered), DictItem.is_active.is_(False))
    for item in session.scalars(query):
        offered[item.kind].setdefault(item.code, item.label)
    return offered


def _by_section(form: Form, attachments: Sequence[Attachment]) -> dict[str, list[Attachment]]:
    grouped: dict[str, list[Attachment]] = {}
    for one in attachments:
        key = form.section_of_material(one.kind)
        grouped.setdefault(key, []).append(one)
    return grouped


def _closed_but(application: Application, named: set[str]) -> str:
    form = form_of(application)
    labels = [one.label for one in form.sections if one.key in named]
    if MATERIALS in named:
        labels.append(gettext("Other material"))
    return gettext(
        "Only what was asked for can be changed now: %(sections)s.",
        sections=gettext(", ").join(labels),
    )


def _section_for(application: Application, form: Form, key: str, actor: Actor) -> SectionDef:
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


def _write(
    application: Application, key: str, rows: list[Row], known: Section | None, at: datetime
) -> Section:
    session = _session(application)
    if known is None:
        known = Section(application_id=application.id, key=key, rows=rows, revision=1, saved_at=at)
        session.add(known)
    else:
        known.rows, known.revision, known.saved_at = rows, known.revision + 1, at
    session.flush()
    return known


def _session(application: Application) -> Session:
    return object_session(application) or db.session()
