"""Self-registration of applicants (one account per ID number) and reset of forgotten passwords.

The person signs in with the ID number or with the username assigned at registration.
"""

from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import exists, select, update

from app.engine import Refused
from app.enums import Proof
from app.extensions import db
from app.ground import crypto
from app.models import Person, User
from app.services.accounts import accounts, expert_accounts, persons
from app.services.credentials import lockout, one_time_codes, passwords, sessions
from app.services.ground import numbering
from app.services.ground.audit import audit
from app.services.ground.id_numbers import index_of
from app.services.messages import channels

PASSWORD = "password"
"""Purpose of the one-time codes for a password reset."""
NO_USERNAME = "\0"
"""Placeholder that occurs in no password, used while there is no username yet."""


def why_weak(password: str, own: dict[str, Any]) -> str | None:
    """Return why a password is refused, or None.

    `own` holds the person's ID number and phone, which the password must not contain.
    """
    folded = password.casefold()
    for name in ("id_number", "phone"):
        if own.get(name) and str(own[name]).casefold() in folded:
            return gettext("The password must hold neither the ID number nor the mobile number.")
    return passwords.why_weak(password, NO_USERNAME)


def new_account(name: str, password: str, *, at: datetime) -> User:
    """Return a new, unsaved account. Call it outside of a transaction, because hashing is slow."""
    user = User(real_name=name, first_name="", last_name=name, active=True)
    passwords.set_password(user, password, must_change=False, at=at)
    return user


class ProofNeeded(Refused):
    """Raised when a unit or an office has entered the person, and nothing proves yet who registers."""

    def __init__(self, person: Person) -> None:
        super().__init__(
            gettext(
                "Your unit or a committee's office has entered you already. Prove that it is you: with the code"
                " sent to the mobile number on record, or with a claim code that your unit hands you."
            )
        )
        self.person = person


def register(
    user: User, values: dict[str, Any], *, at: datetime, proof: Proof | None = None
) -> Person:
    """Store a new account with its person, or link it with the person a unit or an office entered before.

    What was entered is kept; only what is empty there is filled in. Such a record needs a `proof`, and gives
    no position but the applicant's: the account of an expert waits for the office. Raises Refused for an ID
    number that has an account, and for one entered with another name or kind of document; ProofNeeded without
    a proof.
    """
    person = persons.by_number(values["id_number"])
    kind = "person_register" if person is None else "person_claim"
    if person is not None:
        _refuse_claim(person, values)
        if proof is None:
            raise ProofNeeded(person)
    user.username = _free_username()
    user.email = f"{user.username}@local.invalid"
    db.session.add(user)
    db.session.flush()
    if person is None:
        person = Person(**values, id_index=index_of(values["id_number"]), user_id=user.id)
        persons.store_new(person)
    else:
        _claim(person, user, values)
    accounts.ensure_applicant_position(user)
    expert_accounts.ask_for_all(db.session(), person, at=at)
    facts = {"proof": proof.value} if kind == "person_claim" and proof else {}
    row = audit(kind, subject=f"person:{person.id}", details=facts)
    row.actor_id, row.actor_name = user.id, user.get_full_name()
    return person


def _refuse_claim(person: Person, values: dict[str, Any]) -> None:
    if person.user_id is not None:
        raise Refused(
            gettext(
                "This ID number has an account already. Sign in with the ID number; if you have"
                " forgotten the password, press “Forgot password” there."
            ),
            "id_number",
        )
    if (person.name, person.id_kind) != (values["name"], values["id_kind"]):
        raise Refused(
            gettext(
                "A unit has entered this ID number with another name or kind of document. Compare"
                " both with the document; if they are right, ask the title clerk of your unit to"
                " correct the entry."
            ),
            "name",
        )


def _claim(person: Person, user: User, values: dict[str, Any]) -> None:
    claimed = db.session.execute(
        update(Person)
        .where(Person.id == person.id, Person.user_id.is_(None))
        .values(user_id=user.id, version=Person.version + 1)
        .returning(Person.id)
    )
    if claimed.first() is None:
        db.session.refresh(person)
        _refuse_claim(person, values)
    db.session.refresh(person)
    for name in ("phone", "email", "sex", "birth_date"):
        if getattr(person, name) is None:
            setattr(person, name, values[name])
    db.session.flush()


def _free_username() -> str:
    while True:
        username = f"p{numbering.next_number(db.session(), 'account'):08d}"
        if not db.session.scalar(select(exists().where(User.username == username))):
            return username


def name_index(name: str) -> str:
    """Return the keyed index of a name, so that it can be compared without being kept in plain text."""
    return crypto.blind_index("name", name)


def new_code(id_index: str, named: str, *, at: datetime) -> tuple[User, str] | None:
    """Create a password reset code; return the account and the code.

    The account is found by the indexes of ID number and name. Return None when there is no such account,
    when a code was asked for too soon after the last, and for administrators.
    """
    person = _holder(id_index)
    user = person.user if person else None
    if person is None or user is None or name_index(person.name) != named:
        return None
    if _is_administrator(user):
        return None
    code = one_time_codes.digits()
    return (user, code) if one_time_codes.issue(user.id, PASSWORD, code, at=at) else None


def send_code(person: Person, username: str, code: str, *, at: datetime) -> None:
    """Send a code that is stored already and audit whether it was sent. Call it outside of a transaction."""
    try:
        channels.send_code(person, code, at=at)
    except Refused:
        audit("code", subject=username, ok=False)
    else:
        audit("code", subject=username)


def try_code(id_index: str, typed: str, *, at: datetime) -> tuple[int, int] | None:
    """Count a try at the code of an ID number; return the ids of account and code when it is right.

    The caller must commit at once, so that the try counts whatever follows.
    """
    person = _holder(id_index)
    user_id = person.user_id if person and person.user_id else 0
    code_id = one_time_codes.attempt(user_id, PASSWORD, typed, at=at)
    return None if code_id is None else (user_id, code_id)


def reset_password(user_id: int, code_id: int, password: str, *, at: datetime) -> None:
    """Use the code, store the new password and end all sessions of the account.

    Raises Refused for a weak password and for a code that was used already.
    """
    user = db.session.get_one(User, user_id)
    person = db.session.scalars(select(Person).where(Person.user_id == user_id)).one()
    own = {"id_number": person.id_number, "phone": person.phone}
    if why := why_weak(password, own) or passwords.why_weak(password, user.username):
        raise Refused(why, "new")
    if not one_time_codes.spend(code_id, at=at):
        raise Refused(wrong_code(), "code")
    passwords.set_password(user, password, must_change=False, at=at)
    lockout.clear_failures(user.username)
    row = audit("password_reset", subject=user.username)
    row.actor_id, row.actor_name = user.id, user.get_full_name()


def wrong_code() -> str:
    """Return the refusal for a wrong code; it does not reveal whether the account exists."""
    return gettext(
        "This code is wrong, used or too old, or it was tried five times. Compare it with the last message,"
        " or ask for a new one."
    )


def _holder(id_index: str) -> Person | None:
    """Return the person with this ID number index whose account is active, or None."""
    return db.session.scalars(
        select(Person)
        .join(User, User.id == Person.user_id)
        .where(Person.id_index == id_index, User.active.is_(True))
    ).one_or_none()


def _is_administrator(user: User) -> bool:
    """Return whether the user is an administrator: reset on the server only (see `accounts`)."""
    return any(position.role.is_maintenance for position in sessions.positions(user.id))
