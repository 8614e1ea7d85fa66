"""Queries of the public, counted so that nobody tries out numbers by the thousand."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class PublicQuery(Base):
    """How often one address asked in one minute; counted here, it holds over all workers."""

    __tablename__ = "public_query"
    __table_args__ = (UniqueConstraint("address", "minute", name="uq_public_query_minute"),)

    address: Mapped[str] = mapped_column(String(64))
    minute: Mapped[int] = mapped_column(index=True)
    count: Mapped[int] = mapped_column(default=1)
