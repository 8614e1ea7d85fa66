"""面试通知 for the applicant: confirm the interview notice, or ask for another time."""

from io import BytesIO

from flask import abort, current_app, flash, redirect, request, send_file
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app import engine
from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.models import Interview
from app.services.interviews import interview_calendar
from app.views.base.access import guarded
from app.views.dossier import hall_interview_card, hall_overview
from app.views.dossier.hall_base import REFUSED, HallPage, commit
from app.web.security import require_actor


class InterviewPages(HallPage):
    """Route for the applicant's answers to an interview notice; each is a workflow event."""

    @expose("/application/<int:pk>/interview", methods=["POST"])
    @guarded("interview", fires=(Interview, "receive"))
    def interview(self, pk: int) -> ResponseReturnValue:
        """Confirm the notice, or ask for another time with a reason."""
        actor, event = require_actor(), request.form.get("do", "")
        slot = hall_interview_card.interview_of(self.find(pk, actor), actor)
        if slot is None or event not in hall_interview_card.ANSWERS:
            abort(404)
        try:
            log = engine.fire(
                slot,
                event,
                actor=actor,
                at=clock.now(),
                opinion=request.form.get("opinion", ""),
                seen=request.form.get("version", type=int),
            )
            sentence = gettext(
                "Done: %(act)s. Receipt %(receipt)s.",
                act=engine.workflow_of(slot).rows[event].label,
                receipt=log.receipt,
            )
            commit()
            flash(sentence, "success")
        except Refused as refusal:
            db.session.rollback()
            return self._refused(pk, refusal)
        return redirect(f"{self.url('show', pk=pk)}#interview", 303)

    @expose("/application/<int:pk>/interview.ics")
    @guarded("show")
    def interview_ics(self, pk: int) -> ResponseReturnValue:
        """Download the interview as a calendar file."""
        actor = require_actor()
        slot = hall_interview_card.interview_of(self.find(pk, actor), actor) or abort(404)
        page = current_app.config["PUBLIC_URL"] + self.url("show", pk=pk)
        return send_file(
            BytesIO(interview_calendar.calendar_file(slot, page)),
            mimetype="text/calendar",
            as_attachment=True,
            download_name=f"interview-{slot.application.number}.ics",
        )

    def _refused(self, pk: int, refusal: Refused) -> ResponseReturnValue:
        """Show the page of the application again, with the refusal and the typed reason."""
        actor = require_actor()
        application = self.find(pk, actor)
        case = hall_overview.overview(self, application, actor, clock.now())
        case["interview"] |= {"refused": refusal.sentence, "typed": request.form.get("opinion", "")}
        return self._show("me/application.html", case=case, application=application), REFUSED
