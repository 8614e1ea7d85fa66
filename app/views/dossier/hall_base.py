"""What every page of the personal hall has in common: whose application it is, its address, its frame."""

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
from app.views.base.base import PageView

REFUSED, CONFLICT = 422, 409
LEADING_ON = ("next", "previous", "materials")
"""Presses of a section's page that save and go somewhere else."""
Crumbs = list[tuple[Any, str | None]]


class HallPage(PageView):
    """The frame of the hall's pages; web and phone say where they stand and with which words."""

    path: ClassVar[tuple[Any, ...]] = ()
    words: ClassVar[dict[str, Any]] = {}
    is_phone: ClassVar[bool] = False

    def find(self, pk: int, actor: Actor) -> Application:
        """Return the person's own application; anybody else's does not exist here."""
        # what decides which parts of the form concern the application is needed on every page
        parts = (joinedload(Application.person), joinedload(Application.unit))
        query = select(Application).options(*parts)
        query = query.where(Application.id == pk, scopes.own_person(actor))
        return db.session.scalars(query).one_or_none() or abort(404)

    def url(self, route: str, **values: Any) -> str:
        return url_for(f"{self.endpoint}.{route}", **values)

    def crumbs(self) -> Crumbs:
        """Return the guide's path to this hall."""
        parts: Crumbs = [(part, None) for part in self.path]
        return [(gettext("Home"), "/"), *parts, (str(self.label), self.url("list"))]

    def _show(self, template: str, **context: Any) -> Any:
        page = {"title": str(self.label), "purpose": "", "crumbs": self.crumbs()}
        record = context.get("application")
        if record is not None and record.state in dossier.OPEN:
            context.setdefault("countdown", countdown.until(record.due_at, clock.now()))
        return self.render_template(
            template, page=page, hall=self, words=self.words, is_phone=self.is_phone, **context
        )


def refuse(refusal: Refused) -> None:
    """Undo the press and say why on the next page."""
    db.session.rollback()
    flash(refusal.sentence, "danger")


def commit() -> None:
    """End the press; then let the messages go out that were written with it."""
    rule_evaluation.note_marked(clock.now())
    db.session.commit()
    outbox.deliver(clock.now())
    db.session.commit()
