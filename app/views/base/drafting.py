"""Drafts of new records (存草稿): kept from the form, listed above the list, opened into the form again."""

from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.forms.base.base import NO_VALUES, Form
from app.forms.base.fields import ChoiceField
from app.forms.base.file_fields import FileField
from app.ground import clock
from app.ground.actor import Actor
from app.models import RecordDraft
from app.services.ground import record_drafts
from app.services.ground.record_drafts import Typed
from app.services.registers import register_lookup
from app.views.base.aliases import Page
from app.views.base.declarations import Add
from app.views.base.declared_view import DeclaredView

KEEP, DROP, PARAMETER = "keep_draft", "drop_draft", "draft"
TITLES = ("name", "title", "specialty_code", "level")
"""Fields by which a draft is called, as far as they are filled in."""


def is_kept(what: Add) -> bool:
    """Return whether the press keeps a draft instead of saving a record."""
    return what.has_drafts and KEEP in request.form


def is_dropped(what: Add) -> bool:
    """Return whether the press deletes a draft."""
    return what.has_drafts and DROP in request.form


def keep(view: DeclaredView, form: Form, actor: Actor) -> ResponseReturnValue:
    """Keep what was typed and lead to the list. Raises Refused when there are too many drafts or it is too long."""
    typed = _typed(form)
    draft = record_drafts.save(
        actor, _menu(view), _title(form), typed, at=clock.now(), key=_key(request.form, PARAMETER)
    )
    title = draft.title
    db.session.commit()
    flash(gettext("Draft kept: %(title)s. It stands above the list.", title=title), "success")
    if any(isinstance(field, FileField) for field in form):
        flash(gettext("Files are not kept; choose them when you save the record."), "warning")
    return redirect(view.back_url(), 303)


def drop(view: DeclaredView, actor: Actor) -> ResponseReturnValue:
    """Delete the draft that the list names, and lead back to the list."""
    dropped = record_drafts.drop(actor, _menu(view), _key(request.form, DROP))
    if dropped is None:
        flash(gettext("This draft is not there any more."), "warning")
    else:
        flash(gettext("Draft deleted: %(title)s.", title=dropped.title), "success")
    db.session.commit()
    return redirect(view.back_url(), 303)


def finish(view: DeclaredView, what: Add, actor: Actor) -> None:
    """Delete the draft whose record is saved, in the same transaction."""
    if what.has_drafts and PARAMETER in request.form:
        record_drafts.drop(actor, _menu(view), _key(request.form, PARAMETER))


def opened(view: DeclaredView, what: Add, actor: Actor) -> RecordDraft | None:
    """Return the draft named in the address, None if none is. Abort 404 on one that is not the actor's."""
    if not what.has_drafts or PARAMETER not in request.args:
        return None
    found = record_drafts.find(actor, _menu(view), _key(request.args, PARAMETER))
    return found or abort(404)


def fill(form: Form, draft: RecordDraft) -> list[str]:
    """Put what was typed into the form, unchecked; return the sentences to show above it."""
    known = [(name, value) for name, value in draft.typed if _field_of(name) in form]
    form.process(MultiDict(known))
    said = [
        gettext(
            "Draft of %(time)s, as it was typed. It is deleted once the record is saved.",
            time=f"{clock.local(draft.saved_at):%Y-%m-%d %H:%M}",
        )
    ]
    gone = dict.fromkeys(_field_of(name) for name, _value in draft.typed)
    labels = [draft.labels.get(name, name) for name in gone if name not in form]
    if labels:
        said.append(
            gettext(
                "The form has not these fields of the draft any more: %(fields)s. The rest is filled in.",
                fields=gettext(", ").join(labels),
            )
        )
    return said


def key_in_form() -> int | None:
    """Return the draft that the form on the page is about, None for none."""
    return _key(request.values, PARAMETER) or None


def shown(view: DeclaredView, actor: Actor) -> list[Page]:
    """Return the actor's drafts for the lines above the list; none where the menu keeps none."""
    if view.add is None or not view.add.has_drafts or not view.may("add"):
        return []
    return [
        {
            "key": draft.id,
            "title": draft.title,
            "saved": f"{clock.local(draft.saved_at):%Y-%m-%d %H:%M}",
            "url": view.url("add_record", draft=draft.id),
            "ask": gettext("Delete the draft “%(title)s”? It is gone for good.", title=draft.title),
        }
        for draft in record_drafts.of_menu(actor, _menu(view))
    ]


def _typed(form: Form) -> Typed:
    """Return what was typed into the fields of the form, without its token and its files."""
    kept = [field for field in form if field.name not in NO_VALUES]
    labels = {one.name: str(one.label.text) for one in kept if not isinstance(one, FileField)}
    sent = request.form.items(multi=True)
    pairs = [(name, value) for name, value in sent if _field_of(name) in labels]
    return Typed(pairs, labels)


def _field_of(name: str) -> str:
    """Return the field that a name of a form belongs to: `group_rows-0-name` to `group_rows`."""
    return name.partition("-")[0]


def _title(form: Form) -> str:
    parts = (_text(form[name]) for name in TITLES if name in form)
    return " · ".join(part for part in parts if part) or gettext("not named yet")


def _text(field: Any) -> str:
    """Return a typed value as people read it."""
    typed = str(field.data or "").strip()
    if typed and hasattr(field, "kind"):
        return register_lookup.label_of(field.kind, typed) or ""
    if isinstance(field, ChoiceField):
        return next((str(label) for value, label in field.pairs() if str(value) == typed), "")
    return typed


def _menu(view: DeclaredView) -> str:
    return type(view).__name__


def _key(values: Any, name: str) -> int:
    typed = values.get(name, "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 11 else 0
