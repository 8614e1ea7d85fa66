"""Export of a form version as a JSON file, and import of such a file as the draft."""

from flask import Response, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app.engine import Refused
from app.extensions import db
from app.forms.form import ImportForm
from app.services.form import form_drafts, form_files, form_versions
from app.services.form.form_edits import Body
from app.views.base.access import guarded
from app.views.form.form_base import REFUSED, FormPage
from app.web.security import require_actor


class FormFiles(FormPage):
    """Routes that move a form definition between installations."""

    @expose("/<int:version>/export.json")
    @guarded("show")
    def export(self, version: int) -> ResponseReturnValue:
        content = form_files.write(self.find(version).body)
        name = f"form-v{version}.json"
        headers = {"Content-Disposition": f"attachment; filename={name}"}
        return Response(content, mimetype="application/json", headers=headers)

    @expose("/import", methods=["GET", "POST"])
    @guarded("edit")
    def read_in(self) -> ResponseReturnValue:
        """Import a file as the draft; undo brings back the previous content of the draft."""
        form = ImportForm()
        draft = form_versions.draft()
        shown = draft.revision if draft and request.method == "GET" else self.seen()
        if request.method == "POST" and form.validate():
            try:
                version = self._put_into_draft(form_files.read(form.file.data.stream), shown)
                db.session.commit()
                flash(gettext("The file is read in as the draft. Look it through."), "success")
                return redirect(self.url("version", version=version), 303)
            except Refused as refusal:
                db.session.rollback()
                if isinstance(refusal, form_files.UnreadableError):
                    form.file.errors = [refusal.sentence, *refusal.lines]
                else:
                    form.show(refusal)
                draft = form_versions.draft()
                shown = draft.revision if draft else 0
        page = {
            "title": gettext("Read in a file"),
            "form": form,
            "version": shown,
            "back_url": self.url("list"),
            "submit_label": gettext("Read in"),
            "is_multipart": True,
            "notes": [gettext("There is a draft already; the file takes its place. 【Undo】 brings it back.")]
            if draft
            else [],
        }  # fmt: skip
        answer = self.render_template("form.html", page=page)
        return answer, 200 if request.method == "GET" else REFUSED

    @staticmethod
    def _put_into_draft(body: Body, seen: int) -> int:
        draft, actor = form_versions.draft(), require_actor()
        if draft is None:
            return form_drafts.begin(actor=actor, body=body).form_version
        form_drafts.change(
            draft,
            lambda before: form_drafts.replace(before, body),
            what="imported",
            label="",
            actor=actor,
            seen=seen,
        )
        return draft.form_version
