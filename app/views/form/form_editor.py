"""Editor of the application form for administrators: its versions, one draft at a time, and publication."""

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
from app.services.form import form_drafts
from app.views.base.access import guarded
from app.views.form import form_pages
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

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        draft = form_drafts.draft()
        return self.show(
            "form_editor/list.html",
            str(self.label),
            versions=form_drafts.versions(),
            draft=draft,
            last=form_drafts.last_change(draft) if draft else None,
        )

    @expose("/begin", methods=["POST"])
    @guarded("edit")
    def begin(self) -> ResponseReturnValue:
        try:
            draft = form_drafts.begin(actor=require_actor())
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
            last=form_drafts.last_change(definition),
            faults=form_drafts.faults(definition.body) if is_draft else [],
            sections=form_pages.sections(definition.body),
        )

    @expose("/<int:version>/undo", methods=["POST"])
    @guarded("edit")
    def undo(self, version: int) -> ResponseReturnValue:
        definition = self.find_draft(version)
        try:
            form_drafts.undo(definition, actor=require_actor(), seen=self.seen())
            db.session.commit()
            flash(gettext("The last change is undone."), "success")
        except Refused as refusal:
            db.session.rollback()
            flash(str(refusal), "warning")
        return redirect(self.url("version", version=version), 303)

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
        published = form_drafts.published()
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
            newest=published[-1],
            faults=form_drafts.faults(body),
            differences=form_pages.differences(published[-1].body, body),
            warnings=form_pages.kind_warnings([one.body for one in published], body),
        )
        return page, status


MENUS = (FormEditorView,)
