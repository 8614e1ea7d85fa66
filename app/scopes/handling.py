"""Who handles which case among colleagues, and deputies."""

from sqlalchemy import Select, or_, select

from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Deputy, Handler, Position, User
from app.scopes.relations import Condition, has_key
from app.services.handling import deputies


def handled_by_me(actor: Actor) -> Condition:
    """Cases given to the actor, or to somebody the actor stands in for today."""
    return _given(actor).where(_is_mine(actor)).exists()


def handled_by_colleagues(actor: Actor) -> Condition:
    """Cases given to others at the actor's place."""
    return _given(actor).where(~_is_mine(actor)).exists()


def handled_by_nobody(actor: Actor) -> Condition:
    """Cases that everybody at the actor's place can handle."""
    return ~_given(actor).exists()


def deputies_of_my_position(actor: Actor) -> Condition:
    """The actor's deputies, and those the actor stands in for."""
    return or_(
        has_key(Deputy.position_id, actor.position_id),
        has_key(Deputy.deputy_position_id, actor.position_id),
    )


def _given(actor: Actor) -> Select[tuple[int]]:
    """Select the handlers of a case where it is now; one who has left the place does not count."""
    return (
        select(Handler.id)
        .join(Position, Position.id == Handler.position_id)
        .join(User, User.id == Position.user_id)
        .where(
            Handler.application_id == Application.id,
            Handler.unit_id == Application.holder_id,
            Handler.role == actor.role,
            Position.is_active,
            User.active.is_(True),
        )
        .correlate(Application)
    )


def _is_mine(actor: Actor) -> Condition:
    today = clock.local_date(clock.now())
    principals = deputies.principals(actor, today)
    return or_(has_key(Position.user_id, actor.user_id), Position.id.in_(principals))
