"""Handler (经办人) and person responsible (负责人) as two accounts of one place (domain rule 20).

A place is a unit in one role, or a committee's office. Parameters say for each role whether its acts on
applications need both accounts: never, where the place has a person responsible, or always.
"""

from enum import IntEnum

from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, exists, or_, select

from app import settings
from app.enums import Duty, Role
from app.extensions import db
from app.ground import read_once
from app.ground.actor import Actor
from app.models import Position, User

ROLES = {
    Role.UNIT: "two_persons_unit",
    Role.SUPERIOR: "two_persons_superior",
    Role.OFFICE: "two_persons_office",
}
"""Role → parameter."""


class Need(IntEnum):
    """Values of the parameters."""

    NEVER = 0
    WHERE_THERE_IS_ONE = 1
    ALWAYS = 2


def are_needed(actor: Actor) -> bool:
    """Return whether acts of the actor's place are proposed by one account and confirmed by another."""
    if actor.role not in ROLES:
        return False
    need = Need(settings.get(ROLES[actor.role]))
    return need is Need.ALWAYS or (need is Need.WHERE_THERE_IS_ONE and has_head(actor))


def has_head(actor: Actor) -> bool:
    """Return whether the actor's place has an account of a person responsible."""
    head = (
        select(Position.id)
        .join(User, User.id == Position.user_id)
        .where(_in_place_of(actor), Position.duty == Duty.HEAD)
        .where(Position.is_active.is_(True), User.active.is_(True))
    )
    place = (actor.role, actor.unit_id, tuple(actor.committee_ids))
    return read_once.of(
        db.session(),
        ("has head", *place),
        (Position, User),
        lambda: bool(db.session.scalar(select(exists(head)))),
    )


def sentence_for_head() -> str:
    """Return what a person responsible reads who would do a step that a handler proposes."""
    return gettext(
        "You are the person responsible of your unit: the handler proposes this step, and you confirm it on the page “To be confirmed”."
    )


def _in_place_of(actor: Actor) -> ColumnElement[bool]:
    own_unit = and_(Position.unit_id == actor.unit_id, Position.unit_id.is_not(None))
    if actor.role is Role.OFFICE:
        own_unit = or_(own_unit, Position.committee_id.in_(actor.committee_ids))
    return and_(Position.role == actor.role, own_unit)
