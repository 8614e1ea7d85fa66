"""Sign-in lockout: limits failed sign-ins per account and device, and accounts tried per network address.

Shared by all workers. A device that has signed in before has a counter of its own (`devices`), all others share
one: who tries somebody's name from elsewhere cannot lock its owner out. An address is limited by how many
different accounts fail from it, so that one name tried often does not close a whole office's address.

A try is counted before a password is hashed. The failures of an account are counted under its username,
also when the ID number was typed. A name without account may be an ID number or a password typed into the
wrong field, so it is stored only as a keyed digest.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Network, ip_address
from math import ceil

from flask_babel import gettext
from sqlalchemy import ColumnElement, Row, delete, func, insert, or_, select, text

from app import settings
from app.extensions import db
from app.ground import crypto
from app.models import LoginFailure, Person, User
from app.services.credentials import devices
from app.services.ground.id_numbers import index_of
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

    `stored` is the password hash of the account, `left` the number of tries left after this one; `device` is
    the digest of a known device, "" for a stranger.
    """

    name: str
    device: str
    failure_id: int
    user_id: int | None
    stored: str | None
    left: int


def canonical(username: str) -> str:
    """Return the normalised username, under which accounts are looked up and failures counted."""
    folded = unicodedata.normalize("NFKC", username).strip().lower()
    return "".join(c for c in folded if c.isprintable())[:NAME_LENGTH]


def count_try(username: str, address: str, *, at: datetime, device: str = "") -> Attempt | str:
    """Count a try as failed before its password is checked; `clear_failures` deletes it after a success.

    Counting first prevents many guesses sent at once from all being checked, so the caller must commit
    before it hashes the password. `device` is the number in the browser's cookie. Return the refusal instead
    when the name or the address has no try left.
    """
    limits, network = _Limits.read(), _network(address)
    _lock_counting()
    account = account_of(username)
    name = account.username if account else _unknown(username)
    known = devices.known_digest(account.id, device, at=at) if account else ""
    db.session.execute(
        delete(LoginFailure).where(LoginFailure.at <= at - limits.window),
        execution_options={"synchronize_session": False},
    )
    failed = _count(*_of(name, known))
    if failed >= limits.per_name:
        return _locked(name, known, at, limits)
    if not known and _is_closed(network, name, limits):
        return gettext(
            "Too many different accounts failed to sign in from this network address. Try again in"
            " %(minutes)d minutes; a device that has signed in to its account before is not affected.",
            minutes=limits.minutes,
        )
    failure_id = db.session.execute(
        insert(LoginFailure)
        .values(username=name, address=network, device=known, at=at)
        .returning(LoginFailure.id)
    ).scalar_one()
    user_id, stored = (account.id, account.password) if account else (None, None)
    return Attempt(name, known, failure_id, user_id, stored, limits.per_name - failed - 1)


def _of(name: str, device: str) -> tuple[ColumnElement[bool], ...]:
    return LoginFailure.username == name, LoginFailure.device == device


def _network(address: str) -> str:
    """Return what counts as one address: of IPv6 the first 64 bits, which one customer has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found.packed[:8] + bytes(8), 64)))


def _is_closed(network: str, name: str, limits: "_Limits") -> bool:
    """Return whether so many different accounts failed from an address that another may not be tried."""
    tried = set(
        db.session.scalars(
            select(LoginFailure.username)
            .where(LoginFailure.address == network, LoginFailure.device == "")
            .distinct()
        )
    )
    return name not in tried and len(tried) >= limits.per_address


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


def forgive(attempt: Attempt) -> None:
    """Delete the failures counted together with a try whose password was right."""
    db.session.execute(
        delete(LoginFailure).where(*_of(attempt.name, attempt.device)),
        execution_options={"synchronize_session": False},
    )


def clear_failures(username: str) -> None:
    """Delete all failures of a name, after a new password or when an administrator unlocks it."""
    db.session.execute(
        delete(LoginFailure).where(LoginFailure.username == canonical(username)),
        execution_options={"synchronize_session": False},
    )


def is_locked(username: str, *, at: datetime) -> bool:
    """Return whether strangers, or one of its own devices, have no try left for a name at `at`."""
    limits = _Limits.read()
    full = (
        select(LoginFailure.device)
        .where(LoginFailure.username == canonical(username), LoginFailure.at > at - limits.window)
        .group_by(LoginFailure.device)
        .having(func.count() >= limits.per_name)
        .limit(1)
    )
    return db.session.scalar(full) is not None


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
            settings.get("login_address_max_accounts"),
            settings.get("login_lock_minutes"),
        )


def _lock_counting() -> None:
    """Take a lock so that tries are counted one at a time."""
    db.session.execute(text(ALONE[db.engine.dialect.name]), {"key": ADVISORY_KEY})


def _count(*which: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(LoginFailure).where(*which)) or 0


def _locked(name: str, device: str, at: datetime, limits: _Limits) -> str:
    """Return the refusal for a locked name with the minutes until the lock ends.

    The lock ends when the oldest of the failures that cause it leaves the window.
    """
    first = db.session.scalars(
        select(LoginFailure.at)
        .where(*_of(name, device))
        .order_by(LoginFailure.at.desc())
        .offset(limits.per_name - 1)
        .limit(1)
    ).one()
    minutes = max(1, ceil((first + limits.window - at) / timedelta(minutes=1)))
    return gettext(
        "This name is locked after too many failed sign-ins. Try again in %(minutes)d minutes, use a device"
        " that has signed in to it before, or ask a system administrator to unlock it.",
        minutes=minutes,
    )
