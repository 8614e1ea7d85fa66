"""Acts of administration that one administrator alone may not do, and why.

Administrators cannot switch each other off, and nobody makes a judge or an office out of an account by himself:
the services raise SecondNeeded, `guarded_acts` asks a second administrator and then does the act.
"""

from collections.abc import Collection

from flask import current_app
from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, exists, select

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import Person, Position, User

PROVED = frozenset({Role.HRSS, Role.OFFICE, Role.SUPERVISOR, Role.JUDGE})
"""Roles that one administrator grants only to an account whose owner has proved to be the person on record."""


class SecondNeeded(Refused):
    """Raised for an act that needs the consent of a second administrator; the sentence says why."""


def require(actor: Actor, second: Actor | None, why: str | None) -> None:
    """Raise SecondNeeded with the reason `why`, unless there is none or a second administrator agreed.

    The operator on the server acts alone, as he could change the database as well.
    """
    if why is not None and second is None and not actor.is_system:
        raise SecondNeeded(why)


def why_for_position(user: User, role: Role) -> str | None:
    """Return why granting `role` to an account needs two administrators, or None."""
    if role.is_maintenance:
        return gettext("Another administrator is made by two administrators together.")
    if role in PROVED and not is_proved(user):
        return gettext(
            "Nobody has proved through the single sign-on to be the owner of the account “%(name)s”. Two"
            " administrators grant “%(role)s” to it.",
            name=user.username,
            role=str(role.label),
        )
    return None


def why_for_last_holder(user: User, roles: Collection[Role]) -> str | None:
    """Return why taking administrator roles from an account needs two administrators, or None.

    Locks the positions of the roles, so that two administrators cannot take the last two holders at once.
    """
    for role in sorted(role for role in roles if role.is_maintenance):
        whole = _holders(role).where(Position.own_role_id.is_(None))
        if set(db.session.scalars(whole)) <= {user.id} and _is_whole(user, role):
            return gettext(
                "“%(name)s” is the last %(role)s. Two administrators decide on this.",
                name=user.username,
                role=str(role.label),
            )
    return None


def _is_whole(user: User, role: Role) -> bool:
    """Return whether an account holds a role that no own role narrows."""
    held = exists().where(
        Position.user_id == user.id, Position.role == role, Position.own_role_id.is_(None)
    )
    return bool(db.session.scalar(select(held)))


def why_for_menus(role: Role, meant_for: Collection[Role]) -> str | None:
    """Return why taking a menu from `role` needs two administrators, or None."""
    if role.is_maintenance and role in meant_for:
        return gettext(
            "This menu is “%(role)s”'s own. Two administrators decide on taking it.",
            role=str(role.label),
        )
    return None


def is_proved(user: User) -> bool:
    """Return whether the single sign-on has vouched that the account's owner is the person it belongs to.

    A telephone on record and a claim code come from whoever entered the record, so they prove less.
    """
    is_person = exists().where(Person.user_id == user.id)
    return user.identity_proved_at is not None and bool(db.session.scalar(select(is_person)))


def holds(user_id: int, role: Role) -> bool:
    """Return whether an account can still act in `role`."""
    return user_id in set(db.session.scalars(_holders(role)))


def can_act() -> ColumnElement[bool]:
    """Return the condition for positions of accounts that can sign in; DEMO=0 keeps demonstration accounts out."""
    counts = Position.is_active & User.active
    return counts if current_app.config["DEMO"] else counts & User.is_demo.is_(False)


def _holders(role: Role) -> Select[tuple[int]]:
    """Select the accounts that can act in `role`, and lock their rows."""
    return (
        select(Position.user_id)
        .join(User, User.id == Position.user_id)
        .where(Position.role == role, can_act())
        .order_by(Position.id)
        .with_for_update()
    )
