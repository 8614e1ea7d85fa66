"""【提交】, 撤回修改 and 放弃申报: submit, take back and give up an application; print its receipt."""

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app import engine
from app.engine import Refused
from app.enums import ApplicationState
from app.extensions import db
from app.forms.dossier import SubmitForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application
from app.services.dossier import dossier, drafts
from app.views.base.access import guarded
from app.views.dossier import hall_overview
from app.views.dossier.hall_base import REFUSED, HallPage, commit, refuse
from app.web.security import require_actor

OWN_ACTS = ("take_back", "give_up", "discard", "restore")


class SubmissionPages(HallPage):
    """Routes for the applicant's acts on a whole application; each is a workflow event."""

    @expose("/application/<int:pk>/submit", methods=["GET", "POST"])
    @guarded("submit", fires=(Application, "submit"))
    def submit(self, pk: int) -> ResponseReturnValue:
        """Show the declarations to confirm, or submit the application."""
        actor = require_actor()
        application = self.find(pk, actor)
        event = hall_overview.SUBMIT_EVENTS.get(application.state)
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
            sentence = gettext("Submitted. Receipt %(receipt)s.", receipt=log.receipt)
            commit()
        except Refused as refusal:
            db.session.rollback()
            form.show(refusal)
            return self._submit_page(self.find(pk, actor), form, actor)
        flash(sentence, "success")
        return redirect(self.url("show", pk=pk), 303)

    def _submit_page(
        self, application: Application, form: SubmitForm, actor: Actor
    ) -> ResponseReturnValue:
        answer = self._show(
            "me/submit.html",
            application=application,
            case=hall_overview.overview(self, application, actor, clock.now()),
            definition=dossier.form_of(application),
            form=form,
        )
        return (answer, REFUSED) if request.method == "POST" else answer

    @expose("/application/<int:pk>/act/<string:event>", methods=["POST"])
    @guarded("withdraw", fires=(Application, "take_back"))
    def act(self, pk: int, event: str) -> ResponseReturnValue:
        """Take the submission back, or give up, delete or restore the application."""
        if event not in OWN_ACTS:
            abort(404)
        actor = require_actor()
        application = self.find(pk, actor)
        seen, at = request.form.get("version", type=int), clock.now()
        try:
            if event == "restore":
                log = drafts.restore(application, actor=actor, at=at)
            else:
                log = engine.fire(application, event, actor=actor, at=at, seen=seen)
            sentence = gettext(
                "Done: %(act)s. Receipt %(receipt)s.",
                act=engine.workflow_of(application).rows[event].label,
                receipt=log.receipt,
            )
            commit()
            flash(sentence, "success")
        except Refused as refusal:
            refuse(refusal)
        if self.find(pk, actor).state is ApplicationState.DISCARDED:
            return redirect(self.url("list"), 303)
        return redirect(self.url("show", pk=pk), 303)

    @expose("/application/<int:pk>/receipt")
    @guarded("show")
    def receipt(self, pk: int) -> ResponseReturnValue:
        """Show the receipt of the last submission as a page to print or save as PDF."""
        application = self.find(pk, require_actor())
        sheet = hall_overview.receipt(self, application, clock.now())
        if sheet is None:
            flash(gettext("Nothing was handed in yet, so there is no receipt."), "warning")
            return redirect(self.url("show", pk=pk), 303)
        return self._show(
            "me/receipt.html",
            application=application,
            receipt=sheet,
            back_url=self.url("show", pk=pk),
        )
