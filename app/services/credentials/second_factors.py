"""Second factor of a sign-in: codes of a device (TOTP, RFC 6238) and recovery codes.

Settings say for which roles a session must have shown one before it works in such a position; a session opened
before the requirement came is asked at its next request. Who has lost the device uses a recovery code, or has the
device removed by two administrators (`app.services.accounts.lost_devices`).
"""

from datetime import datetime
from hmac import compare_digest

import pyotp
from flask_babel import gettext
from sqlalchemy import delete, func, select, update

from app import settings
from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock, crypto
from app.models import LoginSession, RecoveryCode, SecondFactor, User
from app.services.credentials import one_time_codes, rate_limits, readable_codes, sessions
from app.services.credentials.sessions import SignedIn
from app.services.ground.audit import audit
from app.services.messages import outbox

STEP = 30
"""Seconds of a time step."""
DRIFT = (0, -1, 1)
"""Time steps accepted: the present one and its neighbours, as clocks differ."""
MOST_TRIES, MINUTES = 5, 15
"""Tries of an account within so many minutes; wrong ones and right ones."""
RECOVERY_CODES, GROUPS = 10, 3
NO_SYNC = {"synchronize_session": False}
OWN_PAGE = "/session/second-factor/"


def is_required(role: Role) -> bool:
    """Return whether sessions have to show a second factor before they work in this role."""
    return bool(settings.get(f"second_factor_{role.value}"))


def is_missing(who: SignedIn) -> bool:
    """Return whether this session has to show a second factor before it works in its position."""
    if who.position is None or who.session.second_factor_at is not None:
        return False
    return is_required(who.position.role)


def device_of(user_id: int) -> SecondFactor | None:
    """Return the account's device whose first code was entered, or None."""
    return db.session.scalars(
        select(SecondFactor).where(
            SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None)
        )
    ).one_or_none()


def begin_device(user: User, *, at: datetime) -> str:
    """Return the secret of the device that is being set up, made if there is none. Raises Refused."""
    row = db.session.scalars(
        select(SecondFactor).where(SecondFactor.user_id == user.id)
    ).one_or_none()
    if row is None:
        row = SecondFactor(user_id=user.id, secret=pyotp.random_base32(), created_at=at)
        db.session.add(row)
        db.session.flush()
    if row.confirmed_at is not None:
        raise Refused(gettext("A device is set up for this account already."))
    return row.secret


