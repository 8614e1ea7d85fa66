"""Interview of an applicant: time, place, what is next, and the answers possible now."""

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app import engine, scopes
from app.enums import ApplicationState, InterviewState, PlanState
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Interview
from app.views.base.aliases import Page
from app.views.base.state_colours import tone_of

ANSWERS = ("receive", "ask_move")
AHEAD = (InterviewState.SENT, InterviewState.CONFIRMED, InterviewState.MOVE_ASKED)
"""States of an interview to which the applicant has to come or on which the office decides."""


def interview_of(application: Application, actor: Actor) -> Interview | None:
    """Return the interview of `application` once its notice was sent to `actor`."""
    query = _own(actor).where(Interview.application_id == application.id)
    found: Interview | None = db.session.scalars(query).one_or_none()
    return found


def interviews_under_review(actor: Actor) -> dict[int, Interview]:
    """Return the own interviews of applications in review, by application, in one statement."""
    query = _own(actor).where(
        Interview.application.has(Application.state == ApplicationState.IN_REVIEW)
    )
    return {one.application_id: one for one in db.session.scalars(query)}


def _own(actor: Actor) -> Select[tuple[Interview]]:
    return (
        select(Interview)
        .where(scopes.interviews_of_own_person(actor))
        .options(joinedload(Interview.plan))
    )


def card(slot: Interview, actor: Actor, at: datetime) -> Page:
    """Return the interview card of an application with the answers possible now."""
    rows = engine.workflow_of(slot).rows
    open_now = [event for event in ANSWERS if slot.state in rows[event].source]
    acts = {
        event: {
            "label": rows[event].label,
            "why_not": engine.why_not(slot, event, actor=actor, at=at),
        }
        for event in open_now
    }
    is_ahead = _is_on(slot) and slot.state in AHEAD and at < slot.ends_at
    return {
        "record": slot,
        "place": slot.plan.place,
        "state": slot.state.label,
        "tone": tone_of(slot.state),
        "acts": acts,
        "is_ahead": is_ahead,
        "next": next_text(slot, at),
    }


def _is_on(slot: Interview) -> bool:
    is_candidate = slot.application.plan_id == slot.plan_id
    is_reviewed = slot.application.state is ApplicationState.IN_REVIEW
    return is_candidate and is_reviewed and slot.plan.state is PlanState.APPROVED


def next_text(slot: Interview, at: datetime) -> str:
    """Return what the applicant has to do about the interview or what comes after it; empty if the meeting is off."""
    if not _is_on(slot):
        return ""
    if slot.state is InterviewState.ABSENT:
        return gettext("You were recorded as absent from the interview; the committee reviews.")
    if slot.state not in AHEAD or at >= slot.ends_at:
        return gettext("The interview is over; the committee reviews.")
    place = {
        "time": clock.text(slot.starts_at),
        "place": f"{slot.plan.place} {slot.room}".strip(),
    }
    if slot.state is InterviewState.SENT:
        return gettext(
            "You are invited to an interview at %(time)s in %(place)s. Confirm receipt, or ask for"
            " another time before it begins.",
            **place,
        )
    if slot.state is InterviewState.MOVE_ASKED:
        return gettext(
            "You asked for another time. Until the committee's office answers, the interview stays at"
            " %(time)s in %(place)s.",
            **place,
        )
    return gettext("Come to your interview at %(time)s in %(place)s.", **place)
