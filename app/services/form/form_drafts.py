"""Edit drafts of the application form: begin as a copy, change, undo one step, publish, discard.

There is at most one draft. Every edit goes through `change`, which refuses to overwrite concurrent changes
and writes a row to the audit trail. The caller commits.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, AuditLog, FormDefinition
from app.services.form import form_definition
from app.services.form.form_differences import differences
from app.services.form.form_edits import Body
from app.services.ground.audit import audit

Edit = Callable[[Body], Any]

WORDS: dict[str, Any] = {
    "begun": _("Draft begun"),
    "discarded": _("Draft discarded"),
    "imported": _("Read in from a file"),
    "section_added": _("Section added"),
    "section_changed": _("Section changed"),
    "section_copied": _("Section copied"),
    "section_moved": _("Section moved"),
    "section_removed": _("Section removed"),
    "field_added": _("Field added"),
    "field_changed": _("Field changed"),
    "field_copied": _("Field copied"),
    "field_moved": _("Field moved"),
    "field_removed": _("Field removed"),
    "rule_added": _("Rule added"),
    "rule_removed": _("Rule removed"),
    "texts_changed": _("Title, commitment or declaration changed"),
    "undone": _("Last change undone"),
    "published": _("Published"),
}
"""Kind of change in the audit trail → its label."""


class OvertakenError(Refused):
    """Refusal because somebody else changed or published the draft meanwhile."""


@dataclass(frozen=True)
class Listed:
    """A version in the list of versions; `applications` is the number of applications on it."""

    definition: FormDefinition
    is_newest: bool
    applications: int

    @property
    def is_draft(self) -> bool:
        return self.definition.published_at is None


@dataclass(frozen=True)
class Fault:
    """A fault that prevents publication; `section` and `field` are keys or empty."""

    sentence: str
    section: str = ""
    field: str = ""


@dataclass(frozen=True)
class Last:
    """The last change of a draft: when, by whom, what (a key of `WORDS`), and the part's label."""

    at: datetime
    who: str
    what: str
    label: str

    def __str__(self) -> str:
        said = f"{WORDS[self.what]}{gettext(': ')}{self.label}" if self.label else WORDS[self.what]
        return gettext(
            "%(what)s (%(who)s, %(time)s)",
            what=said,
            who=self.who,
            time=f"{clock.local(self.at):%Y-%m-%d %H:%M}",
        )


def versions() -> list[Listed]:
    """Return all versions, newest first."""
    newest = form_definition.newest_version(db.session())
    counted = select(Application.form_version, func.count()).group_by(Application.form_version)
    counts = dict(iter(db.session.execute(counted).tuples()))
    query = select(FormDefinition).order_by(FormDefinition.form_version.desc())
    return [
        Listed(
            one,
            one.published_at is not None and one.form_version == newest,
            counts.get(one.form_version, 0),
        )
        for one in db.session.scalars(query)
    ]


def draft() -> FormDefinition | None:
    """Return the draft, or None."""
    return db.session.scalar(select(FormDefinition).where(FormDefinition.published_at.is_(None)))


def published() -> list[FormDefinition]:
    """Return the published versions, oldest first."""
    query = select(FormDefinition).where(FormDefinition.published_at.is_not(None))
    return list(db.session.scalars(query.order_by(FormDefinition.form_version)))


def last_change(definition: FormDefinition) -> Last | None:
    """Return the last change in the audit trail, or None if nobody ever changed the definition."""
    query = select(AuditLog).where(
        AuditLog.kind.in_(("form_change", "form_publish")), AuditLog.subject == _subject(definition)
    )
    row = db.session.scalar(query.order_by(AuditLog.id.desc()).limit(1))
    if row is None:
        return None
    return Last(row.at, row.actor_name, row.details["what"], row.details.get("label", ""))


def begin(*, actor: Actor, body: Body | None = None) -> FormDefinition:
    """Create a draft as a copy of the newest published version, or from an imported `body`, and return it.

    Raises Refused if a draft exists; the sentence names who changed it last and when.
    """
    if existing := draft():
        raise Refused(_draft_exists_sentence(existing))
    newest = published()[-1]
    version = newest.form_version + 1
    copied = {**deepcopy(newest.body), "version": version}
    if body is not None:
        replace(copied, body)
    made = FormDefinition(form_version=version, title=copied["title"], body=copied)
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError as twin:
        raise Refused(gettext("Somebody else has begun a draft at this moment.")) from twin
    _audit_change(made, "imported" if body else "begun", "", actor)
    return made


def discard(definition: FormDefinition, *, actor: Actor, seen: int) -> None:
    """Delete the draft; published versions are not touched.

    `seen` is the revision the person looked at; raises OvertakenError when it is not the present one.
    """
    _audit_change(definition, "discarded", "", actor)
    db.session.flush()
    gone = db.session.execute(
        delete(FormDefinition).where(*_as_seen(definition, seen)),
        execution_options={"synchronize_session": False},
    )
    if gone.rowcount != 1:
        raise OvertakenError(_overtaken_sentence(definition))