def address_of(user: User, secret: str, issuer: str) -> str:
    """Return the otpauth address that the QR code carries to the device."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=issuer)


def confirm_device(user: User, typed: str, *, at: datetime) -> list[str]:
    """Take the device into use after its first code and return the recovery codes in plain text, once.

    The try was counted before (`count_try`). Raises Refused at the field for a wrong code.
    """
    secret = begin_device(user, at=at)
    step = _step_of(secret, typed, at)
    if step is None:
        raise Refused(wrong_code(), "code")
    db.session.execute(
        update(SecondFactor)
        .where(SecondFactor.user_id == user.id)
        .values(confirmed_at=at, last_step=step),
        execution_options=NO_SYNC,
    )
    _audit(user, "second_factor_on")
    _tell(user.id, "account.second_factor_on", at)
    return _new_recovery_codes(user.id, at)


def count_try(user_id: int, *, at: datetime) -> bool:
    """Count a try of the account; return whether it may be checked. The caller commits at once."""
    is_over = rate_limits.is_over_limit(
        db.session(), "factor", str(user_id), limit=MOST_TRIES, at=at, minutes=MINUTES
    )
    return not is_over


def check(user: User, typed: str, *, at: datetime) -> bool:
    """Return whether `typed` is a code of the device not used before, or an unused recovery code; it is used up.

    The try was counted before (`count_try`).
    """
    device = device_of(user.id)
    if device is None:
        return False
    is_right = _use_step(device, typed, at) or _use_recovery_code(user, typed, at)
    if not is_right:
        _audit(user, "second_factor", ok=False)
    return is_right


def pass_session(session: LoginSession, user: User, *, at: datetime) -> None:
    """Record that the session has shown a second factor."""
    session.second_factor_at = at
    _audit(user, "second_factor")


def renew_recovery_codes(user: User, *, at: datetime) -> list[str]:
    """Replace the recovery codes by new ones, returned in plain text, once."""
    _audit(user, "recovery_codes")
    return _new_recovery_codes(user.id, at)


def recovery_codes_left(user_id: int) -> int:
    """Return how many recovery codes are unused."""
    unused = select(func.count(RecoveryCode.id)).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return int(db.session.scalar(unused) or 0)


def remove(user: User, *, at: datetime, by: str = "") -> None:
    """Remove the device and the recovery codes and tell the person; `by` names who did it for them.

    Every session has to show a second factor anew where one is required.
    """
    for model in (SecondFactor, RecoveryCode):
        db.session.execute(delete(model).where(model.user_id == user.id), execution_options=NO_SYNC)
    db.session.execute(
        update(LoginSession).where(LoginSession.user_id == user.id).values(second_factor_at=None)
    )
    _tell(user.id, "account.second_factor_off", at, by=by or user.get_full_name())


def remove_own(user: User, *, at: datetime) -> None:
    """Remove the own device, for a new one or for good."""
    remove(user, at=at)
    _audit(user, "second_factor_off")


def remove_by_operator(user: User, *, at: datetime) -> None:
    """Remove the device of any account, by a command on the server."""
    remove(user, at=at, by=gettext("the operator of the server"))
    sessions.end_all(user.id, "second_factor", at=at)
    audit("second_factor_off", subject=user.username)


def wrong_code() -> str:
    """Return the refusal of a wrong or used code."""
    return gettext(
        "This code is wrong or was used already. Wait for the next code of the device; its clock has to be right."
    )


def too_many() -> str:
    """Return the refusal after too many tries."""
    return gettext("Too many tries. Try again in %(minutes)s minutes.", minutes=MINUTES)


def _step_of(secret: str, typed: str, at: datetime) -> int | None:
    """Return the time step to which the typed code belongs, None if it is none of those accepted."""
    code, now = readable_codes.normal(typed), int(at.timestamp()) // STEP
    if len(code) != one_time_codes.DIGITS or not code.isascii():
        return None
    totp = pyotp.TOTP(secret, interval=STEP)
    return next(
        (now + drift for drift in DRIFT if compare_digest(totp.generate_otp(now + drift), code)),
        None,
    )


def _use_step(device: SecondFactor, typed: str, at: datetime) -> bool:
    """Use a code of the device; of two requests with the same code one wins."""
    step = _step_of(device.secret, typed, at)
    if step is None:
        return False
    used = db.session.execute(
        update(SecondFactor)
        .where(SecondFactor.id == device.id, SecondFactor.last_step < step)
        .values(last_step=step)
        .returning(SecondFactor.id),
        execution_options=NO_SYNC,
    )
    return used.first() is not None


def _use_recovery_code(user: User, typed: str, at: datetime) -> bool:
    used = db.session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_digest == _digest(user.id, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCode.id),
        execution_options=NO_SYNC,
    )
    if used.first() is None:
        return False
    left = recovery_codes_left(user.id)
    _audit(user, "recovery_code")
    _tell(user.id, "account.recovery_code", at, left=left)
    return True


def _new_recovery_codes(user_id: int, at: datetime) -> list[str]:
    db.session.execute(
        delete(RecoveryCode).where(RecoveryCode.user_id == user_id), execution_options=NO_SYNC
    )
    codes = [readable_codes.generate(GROUPS) for _code in range(RECOVERY_CODES)]
    db.session.add_all(
        RecoveryCode(user_id=user_id, code_digest=_digest(user_id, code), created_at=at)
        for code in codes
    )
    db.session.flush()
    return codes


def _digest(user_id: int, code: str) -> str:
    return crypto.blind_index("recovery", f"{user_id}\0{readable_codes.normal(code)}")


def _audit(user: User, kind: str, *, ok: bool = True) -> None:
    row = audit(kind, subject=user.username, ok=ok)
    row.actor_id, row.actor_name = user.id, user.get_full_name()


def _tell(user_id: int, template: str, at: datetime, **facts: object) -> None:
    outbox.queue_message(
        db.session(),
        user_id,
        template,
        at=at,
        url=OWN_PAGE,
        time=f"{clock.local(at):%Y-%m-%d %H:%M}",
        **facts,
    )
