"""Create and disable accounts, grant and withdraw positions, with separation of duties.

Three administrator roles are kept apart (GB/T 22239-2019, 8.1.4.2 d): system administrators manage accounts
and grant nothing; security administrators grant positions, never to themselves, and manage no accounts;
auditors only read. An account holds at most one of the three roles, and then no other role.
"""

import re
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import exists, select

from app.engine import Refused
from app.enums import FINAL, Duty, Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Committee, Person, Position, Unit, User
from app.services.accounts import own_roles, two_administrators
from app.services.credentials import lockout, passwords, sessions
from app.services.ground.audit import audit
from app.validators.identity import is_citizen_form

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,31}")
UNIT_ROLES = frozenset({Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS})
WITH_HEADS = frozenset({Role.UNIT, Role.SUPERIOR, Role.OFFICE})
COMMITTEE_ROLES = frozenset({Role.JUDGE, Role.SUPERVISOR})


def create_account(actor: Actor, *, username: str, name: str) -> User:
    """Create an account without any position and without a password.

    Its owner chooses one with a code (`resets`). Raises Refused with the name of the wrong field.
    """
    require_role(actor, Role.SYSADMIN)
    username, name = lockout.canonical(username), name.strip()
    _check_new(username, name)
    user = User(
        username=username,
        real_name=name,
        first_name="",
        last_name=name,
        email=f"{username}@local.invalid",
        active=True,
    )
    db.session.add(user)
    db.session.flush()
    audit("account_add", actor=actor, subject=username)
    return user


def disable(actor: Actor, user: User, *, at: datetime, second: Actor | None = None) -> None:
    """Disable an account and end its sessions; records of its past acts do not change.

    Raises SecondNeeded for the last holder of an administrator role, unless `second` agreed.
    """
    require_role(actor, Role.SYSADMIN)
    refuse_own(actor, user)
    if not user.active:
        raise Refused(gettext("The account “%(name)s” is disabled already.", name=user.username))
    why = two_administrators.why_for_last_holder(user, _roles(user))
    two_administrators.require(actor, second, why)
    user.active = False
    sessions.end_all(user.id, "disabled", at=at)
    audit("account_disable", actor=actor, subject=user.username, details=_second(second))


def enable(actor: Actor, user: User) -> None:
    """Enable a disabled account with its old password."""
    require_role(actor, Role.SYSADMIN)
    if user.active:
        raise Refused(gettext("The account “%(name)s” is not disabled.", name=user.username))
    user.active = True
    audit("account_enable", actor=actor, subject=user.username)


def unlock(actor: Actor, user: User) -> None:
    """Unlock an account by deleting its failed sign-ins."""
    require_role(actor, Role.SYSADMIN)
    lockout.clear_failures(user.username)
    audit("unlock", actor=actor, subject=user.username)


def issue_first_password(actor: Actor, user: User, *, at: datetime) -> str:
    """Set a random password valid for a single sign-in, end the account's sessions, and return the password.

    For the server's operator only, whose command runs as the system: no administrator sees a password. Raises
    Refused for everybody else.
    """
    if not actor.is_system:
        raise Refused(
            gettext("Only the operator issues a password, on the server. Reset it instead.")
        )
    password = passwords.generate()
    passwords.set_password(user, password, must_change=True, at=at)
    lockout.clear_failures(user.username)
    audit("first_password", actor=actor, subject=user.username)
    return password


def grant_position(
    actor: Actor,
    user: User,
    role: Role,
    *,
    unit: Unit | None = None,
    committee: Committee | None = None,
    duty: Duty = Duty.HANDLER,
    own_role: int | None = None,
    second: Actor | None = None,
) -> Position:
    """Grant an account a role in a unit or committee, narrowed by an own role where one is named.

    Raises Refused with the violated rule.

    Raises SecondNeeded for an administrator, and for the roles that decide when the account's owner has
    proved nothing, unless `second` agreed.
    """
    require_role(actor, Role.SECADMIN)
    refuse_own(actor, user)
    for why in (
        _duty_refusal(role, duty),
        _place_refusal(role, unit, committee),
        _separation_refusal(user, role),
        _own_case_refusal(user, role, unit),
    ):
        if why:
            raise Refused(why)
    own = own_roles.find(own_role, role)
    position = _position(user, role, unit, committee)
    two_administrators.require(actor, second, two_administrators.why_for_position(user, role))
    position.is_active, position.duty, position.own_role = True, duty, own
    db.session.add(position)
    db.session.flush()
    facts = _facts(position) | _second(second)
    audit("position_grant", actor=actor, subject=user.username, details=facts)
    return position


