"""Offline sheets of a judge: download the open cases, fill them in anywhere, bring the file back."""

from typing import Any

from flask import flash, redirect, render_template
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from app import clock
from app.actor import Actor
from app.extensions import db
from app.forms import base as forms
from app.models import Application, Plan
from app.security import the_actor
from app.services import assessments, exchange, score_exchange
from app.views.base import guarded
from app.views.desk import REFUSED, Desk
from app.workflow import engine
from app.workflow.engine import Refused

MOST = 1000
"""More cases than a judge ever has in one meeting."""


class SheetFileForm(forms.Form):
    file = forms.upload(_("Filled score sheet"), ("xlsx",))
    submit_now = forms.tick(
        _("Submit complete sheets at once"),
        help=_("Otherwise they are kept as drafts. What is submitted is locked."),
    )


class OfflineSheets(Desk):
    """The two lists with points have sheets; each belongs to one meeting."""

    def list_links(self, actor: Actor) -> list[tuple[Any, str]]:
        if not self.may("assess"):
            return []
        return [
            (gettext("Download score sheet"), self.url("take_out")),
            (gettext("Upload score sheet"), self.url("upload")),
        ]

    @expose("/sheet.xlsx")
    @guarded("assess")
    def take_out(self) -> Any:
        plan, cases = self._open_cases(the_actor())
        if plan is None:
            flash(gettext("You have no open case in this step."), "warning")
            return redirect(self.list_url({}))
        content = score_exchange.template(plan, cases)
        return exchange.attachment(content, f"{plan.name}-{self.label}.xlsx", exchange.XLSX)

    @expose("/upload", methods=["GET", "POST"])
    @guarded("assess")
    def upload(self) -> Any:
        form = SheetFileForm()
        if not (form.is_submitted() and form.validate()):
            return self._upload_page(form, REFUSED if form.is_submitted() else 200)
        try:
            count = self._take(form, the_actor())
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            lines = getattr(refusal, "lines", None) or [refusal.sentence]
            form.file.errors = [*form.file.errors, *lines]
            return self._upload_page(form, REFUSED)
        flash(gettext("%(count)s sheets were taken from the file.", count=count), "success")
        return redirect(self.list_url({}), 303)

    def _take(self, form: SheetFileForm, actor: Actor) -> int:
        plan, cases = self._open_cases(actor)
        if plan is None:
            raise Refused(gettext("You have no open case in this step."))
        rows = score_exchange.read(plan, cases, form.file.data.stream)
        if not rows:
            raise Refused(gettext("No row of the file has points."))
        at = clock.now()
        for row in rows:
            record = assessments.save_draft(
                row.application, self.step, row.points, actor=actor, at=at
            )
            if form.submit_now.data:
                self._submit(record, row.application, actor, at)
        return len(rows)

    def _submit(self, record: Any, application: Application, actor: Actor, at: Any) -> None:
        try:
            engine.fire(record, "submit", actor=actor, at=at)
        except Refused as refusal:
            raise Refused(f"{self.name_of(application)}: {refusal.sentence}") from None

    def _open_cases(self, actor: Actor) -> tuple[Plan | None, list[Application]]:
        """Return the meeting and its cases on which the judge has something to do in this step."""
        query = self.rows(actor).where(~self.is_done(actor)).order_by(None)
        loading = (joinedload(Application.title), joinedload(Application.specialty))
        found = db.session.scalars(
            query.options(*loading, joinedload(Application.plan))
            .order_by(Application.plan_id, Application.number)
            .limit(MOST)
        ).all()
        plan = found[0].plan if found else None
        return plan, [one for one in found if plan is not None and one.plan_id == plan.id]

    def _upload_page(self, form: SheetFileForm, status: int) -> Any:
        page = {
            "title": gettext("Upload score sheet"),
            "view": self.label,
            "form": form,
            "sections": [("", [form.file, form.submit_now])],
            "submit_label": gettext("Upload"),
            "back_url": self.list_url({}),
            "notes": [gettext("All rows are taken, or none: every fault is named with its row.")],
            "is_multipart": True,
            "version": None,
        }
        return render_template("form.html", page=page), status
