"""What every page of the personal hall has in common: whose application it is, its address, its frame."""

from typing import Any, ClassVar

from flask import abort, flash, url_for
from flask_babel import gettext
from sqlalchemy import select

from app import clock, scopes
from app.actor import Actor
from app.extensions import db
from app.models import Application
from app.services import messages
from app.views.base import PageView
from app.workflow.engine import Refused

REFUSED, CONFLICT = 422, 409


class HallPage(PageView):
    """The frame of the hall's pages; web and phone say where they stand and with which words."""

    path: ClassVar[tuple[Any, ...]] = ()
    words: ClassVar[dict[str, Any]] = {}
    is_phone: ClassVar[bool] = False

    def find(self, pk: int, actor: Actor) -> Application:
        """Return the person's own application; anybody else's does not exist here."""
        query = select(Application).where(Application.id == pk, scopes.own_person(actor))
        return db.session.scalars(query).one_or_none() or abort(404)

    def url(self, route: str, **values: Any) -> str:
        return url_for(f"{self.endpoint}.{route}", **values)

    def _show(self, template: str, **context: Any) -> Any:
        crumbs = [(gettext("Home"), "/"), *((str(part), None) for part in self.path)]
        crumbs.append((str(self.label), self.url("list")))
        page = {"title": str(self.label), "purpose": "", "crumbs": crumbs}
        return self.render_template(
            template, page=page, hall=self, words=self.words, is_phone=self.is_phone, **context
        )


def refuse(refusal: Refused) -> None:
    """Undo the press and say why on the next page."""
    db.session.rollback()
    flash(refusal.sentence, "danger")


def commit() -> None:
    """End the press; then let the messages go out that were written with it."""
    db.session.commit()
    messages.deliver(clock.now())
    db.session.commit()
