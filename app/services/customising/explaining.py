"""Why somebody can press a button or cannot: the first thing that refuses, and where it is changed.

It asks what the pages ask, in the same order: account, position, tick of the role or own role, scope, state, guards.
Of a guard only the condition is named, not its sentence, which may hold facts of the case; that of a deadline is said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from app import engine
from app.engine import workflow_of
from app.enums import ChangeSetState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import ChangeSet, Override, Person, Position, User
from app.services.accounts import grants, own_roles
from app.services.credentials import sessions
from app.services.customising import conditions
from app.services.customising.rights import Right, RightsArea
from app.services.registers import deadlines


class Refuses(StrEnum):
    """What refuses first; each is changed in another place."""

    ACCOUNT = "account"
    POSITION = "position"
    TICK = "tick"
    SCOPE = "scope"
    STATE = "state"
    DEADLINE = "deadline"
    GUARD = "guard"


@dataclass(frozen=True)
class Asked:
    """A permission and, where a record is meant, how its menu finds and moves it."""

    right: Right
    record: Any = None
    scope: Any = None
    """Function of the menu that returns the rows of an actor as an SQL condition."""
    events: Sequence[str] = ()


@dataclass(frozen=True)
class Answer:
    """For one position; it is allowed if nothing refuses."""

    position: str
    role: Role | None
    sentence: str
    refuses: Refuses | None = None
    scope: str = ""
    """The role or own role of the position."""
    position_id: int = 0
    is_in_force: bool = False


def answers(user: User, asked: Asked, *, at: datetime) -> list[Answer]:
    """Return an answer per position of an account, those in force first."""
    if not user.active:
        said = gettext("The account “%(name)s” is disabled.", name=user.username)
        return [Answer("", None, said, Refuses.ACCOUNT)]
    held = db.session.scalars(
        select(Position)
        .where(Position.user_id == user.id)
        .options(joinedload(Position.unit), joinedload(Position.committee))
        .order_by(Position.is_active.desc(), Position.id)
    ).all()
    if not held:
        said = gettext("The account “%(name)s” has no position.", name=user.username)
        return [Answer("", None, said, Refuses.POSITION)]
    return [_answer(position, asked, at) for position in held]


def _answer(position: Position, asked: Asked, at: datetime) -> Answer:
    refuses, said = _first_refusal(position, asked, at) or (None, _allowed(asked))
    scope = position.own_role.scope if position.own_role else position.role.value
    return Answer(
        position.label, position.role, said, refuses,
        scope=_scope_to_change(position, asked.right) if refuses is Refuses.TICK else scope,
        position_id=position.id, is_in_force=position.is_active,
    )  # fmt: skip


def _first_refusal(position: Position, asked: Asked, at: datetime) -> tuple[Refuses, str] | None:
    if not position.is_active:
        return Refuses.POSITION, gettext("The position was withdrawn.")
    own = position.own_role.scope if position.own_role else ""
    if (asked.right.key, asked.right.target) not in grants.permissions_of_role(position.role, own):
        return Refuses.TICK, _why_no_tick(asked.right, position)
    if asked.record is None:
        return None
    return _refusal_of_record(_actor(position), asked, at)


def _actor(position: Position) -> Actor:
    """Return the actor that the holder of a position is in it, signed in or not."""
    user = db.session.get_one(User, position.user_id)
    person_id = db.session.scalar(select(Person.id).where(Person.user_id == user.id))
    return sessions.actor_in(position, user, position.unit, person_id)


def _refusal_of_record(actor: Actor, asked: Asked, at: datetime) -> tuple[Refuses, str] | None:
    record = asked.record
    condition: ColumnElement[bool] = asked.scope(actor)
    model = type(record)
    if db.session.scalar(select(model.id).where(model.id == record.id, condition)) is None:
        said = gettext("The record is not among the rows that this position sees.")
        return Refuses.SCOPE, said
    rows = workflow_of(record).rows if asked.events else {}
    usable = [event for event in asked.events if actor.role in rows[event].roles]
    if asked.events and not any(record.state in rows[event].source for event in usable):
        return Refuses.STATE, gettext(
            "The record is in the state “%(state)s”; this is pressed in: %(states)s.",
            state=record.state.label,
            states=_names(state for event in usable for state in rows[event].source),
        )
    open_now = [event for event in usable if record.state in rows[event].source]
    refusing = [engine.first_refusal(record, event, actor=actor, at=at) for event in open_now]
    if not refusing or None in refusing:
        return None
    guard, said = next(one for one in refusing if one is not None)
    if guard is deadlines.is_in_time:
        return Refuses.DEADLINE, said
    return Refuses.GUARD, _condition(guard)


def _condition(guard: engine.Guard | None) -> str:
    """Return which condition is not met, without the facts of the case, which administrators do not read."""
    words = conditions.words(guard)
    return gettext("A condition of the procedure is not met: %(condition)s.", condition=words)


def _scope_to_change(position: Position, right: Right) -> str:
    """Return the role or own role that lacks the tick: the role where it lacks it itself."""
    own = position.own_role
    if own is None or (right.key, right.target) in grants.ticks_of(own.scope):
        return position.role.value
    return own.scope


def _why_no_tick(right: Right, position: Position) -> str:
    if why := right.why_never(position.role):
        return why
    scope = _scope_to_change(position, right)
    label = own_roles.label(scope)
    last = db.session.scalars(
        select(Override)
        .join(ChangeSet)
        .where(
            ChangeSet.state == ChangeSetState.PUBLISHED,
            Override.area == RightsArea.name,
            Override.target == right.target,
            Override.key == right.key,
            Override.scope == scope,
        )
        .order_by(ChangeSet.published_at.desc(), ChangeSet.id.desc())
    ).first()
    if last is None or last.new or last.change_set.published_at is None:
        return gettext("The role “%(role)s” has no tick for this.", role=label)
    return gettext(
        "The role “%(role)s” has no tick for this: %(name)s took it in set %(number)s at %(time)s.",
        role=label,
        name=last.change_set.author,
        number=last.set_id,
        time=clock.text(last.change_set.published_at),
    )


def _allowed(asked: Asked) -> str:
    if asked.record is None:
        return gettext("Allowed. On a record, scope, state and guards are asked as well.")
    return gettext("Allowed.")


def _names(states: Iterable[Any]) -> str:
    return gettext(", ").join(dict.fromkeys(str(state.label) for state in states))
