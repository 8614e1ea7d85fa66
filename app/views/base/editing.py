"""Handles 新增 (add) and edit pages: validates the form, fires the event, commits; shows refusals in the form.

A refused form is shown again with everything typed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app import engine
from app.engine import Refused, RefusedRows
from app.extensions import db
from app.forms.base import compare
from app.forms.base.base import Form
from app.ground import clock
from app.ground.actor import Actor
from app.models.base import Versioned
from app.services.ground import versions
from app.services.ground.audit import audit
from app.views.base import customised, drafting, returning, taking_over
from app.views.base.declarations import Add, Change
from app.views.base.declared_view import DeclaredView
from app.views.base.detail_sections import DetailSection


def add_page(view: DeclaredView, what: Add, actor: Actor) -> ResponseReturnValue:
    """Handle the page for a new record: show the empty form, show it with errors, or save and redirect."""
    if drafting.is_dropped(what):
        return drafting.drop(view, actor)
    form = what.form()
    _bind_form(form, None, actor)
    _require(form, customised.required_fields(view))
    if request.method == "GET":
        return _page(view, what, form, notes=_fill_in(view, what, form, actor))
    if not drafting.is_kept(what) and not form.validate():
        _show_rule_faults(what, form, actor)
        return _page(view, what, form)
    try:
        if drafting.is_kept(what):
            return drafting.keep(view, form, actor)
        at, data = clock.now(), form.values()
        record = what.build(data, actor, at)
        receipt = _store(record, what.event, actor, at, data, is_named=what.is_named)
        if _is_trial(what):
            return _dry_run_page(view, what, form, record, actor)
        drafting.finish(view, what, actor)
        db.session.commit()
    except (Refused, IntegrityError) as refusal:
        return _refused(view, what, form, refusal)
    flash(_saved(view.name_of(record), receipt), "success")
    return redirect(returning.meeting_page() or view.detail_url(record), 303)


def edit_page(view: DeclaredView, what: Change, record: Any, actor: Actor) -> ResponseReturnValue:
    """Handle the edit page of `record`; save only if nobody changed it since the form was opened."""
    if what.event and (why := engine.why_not(record, what.event, actor=actor, at=clock.now())):
        flash(why, "warning")
        return redirect(view.detail_url(record))
    seen = _seen(record)
    form = what.form(data=what.load(record)) if request.method == "GET" else what.form()
    _bind_form(form, record, actor)
    if request.method == "GET" or not form.validate():
        return _page(view, what, form, version=seen, record=record)
    key = record.id
    try:
        at, data = clock.now(), form.values()
        if isinstance(record, Versioned):
            versions.require_version(record, seen)
        elif seen != record.version:
            engine.fire(record, what.event, actor=actor, at=at, details=data, seen=seen)
        what.apply(record, data, actor, at)
        receipt = _store(record, what.event, actor, at, data)
        if _is_trial(what):
            return _dry_run_page(view, what, form, record, actor, version=seen, key=key)
        db.session.commit()
    except (Refused, IntegrityError) as refusal:
        return _refused(view, what, form, refusal, version=seen, key=key, actor=actor)
    except StaleDataError:
        return _overtaken(view, what, form, key, actor)
    flash(_saved(view.name_of(record), receipt), "success")
    return redirect(returning.meeting_page() or view.detail_url(record), 303)


def seen_version() -> int:
    """Return the record version the posted form was made from; if missing 0, which no record has."""
    typed = request.form.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


def show_conflict(form: Form, stored: Form, subject: str) -> None:
    """Report in `form` who changed the record meanwhile and, at each field, the value of form `stored`."""
    form.show(versions.outdated_refusal(subject))
    compare.show_stored_values(form, stored)


def _seen(record: Any) -> int:
    if request.method == "GET":
        return int(record.version)
    if isinstance(record, Versioned):
        return seen_version()
    return request.form.get("version", record.version, type=int)


def _overtaken(
    view: DeclaredView, what: Change, form: Form, key: int, actor: Actor
) -> ResponseReturnValue:
    """Show the form again with the stored version, so that saving a second time overwrites deliberately."""
    db.session.rollback()
    record = view.find(key, actor)
    stored = what.form(formdata=None, data=what.load(record))
    _bind_form(stored, record, actor)
    show_conflict(form, stored, f"{record.__tablename__}:{record.id}")
    return _page(view, what, form, version=record.version, record=record)


def _store(
    record: Any,
    event: str,
    actor: Actor,
    at: datetime,
    data: dict[str, Any],
    *,
    is_named: bool = True,
) -> str:
    """Fire `event` and return its receipt; without an event save, write an audit row and return ''."""
    if event:
        return engine.fire(record, event, actor=actor, at=at, details=data).receipt
    db.session.add(record)
    db.session.flush()
    audit(
        "register",
        actor=actor,
        subject=f"{record.__tablename__}:{record.id}",
        details={"name": str(getattr(record, "name", ""))} if is_named else {},
    )
    return ""


def _is_trial(what: Add | Change) -> bool:
    return what.trial is not None and "try" in request.form


def _dry_run_page(
    view: DeclaredView,
    what: Add | Change,
    form: Form,
    record: Any,
    actor: Actor,
    version: int | None = None,
    key: int | None = None,
) -> ResponseReturnValue:
    """Compute the sections of a dry run, roll back, and show the form with them."""
    shown = list(what.trial.show(record, actor)) if what.trial else []
    db.session.rollback()
    kept = view.find(key, actor) if key is not None else None
    return _page(view, what, form, version=version, record=kept, tried=shown)


def _saved(name: str, receipt: str) -> str:
    if receipt:
        return gettext("Saved: %(name)s. Receipt %(receipt)s.", name=name, receipt=receipt)
    return gettext("Saved: %(name)s.", name=name)


def _bind_form(form: Form, record: Any, actor: Actor) -> None:
    if hasattr(form, "bind"):
        form.bind([record] if record is not None else [], actor)


def _require(form: Form, names: Sequence[str]) -> None:
    for name in names:
        if name in form:
            form[name].is_required = form[name].flags.required = True


def _refused(
    view: DeclaredView,
    what: Add | Change,
    form: Form,
    refusal: Exception,
    version: int | None = None,
    key: int | None = None,
    actor: Actor | None = None,
) -> ResponseReturnValue:
    lines = refusal.lines() if isinstance(refusal, RefusedRows) else []
    db.session.rollback()
    if isinstance(refusal, IntegrityError):
        refusal = Refused(
            gettext(
                "This record contradicts one that is there already; check the values that must be unique."
            )
        )
    form.show(refusal)
    form.form_errors += lines
    record = view.find(key, actor) if key is not None and actor is not None else None
    return _page(view, what, form, version=version, record=record)


def _show_rule_faults(what: Add, form: Form, actor: Actor) -> None:
    """Show also what the rules say to the fields of a refused form that are not at fault themselves."""
    if what.faults is None or form.has_faulty_rows():
        return
    with form.without_faulty():
        found = list(what.faults(form.values(), actor, clock.now()))
    at_fault = {field.name for field in form if field.errors}
    for name, sentence in found:
        if name not in at_fault:
            form.show_fault(name, sentence)


def _fill_in(view: DeclaredView, what: Add, form: Form, actor: Actor) -> list[str]:
    """Fill a new form from the draft, otherwise with what the last record had; return the sentences about it."""
    if draft := drafting.opened(view, what, actor):
        return drafting.fill(form, draft)
    taken = taking_over.find(view, what, actor)
    if taken is None:
        return []
    taking_over.fill(form, taken)
    return taking_over.notes(form, taken)


def _page(
    view: DeclaredView,
    what: Add | Change,
    form: Form,
    version: int | None = None,
    record: Any = None,
    tried: list[DetailSection] | None = None,
    notes: Sequence[str] = (),
) -> ResponseReturnValue:
    page = {
        "title": what.label,
        "purpose": view.label,
        "form": form,
        "sections": form.groups()
        if hasattr(form, "groups")
        else [("", [f for f in form if f.name != "csrf_token"])],
        "submit_label": what.verb,
        "back_url": returning.meeting_page()
        or (view.detail_url(record) if record is not None else view.back_url()),
        "notes": [*what.notes, *getattr(form, "notes", []), *notes],
        "is_multipart": any(field.type in ("FileField", "MultipleFileField") for field in form),
        "version": version,
        "tried": tried,
        "more_buttons": _more_buttons(what),
        "draft": drafting.key_in_form() if _has_drafts(what) else None,
    }
    is_answered = request.method == "GET" or tried is not None
    return render_template("form.html", page=page), 200 if is_answered else 422


def _has_drafts(what: Add | Change) -> bool:
    return isinstance(what, Add) and what.has_drafts


def _more_buttons(what: Add | Change) -> list[dict[str, Any]]:
    """Return the buttons beside saving: the dry run and keeping a draft."""
    dry_run = [{"name": "try", "label": what.trial.label}] if what.trial else []
    keep = {"name": drafting.KEEP, "label": gettext("Keep as a draft")}
    return [*dry_run, keep] if _has_drafts(what) else dry_run
