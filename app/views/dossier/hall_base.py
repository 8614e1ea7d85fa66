"""Base class of the applicant's pages: find the own application, build addresses, render the page frame."""

from typing import Any, ClassVar

from flask import abort, flash, url_for
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import scopes
from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application
from app.services.dossier import dossier
from app.services.messages import outbox
from app.services.rules import rule_evaluation
from app.views.base import countdown
from app.views.base.aliases import Label
from app.views.base.base import PageView

REFUSED, CONFLICT = 422, 409
WISHES_TO_GO_ON = ("next", "previous", "materials")
"""Values of the button `do` on a section's page that save and then open another page."""
Crumbs = list[tuple[Label, str | None]]


class HallPage(PageView):
    """Base of all pages of an applicant; the web and phone subclasses set breadcrumbs and button labels."""

    path: ClassVar[tuple[Label, ...]] = ()
    words: ClassVar[dict[str, Label]] = {}
    is_phone: ClassVar[bool] = False

    def find(self, pk: int, actor: Actor) -> Application:
        """Return the person's own application; abort with 404 on anybody else's."""
        # every page needs person and unit: they decide which parts of the form apply
        parts = (joinedload(Application.person), joinedload(Application.unit))
        query = select(Application).options(*parts)
        query = query.where(Application.id == pk, scopes.own_person(actor))
        return db.session.scalars(query).one_or_none() or abort(404)

    def url(self, route: str, **values: Any) -> str:
        """Return the address of a route of this page class."""
        return url_for(f"{self.endpoint}.{route}", **values)

    def crumbs(self) -> Crumbs:
        """Return the breadcrumbs: the guide's path to this page."""
        parts: Crumbs = [(part, None) for part in self.path]
        return [(gettext("Home"), "/"), *parts, (str(self.label), self.url("list"))]

    def _show(self, template: str, **context: Any) -> str:
        page = {"title": str(self.label), "purpose": "", "crumbs": self.crumbs()}
        record = context.get("application")
        if record is not None and record.state in dossier.EDITABLE_STATES:
            context.setdefault("countdown", countdown.countdown_to(record.due_at, clock.now()))
        return self.render_template(
            template, page=page, hall=self, words=self.words, is_phone=self.is_phone, **context
        )


def refuse(refusal: Refused) -> None:
    """Roll back and flash the refusal, so that the next page shows it."""
    db.session.rollback()
    flash(refusal.sentence, "danger")


def commit() -> None:
    """Commit the request, then deliver the messages that were written with it."""
    rule_evaluation.store_marked_counts(clock.now())
    db.session.commit()
    outbox.deliver(clock.now())
    db.session.commit()
