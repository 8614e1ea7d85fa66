"""催办: the button on an application's page that reminds whoever holds it."""

from datetime import datetime

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from sqlalchemy import select

from app import engine, scopes
from app.engine import Refused, Workflow
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Reminder
from app.services.review import reminders
from app.views.base.access import to_sign_in
from app.views.base.aliases import Page
from app.web.security import current_actor, safe_next


class Reminders(BaseView):
    """POST /remind/<id> : remind the holder of an application that the actor may see, and go back."""

    route_base = "/remind"
    base_permissions: list[str] = []

    @expose("/<int:pk>", methods=["POST"])
    def remind(self, pk: int) -> ResponseReturnValue:
        actor = current_actor()
        if actor is None:
            return to_sign_in()
        seen = select(Application).where(Application.id == pk, scopes.visible(Application, actor))
        application = db.session.scalars(seen).one_or_none() or abort(404)
        try:
            log = reminders.remind(application, actor=actor, at=clock.now())
            sentence = gettext("The reminder was sent. Receipt %(receipt)s.", receipt=log.receipt)
            db.session.commit()
            flash(sentence, "success")
        except Refused as refusal:
            db.session.rollback()
            flash(refusal.sentence, "danger")
        return redirect(safe_next(request.form.get("next")), 303)


def card(application: Application, actor: Actor, at: datetime, back: str) -> Page | None:
    """Return the button's address and why it cannot be pressed now; None for who does not wait or never reminds."""
    may_ever = actor.role in Workflow.registry[Reminder].rows["remind"].roles
    if not may_ever or not reminders.waits(application, actor):
        return None
    wanted = reminders.draft(application, actor, at)
    return {
        "url": url_for("Reminders.remind", pk=application.id),
        "back": back,
        "why_not": engine.why_not(wanted, "remind", actor=actor, at=at),
    }
