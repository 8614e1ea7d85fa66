"""What the daily digest has told: its runs, and the deadlines told of to each account."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.enums import DeadlineStage
from app.models.base import Base, UtcDateTime, enum_type


class DigestRun(Base):
    """The digest of one day (Asia/Shanghai): accounts up to the id `reached` have theirs.

    It is moved on in the transaction that writes the messages, so that no account gets two.
    """

    __tablename__ = "digest_run"

    day: Mapped[date] = mapped_column(unique=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reached: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeadlineNote(Base):
    """That an account was told of a deadline: once per record, last day and stage."""

    __tablename__ = "deadline_note"
    __table_args__ = (
        UniqueConstraint(
            "user_id",
            "subject_type",
            "subject_id",
            "due_day",
            "stage",
            name="uq_deadline_note_once",
        ),
        Index("ix_deadline_note_due_day", "due_day"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    subject_type: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int]
    due_day: Mapped[date]
    stage: Mapped[DeadlineStage] = mapped_column(enum_type(DeadlineStage))
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
