"""Hash, check and store passwords (argon2id) and enforce the password rules; no other code stores one."""

import os
import re
import secrets
import string
from datetime import datetime
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext
from werkzeug.security import check_password_hash

from app import settings
from app.engine import Refused
from app.ground import clock, paths
from app.models import LoginSession, User
from app.services.credentials import sessions

MAX_LENGTH = 128
QUEUE_SECONDS = 10
COMMON = paths.DATA / "common_passwords.txt"
CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")
CLASSES_NEEDED = 3
READABLE = "".join(c for c in string.ascii_letters + string.digits if c not in "0O1lI")

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Checked when there is no such account, so that response times do not reveal which names exist.
_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$1OKXYqdoFKzOHPq/2A5FPw"
    "$q7QwHGbMERD4Eb7wQn8XAYNqM8dZvw0eSYNFH19I6bE"
)
# A hash takes 19 MiB and a whole core: limit concurrent hashes so that sign-ins do not starve other pages.
_slots = BoundedSemaphore(os.cpu_count() or 1)


def is_right(stored: str | None, password: str) -> bool:
    """Return whether `password` matches the hash `stored`. Raises Refused when the queue is too long."""
    _take_slot()
    try:
        return _matches(stored or _NOBODY, password) and bool(stored)
    finally:
        _slots.release()


def is_outdated(stored: str) -> bool:
    """Return whether `stored` uses another algorithm or weaker parameters than hashes made now."""
    return not stored.startswith("$argon2id$") or _hasher.check_needs_rehash(stored)


def set_password(
    user: User,
    password: str,
    *,
    must_change: bool,
    at: datetime | None = None,
    keep: LoginSession | None = None,
) -> None:
    """Store a new password and end the account's sessions except `keep`.

    `must_change` makes it a first password, valid for one sign-in. The caller writes the audit row and
    commits.
    """
    at = at or clock.now()
    _store(user, password)
    user.must_change_password = must_change
    user.password_changed_at = at
    if user.id is not None:
        sessions.end_all(user.id, "password", at=at, keep=keep)


def upgrade(user: User, password: str) -> None:
    """Rehash the same password with the current algorithm and parameters."""
    _store(user, password)


def change_own(
    user: User, old: str, new: str, again: str, *, at: datetime, keep: LoginSession
) -> None:
    """Change the own password after the caller checked the present one. Raises Refused naming the field."""
    if new != again:
        raise Refused(gettext("The two entries of the new password differ."), "again")
    if new == old:
        raise Refused(gettext("The new password must differ from the present one."), "new")
    if why := why_weak(new, user.username):
        raise Refused(why, "new")
    set_password(user, new, must_change=False, at=at, keep=keep)


def rules() -> str:
    """Return the password rules in one sentence, shown before a password is typed."""
    return gettext(
        "At least %(least)d characters with three of the four kinds: small letters, capital letters, digits,"
        " others. Not one of the most used passwords.",
        least=settings.get("password_min_length"),
    )


def why_weak(password: str, username: str) -> str | None:
    """Return why `password` is refused, or None.

    Checks length, kinds of characters (GB/T 22239-2019, 8.1.4.1 a), the username and a list of common
    passwords.
    """
    least = settings.get("password_min_length")
    if len(password) < least:
        return gettext("The password needs at least %(least)d characters.", least=least)
    if len(password) > MAX_LENGTH:
        return gettext("The password may have at most %(most)d characters.", most=MAX_LENGTH)
    if sum(bool(re.search(kind, password)) for kind in CLASSES) < CLASSES_NEEDED:
        return gettext(
            "The password needs three of the four kinds: small letters, capital letters, digits, others."
        )
    if username.casefold() in password.casefold():
        return gettext("The password must not contain the username.")
    if password.casefold() in _common():
        return gettext("This password is among the most used ones; choose another.")
    return None


def generate() -> str:
    """Return a random first password of 12 readable characters in three groups (about 69 bits)."""
    while True:
        groups = ["".join(secrets.choice(READABLE) for _i in range(4)) for _j in range(3)]
        password = "-".join(groups)
        if all(re.search(kind, password) for kind in CLASSES):
            return password


def _store(user: User, password: str) -> None:
    _take_slot()
    try:
        user.password = _hasher.hash(password)
    finally:
        _slots.release()


def _take_slot() -> None:
    if not _slots.acquire(timeout=QUEUE_SECONDS):
        raise Refused(gettext("Too many people are signing in just now. Try again in a minute."))


def _matches(stored: str, password: str) -> bool:
    if not stored.startswith("$argon2"):
        return check_password_hash(stored, password)
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text(encoding="utf-8").casefold().split())
