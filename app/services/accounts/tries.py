"""How often an address may do what nobody needs to do often: counted in the database over all workers."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.models import PublicQuery
from app.services.ground.numbering import INSERTS

MINUTES = 15
KEPT_MINUTES = 60
LONGEST_KEY = 64


def is_too_many(
    session: Session, kind: str, address: str, *, limit: int, at: datetime, minutes: int = MINUTES
) -> bool:
    """Count one try of `kind` and return whether this stretch of `minutes` has now seen more than `limit`.

    The caller commits at once, so that what is refused afterwards still counts.
    """
    minute = int(at.timestamp()) // 60
    first = minute - minute % minutes
    insert = INSERTS[session.get_bind().dialect.name](PublicQuery).values(
        address=f"{kind} {address}"[:LONGEST_KEY], minute=first, count=1
    )
    counted = insert.on_conflict_do_update(
        index_elements=[PublicQuery.address, PublicQuery.minute],
        set_={"count": PublicQuery.count + 1},
    ).returning(PublicQuery.count)
    count = int(session.execute(counted).scalar_one())
    if count == 1:
        session.execute(delete(PublicQuery).where(PublicQuery.minute < minute - KEPT_MINUTES))
    return count > limit
