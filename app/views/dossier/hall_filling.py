"""Fill in the sections of an application: show, autosave, save, resolve conflicts."""

import json
from collections.abc import Mapping
from typing import Any

from flask import abort, flash, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app.engine import Refused
from app.extensions import csrf, db
from app.forms.base import builder
from app.ground import clock
from app.models import Application
from app.services.dossier import dossier, filling, merging, sent_rows
from app.services.dossier.filling import SaveResult, SectionState
from app.services.dossier.merging import Texts
from app.services.form.form_definition import Form, SectionDef
from app.services.rules import rule_evaluation
from app.views.base.access import guarded
from app.views.dossier import hall_compare, hall_sections
from app.views.dossier.hall_base import CONFLICT, REFUSED, WISHES_TO_GO_ON, HallPage, commit, refuse
from app.views.dossier.hall_sections import Typed
from app.web.form_tokens import STALE, has_token, new_csrf_token_answer
from app.web.json_bodies import sent_json, takes_json
from app.web.security import require_actor


class Filling(HallPage):
    """One page per section; saved by a button or by autosave, complete or not."""

    @expose("/application/<int:pk>/section/<string:key>", methods=["GET", "POST"])
    @takes_json
    @guarded("fill", fires=(Application, "submit"))
    def section(self, pk: int, key: str) -> ResponseReturnValue:
        """Show a section, or save it: JSON for an autosave, a form for a button."""
        application = self.find(pk, require_actor())
        form = dossier.form_of(application)
        section = form.section(key) or abort(404)
        if request.method == "GET":
            return self._stored_page(application, section)
        is_stale = not has_token()
        if request.is_json:
            return (
                new_csrf_token_answer() if is_stale else self._autosave(application, form, section)
            )
        typed = _read_form(section, filling.section_state(application, key))
        if is_stale:
            flash(gettext("Not saved yet: you have signed in anew. Press save again."), "warning")
            return self._section_page(application, section, typed), STALE
        return self._save(application, form, section, typed)

    def _autosave(
        self, application: Application, form: Form, section: SectionDef
    ) -> ResponseReturnValue:
        sent = sent_json()
        change = sent_rows.change_of(section, sent)
        if sent is None or change is None:
            abort(400)
        seen = sent.get("revision")
        seen = seen if isinstance(seen, int) else 0
        try:
            saved = self._store(application, form, section, change, seen=seen, is_pressed=False)
        except Refused as refusal:
            db.session.rollback()
            return jsonify({"refused": refusal.sentence}), REFUSED
        answer = _autosave_answer(section, saved, change)
        if saved.conflicts:
            labels = {one.key: one.label for one in section.fields}
            answer["conflicts"] = [
                [one.row, one.key, labels.get(one.key, section.label), one.mine, one.theirs]
                for one in saved.conflicts
            ]
        return jsonify(answer), CONFLICT if saved.conflicts else 200

    def _store(
        self,
        application: Application,
        form: Form,
        section: SectionDef,
        change: merging.Change,
        *,
        seen: int,
        is_pressed: bool,
    ) -> SaveResult:
        saved = filling.save(
            application,
            section.key,
            change,
            actor=require_actor(),
            at=clock.now(),
            seen=seen,
            is_pressed=is_pressed,
            form=form,
        )
        if is_pressed:
            # autosaves come too often to reevaluate the conditions each time
            rule_evaluation.store_marked_counts(clock.now())
        db.session.commit()
        return saved

    def _save(
        self, application: Application, form: Form, section: SectionDef, typed: Typed
    ) -> ResponseReturnValue:
        if typed.wish == "put_back":
            return self._put_back(application, section)
        rows = hall_compare.rows_with_choices(section, typed.rows, typed.base or {}, request.form)
        rows = _rows_after(rows, typed.wish)
        try:
            if _count_filled_rows(rows) > section.max_rows:
                raise Refused(filling.too_many(section, _count_filled_rows(rows)))
            change = merging.difference(section, typed.base, rows)
            saved = self._store(
                application, form, section, change, seen=typed.revision, is_pressed=True
            )
        except Refused as refusal:
            db.session.rollback()
            typed.rows = rows
            return self._section_page(application, section, typed, refusal.sentence), REFUSED
        base = filling.texts_of(section, saved.now.rows)
        done = Typed(rows, base, saved.now.revision, typed.wish, saved.faults)
        return self._save_answer(application, section, done, saved)

    def _save_answer(
        self, application: Application, section: SectionDef, typed: Typed, saved: SaveResult
    ) -> ResponseReturnValue:
        if saved.conflicts:
            page = hall_compare.context(application, section, typed, saved)
            return self._show("me/compare.html", **page), CONFLICT
        if saved.faults:
            sentence = gettext(
                "%(count)s entries cannot be read and are not saved. Correct what is marked; everything else is saved.",
                count=len(saved.faults),
            )
            return self._section_page(application, section, typed, sentence), REFUSED
        flash(gettext("Saved at %(time)s.", time=_saved_time(saved.now)), "success")
        if saved.is_merged:
            flash(gettext("What was changed elsewhere meanwhile is in this section too."), "info")
        return redirect(self._next_url(application, section, typed.wish, saved.now), 303)

    def _put_back(self, application: Application, section: SectionDef) -> ResponseReturnValue:
        pk = application.id
        try:
            filling.restore_removed_rows(
                application, section.key, actor=require_actor(), at=clock.now()
            )
            commit()
            flash(gettext("What was removed is back."), "success")
        except Refused as refusal:
            refuse(refusal)
        return redirect(self.url("section", pk=pk, key=section.key), 303)

    def _next_url(
        self, application: Application, section: SectionDef, wish: str, now: SectionState
    ) -> str:
        pk, here = application.id, self.url("section", pk=application.id, key=section.key)
        if wish == "add":
            return f"{here}?add=1#last"
        if now.can_put_back and wish.startswith("remove."):
            return f"{here}?removed={now.revision}"
        if wish not in WISHES_TO_GO_ON:
            return here
        if wish == "materials":
            return self.url("material", pk=pk)
        keys = [one.key for one in dossier.form_of(application).sections]
        place = keys.index(section.key) + (1 if wish == "next" else -1)
        if place < 0:
            return self.url("show", pk=pk)
        if place < len(keys):
            return self.url("section", pk=pk, key=keys[place])
        return self.url("material", pk=pk)

    def _stored_page(self, application: Application, section: SectionDef) -> str:
        now = filling.section_state(application, section.key)
        rows = filling.texts_of(section, now.rows)
        typed = Typed(dict(rows), rows, now.revision)
        if not rows or ("add" in request.args and len(rows) < section.max_rows):
            typed.rows[filling.new_row_id() if section.is_repeated else filling.SINGLE_ROW_ID] = {}
        return self._section_page(application, section, typed, now=now)

    def _section_page(
        self,
        application: Application,
        section: SectionDef,
        typed: Typed,
        refusal: str = "",
        now: SectionState | None = None,
    ) -> str:
        context = hall_sections.context(self, application, section, typed, now)
        return self._show("me/section.html", refusal=refusal, **context)


