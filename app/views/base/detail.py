"""Builds the detail page of one record: head, sections with their material, timeline, waiting actions."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext

from app.extensions import db
from app.forms.base.base import ActForm
from app.ground import clock
from app.ground.actor import Actor
from app.views.base import acting
from app.views.base.aliases import Label, Page
from app.views.base.case_timeline import ROLES_THAT_SEE_JUDGES, timeline
from app.views.base.declarations import Button
from app.views.base.declared_view import DeclaredView
from app.views.base.detail_sections import DetailSection
from app.views.base.state_colours import tone_of


def detail_context(view: DeclaredView, record: Any, actor: Actor) -> Page:
    """Return the values of detail.html for `record`."""
    state = getattr(record, "state", None)
    previous, following = _neighbours(view, record, actor)
    sections, acts = view.sections(record, actor), _acts(view, record, actor)
    _attach_checks(sections, acts)
    return {
        "title": view.name_of(record),
        "state": {"label": state.label, "tone": tone_of(state)} if state is not None else None,
        "facts_line": facts_line(record),
        "prev_url": previous,
        "next_url": following,
        "back_url": view.list_url({}),
        "head": view.head(record, actor),
        "sections": sections,
        "changes": view.changes(record),
        "acts": acts,
        "reminder": view.reminder(record, actor),
        "timeline": _timeline(record, actor) if state is not None else [],
        "links": _links(view, record, actor),
        "scripts": view.scripts,
    }


def _timeline(record: Any, actor: Actor) -> list[Page]:
    return timeline(record, names_judges=actor.role in ROLES_THAT_SEE_JUDGES)


def _attach_checks(sections: list[DetailSection], acts: list[Page]) -> None:
    """Attach each row of a first check to the section it is about; the form itself is not moved."""
    for act in acts:
        entries = getattr(act["form"], "checks", None)
        if act["why_not"] or not entries:
            continue
        rows = {entry.form.key.data: entry for entry in entries}
        for section in sections:
            section.check = rows.get(section.key)
        act["is_beside"] = True


def facts_line(record: Any) -> str:
    """Return number, current holder and deadline in one line, as far as the record has them."""
    parts = [str(getattr(record, "number", "") or "")]
    if holder := getattr(record, "holder", None):
        parts.append(gettext("now with %(unit)s", unit=holder.name))
    if due := getattr(record, "due_at", None):
        parts.append(gettext("until %(day)s", day=clock.text(due)))
    return " · ".join(part for part in parts if part)


def _links(view: DeclaredView, record: Any, actor: Actor) -> list[Page]:
    links = [{"label": label, "url": url} for label, url in view.links(record, actor)]
    if view.may_change(record, actor):
        links.insert(0, {"label": gettext("Edit"), "url": view.url("edit", pk=record.id)})
    return links


def _acts(view: DeclaredView, record: Any, actor: Actor) -> list[Page]:
    acts = []
    for button in view.buttons_for(actor):
        if not view.is_waiting_for(record, button, actor):
            continue
        events = button.events_for(view.model, actor)
        form, url = (
            _act_form(view, record, button, events, actor),
            view.url("act", button=button.name),
        )
        acts.append(
            {
                "name": button.name,
                "label": button.label,
                "tone": button.tone,
                "url": url if form is not None else f"{url}?pk={record.id}",
                "form": form,
                "row": f"{record.id}:{record.version}",
                "back": request.path,
                "why_not": acting.why_not_any(record, events, actor, clock.now()),
                "confirm": str(button.confirm) % {"count": 1} if button.confirm else None,
            }
        )
    return acts


def _act_form(
    view: DeclaredView, record: Any, button: Button, events: Mapping[str, Label], actor: Actor
) -> ActForm | None:
    """Return the form to show beside the record; None if the form is too large and `has_own_page`."""
    kind = acting.form_class(view.model, button, events)
    if getattr(kind, "has_own_page", False):
        return None
    form = kind(formdata=None, prefix="")
    if hasattr(form, "bind"):
        form.bind([record], actor)
    return form


def _neighbours(view: DeclaredView, record: Any, actor: Actor) -> tuple[str | None, str | None]:
    keys = view.rows(actor).with_only_columns(view.model.id)
    above = keys.where(view.model.id > record.id).order_by(view.model.id.asc()).limit(1)
    below = keys.where(view.model.id < record.id).order_by(view.model.id.desc()).limit(1)
    urls = []
    for query in (above, below):
        key = db.session.execute(query).scalar()
        urls.append(view.url("show", pk=key) if key else None)
    return urls[0], urls[1]
