"""Base of the judge's lists: own cases, a page per case, comparison of two cases, private notes."""

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, case, select

from app.engine import Refused
from app.enums import ReviewStep
from app.extensions import csrf, db
from app.ground import clock
from app.ground.actor import Actor
from app.ground.database import side_write_session
from app.models import Application, Assessment, Opinion, Seat
from app.services.judging import anonymity, assessments, case_notes
from app.todos.declared import WAITING, Todo
from app.views.base import acting
from app.views.base.access import guarded, to_sign_in
from app.views.base.aliases import Page
from app.views.base.declarations import Button
from app.views.judging import judge_progress
from app.views.judging.judge_seats import SeatView, dossier_sections
from app.web.form_tokens import STALE, has_token, new_csrf_token_answer
from app.web.json_bodies import sent_json, takes_json
from app.web.security import current_actor, require_actor

REFUSED, PAIR = 422, 2
COMPARE = Button("compare", _("Compare"), {"compare": _("Compare")}, tone="", is_page=True)


@dataclass(frozen=True)
class Neighbours:
    """Position of a case in the judge's list, with the ids of its neighbours.

    `next` is the next unfinished case if there is one, else the following case.
    `left` is the number of unfinished cases.
    """

    previous: int | None
    next: int | None
    place: int
    count: int
    left: int


