"""Edit drafts of the application form: begin as a copy, change, undo and redo, publish, discard.

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
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import AuditLog, FormDefinition
from app.services.form import draft_dictionaries, form_definition, form_history, form_uses
from app.services.form.form_differences import differences
from app.services.form.form_edits import Body
from app.services.form.form_versions import draft, in_force, published, subject_of
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
    "redone": _("Undone change made again"),
    "went_back": _("Went to another state of the draft"),
    "published": _("Published"),
    "withdrawn": _("Taken back"),
    "changed": _("Changed before the upgrade"),
}
"""Kind of change in the audit trail → its label."""


class OvertakenError(Refused):
    """Refusal because somebody else changed or published the draft meanwhile."""


@dataclass(frozen=True)
class Fault:
    """A fault that prevents publication; `section` and `field` are keys or empty.

    `is_use`: nothing is wrong in itself, but something else leans on what the draft removed or changed.
    """

    sentence: str
    section: str = ""
    field: str = ""
    is_use: bool = False


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


def last_change(definition: FormDefinition) -> Last | None:
    """Return the last change in the audit trail, or None if nobody ever changed the definition."""
    query = select(AuditLog).where(
        AuditLog.kind.in_(("form_change", "form_publish", "form_withdraw")),
        AuditLog.subject == subject_of(definition),
    )
    row = db.session.scalar(query.order_by(AuditLog.id.desc()).limit(1))
    if row is None:
        return None
    return Last(row.at, row.actor_name, row.details["what"], row.details.get("label", ""))


def begin(*, actor: Actor, body: Body | None = None, what: str = "") -> FormDefinition:
    """Create a draft as a copy of the version in use, or with the content `body`, and return it.

    Raises Refused if a draft exists; the sentence names who changed it last and when.
    """
    if existing := draft():
        raise Refused(_draft_exists_sentence(existing))
    version = published()[-1].form_version + 1
    copied = {**deepcopy(in_force().body), "version": version}
    if body is not None:
        replace(copied, deepcopy(body))
    draft_dictionaries.drop_stored(copied)
    made = FormDefinition(form_version=version, title=copied["title"], body=copied)
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError as twin:
        raise Refused(gettext("Somebody else has begun a draft at this moment.")) from twin
    what = what or ("imported" if body else "begun")
    _keep(made, 0, what, "", actor)
    _audit_change(made, what, "", actor)
    return made


def discard(definition: FormDefinition, *, actor: Actor, seen: int) -> None:
    """Delete the draft; published versions are not touched.

    `seen` is the revision the person looked at; raises OvertakenError when it is not the present one.
    """
    _audit_change(definition, "discarded", "", actor)
    form_history.forget(definition)
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

    `seen` is the revision the person looked at. The states before stay for `undo`. An edit that
    changes nothing stores nothing. Raises OvertakenError when the version is published or was changed
    meanwhile, and whatever `edit` raises.
    """
    body = deepcopy(definition.body)
    answer = edit(body)
    draft_dictionaries.drop_unused(body)
    if body != definition.body or seen != definition.revision:
        number = definition.step + 1
        _store_if_unchanged(definition, seen, body=body, title=body["title"], step=number)
        _keep(definition, number, what, label, actor)
        _audit_change(definition, what, label, actor)
    return answer


def undo(definition: FormDefinition, *, actor: Actor, seen: int) -> None:
    """Go back to the state before the last change; raises Refused when there is none."""
    go_to(definition, definition.step - 1, what="undone", actor=actor, seen=seen)


def redo(definition: FormDefinition, *, actor: Actor, seen: int) -> None:
    """Go forward to the state after the change undone last; raises Refused when there is none."""
    go_to(definition, definition.step + 1, what="redone", actor=actor, seen=seen)


def go_to(
    definition: FormDefinition, number: int, *, actor: Actor, seen: int, what: str = "went_back"
) -> None:
    """Go to any kept state of the draft; raises Refused when it is not kept."""
    body = form_history.body_at(definition, number)
    _store_if_unchanged(definition, seen, body=body, title=body["title"], step=number)
    _audit_change(definition, what, "", actor)


def replace(body: Body, read: Body) -> None:
    """Replace the content of `body` in place by an imported definition; the version number stays."""
    version = body.get("version")
    body.clear()
    body |= {**read, "version": version}
    write_texts(body, {**read["commitment"], **read})


def write_texts(body: Body, texts: Mapping[str, Any]) -> None:
    """Set title, commitment and declaration; changed wording increases the commitment's version by 1."""
    body |= {name: texts.get(name, "") for name in ("title", "title_en")}
    before = in_force().body["commitment"]
    words = {name: texts.get(name, "") for name in ("text", "text_en", "secrets", "secrets_en")}
    is_same = words == {name: before.get(name, "") for name in words}
    newest = max(one.body["commitment"]["version"] for one in published())
    body["commitment"] = {"version": before["version"] if is_same else newest + 1, **words}


def faults(body: Body) -> list[Fault]:
    """Return the faults that prevent publication of `body`, each with its place."""
    found = [_with_place(body, sentence) for sentence in form_definition.faults(body)]
    if found:
        return found
    return [
        Fault(one.sentence, one.section, one.field if _has(body, one) else "", is_use=True)
        for one in form_uses.broken(in_force().body, body)
    ]


def publish(definition: FormDefinition, *, actor: Actor, at: datetime, seen: int) -> None:
    """Publish the draft: new applications use it, older ones keep theirs, and it cannot be changed any more.

    Raises Refused when it has faults, equals the published version, or was changed meanwhile.
    """
    if found := faults(definition.body):
        raise Refused(
            gettext(
                "Not published: %(count)s things are missing or wrong. They are listed below.",
                count=len(found),
            )
        )
    if not any(differences(in_force().body, definition.body)):
        raise Refused(gettext("Not published: the draft does not differ from the version in use."))
    _store_if_unchanged(definition, seen, published_at=at, step=0)
    form_history.forget(definition)
    draft_dictionaries.create(definition.body, actor=actor)
    audit(
        "form_publish",
        actor=actor,
        subject=subject_of(definition),
        details={"what": "published", "revision": definition.revision},
    )


def _keep(definition: FormDefinition, number: int, what: str, label: str, actor: Actor) -> None:
    form_history.keep(
        definition,
        number,
        definition.body,
        what=what,
        label=label,
        author=actor.name,
        at=clock.now(),
    )


def _has(body: Body, one: form_uses.Broken) -> bool:
    return any(
        field["key"] == one.field
        for section in body["sections"]
        if section["key"] == one.section
        for field in section["fields"]
    )


def _audit_change(definition: FormDefinition, what: str, label: str, actor: Actor) -> None:
    audit(
        "form_change",
        actor=actor,
        subject=subject_of(definition),
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
