"""Colleagues: active positions of the same role at the same place, a unit or a committee's office."""

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload

from app.enums import Duty, Role
from app.ground.actor import Actor
from app.models import Committee, Position, User

ROLES = (Role.UNIT, Role.SUPERIOR, Role.OFFICE)
"""Roles whose people work on the same cases."""
MOST = 200
"""Colleagues offered in a form."""


def of(actor: Actor) -> Select[tuple[Position]]:
    """Select the positions at the place of `actor`, the own one included, by name."""
    return (
        select(Position)
        .join(User, User.id == Position.user_id)
        .where(Position.role == actor.role, _is_at_place_of(actor))
        .where(Position.is_active, User.active.is_(True))
        .options(joinedload(Position.user))
        .order_by(User.real_name, Position.id)
        .limit(MOST)
    )


def _is_at_place_of(actor: Actor) -> ColumnElement[bool]:
    in_unit = (Position.unit_id == actor.unit_id) & Position.unit_id.is_not(None)
    if actor.role is not Role.OFFICE:
        return in_unit
    organisers = select(Committee.unit_id).where(Committee.id.in_(actor.committee_ids))
    return or_(
        in_unit,
        Position.unit_id.in_(organisers),
        Position.committee_id.in_(actor.committee_ids),
    )


def is_at_work(position: Position) -> bool:
    """Return whether the position and its account are active."""
    return position.is_active and position.user.active


def is_one(position: Position, actor: Actor) -> bool:
    """Return whether a position is at work in the role, the duty and at the place of `actor`."""
    if position.role is not actor.role or not is_at_work(position):
        return False
    is_same_duty = actor.is_head is (position.duty is Duty.HEAD)
    is_in_unit = position.unit_id is not None and position.unit_id == actor.unit_id
    return is_same_duty and (is_in_unit or position.committee_id in actor.committee_ids)


def may_handle(position: Position) -> bool:
    """Return whether cases are given to a position: whoever is responsible confirms the steps of all of them."""
    return position.duty is not Duty.HEAD


def sentence() -> str:
    """Return what somebody reads who names a person of another organisation."""
    return gettext(
        "Choose a colleague who works in your role at your own organisation; cases and deputies do not go to others."
    )
