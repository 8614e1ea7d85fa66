"""The personal hall (guide: 个人): my applications, choosing, filling in, material, handing in; and on the phone."""

from typing import Any, ClassVar

from flask import abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import clock, scopes
from app.actor import Actor
from app.enums import ApplyMode, Level, Role
from app.extensions import db
from app.forms import builder
from app.forms.base import upload_limits
from app.forms.hall import ApplyForm, SubmitForm
from app.models import Application, Batch, Person
from app.security import the_actor
from app.services import applying, choices, dossier, materials, messages
from app.services.dossier import SectionRefused
from app.services.formdef import SectionDef
from app.views import hall_pages
from app.views.base import PageView, guarded
from app.views.ch0_own import Messages, OwnCertificates, OwnData
from app.workflow import engine
from app.workflow.engine import Refused

REFUSED, CONFLICT = 422, 409
OWN_ACTS = ("take_back", "give_up")


class Hall(PageView):
    """职称申报 in the web hall; the phone's pages are the same under /m."""

    route_base = "/me"
    label = _("Title application")
    purpose = _("Your applications, what is next, and the batches you can apply in.")
    roles = (Role.APPLICANT,)
    path: ClassVar[tuple[Any, ...]] = (
        _("Talent and personnel"),
        _("Professional and technical staff"),
        _("Title review"),
    )
    words: ClassVar[dict[str, Any]] = {
        "save": _("Save the application"),
        "upload": _("Upload application material"),
        "next": _("Save and next"),
        "submit": _("Submit"),
    }
    is_phone: ClassVar[bool] = False

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        return self._show("me/home.html", home=hall_pages.home(self, the_actor(), clock.now()))

    # choosing

    @expose("/apply", methods=["GET", "POST"])
    @guarded("apply")
    def apply(self) -> Any:
        actor, at = the_actor(), clock.now()
        batch = self._batch(actor)
        if batch is None:
            return self._show("me/apply.html", offers=hall_pages.offers(self, actor, at))
        mode, level = _member(ApplyMode, "mode"), _member(Level, "level")
        context: dict[str, Any] = {
            "batch": batch,
            "modes": choices.modes(batch),
            "levels": choices.levels(batch),
            "mode": mode,
            "level": level,
        }
        if mode is None or level is None:
            return self._show("me/apply.html", **context)
        return self._choose(actor, at, batch, mode, level, context)

    def _choose(
        self, actor: Actor, at: Any, batch: Batch, mode: Any, level: Any, context: dict[str, Any]
    ) -> Any:
        offered = choices.combination(db.session(), batch, mode, level)
        person = db.session.get(Person, actor.person_id or 0)
        form = ApplyForm(data={"unit_id": person.unit_id if person else None})
        form.offer(offered.titles, offered.specialties)
        context |= {"form": form, "why_none": offered.why_none}
        if request.method == "GET":
            return self._show("me/apply.html", **context)
        if not form.validate():
            return self._show("me/apply.html", **context), REFUSED
        try:
            made = applying.begin(
                batch=batch, mode=mode, level=level, actor=actor, at=at, **form.values()
            )
            _commit()
        except Refused as refusal:
            db.session.rollback()
            form.show(refusal)
            context["batch"] = self._batch(actor)
            return self._show("me/apply.html", **context), REFUSED
        flash(
            gettext(
                "Application %(number)s begun. What you save stays, on the phone too.",
                number=made.number,
            ),
            "success",
        )
        return redirect(self.url("show", pk=made.id), 303)

    def _batch(self, actor: Actor) -> Batch | None:
        key = request.values.get("batch", type=int)
        if key is None:
            return None
        query = select(Batch).where(Batch.id == key, scopes.visible(Batch, actor))
        return db.session.scalars(query).one_or_none() or abort(404)

    # one application

    @expose("/application/<int:pk>/")
    @guarded("show")
    def show(self, pk: int) -> Any:
        actor = the_actor()
        application = self.find(pk, actor)
        return self._show(
            "me/application.html",
            case=hall_pages.overview(self, application, actor, clock.now()),
            application=application,
        )

    @expose("/application/<int:pk>/act/<string:event>", methods=["POST"])
    @guarded("withdraw")
    def act(self, pk: int, event: str) -> Any:
        if event not in OWN_ACTS:
            abort(404)
        actor = the_actor()
        application = self.find(pk, actor)
        seen = request.form.get("version", type=int)
        try:
            log = engine.fire(application, event, actor=actor, at=clock.now(), seen=seen)
            said = gettext(
                "Done: %(act)s. Receipt %(receipt)s.",
                act=engine.table(application).rows[event].label,
                receipt=log.receipt,
            )
            _commit()
            flash(said, "success")
        except Refused as refusal:
            _refuse(refusal)
        return redirect(self.url("show", pk=pk), 303)

    @expose("/application/<int:pk>/take-over", methods=["POST"])
    @guarded("fill")
    def take_over(self, pk: int) -> Any:
        actor = the_actor()
        try:
            copied = applying.take_over(self.find(pk, actor), actor=actor, at=clock.now())
            _commit()
            flash(
                gettext("%(count)s sections taken over. Check each of them.", count=copied),
                "success",
            )
        except Refused as refusal:
            _refuse(refusal)
        return redirect(self.url("show", pk=pk), 303)

    # sections

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
            _commit()
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

    # material

    @expose("/application/<int:pk>/materials", methods=["GET", "POST"])
    @guarded("fill")
    def material(self, pk: int) -> Any:
        actor = the_actor()
        application = self.find(pk, actor)
        refused: tuple[str, str] | None = None
        if request.method == "POST":
            kind = request.form.get("kind", "")
            sent = [
                (one.stream, one.filename) for one in request.files.getlist("file") if one.filename
            ]
            try:
                added = materials.add(application, kind, sent, actor=actor, at=clock.now())
                _commit()
                flash(gettext("%(count)s files uploaded.", count=len(added)), "success")
                return redirect(f"{self.url('material', pk=pk)}#kind-{kind}", 303)
            except Refused as refusal:
                db.session.rollback()
                refused = kind, refusal.sentence
                application = self.find(pk, actor)
        return self._material_page(application, refused)

    def _material_page(self, application: Application, refused: tuple[str, str] | None) -> Any:
        form = dossier.form_of(application)
        answer = self._show(
            "me/materials.html",
            application=application,
            cards=hall_pages.material_cards(application, form),
            steps=hall_pages.steps(self, application, form, []),
            limits=upload_limits,
            refused=refused,
        )
        return (answer, REFUSED) if refused else answer

    @expose("/application/<int:pk>/materials/<int:attachment>/remove", methods=["POST"])
    @guarded("fill")
    def remove(self, pk: int, attachment: int) -> Any:
        actor = the_actor()
        try:
            materials.remove(self.find(pk, actor), attachment, actor=actor, at=clock.now())
            _commit()
            flash(gettext("File removed."), "success")
        except Refused as refusal:
            _refuse(refusal)
        return redirect(self.url("material", pk=pk), 303)

    # handing in

    @expose("/application/<int:pk>/submit", methods=["GET", "POST"])
    @guarded("submit")
    def submit(self, pk: int) -> Any:
        actor = the_actor()
        application = self.find(pk, actor)
        event = hall_pages.HAND_IN.get(application.state)
        if event is None:
            flash(dossier.why_closed(application, "") or "", "warning")
            return redirect(self.url("show", pk=pk), 303)
        form = SubmitForm()
        if request.method == "GET" or not form.validate():
            return self._submit_page(application, form, actor)
        try:
            at = clock.now()
            dossier.commit_to(
                application,
                is_true=form.is_true.data,
                is_secret_free=form.is_secret_free.data,
                at=at,
            )
            log = engine.fire(application, event, actor=actor, at=at)
            said = gettext("Submitted. Receipt %(receipt)s.", receipt=log.receipt)
            _commit()
        except Refused as refusal:
            db.session.rollback()
            form.show(refusal)
            return self._submit_page(self.find(pk, actor), form, actor)
        flash(said, "success")
        return redirect(self.url("show", pk=pk), 303)

    def _submit_page(self, application: Application, form: SubmitForm, actor: Actor) -> Any:
        answer = self._show(
            "me/submit.html",
            application=application,
            case=hall_pages.overview(self, application, actor, clock.now()),
            definition=dossier.form_of(application),
            form=form,
        )
        return (answer, REFUSED) if request.method == "POST" else answer

    # shared

    def find(self, pk: int, actor: Actor) -> Application:
        """Return the person's own application; anybody else's does not exist here."""
        query = select(Application).where(Application.id == pk, scopes.own_person(actor))
        return db.session.scalars(query).one_or_none() or abort(404)

    def url(self, route: str, **values: Any) -> str:
        return url_for(f"{self.endpoint}.{route}", **values)

    def _show(self, template: str, **context: Any) -> Any:
        crumbs = [(gettext("Home"), "/"), *((str(part), None) for part in self.path)]
        crumbs.append((str(self.label), self.url("list")))
        page = {"title": str(self.label), "purpose": "", "crumbs": crumbs}
        return self.render_template(
            template, page=page, hall=self, words=self.words, is_phone=self.is_phone, **context
        )


