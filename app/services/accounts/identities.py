"""Find, create and link the account that belongs to an identity of the province's single sign-on.

An account is matched by an existing link, else by the ID number and name the provider vouches for, else it
is newly registered. Where neither is certain, and always for staff, the person must sign in here once to
confirm the link.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, select

from app.engine import Refused
from app.enums import IdKind, Proof, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM
from app.models import ExternalIdentity, Person, User
from app.services.accounts import persons, registration
from app.services.credentials import sessions
from app.services.credentials.openid import VerifiedIdentity
from app.services.ground.audit import audit
from app.services.ground.id_numbers import index_of
from app.services.messages import outbox


@dataclass(frozen=True)
class Pending:
    """An identity to be linked once its owner signs in here; kept in the cookie, so without the ID number."""

    provider: str
    subject: str
    name: str
    id_index: str


def account_of(vouched: VerifiedIdentity, *, at: datetime, provider_name: str) -> User | None:
    """Return the account of a person the provider vouches for; find or create it and link it.

    Return None when the person must sign in here once. Raises Refused. Call it in a writing transaction.
    """
    known = _known(vouched.provider, vouched.subject)
    if known is not None:
        user = db.session.get_one(User, known.user_id)
        return user if known.is_confirmed or not _is_staff(user) else None
    facts = _facts(vouched, at)
    if facts is None:
        return None
    person = persons.by_number(facts["id_number"])
    if person is None or person.user_id is None:
        user = _registered(person, facts, at)
    elif person.name != facts["name"] or _is_staff(found := _account(person)):
        return None
    else:
        user = found
        _revoke_former_access(user, person, facts["phone"], at)
    user.identity_proved_at = user.identity_proved_at or at
    _link(user, vouched.provider, vouched.subject, at, provider_name, is_confirmed=False)
    return user


def pending(vouched: VerifiedIdentity, *, at: datetime) -> Pending:
    """Return the part of an identity to keep until its owner has signed in here."""
    facts = _facts(vouched, at)
    index = index_of(facts["id_number"]) if facts else ""
    return Pending(vouched.provider, vouched.subject, vouched.name[:50], index)


def confirm(user: User, waiting: Pending, *, at: datetime, provider_name: str) -> None:
    """Link an identity with the account its owner has just signed in to.

    Raises Refused when ID numbers differ or either side is linked with somebody else.
    """
    person_index = db.session.scalar(select(Person.id_index).where(Person.user_id == user.id))
    if waiting.id_index and person_index and waiting.id_index != person_index:
        raise Refused(
            gettext("This account belongs to another ID number than the one of the single sign-on.")
        )
    is_proved = bool(person_index) and waiting.id_index == person_index
    known = _known(waiting.provider, waiting.subject)
    if known is not None and known.user_id != user.id:
        raise Refused(gettext("This identity is linked with another account already."))
    if known is None and _has_other(user, waiting.provider):
        raise Refused(
            gettext(
                "This account is linked with another person of the single sign-on. Ask a system"
                " administrator."
            )
        )
    if is_proved:
        user.identity_proved_at = user.identity_proved_at or at
    if known is not None:
        known.is_confirmed = True
        audit("identity_link", subject=user.username, details={"confirmed": True})
        return
    _link(user, waiting.provider, waiting.subject, at, provider_name, is_confirmed=True)


def _known(provider: str, subject: str) -> ExternalIdentity | None:
    return db.session.scalars(
        select(ExternalIdentity).where(
            ExternalIdentity.provider == provider, ExternalIdentity.subject == subject
        )
    ).one_or_none()


def _has_other(user: User, provider: str) -> bool:
    query = select(ExternalIdentity.id).where(
        ExternalIdentity.user_id == user.id, ExternalIdentity.provider == provider
    )
    return db.session.scalars(query).first() is not None


def _facts(vouched: VerifiedIdentity, at: datetime) -> dict[str, Any] | None:
    """Return the validated facts about a person, or None unless name and ID number are valid.

    An invalid phone number is dropped.
    """
    claimed = {
        "name": vouched.name,
        "id_kind": IdKind.RESIDENT.value,
        "id_number": vouched.id_number,
        "phone": vouched.phone,
    }
    values, faults = persons.read(claimed, at=at, needs_phone=False)
    if faults.keys() & {"phone"}:
        values["phone"] = None
    return None if faults.keys() - {"phone"} else values


def _account(person: Person) -> User:
    return db.session.get_one(User, person.user_id)


def _is_staff(user: User) -> bool:
    return any(position.role is not Role.APPLICANT for position in sessions.positions(user.id))


def _registered(person: Person | None, facts: dict[str, Any], at: datetime) -> User:
    """Register a new person, or take over the record a unit entered, with an account without a password.

    Raises Refused when the unit entered another name.
    """
    user = User(real_name=facts["name"], first_name="", last_name=facts["name"], active=True)
    phone = facts["phone"] or (person.phone if person else None)
    registration.register(user, {**facts, "phone": phone}, at=at, proof=Proof.PROVIDER)
    return user


def _revoke_former_access(user: User, person: Person, phone: str | None, at: datetime) -> None:
    """Remove the access of a stranger who may have registered with this person's ID number.

    Anybody who knows a name and a number may register here, while the provider has verified the person. So
    end all sessions, delete password, other links and email, and replace the phone by the one the provider
    vouches for.
    """
    sessions.end_all(user.id, "identity", at=at)
    db.session.execute(delete(ExternalIdentity).where(ExternalIdentity.user_id == user.id))
    user.password, user.must_change_password = None, False
    person.phone, person.email = phone, None
    db.session.flush()


def _link(
    user: User, provider: str, subject: str, at: datetime, provider_name: str, *, is_confirmed: bool
) -> None:
    db.session.add(
        ExternalIdentity(
            provider=provider,
            subject=subject,
            user_id=user.id,
            is_confirmed=is_confirmed,
            linked_at=at,
        )
    )
    db.session.flush()
    audit("identity_link", actor=SYSTEM, subject=user.username, details={"confirmed": is_confirmed})
    outbox.queue_message(
        db.session(),
        user.id,
        "account.linked" if is_confirmed else "account.vouched",
        at=at,
        url="/session/",
        provider=provider_name,
        time=f"{clock.local(at):%Y-%m-%d %H:%M}",
    )
