"""Sign-in: checks the lockout, the password and the account in this order, then opens a session."""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app
from flask_babel import gettext
from sqlalchemy import exists, select

from app.engine import Refused
from app.extensions import db
from app.models import LoginSession, User
from app.services.accounts import accounts
from app.services.credentials import lockout, passwords, sessions
from app.services.ground.audit import audit


@dataclass(frozen=True)
class Outcome:
    """Result of a sign-in try; `refusal` is empty when the password was right.

    `is_locked`: the password was not checked; `locks_now`: this failure used the last try and locks the name.
    """

    user_id: int | None
    refusal: str = ""
    is_locked: bool = False
    locks_now: bool = False


def check_password(attempt: lockout.Attempt, password: str) -> Outcome:
    """Check the password of a counted try. Slow: call it outside of a transaction.

    Raises Refused when too many passwords wait to be checked.
    """
    if passwords.is_right(attempt.stored, password):
        return Outcome(attempt.user_id)
    refusal = lockout.wrong_password(attempt.left)
    return Outcome(attempt.user_id, refusal, locks_now=attempt.left == 0)


def note_failure(outcome: Outcome) -> None:
    """Write a failed try to the audit trail, unless the name was locked (the lock itself was written)."""
    if outcome.is_locked:
        return
    user = db.session.get(User, outcome.user_id) if outcome.user_id else None
    # An unknown name may be a password typed into the wrong field, so it is not stored.
    subject = user.username if user else ""
    audit("sign_in", subject=subject, ok=False)
    if outcome.locks_now:
        audit("lock", subject=subject)


def complete_sign_in(
    user_id: int, password: str, *, at: datetime, address: str, agent: str, kind: str = "web"
) -> tuple[User, str]:
    """Open a session for an account whose password was right; return the account and the cookie secret.

    Raises Refused for a disabled account and for a first password that was used before.
    """
    user = db.session.get_one(User, user_id, with_for_update=True)
    if why := _obstacle(user):
        audit("sign_in", subject=user.username, ok=False)
        raise Refused(why)
    if passwords.is_outdated(user.password or ""):
        passwords.upgrade(user, password)
    return user, begin(user, at=at, address=address, agent=agent, kind=kind)


def demo_account(username: str) -> User | None:
    """Return the active demonstration account of that name, or None."""
    return db.session.scalars(
        select(User).where(
            User.username == lockout.canonical(username),
            User.is_demo.is_(True),
            User.active.is_(True),
        )
    ).first()


def begin(user: User, *, at: datetime, address: str, agent: str, kind: str = "web") -> str:
    """Open a session without checking a password and return the cookie secret."""
    accounts.ensure_applicant_position(user)
    session, secret = sessions.open_session(user, at=at, address=address, agent=agent, kind=kind)
    user.login_count = (user.login_count or 0) + 1
    row = audit("sign_in", subject=user.username, details={"session": session.id, "kind": kind})
    row.actor_id, row.actor_name = user.id, user.get_full_name()
    return secret


def sign_in_by_provider(user: User, *, at: datetime, address: str, agent: str) -> str:
    """Open a session for an account the single sign-on vouches for; return the cookie secret.

    Raises Refused for a disabled account. A lockout after wrong passwords is ignored.
    """
    if why := disabled_refusal(user):
        audit("sign_in", subject=user.username, ok=False)
        raise Refused(why)
    return begin(user, at=at, address=address, agent=agent)


def disabled_refusal(user: User) -> str | None:
    """Return why the account cannot sign in while it is disabled or the demonstration is off, or None."""
    if user.is_demo and not current_app.config["DEMO"]:
        return not_a_demonstration()
    if user.active:
        return None
    return gettext("This account is disabled. Ask a system administrator to enable it.")


def not_a_demonstration() -> str:
    """Return the refusal of demonstration accounts where DEMO is off."""
    return gettext(
        "This is an account of the demonstration, which is switched off in this installation."
        " Sign in with your own account."
    )


def _obstacle(user: User) -> str | None:
    if why := disabled_refusal(user):
        return why
    if user.must_change_password and _was_used(user):
        return gettext(
            "This first password was used once without being changed and is void."
            " Ask a system administrator to reset it."
        )
    return None


def _was_used(user: User) -> bool:
    """Return whether a session was opened since the first password was issued (`password_changed_at`)."""
    issued = user.password_changed_at or datetime.min.replace(tzinfo=UTC)
    since = exists().where(LoginSession.user_id == user.id, LoginSession.created_at >= issued)
    return bool(db.session.scalar(select(since)))
