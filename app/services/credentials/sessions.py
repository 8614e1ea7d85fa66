"""Server-side sessions: opened at sign-in, looked up on every request, ended permanently."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from flask import current_app
from sqlalchemy import ColumnElement, and_, bindparam, or_, select, update
from sqlalchemy.orm import joinedload

from app import settings
from app.enums import Duty, Role
from app.extensions import db
from app.ground.actor import Actor
from app.ground.database import side_write_session
from app.models import Committee, CustomisationVersion, LoginSession, Person, Position, Unit, User

SECRET_BYTES = 32
TOUCH_EVERY = timedelta(minutes=1)
IS_LIVE = and_(
    LoginSession.ended_at.is_(None),
    LoginSession.seen_at > bindparam("seen_after"),
    LoginSession.created_at > bindparam("opened_after"),
)
"""SQL condition for sessions that are neither ended, idle too long nor too old (`earliest_times`)."""
STAMP = select(CustomisationVersion.stamp).scalar_subquery()
VALUE_STAMP = select(CustomisationVersion.value_stamp).scalar_subquery()
LOOK_UP = (
    select(LoginSession, User, Position, Unit, Person.id, STAMP, VALUE_STAMP)
    .join(User, User.id == LoginSession.user_id)
    .outerjoin(Position, Position.id == LoginSession.position_id)
    .outerjoin(Unit, Unit.id == Position.unit_id)
    .outerjoin(Person, Person.user_id == User.id)
    .where(LoginSession.token_hash == bindparam("token_hash"), User.active.is_(True), IS_LIVE)
    .where(or_(Position.id.is_(None), Position.is_active.is_(True)))
)
"""Built once: it runs at every request, and building it takes longer than running it."""

POSITIONS = (
    select(Position)
    .where(Position.user_id == bindparam("user_id"), Position.is_active.is_(True))
    .options(joinedload(Position.unit), joinedload(Position.committee))
    .order_by(Position.id)
)
"""Built once like `LOOK_UP`: every page shows the positions to choose from."""


@dataclass(frozen=True)
class SignedIn:
    """A live session with its user, position and unit, and the stamps of what holds, read in one statement."""

    session: LoginSession
    user: User
    position: Position | None
    unit: Unit | None
    person_id: int | None
    stamp: str | None = None
    value_stamp: str | None = None


def look_up(secret: str, *, at: datetime) -> SignedIn | None:
    """Return the live session with this cookie secret, or None.

    None when it ended or timed out, its account is disabled, its position was withdrawn or the demonstration
    that its account belongs to is off.
    """
    row = db.session.execute(LOOK_UP, {"token_hash": _hash(secret)} | earliest_times(at)).first()
    if row is None or (row[1].is_demo and not current_app.config["DEMO"]):
        return None
    return SignedIn(*row)


def earliest_times(at: datetime) -> dict[str, datetime]:
    """Return the values of `IS_LIVE`: a session last used or opened before them has timed out at `at`."""
    return {
        "seen_after": at - timedelta(minutes=settings.get("session_idle_minutes")),
        "opened_after": at - timedelta(hours=settings.get("session_absolute_hours")),
    }


def open_session(
    user: User, *, at: datetime, address: str, agent: str, kind: str = "web"
) -> tuple[LoginSession, str]:
    """Create a session in the position last worked in; return it and the secret for the cookie."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    position = _usual_position(user.id)
    session = LoginSession(
        token_hash=_hash(secret),
        user_id=user.id,
        position_id=position.id if position else None,
        kind=kind,
        created_at=at,
        seen_at=at,
        address=address[:64],
        agent=agent[:200],
    )
    db.session.add(session)
    db.session.flush()
    return session, secret


def renew(session: LoginSession) -> str:
    """Replace the secret of a session and return it; the old cookie becomes invalid."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    session.token_hash = _hash(secret)
    return secret


def touch(session_id: int, *, at: datetime) -> None:
    """Update the time a session was last used; in a GET request in a separate transaction."""
    with side_write_session() as session:
        session.execute(
            update(LoginSession)
            .where(LoginSession.id == session_id, LoginSession.seen_at < at)
            .values(seen_at=at)
        )


def end(session: LoginSession, reason: str, *, at: datetime) -> None:
    """End one session; a session that ended before keeps its first reason."""
    _end(LoginSession.id == session.id, reason, at)


def end_all(user_id: int, reason: str, *, at: datetime, keep: LoginSession | None = None) -> None:
    """End every session of an account except `keep`."""
    which = LoginSession.user_id == user_id
    _end(and_(which, LoginSession.id != keep.id) if keep else which, reason, at)


def end_in_position(position_id: int, reason: str, *, at: datetime) -> None:
    """End every session that works in a position."""
    _end(LoginSession.position_id == position_id, reason, at)


def end_demonstration(*, at: datetime) -> None:
    """End every session of a demonstration account; done at the start where DEMO is off."""
    _end(LoginSession.user_id.in_(select(User.id).where(User.is_demo.is_(True))), "demo_off", at)


def live_sessions_of(user_id: int, *, at: datetime) -> list[LoginSession]:
    """Return the live sessions of an account, most recently used first."""
    return list(
        db.session.scalars(
            select(LoginSession)
            .where(LoginSession.user_id == user_id, IS_LIVE)
            .order_by(LoginSession.seen_at.desc(), LoginSession.id.desc()),
            earliest_times(at),
        )
    )


def positions(user_id: int) -> list[Position]:
    """Return the active positions of an account, in the order they were granted."""
    return list(db.session.scalars(POSITIONS, {"user_id": user_id}))


def actor_of(who: SignedIn) -> Actor | None:
    """Return the actor of a session, or None for an account without a position."""
    if who.position is None:
        return None
    return actor_in(who.position, who.user, who.unit, who.person_id)


def actor_in(position: Position, user: User, unit: Unit | None, person_id: int | None) -> Actor:
    """Return the actor of an account in one of its positions; `unit` is the position's."""
    return Actor(
        role=position.role,
        user_id=user.id,
        name=user.real_name or user.username,
        person_id=person_id,
        position_id=position.id,
        unit_id=position.unit_id,
        unit_name=unit.name if unit else "",
        region_code=unit.region_code if unit else "",
        committee_ids=_committees(position),
        is_head=position.duty is Duty.HEAD,
        own_role=position.own_role.scope if position.own_role else "",
        own_role_name=position.own_role.name if position.own_role else "",
    )


def _committees(position: Position) -> tuple[int, ...]:
    """Return the ids of the committees a position works for.

    An office works for every committee its unit organises, a judge or supervisor for one.
    """
    if position.role is not Role.OFFICE:
        return (position.committee_id,) if position.committee_id else ()
    own_committees = or_(
        Committee.unit_id == position.unit_id, Committee.id == position.committee_id
    )
    return tuple(
        db.session.scalars(select(Committee.id).where(own_committees).order_by(Committee.id))
    )


def _usual_position(user_id: int) -> Position | None:
    """Return the position of the last session if it is still active, else the first one granted."""
    last = (
        select(LoginSession.position_id)
        .where(LoginSession.user_id == user_id)
        .order_by(LoginSession.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return db.session.scalars(
        select(Position)
        .where(Position.user_id == user_id, Position.is_active.is_(True))
        .order_by((Position.id == last).desc().nulls_last(), Position.id)
    ).first()


def _end(which: ColumnElement[bool], reason: str, at: datetime) -> None:
    db.session.execute(
        update(LoginSession)
        .where(which, LoginSession.ended_at.is_(None))
        .values(ended_at=at, end_reason=reason)
    )


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
