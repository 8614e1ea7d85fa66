"""Failed sign-ins, counted per name and per address over all workers, before a password is hashed.

An account has one name to be counted under, whether its owner types the username or the ID number. What is no
name of an account may be a number or a password in the wrong field, so it is counted under a keyed digest.
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

NAME_LENGTH = 64
ADVISORY_KEY = 20_22_39
ALONE = {
    "postgresql": "SELECT pg_advisory_xact_lock(:key)",
    # a writing transaction is alone already
    "sqlite": "SELECT :key",
}


@dataclass(frozen=True)
class Attempt:
    """A try that may go on to the password: what is stored under the name, and what is left after it."""

    failure_id: int
    user_id: int | None
    stored: str | None
    left: int


def canonical(username: str) -> str:
    """Return the one spelling of a name under which it is looked up and its failures are counted."""
    folded = unicodedata.normalize("NFKC", username).strip().lower()
    return "".join(c for c in folded if c.isprintable())[:NAME_LENGTH]


def reserve(username: str, address: str, *, at: datetime) -> Attempt | str:
    """Count a try as failed before its password is looked at; `forgive` takes it back.

    Counting first is what keeps a hundred guesses sent at once from all being checked: the caller commits
    before it hashes. Returns the refusal when the name or the address has no try left.
    """
    address, limits = address[:64], _Limits.read()
    _alone()
    account = _account(username)
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


def _account(typed: str) -> Row[tuple[int, str, str | None]] | None:
    """Return the account with this username, else the one of the person with this ID number."""
    name = canonical(typed)
    if not name:
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


def give_back(attempt: Attempt) -> None:
    """Take back a counted try whose password was never looked at."""
    db.session.execute(
        delete(LoginFailure).where(LoginFailure.id == attempt.failure_id),
        execution_options={"synchronize_session": False},
    )


def forgive(username: str) -> None:
    """Forget the failures of a name: after a sign-in, or when an administrator unlocks it."""
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


def _alone() -> None:
    """Let one try count at a time."""
    db.session.execute(text(ALONE[db.engine.dialect.name]), {"key": ADVISORY_KEY})


def _count(*which: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(LoginFailure).where(*which)) or 0


def _locked(name: str, at: datetime, limits: _Limits) -> str:
    """Say how long: until the oldest of the failures that lock the name leaves the window."""
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
