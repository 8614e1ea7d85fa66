"""Drafts of new records: forms that somebody has begun and not saved yet."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, UtcDateTime
from app.models.saved_view import MENU


class RecordDraft(Base):
    """What was typed into the form for a new record of a menu; its position alone sees it, and no rule has looked at it.

    `typed` has [name, value] of each field in the order in which the form sent them. `labels` keeps how the fields
    were called, for those that an upgrade takes away.
    """

    __tablename__ = "record_draft"
    __table_args__ = (Index("ix_record_draft_place", "position_id", "menu"),)

    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"))
    menu: Mapped[str] = mapped_column(String(MENU))
    title: Mapped[str] = mapped_column(String(120))
    typed: Mapped[list[Any]] = mapped_column(JSON, default=list)
    labels: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
