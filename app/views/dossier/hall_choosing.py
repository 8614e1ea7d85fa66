"""Begin an application: choose batch, way of applying and level, then title, specialty and unit.

Each step offers only the combinations that are allowed.
"""

from datetime import date, datetime
from typing import TypeVar

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select

from app import scopes
from app.engine import Refused
from app.enums import ApplyMode, Labelled, Level
from app.extensions import db
from app.forms.dossier import ApplyForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Batch, Person, Title
from app.services.dossier import application_choices, new_application
from app.services.registers import deadlines
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.views.case import rule_pages
from app.views.dossier import hall_pages
from app.views.dossier.hall_base import REFUSED, HallPage, commit
from app.web.security import require_actor

Member = TypeVar("Member", bound=Labelled)


class Choosing(HallPage):
    """Page on which an applicant begins an application."""

    @expose("/apply", methods=["GET", "POST"])
    @guarded("apply", fires=(Application, "begin"))
    def apply(self) -> ResponseReturnValue:
        """Show the next step of the choice; with the last step begin the application."""
        actor, at = require_actor(), clock.now()
        batch = self._batch(actor)
        if batch is None:
            return self._show("me/apply.html", offers=hall_pages.offers(self, actor, at))
        mode, level = _member(ApplyMode, "mode"), _member(Level, "level")
        context: Page = {
            "batch": batch,
            "last": self._last_day(batch, actor),
            "modes": application_choices.modes(batch),
            "levels": application_choices.levels(batch),
            "mode": mode,
            "level": level,
        }
        if mode is None or level is None:
            return self._show("me/apply.html", **context)
        return self._choose(actor, at, batch, mode, level, context)

    def _choose(
        self, actor: Actor, at: datetime, batch: Batch, mode: ApplyMode, level: Level, context: Page
    ) -> ResponseReturnValue:
        offered = application_choices.combination(db.session(), batch, mode, level)
        person = db.session.get(Person, actor.person_id or 0)
        form = ApplyForm(data={"unit_id": person.unit_id if person else None})
        form.offer(offered.titles, offered.specialties)
        context |= {"form": form, "why_none": offered.why_none}
        title = db.session.get(Title, request.values.get("title_code", ""))
        context["rules"] = rule_pages.chooser_lines(
            person, at, batch=batch, mode=mode, level=level, title=title
        )
        if request.method == "GET":
            return self._show("me/apply.html", **context)
        if not form.validate():
            return self._show("me/apply.html", **context), REFUSED
        try:
            made = new_application.begin_application(
                batch=batch, mode=mode, level=level, actor=actor, at=at, **form.values()
            )
            commit()
        except Refused as refusal:
            db.session.rollback()
            form.show(refusal)
            context["batch"] = self._batch(actor)
            return self._show("me/apply.html", **context), REFUSED
        flash(
            gettext(
                "Application %(number)s begun. What you save stays, on the phone too.",
                number=made.number,
            ),
            "success",
        )
        return redirect(self.url("show", pk=made.id), 303)

    def _last_day(self, batch: Batch, actor: Actor) -> date:
        person = db.session.get(Person, actor.person_id or 0)
        if person is None:
            return batch.apply_end
        return deadlines.of_person(db.session(), [batch], person)[batch.id].day

    def _batch(self, actor: Actor) -> Batch | None:
        key = request.values.get("batch", type=int)
        if key is None:
            return None
        query = select(Batch).where(Batch.id == key, scopes.visible(Batch, actor))
        return db.session.scalars(query).one_or_none() or abort(404)


def _member(kind: type[Member], name: str) -> Member | None:
    typed = request.values.get(name, "")
    return next((member for member in kind if member.value == typed), None)
