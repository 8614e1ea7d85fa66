"""Voiding a draw: one party requests it with a reason, another person of the other party decides."""

from flask_babel import gettext
from sqlalchemy import select

from app import engine
from app.engine import Act
from app.enums import DrawState, Role, SeatState
from app.models import Draw, Plan, Seat, TransitionLog
from app.services.draw import draw_messages, seat_invitations

RELEASED_FROM = (SeatState.RESERVE, SeatState.CALLED, SeatState.ACCEPTED)
REASON_LENGTH = 500


def is_not_asked(act: Act) -> str | None:
    """Refuse a second request to void the same draw."""
    if act.record.void_asked_by is None:
        return None
    return gettext("It was asked for already; the other side decides.")


def meeting_has_not_begun(act: Act) -> str | None:
    """Refuse to void a draw after the meeting has begun."""
    return seat_invitations.refusal_if_begun(act.session, act.record.plan_id)


def keep_state(act: Act) -> DrawState:
    """Return the current state of the draw: the act does not change it."""
    return DrawState(act.record.state)


def note_asked(act: Act) -> None:
    """Store who requested to void the draw, and the reason; tell the other side."""
    draw: Draw = act.record
    draw.void_reason = act.opinion[:REASON_LENGTH]
    draw.void_asked_by = act.actor.user_id
    other = Role.OFFICE if act.actor.role is Role.SUPERVISOR else Role.SUPERVISOR
    draw_messages.tell_side(
        act,
        act.session.get_one(Plan, draw.plan_id),
        other,
        "draw.void_asked",
        url=f"{draw_messages.DRAWS}{draw.id}",
        opinion=draw.void_reason,
    )


def is_other_side(act: Act) -> str | None:
    """Refuse a decision without a request, or by the party or person that made the request."""
    draw = act.record
    if draw.void_asked_by is None:
        return gettext("Nobody has asked to make this draw void.")
    requested_by_role = (
        select(TransitionLog.actor_role)
        .where(
            TransitionLog.subject_type == Draw.__tablename__,
            TransitionLog.subject_id == draw.id,
            TransitionLog.event == "ask_void",
        )
        .order_by(TransitionLog.id.desc())
        .limit(1)
    )
    is_same_side = act.session.scalar(requested_by_role) is act.actor.role
    if is_same_side or draw.void_asked_by == act.actor.user_id:
        return gettext("Your side asked for it; the other side and another person decides.")
    return None


def forget_request(act: Act) -> None:
    """Delete the request to void the draw."""
    act.record.void_reason, act.record.void_asked_by = "", None


def release_seats(act: Act) -> None:
    """Release all seats of this draw: alternates, called and accepted judges."""
    query = select(Seat).where(Seat.draw_id == act.record.id, Seat.state.in_(RELEASED_FROM))
    for seat in act.session.scalars(query.order_by(Seat.id)).all():
        engine.fire(seat, "release", actor=act.actor, at=act.at)
