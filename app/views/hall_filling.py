"""Filling in the sections of an application."""

from typing import Any

from flask import abort, flash, jsonify, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext

from app import clock
from app.extensions import db
from app.forms import builder
from app.models import Application
from app.security import the_actor
from app.services import applying, dossier
from app.services.dossier import SectionRefused
from app.services.formdef import SectionDef
from app.views import hall_pages
from app.views.base import guarded
from app.views.hall_base import REFUSED, HallPage, commit, refuse
from app.workflow.engine import Refused


class Filling(HallPage):
    """One page a section; saved by a press or by itself, complete or not."""

    @expose("/application/<int:pk>/section/<string:key>", methods=["GET", "POST"])
    @guarded("fill")
    def section(self, pk: int, key: str) -> Any:
        application = self.find(pk, the_actor())
        form = dossier.form_of(application)
        section = form.section(key) or abort(404)
        if request.method == "POST":
            return self._save(application, section)
        saved = dossier.stored(application).get(key)
        rows = list(saved.rows) if saved else []
        if "add" in request.args or not rows:
            rows = [*rows, {}]
        return self._section_page(application, section, rows, saved.revision if saved else 0)

    def _save(self, application: Application, section: SectionDef) -> Any:
        pk, at, wish = application.id, clock.now(), request.form.get("do", "save")
        rows = _edited(builder.typed_rows(request.form), wish)
        seen = request.form.get("revision", 0, type=int)
        is_quiet = request.accept_mimetypes.best == "application/json"
        try:
            saved = dossier.save_section(
                application, section.key, rows, actor=the_actor(), at=at, seen_revision=seen
            )
            revision = saved.revision
            commit()
        except Refused as refusal:
            db.session.rollback()
            if is_quiet:
                return jsonify({"refused": refusal.sentence}), REFUSED
            return self._section_page(
                self.find(pk, the_actor()), section, rows or [{}], seen, refusal
            )
        said = f"{clock.local(at):%H:%M:%S}"
        if is_quiet:
            return jsonify({"saved_at": said, "revision": revision})
        flash(gettext("Saved at %(time)s.", time=said), "success")
        return redirect(self._after(pk, section, wish), 303)

    def _after(self, pk: int, section: SectionDef, wish: str) -> str:
        here = self.url("section", pk=pk, key=section.key)
        if wish == "add":
            return f"{here}?add=1#last"
        if wish not in ("next", "previous"):
            return here
        form = dossier.form_of(self.find(pk, the_actor()))
        keys = [one.key for one in form.sections]
        place = keys.index(section.key) + (1 if wish == "next" else -1)
        if place < 0:
            return self.url("show", pk=pk)
        return (
            self.url("section", pk=pk, key=keys[place])
            if place < len(keys)
            else self.url("material", pk=pk)
        )

    def _section_page(
        self,
        application: Application,
        section: SectionDef,
        rows: Any,
        revision: int,
        refusal: Refused | None = None,
    ) -> Any:
        form = dossier.form_of(application)
        faults = refusal.faults if isinstance(refusal, SectionRefused) else None
        answer = self._show(
            "me/section.html",
            application=application,
            section=section,
            form=builder.form_of(section, rows, hall_pages.offered(form), faults),
            sources=hall_pages.source_pairs(section, application),
            steps=hall_pages.steps(self, application, form, []),
            gaps=[] if refusal else hall_pages.gaps_here(application, section.key, clock.now()),
            revision=revision,
            refusal=refusal,
            reason=(application.returned_sections or {}).get(section.key, ""),
            why_closed=dossier.why_closed(application, section.key),
        )
        return (answer, REFUSED) if refusal else answer

    @expose("/application/<int:pk>/take-over", methods=["POST"])
    @guarded("fill")
    def take_over(self, pk: int) -> Any:
        actor = the_actor()
        try:
            copied = applying.take_over(self.find(pk, actor), actor=actor, at=clock.now())
            commit()
            flash(
                gettext("%(count)s sections taken over. Check each of them.", count=copied),
                "success",
            )
        except Refused as refusal:
            refuse(refusal)
        return redirect(self.url("show", pk=pk), 303)


def _edited(rows: list[dict[str, str]], wish: str) -> list[dict[str, str]]:
    """Return the typed rows after 【copy】 or 【remove】 of one of them."""
    what, _dot, place = wish.partition(".")
    if not place.isascii() or not place.isdigit() or int(place) >= len(rows):
        return rows
    at = int(place)
    if what == "copy":
        return [*rows[: at + 1], dict(rows[at]), *rows[at + 1 :]]
    return rows[:at] + rows[at + 1 :] if what == "remove" else rows
