"""Builds the detail page of one record: head, sections with their material, timeline, waiting actions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext

from app.forms.base.base import ActForm
from app.ground import clock
from app.ground.actor import Actor
from app.views.base import acting, customised, queues, returning
from app.views.base.aliases import Label, Page
from app.views.base.case_timeline import ROLES_THAT_SEE_JUDGES, timeline
from app.views.base.declarations import Button
from app.views.base.declared_view import DeclaredView
from app.views.base.detail_sections import DetailSection
from app.views.base.state_colours import tone_of


@dataclass(frozen=True)
class Pressed:
    """A button whose press was refused, with its form as it was sent and its refusals."""

    button: Button
    form: ActForm


def detail_context(
    view: DeclaredView, record: Any, actor: Actor, refused: Pressed | None = None
) -> Page:
    """Return the values of detail.html for `record`; `refused` is the act that was just refused."""
    state = getattr(record, "state", None)
    previous, following = _neighbours(view, record, actor)
    sections = customised.in_order(view, view.sections(record, actor))
    acts = _acts(view, record, actor, refused)
    _attach_checks(sections, acts)
    return {
        "title": view.name_of(record),
        "state": {"label": state.label, "tone": tone_of(state)} if state is not None else None,
        "facts_line": facts_line(record),
        "prev_url": previous,
        "next_url": following,
        "back_url": view.back_url(),
        "head": view.head(record, actor),
        "sections": sections,
        "changes": view.changes(record),
        "acts": acts,
        "reminder": view.reminder(record, actor),
        "timeline": _timeline(view, record, actor) if state is not None else [],
        "links": _links(view, record, actor),
        "scripts": view.scripts,
    }


def _timeline(view: DeclaredView, record: Any, actor: Actor) -> list[Page]:
    if view.hides_handlers:
        return timeline(record, own=actor.user_id)
    return timeline(record, names_judges=actor.role in ROLES_THAT_SEE_JUDGES)


def _attach_checks(sections: list[DetailSection], acts: list[Page]) -> None:
    """Attach each row of a first check to the section it is about; the form itself is not moved."""
    for act in acts:
        entries = getattr(act["form"], "checks", None)
        if not entries or (act["why_not"] and not act["is_refused"]):
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
    if view.add and view.add.last and view.may("add"):
        links.append(
            {"label": gettext("New one like this"), "url": view.url("add_record", like=record.id)}
        )
    if view.may_change(record, actor):
        links.insert(0, {"label": gettext("Edit"), "url": view.url("edit", pk=record.id)})
    return links


def _acts(view: DeclaredView, record: Any, actor: Actor, refused: Pressed | None) -> list[Page]:
    acts = []
    for button in view.buttons_for(actor):
        is_refused = refused is not None and refused.button is button
        if not is_refused and not view.is_waiting_for(record, button, actor):
            continue
        events = button.events_for(view.model, actor)
        form = (
            refused.form
            if refused is not None and is_refused
            else _act_form(view, record, button, events, actor)
        )
        chosen = {} if form is not None else {"pk": record.id}
        acts.append(
            {
                "name": button.name,
                "label": button.label,
                "tone": button.tone,
                "is_aside": not button.is_in_rows,
                "url": view.url("act", button=button.name, **chosen),
                "form": form,
                "row": f"{record.id}:{record.version}",
                "back": _here(view, record),
                "is_refused": is_refused,
                "why_not": acting.why_not_any(record, events, actor, clock.now()),
                "asks": acting.questions(view.model, events),
                "confirm": str(button.confirm) % {"count": 1} if button.confirm else None,
            }
        )
    return acts


def _here(view: DeclaredView, record: Any) -> str:
    """Return the address of this page with its way back to the list, also after a press that was refused."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return returning.local_path(request.form.get("back", "")) or view.detail_url(record)


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
    before, after = queues.walk_of(view, actor).neighbours(record)
    return _url(view, before), _url(view, after)


def _url(view: DeclaredView, key: int | None) -> str | None:
    return view.url("show", pk=key) if key else None
