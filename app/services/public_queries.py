"""How often the public may ask: per address and minute, counted in the database over all workers."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app import settings
from app.models import PublicQuery
from app.services.numbering import INSERTS

KEPT_MINUTES = 60
LONGEST_ADDRESS = 64


def is_too_many(session: Session, address: str, at: datetime) -> bool:
    """Count one query of `address` and return whether it has now asked too often in this minute."""
    minute = int(at.timestamp()) // 60
    insert = INSERTS[session.get_bind().dialect.name](PublicQuery).values(
        address=address[:LONGEST_ADDRESS], minute=minute, count=1
    )
    counted = insert.on_conflict_do_update(
        index_elements=[PublicQuery.address, PublicQuery.minute],
        set_={"count": PublicQuery.count + 1},
    ).returning(PublicQuery.count)
    count = int(session.execute(counted).scalar_one())
    if count == 1:
        session.execute(delete(PublicQuery).where(PublicQuery.minute < minute - KEPT_MINUTES))
    return count > int(settings.get("public_query_per_minute"))
