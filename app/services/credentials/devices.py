"""Devices that have signed in before; their failed sign-ins are counted apart from those of strangers.

A browser keeps a random device number in a signed cookie (`app/web/device_cookie.py`). Here a row binds number
and account together by a keyed digest, so that neither can be read out of it. After "Slow Down Online Guessing
Attacks with Device Cookies" (OWASP): whoever tries an account's name from elsewhere locks out strangers only.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.ground import crypto
from app.models import KnownDevice
from app.services.ground.numbering import INSERTS

KEPT = timedelta(days=180)
"""A device that has not signed in for so long is a stranger again."""
MOST = 20
"""So many devices an account has; the longest unused one makes room."""


def digest_of(user_id: int, device: str) -> str:
    """Return the keyed digest that stands for a device of an account."""
    return crypto.blind_index("device", f"{user_id}\0{device}")


def known_digest(user_id: int, device: str, *, at: datetime) -> str:
    """Return the digest of a device that has signed in to this account before, "" for a stranger."""
    if not device:
        return ""
    digest = digest_of(user_id, device)
    is_known = db.session.scalar(
        select(KnownDevice.id).where(KnownDevice.digest == digest, KnownDevice.seen_at > at - KEPT)
    )
    return digest if is_known else ""


def remember(session: Session, user_id: int, device: str, *, at: datetime) -> None:
    """Store that a device has signed in to an account; the caller commits."""
    insert = INSERTS[session.get_bind().dialect.name](KnownDevice).values(
        user_id=user_id, digest=digest_of(user_id, device), seen_at=at
    )
    session.execute(
        insert.on_conflict_do_update(index_elements=[KnownDevice.digest], set_={"seen_at": at})
    )
    newest = (
        select(KnownDevice.id)
        .where(KnownDevice.user_id == user_id)
        .order_by(KnownDevice.seen_at.desc(), KnownDevice.id.desc())
        .limit(MOST)
    )
    session.execute(
        delete(KnownDevice).where(KnownDevice.user_id == user_id, KnownDevice.id.not_in(newest)),
        execution_options={"synchronize_session": False},
    )
