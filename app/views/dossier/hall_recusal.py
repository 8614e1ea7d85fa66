"""申请回避 in the personal hall: an applicant names whom the own case should not be judged by."""

from typing import Any

from flask import flash, redirect, request
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
from app.web.security import the_actor

FIELDS = ("named", "named_unit", "reason")


class Recusing(HallPage):
    """The applicant's request, through the engine."""

    @expose("/application/<int:pk>/recusal", methods=["POST"])
    @guarded("recusal")
    def recusal(self, pk: int) -> Any:
        """Keep a request with the name, the unit and the reason typed."""
        actor = the_actor()
        application = self.find(pk, actor)
        typed = {name: request.form.get(name, "") for name in FIELDS}
        asked = Recusal(application_id=application.id, source=RecusalSource.APPLICANT, **typed)
        try:
            log = engine.fire(asked, "ask", actor=actor, at=clock.now())
            said = gettext("Asked for. Receipt %(receipt)s.", receipt=log.receipt)
            commit()
        except Refused as refusal:
            db.session.rollback()
            return self._recusal_refused(pk, refusal, typed)
        flash(said, "success")
        return redirect(f"{self.url('show', pk=pk)}#recusal", 303)

    def _recusal_refused(self, pk: int, refusal: Refused, typed: dict[str, str]) -> Any:
        """Answer the page of the application with the reason, everything typed kept."""
        actor = the_actor()
        application = self.find(pk, actor)
        case = hall_overview.overview(self, application, actor, clock.now())
        shown = case["recusal"] or hall_recusal_card.of((), None)
        case["recusal"] = {**shown, "refused": refusal.sentence, "typed": typed}
        return self._show("me/application.html", case=case, application=application), REFUSED