# `section` checks the CSRF token itself: with an expired one it shows the form again, typed values kept
csrf.exempt(f"{Filling.section.__module__}.{Filling.section.__name__}")


def _read_form(section: SectionDef, now: SectionState) -> Typed:
    sent, seen = request.form, request.form.get("revision", 0, type=int)
    rows = sent_rows.typed_by_id(section, builder.typed_rows(sent), now.rows)
    base = _unpacked(section, sent.get("base", ""))
    if base is None and seen == now.revision:
        base = filling.texts_of(section, now.rows)
    return Typed(rows, base, seen, sent.get("do", "save"))


def _unpacked(section: SectionDef, sent: str) -> dict[str, Texts] | None:
    try:
        return sent_rows.rows_of(section, json.loads(sent))
    except (ValueError, RecursionError):
        return None


def _autosave_answer(
    section: SectionDef, saved: SaveResult, change: merging.Change
) -> dict[str, Any]:
    """Return the JSON answer to an autosave; it has texts only where they differ from what the page sent."""
    now = filling.texts_of(section, saved.now.rows)
    sent = {
        row: {k: now_ for k, (_was, now_) in fields.items()}
        for row, fields in change.fields.items()
    }
    corrected = {
        row: {
            key: now[row][key]
            for key, text in fields.items()
            if row in now and now[row].get(key, "") != text and (row, key) not in saved.faults
        }
        for row, fields in {**sent, **change.added}.items()
    }
    answer: dict[str, Any] = {"saved_at": _saved_time(saved.now), "revision": saved.now.revision}
    if changed := {row: fields for row, fields in corrected.items() if fields}:
        answer["texts"] = changed
    if saved.faults:
        answer["faults"] = [[row, key, why] for (row, key), why in saved.faults.items()]
    if saved.is_merged:
        answer["rows"] = [[row, fields] for row, fields in now.items()]
    return answer


def _saved_time(now: SectionState) -> str:
    return f"{clock.local(now.saved_at or clock.now()):%H:%M:%S}"


def _count_filled_rows(rows: Mapping[str, Texts]) -> int:
    return sum(any(row.values()) for row in rows.values())


def _rows_after(rows: dict[str, Texts], wish: str) -> dict[str, Texts]:
    """Return the typed rows after 复制, 删除, 上移 or 下移 of the row whose place `wish` names."""
    what, _dot, place = wish.partition(".")
    if not place.isascii() or not place.isdigit() or int(place) >= len(rows):
        return rows
    at, order = int(place), list(rows)
    if what == "copy":
        copied = filling.new_row_id()
        order.insert(at + 1, copied)
        return {key: rows[order[at]] if key == copied else rows[key] for key in order}
    if what == "remove":
        order.pop(at)
    elif what in ("up", "down"):
        to = max(0, min(len(order) - 1, at + (1 if what == "down" else -1)))
        order.insert(to, order.pop(at))
    return {key: rows[key] for key in order}
