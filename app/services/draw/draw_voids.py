"""Making a draw void: one side asks with a reason, the other side and another person decides."""

from flask_babel import gettext
from sqlalchemy import select

from app import engine
from app.engine import Act
from app.enums import DrawState, SeatState
from app.models import Draw, Seat, TransitionLog
from app.services.draw import seat_invitations

RELEASED_FROM = (SeatState.RESERVE, SeatState.CALLED, SeatState.ACCEPTED)
REASON_LENGTH = 500


def is_not_asked(act: Act) -> str | None:
    """Refuse to ask twice."""
    if act.record.void_asked_by is None:
        return None
    return gettext("It was asked for already; the other side decides.")


def meeting_has_not_begun(act: Act) -> str | None:
    """Refuse to undo a draw whose judges sit already."""
    return seat_invitations.begun(act.session, act.record.plan_id)


def stay(act: Act) -> DrawState:
    """Return the state a draw stays in."""
    return DrawState(act.record.state)


def note_asked(act: Act) -> None:
    act.record.void_reason = act.opinion[:REASON_LENGTH]
    act.record.void_asked_by = act.actor.user_id


def is_other_side(act: Act) -> str | None:
    """Refuse a decision nobody asked for, or by the side or the person that asked."""
    draw = act.record
    if draw.void_asked_by is None:
        return gettext("Nobody has asked to make this draw void.")
    asked = (
        select(TransitionLog.actor_role)
        .where(
            TransitionLog.subject_type == Draw.__tablename__,
            TransitionLog.subject_id == draw.id,
            TransitionLog.event == "ask_void",
        )
        .order_by(TransitionLog.id.desc())
        .limit(1)
    )
    is_same_side = act.session.scalar(asked) is act.actor.role
    if is_same_side or draw.void_asked_by == act.actor.user_id:
        return gettext("Your side asked for it; the other side and another person decides.")
    return None


def forget_request(act: Act) -> None:
    act.record.void_reason, act.record.void_asked_by = "", None


def release_seats(act: Act) -> None:
    """Release everybody this draw had called or listed."""
    query = select(Seat).where(Seat.draw_id == act.record.id, Seat.state.in_(RELEASED_FROM))
    for seat in act.session.scalars(query.order_by(Seat.id)).all():
        engine.fire(seat, "release", actor=act.actor, at=act.at)
