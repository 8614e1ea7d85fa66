"""Counters of public certificate queries, for the rate limit per IP address."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class PublicQuery(Base):
    """Number of requests of one IP address in one minute, shared by all workers."""

    __tablename__ = "public_query"
    __table_args__ = (UniqueConstraint("address", "minute", name="uq_public_query_minute"),)

    address: Mapped[str] = mapped_column(String(64))
    minute: Mapped[int] = mapped_column(index=True)
    count: Mapped[int] = mapped_column(default=1)
