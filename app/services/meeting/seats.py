"""Queries for the seats of a meeting: members, judges present, the one who presides."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from app.enums import SeatRole, SeatState
from app.models import Plan, Seat

MEMBERS = tuple(state for state in SeatState if state.is_member)
LIVE = tuple(state for state in SeatState if state not in (SeatState.DECLINED, SeatState.RELEASED))
"""States of a seat still assigned to a judge; one who declined or was released may be drawn again."""
PRESIDING = (SeatRole.CHAIR, SeatRole.VICE)
"""Roles that may preside, in this order (Order 40, art. 20)."""


def members(session: Session, plan_id: int) -> Sequence[Seat]:
    """Return the seats whose judges accepted, ordered by place in the draw."""
    query = select(Seat).where(Seat.plan_id == plan_id, Seat.state.in_(MEMBERS))
    return session.scalars(query.order_by(Seat.place, Seat.id)).all()


def count_members(session: Session, plan_id: int) -> int:
    """Return how many members the meeting has."""
    query = select(func.count(Seat.id)).where(Seat.plan_id == plan_id, Seat.state.in_(MEMBERS))
    return int(session.scalar(query) or 0)


def count_live(session: Session, plan_id: int) -> int:
    """Return the number of seats of a meeting still assigned to a judge (`LIVE`)."""
    query = select(func.count(Seat.id)).where(Seat.plan_id == plan_id, Seat.state.in_(LIVE))
    return int(session.scalar(query) or 0)


def present(session: Session, plan_id: int) -> Sequence[Seat]:
    """Return the seats whose judges signed in and have not left."""
    query = select(Seat).where(Seat.plan_id == plan_id, Seat.state == SeatState.PRESENT)
    return session.scalars(query.order_by(Seat.place, Seat.id)).all()


def is_on(day: date) -> ColumnElement[bool]:
    """Return the condition for seats of meetings that are held on `day`."""
    held = select(Plan.id).where(Plan.opens_on <= day, Plan.closes_on >= day)
    return Seat.plan_id.in_(held)


def presiding(session: Session, plan_id: int) -> Seat | None:
    """Return the presiding seat: the chair if present, else the first vice chair present, else None."""
    order = case({SeatRole.CHAIR: 0}, value=Seat.role, else_=1)
    query = select(Seat).where(
        Seat.plan_id == plan_id, Seat.state == SeatState.PRESENT, Seat.role.in_(PRESIDING)
    )
    return session.scalars(query.order_by(order, Seat.place)).first()


def first_presiding(found: Sequence[Seat]) -> Seat | None:
    """Return the same among seats that are loaded already, in the order of their places."""
    there = [one for one in found if one.state is SeatState.PRESENT and one.role in PRESIDING]
    return min(there, key=lambda one: PRESIDING.index(one.role), default=None)


def seat_of_user(session: Session, plan_id: int, user_id: int | None) -> Seat | None:
    """Return the seat of a user who is a member of the meeting, or None."""
    query = select(Seat).where(
        Seat.plan_id == plan_id, Seat.user_id == user_id, Seat.state.in_(MEMBERS)
    )
    return session.scalars(query).one_or_none()