def change(
    definition: FormDefinition, edit: Edit, *, what: str, label: str, actor: Actor, seen: int
) -> Any:
    """Apply `edit` to a copy of the draft's body, store it and return what `edit` returned.

    `seen` is the revision the person looked at. The former body is kept for one `undo`. An edit that
    changes nothing stores nothing. Raises OvertakenError when the version is published or was changed
    meanwhile, and whatever `edit` raises.
    """
    body = deepcopy(definition.body)
    answer = edit(body)
    if body != definition.body or seen != definition.revision:
        _store_if_unchanged(
            definition, seen, body=body, title=body["title"], previous_body=definition.body
        )
        _audit_change(definition, what, label, actor)
    return answer


def undo(definition: FormDefinition, *, actor: Actor, seen: int) -> None:
    """Restore the body from before the last change; raises Refused when there is none."""
    before = definition.previous_body
    if before is None:
        raise Refused(gettext("There is nothing to undo."))
    _store_if_unchanged(definition, seen, body=before, title=before["title"], previous_body=None)
    _audit_change(definition, "undone", "", actor)


def replace(body: Body, read: Body) -> None:
    """Replace the content of `body` in place by an imported definition; the version number stays."""
    version = body.get("version")
    body.clear()
    body |= {**read, "version": version}
    write_texts(body, {**read["commitment"], **read})


def write_texts(body: Body, texts: Mapping[str, Any]) -> None:
    """Set title, commitment and declaration; changed wording increases the commitment's version by 1."""
    body |= {name: texts.get(name, "") for name in ("title", "title_en")}
    before = published()[-1].body["commitment"]
    words = {name: texts.get(name, "") for name in ("text", "text_en", "secrets", "secrets_en")}
    is_same = words == {name: before.get(name, "") for name in words}
    body["commitment"] = {"version": before["version"] + (0 if is_same else 1), **words}


def faults(body: Body) -> list[Fault]:
    """Return the faults that prevent publication of `body`, each with its place."""
    return [_with_place(body, sentence) for sentence in form_definition.faults(body)]


def publish(definition: FormDefinition, *, actor: Actor, at: datetime, seen: int) -> None:
    """Publish the draft: new applications use it, older ones keep theirs, and it cannot be changed any more.

    Raises Refused when it has faults, equals the published version, or was changed meanwhile.
    """
    if found := form_definition.faults(definition.body):
        raise Refused(
            gettext(
                "Not published: %(count)s things are missing or wrong. They are listed below.",
                count=len(found),
            )
        )
    if not any(differences(published()[-1].body, definition.body)):
        raise Refused(gettext("Not published: the draft does not differ from the version in use."))
    _store_if_unchanged(definition, seen, published_at=at, previous_body=None)
    audit(
        "form_publish",
        actor=actor,
        subject=_subject(definition),
        details={"what": "published", "revision": definition.revision},
    )


def _subject(definition: FormDefinition) -> str:
    return f"form_definition:{definition.form_version}"


def _audit_change(definition: FormDefinition, what: str, label: str, actor: Actor) -> None:
    audit(
        "form_change",
        actor=actor,
        subject=_subject(definition),
        details={"what": what, "label": label, "revision": definition.revision},
    )


def _as_seen(definition: FormDefinition, seen: int) -> list[Any]:
    return [
        FormDefinition.id == definition.id,
        FormDefinition.revision == seen,
        FormDefinition.published_at.is_(None),
    ]


def _store_if_unchanged(definition: FormDefinition, seen: int, **values: Any) -> None:
    moved = db.session.execute(
        update(FormDefinition)
        .where(*_as_seen(definition, seen))
        .values(revision=FormDefinition.revision + 1, **values),
        execution_options={"synchronize_session": False},
    )
    db.session.refresh(definition)
    if moved.rowcount != 1:
        raise OvertakenError(_overtaken_sentence(definition))


def _draft_exists_sentence(existing: FormDefinition) -> str:
    return gettext(
        "There is a draft already, version %(version)s. Last change: %(last)s. Go on with it, or discard it first.",
        version=existing.form_version,
        last=last_change(existing),
    )


def _overtaken_sentence(definition: FormDefinition) -> str:
    if definition.published_at is not None:
        return gettext(
            "Version %(version)s is published and cannot be changed. Begin a new draft.",
            version=definition.form_version,
        )
    return gettext(
        "The draft was changed meanwhile. Last change: %(last)s. What you typed is kept: compare it, then save again.",
        last=last_change(definition),
    )


def _with_place(body: Body, sentence: str) -> Fault:
    """Return a sentence of `form_definition.faults` with the section and field named at its beginning."""
    for section in body["sections"]:
        if (
            rest := _rest_after(sentence, "Section %(place)s: %(fault)s", section["label"])
        ) is None:
            continue
        for field in section["fields"]:
            if _rest_after(rest, "field %(place)s: %(fault)s", field["label"]) is not None:
                return Fault(sentence, section["key"], field["key"])
        return Fault(sentence, section["key"])
    return Fault(sentence)


def _rest_after(sentence: str, msgid: str, label: str) -> str | None:
    start = gettext(msgid, place=f"“{label}”", fault="")
    return sentence.removeprefix(start) if sentence.startswith(start) else None
