"""Recusal card on the page of an application: requests, decisions, and whether more are possible."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app import scopes
from app.enums import ApplicationState
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Recusal
from app.services.draw import recusal_requests
from app.views.base.aliases import Page
from app.views.base.state_colours import tone_of

NOT_HANDED_IN = (ApplicationState.DRAFT, ApplicationState.DISCARDED)


def card(application: Application, actor: Actor, at: datetime) -> Page | None:
    """Return the recusal card of an application; None while there are no requests and none is possible."""
    query = select(Recusal).where(
        Recusal.application_id == application.id, scopes.recusals_of_own_person(actor)
    )
    asked = db.session.scalars(query.order_by(Recusal.id)).all()
    why_not = recusal_requests.why_too_late(application, clock.local_date(at))
    if not asked and (why_not or application.state in NOT_HANDED_IN):
        return None
    return card_of_requests(asked, why_not)


def card_of_requests(asked: Sequence[Recusal], why_not: str | None) -> Page:
    """Return the card for the requests `asked`; `why_not` is the reason why no more can be made."""
    return {
        "asked": [
            {"record": one, "state": one.state.label, "tone": tone_of(one.state)} for one in asked
        ],
        "why_not": why_not,
        "typed": {},
        "refused": "",
    }
