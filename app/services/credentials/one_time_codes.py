"""One-time codes, stored as keyed digests: of six digits for ten minutes, five tries and one use, or long ones."""

import secrets
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import ColumnElement, delete, func, select, update

from app.extensions import db
from app.ground import crypto
from app.models import OneTimeCode
from app.services.credentials import readable_codes

LIFE = timedelta(minutes=10)
PAUSE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
KEPT = timedelta(days=1)
MOST_TRIES = 5
MOST_PER_HOUR = 5
DIGITS = 6
NO_SYNC = {"synchronize_session": False}


def issue(user_id: int, purpose: str, code: str, *, at: datetime, life: timedelta = LIFE) -> bool:
    """Store a code that is going to be sent and invalidate the earlier ones of the same purpose.

    Return False, and store nothing, when the account got one within the last minute or five within the last
    hour.
    """
    recent, last = db.session.execute(
        select(func.count(), func.max(OneTimeCode.created_at)).where(
            OneTimeCode.user_id == user_id,
            OneTimeCode.purpose == purpose,
            OneTimeCode.created_at > at - HOUR,
        )
    ).one()
    if recent >= MOST_PER_HOUR or (last is not None and last > at - PAUSE):
        return False
    store(user_id, purpose, code, at=at, life=life)
    return True


def store(user_id: int, purpose: str, code: str, *, at: datetime, life: timedelta) -> None:
    """Store a code and invalidate the earlier ones of the same purpose."""
    end(user_id, purpose, at=at)
    db.session.add(
        OneTimeCode(
            user_id=user_id,
            purpose=purpose,
            code_digest=_digest(user_id, purpose, code),
            created_at=at,
            expires_at=at + life,
        )
    )
    db.session.flush()


def end(user_id: int, purpose: str, *, at: datetime) -> None:
    """Invalidate the codes of one purpose that are still open."""
    db.session.execute(
        update(OneTimeCode).where(*_open(user_id, purpose, at)).values(expires_at=at),
        execution_options=NO_SYNC,
    )


def digits() -> str:
    """Return a random code of six digits."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def right(user_id: int, purpose: str, typed: str, *, at: datetime) -> int | None:
    """Return the id of the open code that `typed` is, else None. Only for codes too long to be guessed."""
    found = db.session.execute(
        select(OneTimeCode.id, OneTimeCode.code_digest).where(*_open(user_id, purpose, at))
    ).all()
    wanted = _digest(user_id, purpose, typed)
    return next((row.id for row in found if compare_digest(row.code_digest, wanted)), None)


def attempt(user_id: int, purpose: str, typed: str, *, at: datetime) -> int | None:
    """Count a try and return the id of the code when `typed` is right, else None.

    The caller must commit before going on: counting first prevents many guesses sent at once from all being
    compared.
    """
    row = db.session.execute(
        update(OneTimeCode)
        .where(*_open(user_id, purpose, at), OneTimeCode.attempts < MOST_TRIES)
        .values(attempts=OneTimeCode.attempts + 1)
        .returning(OneTimeCode.id, OneTimeCode.code_digest),
        execution_options=NO_SYNC,
    ).first()
    if row is None or not compare_digest(row.code_digest, _digest(user_id, purpose, typed)):
        return None
    return int(row.id)


def spend(code_id: int, *, at: datetime) -> bool:
    """Mark a code as used; return False when it was used already."""
    spent = db.session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.id == code_id, OneTimeCode.used_at.is_(None))
        .values(used_at=at)
        .returning(OneTimeCode.id),
        execution_options=NO_SYNC,
    )
    return spent.first() is not None


def delete_old(*, at: datetime) -> int:
    """Delete codes that expired more than a day ago and return how many."""
    gone = db.session.execute(
        delete(OneTimeCode).where(OneTimeCode.expires_at < at - KEPT).returning(OneTimeCode.id),
        execution_options=NO_SYNC,
    )
    return len(gone.all())


def _open(user_id: int, purpose: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeCode.user_id == user_id,
        OneTimeCode.purpose == purpose,
        OneTimeCode.used_at.is_(None),
        OneTimeCode.expires_at > at,
    )


def _digest(user_id: int, purpose: str, code: str) -> str:
    # keyed, because all million codes could be tried against a plain digest in no time
    return crypto.blind_index("code", f"{purpose}\0{user_id}\0{readable_codes.normal(code)}")
