"""To-dos of a meeting that belong to no other list: the codes for its ballot box."""

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select

from app.enums import MeetingMode, PlanState, Role
from app.ground.actor import Actor
from app.models import KeyHolder, Plan, Seat
from app.services.meeting import seats
from app.services.voting import key_holders
from app.todos.declared import Todo


def without_own_code(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for agreed meetings with somebody who presides, in which the actor's part has no code yet."""
    presiding = select(Seat.plan_id).where(
        Seat.role.in_(seats.PRESIDING), Seat.state.in_(seats.MEMBERS)
    )
    if actor.role is Role.JUDGE:
        presiding = presiding.where(Seat.user_id == actor.user_id)
    taken = select(KeyHolder.plan_id).where(
        (KeyHolder.role == key_holders.ROLES[actor.role]) | (KeyHolder.user_id == actor.user_id)
    )
    is_due = (Plan.mode == MeetingMode.ONLINE) & (Plan.state == PlanState.APPROVED)
    return is_due & Plan.id.in_(presiding) & Plan.id.not_in(taken)


TODOS = (
    Todo(
        "key",
        _("Take a code"),
        moves=((KeyHolder, "register"),),
        whose=without_own_code,
        roles=tuple(key_holders.ROLES),
    ),
)
