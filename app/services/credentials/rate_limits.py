"""Rate limit per IP address, shared by all workers through the database."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app import settings
from app.models import PublicQuery
from app.services.ground.numbering import INSERTS

MINUTES = 15
KEPT_MINUTES = 60
LONGEST_KEY = 64


def is_over_limit(
    session: Session, kind: str, address: str, *, limit: int, at: datetime, minutes: int = MINUTES
) -> bool:
    """Count one try of `kind` and return whether the current window of `minutes` exceeds `limit`.

    The caller must commit at once, so that a try refused afterwards still counts.
    """
    minute = int(at.timestamp()) // 60
    window_start = minute - minute % minutes
    insert = INSERTS[session.get_bind().dialect.name](PublicQuery).values(
        address=f"{kind} {address}"[:LONGEST_KEY], minute=window_start, count=1
    )
    counted = insert.on_conflict_do_update(
        index_elements=[PublicQuery.address, PublicQuery.minute],
        set_={"count": PublicQuery.count + 1},
    ).returning(PublicQuery.count)
    count = int(session.execute(counted).scalar_one())
    if count == 1:
        session.execute(delete(PublicQuery).where(PublicQuery.minute < minute - KEPT_MINUTES))
    return count > limit


def is_over_query_limit(session: Session, address: str, at: datetime) -> bool:
    """Count one public query of `address` and return whether it exceeds the limit for this minute."""
    limit = int(settings.get("public_query_per_minute"))
    return is_over_limit(session, "query", address, limit=limit, at=at, minutes=1)
