"""The page behind a button: shows the chosen rows and the form, then fires the workflow event on all rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from app import engine
from app.engine import Refused, RefusedRows, Workflow
from app.extensions import db
from app.forms.base.base import ActForm, choice, radio
from app.ground import clock
from app.ground.actor import Actor
from app.models import TransitionLog
from app.models.base import Stateful
from app.services.review import proposals
from app.views.base import returning
from app.views.base.aliases import Label, Page
from app.views.base.declarations import Button
from app.views.base.declared_view import DeclaredView

BULK_MAX = 500


def form_class(model: type[Stateful], button: Button, events: Mapping[str, Label]) -> type[ActForm]:
    """Return the form class of a button: its own fields, plus radio buttons if it has more than one outcome.

    The opinion is left out unless the button asks for one or one of the events needs one.
    """
    base = button.form or ActForm
    fields: dict[str, Any] = {}
    names = list(events)
    if len(names) > 1 and button.refusals:
        choices = [(names[0], events[names[0]]), ("refuse", button.refusals)]
        ways = [(name, events[name]) for name in names[1:]]
        fields["decision"] = radio(gettext("Decision"), choices)
        fields["way"] = choice(
            gettext("Way of refusing"),
            ways,
            required=False,
            render_kw={"data-show-when": "decision=refuse", "data-must": "1"},
        )
    elif len(names) > 1:
        fields["decision"] = radio(gettext("Decision"), list(events.items()))
    needing = [name for name in names if _needs_opinion(model, name)]
    if not button.asks_opinion and not needing:
        fields["opinion"] = None
    fields["events_with_opinion"] = needing
    fields["needs_opinion"] = len(needing) == len(names)
    fields["acts_with_opinion"] = [events[name] for name in needing]
    return type(f"{button.name.title()}Form", (base,), fields)


class ActPage:
    """One button applied to one or more rows of a menu; either all rows move or none does."""

    def __init__(self, view: DeclaredView, button: Button, actor: Actor) -> None:
        self.view, self.button, self.actor, self.at = view, button, actor, clock.now()
        self.events = button.events_for(view.model, actor) or abort(403)
        named = request.form.get("back") or request.args.get("back", "")
        self.back = returning.local_path(named) or view.list_url({})
        self.versions = _versions(request.form.getlist("row"))
        self.records = self._load()
        self.form = form_class(view.model, button, self.events)()
        if hasattr(self.form, "bind"):
            self.form.bind(self.records, actor)

    def _load(self) -> list[Any]:
        keys = selected_row_ids()
        if len(keys) > BULK_MAX:
            abort(400)
        return self.view.find_all(keys, self.actor)

    def answer(self) -> ResponseReturnValue:
        if not self.records:
            flash(gettext("Choose at least one row first."), "warning")
            return redirect(self.back)
        if request.method == "GET":
            return self._page(200)
        if hasattr(self.form, "opinion") and _needs_opinion(self.view.model, self._event()):
            self.form.require_opinion()
        if self._needs_way():
            self.form.way.is_required = True
        if not self.form.validate():
            db.session.rollback()
            return self._page(422)
        return self._press()

    def _press(self) -> ResponseReturnValue:
        event, details = self._event(), self._details()
        try:
            logs = proposals.press_all(
                self.records, event, actor=self.actor, at=self.at,
                opinion=details.pop("opinion", "") or "", details=details, seen=self.versions,
            )  # fmt: skip
            db.session.commit()
        except Refused as refusal:
            return self._refused(refusal)
        except IntegrityError:
            # a concurrent request committed after our guards had passed, so a constraint refused ours
            db.session.rollback()
            return self._refused(
                Refused(gettext("Somebody else was faster. Look at the record again."))
            )
        flash(self._done(event, logs), "success")
        return redirect(self._after(), 303)

    def _after(self) -> str:
        """Return where a press leads that was done."""
        return self.back

    def _event(self) -> str:
        decision = getattr(self.form, "decision", None)
        if decision is None or decision.data is None:
            return next(iter(self.events))
        is_refusal = decision.data == "refuse" and self.button.refusals
        chosen = self._way() if is_refusal else decision.data
        return chosen if chosen in self.events else abort(400)

    def _needs_way(self) -> bool:
        """Whether the decision is to refuse and there are several ways of refusing to choose from."""
        way = getattr(self.form, "way", None)
        return way is not None and self.form.decision.data == "refuse" and len(self.events) > 2

    def _way(self) -> str:
        """Return the event of the chosen way of refusing; the only one if there is just one."""
        return self.form.way.data or list(self.events)[1]

    def _details(self) -> dict[str, Any]:
        return dict(self.form.values(without=("decision", "way")))

    def _refused(self, refusal: Refused) -> ResponseReturnValue:
        keys = [record.id for record in self.records]
        reasons: dict[int, str] = {}
        self.form.show(refusal)
        if isinstance(refusal, RefusedRows):
            if isinstance(refusal.rows[0][0], self.view.model):
                reasons = {record.id: why for record, why in refusal.rows}
            else:
                # the refused records are parts of the chosen ones and have no row on this page
                self.form.form_errors += refusal.lines()
        db.session.rollback()
        self.records = self.view.find_all(keys, self.actor)
        return self._page(422, reasons)

    def _done(self, event: str, logs: Sequence[TransitionLog]) -> str:
        if logs[0].event == proposals.PROPOSED:
            return gettext(
                "%(act)s: %(count)s proposed. The person responsible of your unit confirms them; nothing has moved yet.",
                act=self.events[event], count=len(logs),
            )  # fmt: skip
        receipts = logs[0].receipt if len(logs) == 1 else f"{logs[0].receipt} … {logs[-1].receipt}"
        done = gettext(
            "%(act)s: %(count)s done. Receipt %(receipt)s.",
            act=self.events[event], count=len(logs), receipt=receipts,
        )  # fmt: skip
        return " ".join(filter(None, (done, self.view.act_result(event, self.records))))

    def _page(self, status: int, reasons: dict[int, str] | None = None) -> ResponseReturnValue:
        engine.read_ahead(self.records)
        page = {
            "title": self.button.label,
            "view": self.view.label,
            "button": self.button,
            "form": self.form,
            "rows": [self._row(record, reasons or {}) for record in self.records],
            "columns": [column.label for column in self.view.columns],
            "confirm": self._confirm(),
            "asks": questions(self.view.model, self.events),
            "back_url": self.back,
            "url": self.view.url("act", button=self.button.name),
            "count": len(self.records),
            "sections": self.view.act_sections(self.button, self.records, self.actor),
            "scripts": self.view.scripts,
        }
        return render_template("act.html", page=page), status

    def _confirm(self) -> str | None:
        sentence = self.button.confirm
        return str(sentence) % {"count": len(self.records)} if sentence else None

    def _row(self, record: Any, reasons: dict[int, str]) -> Page:
        return {
            "pk": record.id,
            "version": self.versions.get(record.id, record.version),
            "label": self.view.name_of(record),
            "url": self.view.detail_url(record),
            "cells": [column.cell(record) for column in self.view.columns],
            "why_not": reasons.get(record.id)
            or why_not_any(record, self.events, self.actor, self.at),
        }


def questions(model: type[Stateful], events: Mapping[str, Label]) -> dict[str, str]:
    """Return what is asked before each of `events` that ends something, by event.

    The page puts the names of the rows for `{names}`. “refuse” stands for the only way of refusing.
    """
    rows = Workflow.registry[model].rows
    asked = {
        event: gettext(
            "%(names)s: “%(decision)s”. %(consequence)s Go on?",
            names="{names}", decision=label, consequence=rows[event].consequence,
        )
        for event, label in events.items()
        if rows[event].consequence
    }  # fmt: skip
    names = list(events)
    only_way = names[1] if len(names) == len(("pass", "refuse")) else ""
    return {**asked, "refuse": asked[only_way]} if only_way in asked else asked


def selected_row_ids() -> list[int]:
    """Return the ids of the rows named in the request: `row` fields of a POST, `pk` parameters of a GET."""
    if request.method == "POST":
        return list(_versions(request.form.getlist("row")))
    return [_key(text) for text in request.args.getlist("pk")]


def _needs_opinion(model: type[Stateful], event: str) -> bool:
    return Workflow.registry[model].rows[event].needs_opinion


def why_not_any(record: Stateful, events: Iterable[str], actor: Actor, at: datetime) -> str | None:
    """Return the first reason why none of `events` may be fired on `record`; None if at least one may."""
    reasons = [engine.why_not(record, event, actor=actor, at=at) for event in events]
    return None if None in reasons else reasons[0]


def _versions(rows: list[str]) -> dict[int, int]:
    """Parse the hidden fields `row=<pk>:<version>` into {id: version shown on the page}."""
    pairs = [row.partition(":") for row in rows]
    return {_key(key): _key(version) for key, _colon, version in pairs}


def _key(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        abort(400)
    return number if 0 <= number < 2**31 else abort(404)
