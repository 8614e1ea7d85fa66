"""The page of a group's opinion (1.3.5): one writes, three sign; nobody's name stands there."""

from typing import Any

from flask import request
from flask_appbuilder import expose
from flask_babel import gettext

from app import clock, settings
from app.actor import Actor
from app.enums import OpinionState
from app.extensions import db
from app.models import Application, Seat
from app.security import the_actor
from app.services import assessments, opinions, scoring
from app.views.base import guarded
from app.views.desk import Desk
from app.workflow import engine
from app.workflow.engine import Refused


class OpinionDesk(Desk):
    """Writing and signing instead of a sheet of points."""

    @expose("/<int:pk>/sheet", methods=["POST"])
    @guarded("assess")
    def sheet(self, pk: int) -> Any:
        if request.is_json or request.form.get("press") not in ("write", "sign"):
            # only the private note is kept by itself
            return super().sheet(pk)
        actor = the_actor()
        application = self.find(pk, actor)
        try:
            _press(application, request.form, actor)
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            return self._refused(pk, request.form, refusal, actor)
        return self._after(application, actor, is_handed_in=True)

    def _keep(self, application: Application, typed: Any, actor: Actor) -> None:
        note = {"note": typed["note"]} if "note" in typed else {}
        super()._keep(application, note, actor)

    def context(self, application: Application, seat: Seat | None, typed: Any) -> dict[str, Any]:
        session = db.session()
        record = opinions.of(session, application.id)
        signers = {one.seat_id for one in record.signers} if record else set()
        needed = settings.get("opinion_signers")
        return {
            "record": record,
            "is_locked": False,
            "text": typed.get("text", "") if typed else (record.text if record else ""),
            "version": record.version if record else None,
            "has_signed": seat is not None and seat.id in signers,
            "is_complete": record is not None and record.state is OpinionState.COMPLETE,
            "signed": gettext("%(count)s of %(needed)s signed", count=len(signers), needed=needed),
            "score": _score(application, seat),
        }


def _press(application: Application, typed: Any, actor: Actor) -> None:
    """Write, write anew or sign; what somebody else wrote meanwhile is not signed unseen."""
    at, wording = clock.now(), str(typed.get("text") or "")
    record = opinions.of(db.session(), application.id)
    if record is None:
        opinions.begin(application, wording, actor=actor, at=at)
        return
    seen = _whole(typed.get("version"))
    event = "rewrite" if typed.get("press") == "write" else "sign"
    engine.fire(record, event, actor=actor, at=at, details={"text": wording}, seen=seen)


def _whole(typed: Any) -> int:
    """Return a version; one that nobody has for what is no number, which the engine then refuses."""
    text = str(typed or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _score(application: Application, seat: Seat | None) -> str | None:
    """Return the score so far, once the judge has no own sheet to fill any more."""
    if seat is None or application.plan is None:
        return None
    for step in scoring.SCORED:
        if step.value in application.plan.steps:
            own = assessments.find(db.session(), seat.id, application.id, step)
            if own is None or own.submitted_at is None:
                return None
    score = scoring.scores_of(db.session(), application.plan).get(application.id)
    return None if score is None else f"{score / 100:.2f}"