class Phone(Hall):
    """职称申报 on the phone: the same application, one section per step, the phone's words."""

    route_base = "/m"
    path = (_("Talent and personnel"),)
    words: ClassVar[dict[str, Any]] = {
        "save": _("Save for now"),
        "upload": _("Upload material"),
        "next": _("Next step"),
        "submit": _("Submit"),
    }
    is_phone = True


def _member(kind: Any, name: str) -> Any:
    typed = request.values.get(name, "")
    return next((member for member in kind if member.value == typed), None)


def _edited(rows: list[dict[str, str]], wish: str) -> list[dict[str, str]]:
    """Return the typed rows after 【copy】 or 【remove】 of one of them."""
    what, _dot, place = wish.partition(".")
    if not place.isascii() or not place.isdigit() or int(place) >= len(rows):
        return rows
    at = int(place)
    if what == "copy":
        return [*rows[: at + 1], dict(rows[at]), *rows[at + 1 :]]
    return rows[:at] + rows[at + 1 :] if what == "remove" else rows


def _refuse(refusal: Refused) -> None:
    db.session.rollback()
    flash(refusal.sentence, "danger")


def _commit() -> None:
    """End the press; then let the messages go out that were written with it."""
    db.session.commit()
    messages.deliver(clock.now())
    db.session.commit()


MENUS = (Hall, OwnCertificates, OwnData)
PLAIN = (Phone, Messages)
