"""Grant and withdraw the judge position of an expert together with the membership in an expert pool."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.enums import ExpertState, Role
from app.ground.actor import Actor
from app.models import Expert, Person, Position, User
from app.services.credentials import sessions
from app.services.ground.audit import audit


def grant_judge_position(session: Session, expert: Expert, actor: Actor) -> None:
    """Create or reactivate the judge position of the expert's account; no-op if it is active.

    An expert without an account gets it when the office has confirmed the account (`expert_accounts`).
    """
    user_id = _account_of(session, expert)
    if user_id is None:
        return
    place = {"user_id": user_id, "role": Role.JUDGE, "committee_id": expert.committee_id}
    position = session.scalars(select(Position).filter_by(**place, unit_id=None)).first()
    if position is not None and position.is_active:
        return
    if position is None:
        position = Position(**place)
        session.add(position)
    position.is_active = True
    session.flush()
    _note(session, "position_grant", position, actor)


def was_judge(session: Session, expert: Expert) -> bool:
    """Return whether the expert's account has or had the position of a judge of this committee."""
    held = exists().where(
        Position.user_id == _account_of(session, expert),
        Position.role == Role.JUDGE,
        Position.committee_id == expert.committee_id,
    )
    return bool(session.scalar(select(held)))


def withdraw_judge_position(
    session: Session, expert: Expert, actor: Actor, *, at: datetime
) -> None:
    """Withdraw the judge position and end its sessions, unless another membership of the pool remains."""
    user_id = _account_of(session, expert)
    if user_id is None or _is_in_pool(session, expert):
        return
    query = select(Position).where(
        Position.user_id == user_id,
        Position.role == Role.JUDGE,
        Position.committee_id == expert.committee_id,
        Position.is_active,
    )
    for position in session.scalars(query).all():
        position.is_active = False
        sessions.end_in_position(position.id, "position", at=at)
        _note(session, "position_withdraw", position, actor)


def _account_of(session: Session, expert: Expert) -> int | None:
    return session.scalar(select(Person.user_id).where(Person.id == expert.person_id))


def _is_in_pool(session: Session, expert: Expert) -> bool:
    other = exists().where(
        Expert.person_id == expert.person_id,
        Expert.committee_id == expert.committee_id,
        Expert.state == ExpertState.ADMITTED,
        Expert.id != expert.id,
    )
    return bool(session.scalar(select(other)))


def _note(session: Session, kind: str, position: Position, actor: Actor) -> None:
    facts: dict[str, Any] = {
        "role": position.role.value,
        "unit": position.unit_id,
        "committee": position.committee_id,
    }
    username = session.scalar(select(User.username).where(User.id == position.user_id))
    audit(kind, actor=actor, subject=str(username), details=facts)
