"""Interview slots of candidates (menu 1.2.4)."""

from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from app.enums import InterviewState
from app.models.base import Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.application import Application
    from app.models.meeting import Plan


class Interview(Stateful):
    """One candidate's interview slot: room, time and position in the order drawn by lot."""

    __tablename__ = "interview"
    __table_args__ = (
        UniqueConstraint("plan_id", "room", "starts_at", name="uq_interview_slot"),
        CheckConstraint("ends_at > starts_at", name="slot_order"),
        Index("ix_interview_plan", "plan_id", "state", "starts_at"),
    )

    plan_id: Mapped[int] = field(_("Plan"), ForeignKey("plan.id"))
    application_id: Mapped[int] = field(_("Candidate"), ForeignKey("application.id"), unique=True)
    group_name: Mapped[str] = field(_("Group"), String(64), default="")
    room: Mapped[str] = field(_("Room"), String(64))
    order: Mapped[int] = field(_("Order of appearance"))
    starts_at: Mapped[datetime] = field(_("Begins"), UtcDateTime)
    ends_at: Mapped[datetime] = field(_("Ends"), UtcDateTime)
    sent_at: Mapped[datetime | None] = field(_("Notice sent"), UtcDateTime)
    received_at: Mapped[datetime | None] = field(_("Received"), UtcDateTime)
    move_reason: Mapped[str] = field(_("Why another time is asked for"), String(300), default="")
    state: Mapped[InterviewState] = field(
        _("State"), enum_type(InterviewState), default=InterviewState.PLANNED
    )

    plan: Mapped["Plan"] = relationship()
    application: Mapped["Application"] = relationship()
