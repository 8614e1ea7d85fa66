"""Acts that a second administrator has to agree to: how they are asked for, and how they are done then.

Each is done by the same service as without consent, in the name of who asked; the audit row names both.
"""

from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.engine import Act
from app.enums import Duty, Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import Committee, Consent, Position, Unit, User
from app.services.accounts import accounts, consents, grants, own_roles


def ask_for_position(
    actor: Actor,
    user: User,
    role: Role,
    *,
    unit: Unit | None,
    committee: Committee | None,
    duty: Duty,
    own_role: int | None = None,
    reason: str,
    at: datetime,
) -> Consent:
    """Ask a second administrator to agree to a position. Raises Refused."""
    place, own = committee or unit, own_roles.find(own_role, role)
    words = [str(role.label), own.label if own else "", place.name if place else ""]
    words.append(str(duty.label) if unit else "")
    details = {
        "role": role.value,
        "unit": unit.id if unit else None,
        "committee": committee.id if committee else None,
        "duty": duty.value,
        "own_role": own_role,
    }
    return consents.ask(
        actor, GRANT.name, subject=_subject(user, *words), reason=reason, at=at, user=user,
        details=details,
    )  # fmt: skip


def ask_to_change_own_role(
    actor: Actor, position: Position, own_role: int | None, *, reason: str, at: datetime
) -> Consent:
    """Ask a second administrator to agree that a position gets another own role, or its whole role. Raises Refused."""
    user, own = position.user, own_roles.find(own_role, position.role)
    after = gettext("→ %(role)s", role=own.label if own else str(position.role.label))
    return consents.ask(
        actor, OWN_ROLE.name, subject=_subject(user, position.label, after), reason=reason, at=at,
        user=user, details={"position": position.id, "own_role": own_role},
    )  # fmt: skip


def ask_to_withdraw(actor: Actor, position: Position, *, reason: str, at: datetime) -> Consent:
    """Ask a second administrator to agree to the withdrawal of a position. Raises Refused."""
    user = position.user
    return consents.ask(
        actor, WITHDRAW.name, subject=_subject(user, position.label), reason=reason, at=at,
        user=user, details={"position": position.id},
    )  # fmt: skip


def ask_to_disable(actor: Actor, user: User, *, reason: str, at: datetime) -> Consent:
    """Ask a second administrator to agree that an account is disabled. Raises Refused."""
    return consents.ask(
        actor, DISABLE.name, subject=_subject(user), reason=reason, at=at, user=user
    )


def _subject(user: User, *words: str) -> str:
    named = [f"{user.username} {user.get_full_name()}", *(word for word in words if word)]
    return " · ".join(named)[: consents.LONGEST_SUBJECT]


def _grant(act: Act) -> None:
    consent: Consent = act.record
    wanted: dict[str, Any] = consent.details
    accounts.grant_position(
        consents.asker_of(consent),
        db.session.get_one(User, consent.user_id),
        Role(wanted["role"]),
        unit=db.session.get_one(Unit, wanted["unit"]) if wanted["unit"] else None,
        committee=(
            db.session.get_one(Committee, wanted["committee"]) if wanted["committee"] else None
        ),
        duty=Duty(wanted["duty"]),
        own_role=wanted.get("own_role"),
        second=act.actor,
    )


def _change_own_role(act: Act) -> None:
    wanted = act.record.details
    position = db.session.get_one(Position, wanted["position"])
    accounts.change_own_role(
        consents.asker_of(act.record), position, wanted["own_role"], second=act.actor
    )


def _withdraw(act: Act) -> None:
    position = db.session.get_one(Position, act.record.details["position"])
    accounts.withdraw_position(consents.asker_of(act.record), position, at=act.at, second=act.actor)


def _disable(act: Act) -> None:
    user = db.session.get_one(User, act.record.user_id)
    accounts.disable(consents.asker_of(act.record), user, at=act.at, second=act.actor)


def _revoke(act: Act) -> None:
    """Take permissions as asked for before they were collected in sets of changes; such acts lapse after a week."""
    role = Role(act.record.details["role"])
    for view, permission in act.record.details["cells"]:
        grants.set_grant(
            consents.asker_of(act.record),
            role,
            view,
            permission,
            False,
            meant_for=(role,),
            second=act.actor,
        )


GRANT = consents.register(consents.Kind("position_grant", _("Grant a position"), _grant))
OWN_ROLE = consents.register(
    consents.Kind("position_own_role", _("Change the own role of a position"), _change_own_role)
)
WITHDRAW = consents.register(
    consents.Kind("position_withdraw", _("Withdraw a position"), _withdraw)
)
DISABLE = consents.register(consents.Kind("account_disable", _("Disable an account"), _disable))
REVOKE = consents.register(
    consents.Kind("permission_revoke", _("Take permissions from a role"), _revoke)
)
