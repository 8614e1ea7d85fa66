"""Editor of the application form for administrators: its versions, one draft at a time, publication and taking back."""

from collections.abc import Callable

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.forms.base import base as forms
from app.ground import clock
from app.ground.actor import Actor
from app.models import FormDefinition
from app.services.form import form_drafts, form_history, form_versions
from app.views.base.access import guarded
from app.views.form import column_warnings, form_pages
from app.views.form.form_files import FormFiles
from app.views.form.form_part_pages import FormParts
from app.views.form.form_preview import FormPreview
from app.web.security import require_actor


class FormEditorView(FormParts, FormFiles, FormPreview):
    """Pages of the versions, and the actions on a whole draft: begin, undo, discard, publish."""

    route_base = "/g/form"
    guide = "form"
    label = _("Application form fields")
    purpose = _(
        "Sections and fields of the application form. Applications stay on the version they began with."
    )
    roles = (Role.SYSADMIN,)
    how_to = ("add-a-field", "hide-a-field-for-a-series")

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        draft = form_versions.draft()
        return self.show(
            "form_editor/list.html",
            str(self.label),
            versions=form_versions.versions(),
            draft=draft,
            before=form_versions.before(form_versions.in_force()),
            last=form_drafts.last_change(draft) if draft else None,
        )

    @expose("/begin", methods=["POST"])
    @guarded("edit")
    def begin(self) -> ResponseReturnValue:
        """Begin a draft as a copy of the version in use, or of the one that the address names."""
        named = request.args.get("from", type=int)
        body = self.find(named).body if named else None
        try:
            draft = form_drafts.begin(actor=require_actor(), body=body, what="begun")
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            flash(str(refusal), "warning")
            return redirect(self.url("list"), 303)
        flash(gettext("Draft of version %(version)s begun.", version=draft.form_version), "success")
        return redirect(self.url("version", version=draft.form_version), 303)

    @expose("/<int:version>/")
    @guarded("show")
    def version(self, version: int) -> ResponseReturnValue:
        definition = self.find(version)
        is_draft = definition.published_at is None
        return self.show(
            "form_editor/version.html",
            self.title_of(definition),
            definition=definition,
            is_draft=is_draft,
            may_edit=is_draft and self.may("edit"),
            may_publish=is_draft and self.may("publish"),
            may_begin=not is_draft and self.may("edit") and form_versions.draft() is None,
            before=self._holds_again(definition),
            kept_by=0 if is_draft else form_versions.applications_on(definition),
            states=form_history.states(definition) if is_draft else [],
            words=form_drafts.WORDS,
            last=form_drafts.last_change(definition),
            faults=form_drafts.faults(definition.body) if is_draft else [],
            sections=form_pages.sections(definition.body),
        )

    def _holds_again(self, definition: FormDefinition) -> FormDefinition | None:
        """Return the version that holds again if this one is taken back, None where it cannot or may not be."""
        if form_versions.in_force().id != definition.id or not self.may("publish"):
            return None
        return form_versions.before(definition)

    @expose("/<int:version>/undo", methods=["POST"])
    @guarded("edit")
    def undo(self, version: int) -> ResponseReturnValue:
        return self._go(version, form_drafts.undo, gettext("The last change is undone."))

    @expose("/<int:version>/redo", methods=["POST"])
    @guarded("edit")
    def redo(self, version: int) -> ResponseReturnValue:
        return self._go(version, form_drafts.redo, gettext("The change is made again."))

    @expose("/<int:version>/state/<int:number>", methods=["POST"])
    @guarded("edit")
    def state(self, version: int, number: int) -> ResponseReturnValue:
        """Go to any kept state of the draft."""

        def go(definition: FormDefinition, *, actor: Actor, seen: int) -> None:
            form_drafts.go_to(definition, number, actor=actor, seen=seen)

        done = gettext("The draft is as it was then. The later changes can be made again.")
        return self._go(version, go, done)

    def _go(self, version: int, go: Callable[..., None], done: str) -> ResponseReturnValue:
        definition = self.find_draft(version)
        try:
            go(definition, actor=require_actor(), seen=self.seen())
            db.session.commit()
            flash(done, "success")
        except Refused as refusal:
            db.session.rollback()
            flash(str(refusal), "warning")
        return redirect(self.url("version", version=version), 303)

    @expose("/<int:version>/take-back", methods=["POST"])
    @guarded("publish")
    def take_back(self, version: int) -> ResponseReturnValue:
        """Take the version in use back: the one before holds again for new applications."""
        definition = self.find(version)
        try:
            former = form_versions.take_back(definition, actor=require_actor(), at=clock.now())
            kept = form_versions.applications_on(definition)
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            flash(str(refusal), "warning")
            return redirect(self.url("version", version=version), 303)
        flash(
            gettext(
                "Version %(version)s is taken back. New applications begin with version %(former)s again; %(count)s that began with version %(version)s keep it.",
                version=version,
                former=former.form_version,
                count=kept,
            ),
            "success",
        )
        return redirect(self.url("list"), 303)

    @expose("/<int:version>/discard", methods=["GET", "POST"])
    @guarded("edit")
    def discard(self, version: int) -> ResponseReturnValue:
        definition = self.find_draft(version)
        note = gettext(
            "Throw away the draft of version %(version)s with all its changes? This cannot be undone; published versions stay as they are.",
            version=version,
        )

        def press(seen: int) -> str:
            form_drafts.discard(definition, actor=require_actor(), seen=seen)
            return self.url("list")

        return self.form_page(
            definition,
            forms.Form(),
            gettext("Discard the draft"),
            press,
            gettext("The draft is discarded."),
            notes=(note,),
        )

    @expose("/<int:version>/publish", methods=["GET", "POST"])
    @guarded("publish")
    def publish(self, version: int) -> ResponseReturnValue:
        """Show every difference from the newest published version, then publish the draft."""
        definition = self.find_draft(version)
        published, newest = form_versions.published(), form_versions.in_force()
        form, at = forms.Form(), clock.now()
        status = 200
        if request.method == "POST" and form.validate():
            try:
                form_drafts.publish(definition, actor=require_actor(), at=at, seen=self.seen())
                db.session.commit()
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
                status = 422
            else:
                flash(
                    gettext(
                        "Version %(version)s is published. New applications begin with it.",
                        version=version,
                    ),
                    "success",
                )
                return redirect(self.url("version", version=version), 303)
        if definition.published_at is not None:
            abort(404)
        body = definition.body
        page = self.show(
            "form_editor/publish.html",
            gettext("Publish version %(version)s", version=version),
            definition=definition,
            form=form,
            newest=newest,
            faults=form_drafts.faults(body),
            differences=form_pages.differences(newest.body, body),
            warnings=[
                *form_pages.kind_warnings([one.body for one in published], body),
                *column_warnings.removed(newest.body, body),
            ],
        )
        return page, status


MENUS = (FormEditorView,)
