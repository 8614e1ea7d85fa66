"""Rate limit of public queries per IP address and minute."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import settings
from app.services.accounts import tries


def is_too_many(session: Session, address: str, at: datetime) -> bool:
    """Count one query of `address` and return whether it exceeds the limit for this minute."""
    limit = int(settings.get("public_query_per_minute"))
    return tries.is_too_many(session, "query", address, limit=limit, at=at, minutes=1)