def change_own_role(
    actor: Actor, position: Position, own_role: int | None, *, second: Actor | None = None
) -> None:
    """Narrow a position to an own role, to another one, or give it its whole role back. Raises Refused.

    Who holds the whole role of an administrator as the last one keeps it. Anything but narrowing needs the second
    administrator that granting the role needs.
    """
    require_role(actor, Role.SECADMIN)
    refuse_own(actor, position.user)
    if not position.is_active:
        raise Refused(gettext("This position was withdrawn already."))
    own, before = own_roles.find(own_role, position.role), position.own_role
    if own is before:
        raise Refused(gettext("The position has this role already."), "own_role")
    if before is None:
        if why := two_administrators.why_for_last_holder(position.user, {position.role}):
            raise Refused(why, "own_role")
    else:
        why_two = two_administrators.why_for_position(position.user, position.role)
        two_administrators.require(actor, second, why_two)
    position.own_role = own
    audit(
        "position_own_role",
        actor=actor,
        subject=position.user.username,
        details=_facts(position)
        | {"position": position.id, "from": before.name if before else ""}
        | _second(second),
    )


def _own_case_refusal(user: User, role: Role, unit: Unit | None) -> str | None:
    """Return why an applicant may not be the title clerk of the unit that has the case, or None."""
    if role is not Role.UNIT or unit is None or not _has_live_application(user, unit):
        return None
    return gettext(
        "“%(name)s” has an application under way in “%(unit)s” and may not be its title clerk until that has "
        "ended.",
        name=user.get_full_name(),
        unit=unit.name,
    )


def withdraw_position(
    actor: Actor, position: Position, *, at: datetime, second: Actor | None = None
) -> None:
    """Withdraw a position and end the sessions that work in it.

    Raises SecondNeeded for the last holder of an administrator role, unless `second` agreed.
    """
    require_role(actor, Role.SECADMIN)
    refuse_own(actor, position.user)
    if not position.is_active:
        raise Refused(gettext("This position was withdrawn already."))
    if position.role is Role.APPLICANT:
        raise Refused(
            gettext("Everybody may apply for a title; this position cannot be withdrawn.")
        )
    why = two_administrators.why_for_last_holder(position.user, {position.role})
    two_administrators.require(actor, second, why)
    position.is_active = False
    sessions.end_in_position(position.id, "position", at=at)
    facts = _facts(position) | _second(second)
    audit("position_withdraw", actor=actor, subject=position.user.username, details=facts)


def is_administrator(user: User) -> bool:
    """Return whether the account has one of the three administrator roles."""
    return any(role.is_maintenance for role in _roles(user))


def ensure_applicant_position(user: User) -> None:
    """Create the applicant position of a registered person's account unless it exists."""
    is_person = exists().where(Person.user_id == user.id)
    has_position = exists().where(Position.user_id == user.id, Position.role == Role.APPLICANT)
    if db.session.scalar(select(is_person & ~has_position)):
        db.session.add(Position(user_id=user.id, role=Role.APPLICANT))
        db.session.flush()


def require_role(actor: Actor, role: Role) -> None:
    """Raise Refused unless the actor works in this role, or is the system."""
    if actor.role is not role and not actor.is_system:
        raise Refused(
            gettext("Only a %(role)s may do this.", role=str(role.label)),
        )


def refuse_own(actor: Actor, user: User) -> None:
    """Raise Refused when the account is the actor's own."""
    if user.id == actor.user_id:
        raise Refused(
            gettext("Nobody may do this to the own account; ask a colleague of the same role.")
        )


