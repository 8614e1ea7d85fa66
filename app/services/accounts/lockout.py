"""Sign-in lockout: limits failed sign-ins per account name and per IP address, shared by all workers.

A try is counted before a password is hashed. The failures of an account are counted under its username,
also when the ID number was typed. A name without account may be an ID number or a password typed into the
wrong field, so it is stored only as a keyed digest.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from flask_babel import gettext
from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select, text

from app import settings
from app.extensions import db
from app.ground import crypto
from app.models import LoginFailure, Person, User
from app.services.accounts.id_numbers import index_of
from app.validators import characters

NAME_LENGTH = 64
ADVISORY_KEY = 20_22_39
ALONE = {
    "postgresql": "SELECT pg_advisory_xact_lock(:key)",
    # SQLite has one writer at a time, so no lock is needed
    "sqlite": "SELECT :key",
}


@dataclass(frozen=True)
class Attempt:
    """A counted sign-in try whose password may be checked.

    `stored` is the password hash of the account, `left` the number of tries left after this one.
    """

    failure_id: int
    user_id: int | None
    stored: str | None
    left: int


def canonical(username: str) -> str:
    """Return the normalised username, under which accounts are looked up and failures counted."""
    folded = unicodedata.normalize("NFKC", username).strip().lower()
    return "".join(c for c in folded if c.isprintable())[:NAME_LENGTH]


def count_try(username: str, address: str, *, at: datetime) -> Attempt | str:
    """Count a try as failed before its password is checked; `forgive` deletes it after a successful sign-in.

    Counting first prevents many guesses sent at once from all being checked, so the caller must commit
    before it hashes the password. Return the refusal instead when the name or the address has no try left.
    """
    address, limits = address[:64], _Limits.read()
    _lock_counting()
    account = account_of(username)
    name = account.username if account else _unknown(username)
    db.session.execute(
        delete(LoginFailure).where(LoginFailure.at <= at - limits.window),
        execution_options={"synchronize_session": False},
    )
    failed = _count(LoginFailure.username == name)
    if failed >= limits.per_name:
        return _locked(name, at, limits)
    if _count(LoginFailure.address == address) >= limits.per_address:
        return gettext(
            "Too many failed sign-ins from this network address. Try again in %(minutes)d minutes.",
            minutes=limits.minutes,
        )
    failure_id = db.session.execute(
        insert(LoginFailure)
        .values(username=name, address=address, at=at)
        .returning(LoginFailure.id)
    ).scalar_one()
    user_id, stored = (account.id, account.password) if account else (None, None)
    return Attempt(failure_id, user_id, stored, limits.per_name - failed - 1)


def account_of(typed: str) -> Row[tuple[int, str, str | None]] | None:
    """Return the account with this username, else the one of the person with this ID number."""
    name = canonical(typed)
    # hyphens alone are no number, and no username either
    if not characters.number(name):
        return None
    owner = select(Person.user_id).where(Person.id_index == index_of(name)).scalar_subquery()
    return db.session.execute(
        select(User.id, User.username, User.password)
        .where(or_(User.username == name, User.id == owner))
        .order_by((User.username == name).desc())
        .limit(1)
    ).first()


def _unknown(typed: str) -> str:
    return f"?{crypto.blind_index('sign_in', canonical(typed))}"[:NAME_LENGTH]


def discard_try(attempt: Attempt) -> None:
    """Delete a counted try whose password was never checked."""
    db.session.execute(
        delete(LoginFailure).where(LoginFailure.id == attempt.failure_id),
        execution_options={"synchronize_session": False},
    )


def clear_failures(username: str) -> None:
    """Delete the failures of a name, after a sign-in or when an administrator unlocks it."""
    db.session.execute(
        delete(LoginFailure).where(LoginFailure.username == canonical(username)),
        execution_options={"synchronize_session": False},
    )


def is_locked(username: str, *, at: datetime) -> bool:
    """Return whether a name has no try left at `at`."""
    limits = _Limits.read()
    name = LoginFailure.username == canonical(username)
    return _count(name, LoginFailure.at > at - limits.window) >= limits.per_name


def wrong_password(left: int) -> str:
    """Return the sentence after a wrong name or password, the same for both."""
    minutes = settings.get("login_lock_minutes")
    if left:
        return gettext(
            "Wrong username or password. Tries left before this name is locked: %(left)d.",
            left=left,
        )
    return gettext(
        "Wrong username or password. This name is now locked for %(minutes)d minutes;"
        " a system administrator can unlock it.",
        minutes=minutes,
    )


@dataclass(frozen=True)
class _Limits:
    per_name: int
    per_address: int
    minutes: int

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    @classmethod
    def read(cls) -> "_Limits":
        return cls(
            settings.get("login_max_failures"),
            settings.get("login_address_max_failures"),
            settings.get("login_lock_minutes"),
        )


def _lock_counting() -> None:
    """Take a lock so that tries are counted one at a time."""
    db.session.execute(text(ALONE[db.engine.dialect.name]), {"key": ADVISORY_KEY})


def _count(*which: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(LoginFailure).where(*which)) or 0


def _locked(name: str, at: datetime, limits: _Limits) -> str:
    """Return the refusal for a locked name with the minutes until the lock ends.

    The lock ends when the oldest of the failures that cause it leaves the window.
    """
    first = db.session.scalars(
        select(LoginFailure.at)
        .where(LoginFailure.username == name)
        .order_by(LoginFailure.at.desc())
        .offset(limits.per_name - 1)
        .limit(1)
    ).one()
    minutes = max(1, ceil((first + limits.window - at) / timedelta(minutes=1)))
    return gettext(
        "This name is locked after too many failed sign-ins. Try again in %(minutes)d minutes,"
        " or ask a system administrator to unlock it.",
        minutes=minutes,
    )
