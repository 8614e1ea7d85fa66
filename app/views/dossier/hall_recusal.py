"""申请回避: an applicant asks that a named person should not judge the own case."""

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app import engine
from app.engine import Refused
from app.enums import RecusalSource
from app.extensions import db
from app.ground import clock
from app.models import Recusal
from app.views.base.access import guarded
from app.views.dossier import hall_overview, hall_recusal_card
from app.views.dossier.hall_base import REFUSED, HallPage, commit
from app.web.security import require_actor

FIELDS = ("named", "named_unit", "reason")


class Recusing(HallPage):
    """Route for the applicant's request for recusal; it is a workflow event."""

    @expose("/application/<int:pk>/recusal", methods=["POST"])
    @guarded("recusal", fires=(Recusal, "ask"))
    def recusal(self, pk: int) -> ResponseReturnValue:
        """Store a request for recusal with the typed name, unit and reason."""
        actor = require_actor()
        application = self.find(pk, actor)
        typed = {name: request.form.get(name, "") for name in FIELDS}
        asked = Recusal(application_id=application.id, source=RecusalSource.APPLICANT, **typed)
        try:
            log = engine.fire(asked, "ask", actor=actor, at=clock.now())
            sentence = gettext("Asked for. Receipt %(receipt)s.", receipt=log.receipt)
            commit()
        except Refused as refusal:
            db.session.rollback()
            return self._recusal_refused(pk, refusal, typed)
        flash(sentence, "success")
        return redirect(f"{self.url('show', pk=pk)}#recusal", 303)

    def _recusal_refused(
        self, pk: int, refusal: Refused, typed: dict[str, str]
    ) -> ResponseReturnValue:
        """Show the page of the application again, with the refusal and everything typed."""
        actor = require_actor()
        application = self.find(pk, actor)
        case = hall_overview.overview(self, application, actor, clock.now())
        shown = case["recusal"] or hall_recusal_card.card_of_requests((), None)
        case["recusal"] = {**shown, "refused": refusal.sentence, "typed": typed}
        return self._show("me/application.html", case=case, application=application), REFUSED