def _check_new(username: str, name: str) -> None:
    if not USERNAME.fullmatch(username):
        raise Refused(
            gettext(
                "A username has 3 to 32 small letters, digits, dots, hyphens or underscores"
                " and begins with a letter or digit."
            ),
            "username",
        )
    if is_citizen_form(username.upper()):
        raise Refused(
            gettext(
                "An ID number is no username: it would be readable in lists and logs. Its owner signs in"
                " with the ID number anyway."
            ),
            "username",
        )
    if not 2 <= len(name) <= 64:
        raise Refused(gettext("The name needs 2 to 64 characters."), "name")
    if db.session.scalar(select(exists().where(User.username == username))):
        raise Refused(
            gettext("The username “%(name)s” is taken; choose another.", name=username), "username"
        )


def _place_refusal(role: Role, unit: Unit | None, committee: Committee | None) -> str | None:
    """Return why a role cannot be held in that unit or committee, or None."""
    label = str(role.label)
    if role is Role.APPLICANT:
        return gettext("The position of an applicant comes with the person's registration.")
    if role in UNIT_ROLES and unit is None:
        return gettext("Choose the unit in which “%(role)s” is held.", role=label)
    if role in COMMITTEE_ROLES and committee is None:
        return gettext("Choose the committee for which “%(role)s” is held.", role=label)
    if role.is_maintenance and (unit or committee):
        return gettext("“%(role)s” belongs to no unit and no committee.", role=label)
    if unit and not unit.is_active:
        return gettext("The unit “%(unit)s” is closed.", unit=unit.name)
    if committee and not committee.is_active:
        return gettext("The committee “%(committee)s” is closed.", committee=committee.name)
    if role is Role.OFFICE and unit and committee and committee.unit_id != unit.id:
        return gettext(
            "“%(unit)s” does not organise the committee “%(committee)s”.",
            unit=unit.name,
            committee=committee.name,
        )
    return None


def _duty_refusal(role: Role, duty: Duty) -> str | None:
    if duty is Duty.HEAD and role not in WITH_HEADS:
        return gettext(
            "A person responsible confirms for units, superior units and committee offices; “%(role)s” has none.",
            role=str(role.label),
        )
    return None


def _separation_refusal(user: User, role: Role) -> str | None:
    """Return why a role violates the separation of duties with the account's other roles, or None."""
    others = _roles(user) - {role}
    if role.is_maintenance and others:
        return gettext(
            "“%(role)s” must be the only role of its account; “%(name)s” holds: %(held)s.",
            role=str(role.label),
            name=user.username,
            held=", ".join(sorted(str(other.label) for other in others)),
        )
    administrator_role = next((other for other in others if other.is_maintenance), None)
    if administrator_role:
        return gettext(
            "“%(name)s” is %(held)s and may hold no other role.",
            name=user.username,
            held=str(administrator_role.label),
        )
    return None


def _roles(user: User) -> set[Role]:
    roles = {position.role for position in sessions.positions(user.id)}
    if db.session.scalar(select(exists().where(Person.user_id == user.id))):
        roles.add(Role.APPLICANT)
    return roles


def _has_live_application(user: User, unit: Unit) -> bool:
    """Return whether the user has an unfinished application in `unit`.

    Domain rule: an applicant is not the title clerk of the own unit (Order 40, recusal).
    """
    live = (
        exists()
        .where(Application.person_id == Person.id, Person.user_id == user.id)
        .where(Application.unit_id == unit.id, Application.state.not_in(FINAL))
    )
    return bool(db.session.scalar(select(live)))


def _position(user: User, role: Role, unit: Unit | None, committee: Committee | None) -> Position:
    """Return the position to grant, new or withdrawn before. Raises Refused when it is active already."""
    place = {
        "unit_id": unit.id if unit else None,
        "committee_id": committee.id if committee else None,
    }
    position = db.session.scalars(
        select(Position).filter_by(user_id=user.id, role=role, **place)
    ).first()
    if position is not None and position.is_active:
        raise Refused(gettext("“%(name)s” holds this position already.", name=user.username))
    return position or Position(user_id=user.id, role=role, **place)


def _second(second: Actor | None) -> dict[str, Any]:
    """Return what the audit row says about the administrator who agreed."""
    return {"second": second.user_id} if second else {}


def _facts(position: Position) -> dict[str, Any]:
    return {
        "role": position.role.value,
        "unit": position.unit_id,
        "committee": position.committee_id,
        "duty": position.duty.value,
        **({"own_role": position.own_role.name} if position.own_role else {}),
    }