class DeskView(SeatView):
    """List of the judge's cases in one review step, unfinished first, with a page for each case."""

    step: ClassVar[ReviewStep]
    waiting = ("submit",)
    template: ClassVar[str] = "desk/sheet.html"
    can_export = True

    def _init_properties(self) -> None:
        super()._init_properties()
        self.search_fields.append(judge_progress.ProgressSearch(self.step))

    @classmethod
    def conditions(cls, actor: Actor) -> list[ColumnElement[bool]]:
        """Return the conditions for the judge's cases of this step."""
        return [cls.scope(actor)]

    @classmethod
    def all_todos(cls) -> tuple[Todo, ...]:
        """Return the judge's unfinished cases: they wait for the sheet, in step 1.3.5 for the signature."""
        acts = ((Opinion, "sign"),) if cls.step is ReviewStep.OPINION else ((Assessment, "submit"),)
        return (Todo(WAITING, cls.label, moves=acts),)

    @classmethod
    def unfinished(cls, actor: Actor) -> list[ColumnElement[bool]]:
        """Return the conditions for the judge's unfinished cases of this step."""
        return [cls.scope(actor), ~judge_progress.done_condition(actor, cls.step)]

    @classmethod
    def waiting_conditions(cls, actor: Actor) -> list[ColumnElement[bool]]:
        """Return the conditions for the unfinished cases that can be worked on: an interview must have begun."""
        is_interview = cls.step is ReviewStep.INTERVIEW
        return [
            *cls.unfinished(actor),
            *([judge_progress.is_heard_by_now()] if is_interview else []),
        ]

    def order_before_all(self) -> list[ColumnElement[Any]]:
        """Put the unfinished cases first."""
        is_done = judge_progress.done_condition(require_actor(), self.step)
        return [case((is_done, 1), else_=0)]

    def note(self, actor: Actor) -> str:
        """Return the sentence above the list: how many cases are done."""
        done, count = judge_progress.done_of_all(self.step)
        return gettext("%(done)s of %(count)s done", done=done, count=count)

    def neighbours(self, record: Application, actor: Actor) -> Neighbours:
        """Return the neighbours of a case, by application number.

        After the last unfinished case, `next` wraps around to the first unfinished one.
        """
        is_done = case((judge_progress.done_condition(actor, self.step), 1), else_=0)
        query = select(Application.id, is_done).where(*self.conditions(actor))
        rows = db.session.execute(query.order_by(Application.number, Application.id)).all()
        keys = [key for key, _done in rows]
        place = keys.index(record.id)
        after = [*rows[place + 1 :], *rows[:place]]
        unfinished = [key for key, done in after if not done]
        following = unfinished[0] if unfinished else next(iter(keys[place + 1 :]), None)
        previous = keys[place - 1] if place else None
        left = sum(not done for _key, done in rows)
        return Neighbours(previous, following, place + 1, len(rows), left)

    def buttons_for(self, actor: Actor) -> list[Button]:
        """Return the buttons that the judge is permitted to use."""
        return [button for button in self.buttons if self.may(button.name)]

    def is_waiting_for(self, record: Application, button: Button, actor: Actor) -> bool:
        """Return whether the case is unfinished; the comparison waits for no case."""
        return button.name != COMPARE.name and judge_progress.is_open(record, self.step)

    @expose("/act/<string:button>", methods=["GET", "POST"])
    def act(self, button: str) -> ResponseReturnValue:
        """Redirect to the first ticked case, or to the comparison of the two ticked cases."""
        if current_actor() is None:
            return to_sign_in()
        chosen = next((b for b in self.buttons if b.name == button), None) or abort(404)
        if not self.may(chosen.name):
            abort(403)
        records = [self.find(key, require_actor()) for key in acting.selected_row_ids()[: PAIR + 1]]
        if chosen.name == COMPARE.name and len(records) != PAIR:
            flash(gettext("Tick exactly two candidates to compare them."), "warning")
            return redirect(self.back_url())
        if chosen.name == COMPARE.name:
            return redirect(self.url("compare", a=records[0].id, b=records[1].id), 303)
        if not records:
            flash(gettext("Choose at least one row first."), "warning")
            return redirect(self.back_url())
        return redirect(self.detail_url(records[0]), 303)

    act._permission_name = "act"

    @expose("/<int:pk>")
    @guarded("show")
    def show(self, pk: int) -> ResponseReturnValue:
        """Show the page of a case and record that it was opened."""
        actor = require_actor()
        record, seat = self.mine(pk, actor)
        with side_write_session() as session:
            case_notes.note_opening(session, seat.id, record.id, clock.now())
        return self.page(record, seat, actor)

    @expose("/compare")
    @guarded("compare")
    def compare(self) -> ResponseReturnValue:
        """Show two of the judge's cases side by side, section by section."""
        actor = require_actor()
        keys = [request.args.get(name, type=int) for name in ("a", "b")]
        if None in keys:
            flash(gettext("Tick exactly two candidates to compare them."), "warning")
            return redirect(self.back_url())
        pair = [self.mine(key or 0, actor)[0] for key in keys]
        sides = [{section.key: section for section in dossier_sections(one)} for one in pair]
        order = list(dict.fromkeys(key for side in sides for key in side))
        page = {
            "title": gettext("Compare"),
            "heads": [self._compare_side(one, actor) for one in pair],
            "rows": [[side.get(key) for side in sides] for key in order],
            "back_url": self.back_url(),
        }
        return self.render_template("desk/compare.html", page=page)

    def _compare_side(self, record: Application, actor: Actor) -> Page:
        head = self.head(record, actor)
        return {
            "title": self.name_of(record), "line": self._facts_line(record), "head": head["title"],
            "facts": head["facts"], "url": self.detail_url(record),
        }  # fmt: skip

    @expose("/<int:pk>/note", methods=["POST"])
    @takes_json
    @guarded("show")
    def note_down(self, pk: int) -> ResponseReturnValue:
        """Save the judge's private note, by autosave or by a button."""
        actor = require_actor()
        record, seat = self.mine(pk, actor)
        if not has_token():
            return new_csrf_token_answer() if request.is_json else self.stale(record, seat, actor)
        typed = sent_texts()
        try:
            case_notes.save_note(db.session(), seat.id, record.id, typed.get("note"), clock.now())
            db.session.commit()
        except Refused as refusal:
            return self.refused(pk, actor, refusal, typed)
        if request.is_json:
            return jsonify({"saved_at": time_of_day()})
        flash(gettext("The note is saved."), "success")
        return redirect(self.detail_url(record), 303)

    def mine(self, pk: int, actor: Actor) -> tuple[Application, Seat]:
        """Return the case and the judge's seat that reviews it; abort with 404 on anybody else's case."""
        record = self.find_whole(pk, actor)
        seat = assessments.seat_for(db.session(), record, actor) or abort(404)
        return record, seat

    def stale(self, record: Application, seat: Seat, actor: Actor) -> ResponseReturnValue:
        """Show the form again after its CSRF token expired, with everything typed; saving again stores it."""
        flash(gettext("Not saved yet: you have signed in anew. Press save again."), "warning")
        return self.page(record, seat, actor, sent_texts()), STALE

    def refused(
        self, pk: int, actor: Actor, refusal: Refused, typed: dict[str, str]
    ) -> ResponseReturnValue:
        """Roll back and answer with the refusal: as JSON, or as the page with everything typed."""
        db.session.rollback()
        record, seat = self.mine(pk, actor)
        faults = self.faults_of(record, refusal)
        if request.is_json:
            return jsonify({"refused": refusal.sentence, "faults": faults}), REFUSED
        return self.page(record, seat, actor, typed, faults, refusal.sentence), REFUSED

    def faults_of(self, record: Application, refusal: Refused) -> dict[str, str]:
        """Return {name of the field: sentence} for a refusal."""
        return {refusal.field: refusal.sentence} if refusal.field else {}

    def page(
        self,
        record: Application,
        seat: Seat,
        actor: Actor,
        typed: dict[str, str] | None = None,
        faults: dict[str, str] | None = None,
        refusal: str = "",
    ) -> str:
        """Render the page of a case; `typed` is shown instead of the stored values."""
        around = self.neighbours(record, actor)
        progress = judge_progress.progress_of(record, self.step)
        note = case_notes.note_of(db.session(), seat.id, record.id)
        context = {
            "title": self.name_of(record),
            "state": {"label": progress.label, "tone": judge_progress.TONES[progress]},
            "facts_line": self._facts_line(record),
            "prev_url": self.url("show", pk=around.previous) if around.previous else None,
            "next_url": self.url("show", pk=around.next) if around.next else None,
            "around": around,
            "back_url": self.back_url(),
            "compare_url": self._compare_url(record, around),
            "links": [{"label": label, "url": url} for label, url in self.links(record, actor)],
            "head": self.head(record, actor),
            "sections": self.sections(record, actor),
            "key": f"{actor.user_id}:{record.id}:{self.step.value}",
            "note": (typed or {}).get("note", note),
            "note_url": self.url("note_down", pk=record.id),
            "faults": faults or {},
            "refusal": refusal,
        }
        more = self.side(record, seat, actor, typed)
        return self.render_template(self.template, case=context, desk=more)

    def side(
        self, record: Application, seat: Seat, actor: Actor, typed: dict[str, str] | None
    ) -> Page:
        """Return the template data of the panel beside the material: a score sheet, or the opinion."""
        raise NotImplementedError

    def _facts_line(self, record: Application) -> str:
        parts = [record.number] if not anonymity.is_hidden(record) else []
        if self.step is ReviewStep.INTERVIEW:
            parts.append(judge_progress.slot_of(record))
        return " · ".join(part for part in parts if part)

    def _compare_url(self, record: Application, around: Neighbours) -> str | None:
        other = around.previous or around.next
        if other is None or not self.may(COMPARE.name):
            return None
        return self.url("compare", a=record.id, b=other)


def sent_texts() -> dict[str, str]:
    """Return the fields sent by a form or, as JSON, by an autosave. Aborts 400 on any other JSON."""
    if not request.is_json:
        return {name: request.form[name] for name in request.form if name != "csrf_token"}
    sent = sent_json()
    if not isinstance(sent, dict):
        abort(400)
    plain = all(value is None or isinstance(value, str | int | float) for value in sent.values())
    if not plain or any(isinstance(value, bool) for value in sent.values()):
        abort(400)
    return {str(name): "" if value is None else str(value) for name, value in sent.items()}


def time_of_day() -> str:
    """Return the present local time of day as HH:MM:SS."""
    return f"{clock.local(clock.now()):%H:%M:%S}"


# `note_down` checks the CSRF token itself: an expired one is answered with a new one, typed text is kept
csrf.exempt(f"{DeskView.note_down.__module__}.{DeskView.note_down.__name__}")
