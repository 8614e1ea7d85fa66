"""Interview card on the page of an application: time, place, and the answers possible now."""

from datetime import datetime

from sqlalchemy import select

from app import engine, scopes
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Interview
from app.views.base.aliases import Page
from app.views.base.state_colours import tone_of

ANSWERS = ("receive", "ask_move")


def interview_of(application: Application, actor: Actor) -> Interview | None:
    """Return the interview of `application` once its notice was sent to `actor`."""
    query = select(Interview).where(
        Interview.application_id == application.id, scopes.interviews_of_own_person(actor)
    )
    found: Interview | None = db.session.scalars(query).one_or_none()
    return found


def card(application: Application, actor: Actor, at: datetime) -> Page | None:
    """Return the interview card of an application with the answers possible now; None if not invited."""
    slot = interview_of(application, actor)
    if slot is None:
        return None
    rows = engine.workflow_of(slot).rows
    open_now = [event for event in ANSWERS if slot.state in rows[event].source]
    return {
        "record": slot,
        "place": slot.plan.place,
        "state": slot.state.label,
        "tone": tone_of(slot.state),
        "acts": {
            event: {
                "label": rows[event].label,
                "why_not": engine.why_not(slot, event, actor=actor, at=at),
            }
            for event in open_now
        },
    }
