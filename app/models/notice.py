"""Public notices (公示) of both kinds and the objections raised against them."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import NoticeKind, NoticeState, ObjectionState, Role
from app.models.base import Base, Encrypted, Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.application import Application
    from app.models.meeting import Plan
    from app.models.unit import Unit


class Notice(Stateful):
    """A notice of at least five working days; its end is computed, never typed (Order 40, art. 17, 27)."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("ends_on > starts_on", name="lasts"),
        CheckConstraint("(kind = 'result') = (plan_id IS NOT NULL)", name="result_has_plan"),
        Index("ix_notice_unit", "unit_id", "kind", "id"),
        Index("ix_notice_due", "state", "ends_on"),
    )

    kind: Mapped[NoticeKind] = field(_("Kind"), enum_type(NoticeKind))
    title: Mapped[str] = field(_("Notice"), String(120))
    unit_id: Mapped[int] = field(_("Unit"), ForeignKey("unit.id"))
    plan_id: Mapped[int | None] = field(_("Plan"), ForeignKey("plan.id"), index=True)
    place: Mapped[str] = field(_("Place of the notice"), String(200))
    contact: Mapped[str] = field(_("Contact for objections"), String(64))
    phone: Mapped[str] = field(_("Telephone"), String(32))
    starts_on: Mapped[date] = field(_("First day"))
    ends_on: Mapped[date] = field(_("Last day"))
    state: Mapped[NoticeState] = field(
        _("State"), enum_type(NoticeState), default=NoticeState.RUNNING
    )

    unit: Mapped["Unit"] = relationship()
    plan: Mapped["Plan | None"] = relationship()
    items: Mapped[list["NoticeItem"]] = relationship(back_populates="notice")


class NoticeItem(Base):
    """An application named in a notice."""

    __tablename__ = "notice_item"
    __table_args__ = (UniqueConstraint("notice_id", "application_id", name="uq_notice_item_once"),)

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)

    notice: Mapped["Notice"] = relationship(back_populates="items")
    application: Mapped["Application"] = relationship()


class Objection(Stateful):
    """An objection raised during a notice. Its author is shown to the handler only."""

    __tablename__ = "objection"
    __table_args__ = (Index("ix_objection_open", "application_id", "state"),)

    notice_id: Mapped[int] = field(_("Notice"), ForeignKey("notice.id"), index=True)
    application_id: Mapped[int] = field(_("Concerned"), ForeignKey("application.id"))
    unit_id: Mapped[int] = field(_("Handled by"), ForeignKey("unit.id"), index=True)
    handler_role: Mapped[Role] = field(
        _("Handled as"),
        enum_type(Role, "objection_handler"),
        default=Role.UNIT,
        server_default=Role.UNIT.value,
    )
    is_about_staff: Mapped[bool] = field(
        _("Concerns the people who handle the case"), default=False, server_default=false()
    )
    recorded_unit_id: Mapped[int | None] = field(
        _("Recorded by"), ForeignKey("unit.id"), index=True
    )
    author: Mapped[str | None] = field(_("Raised by"), Encrypted)
    contact: Mapped[str | None] = field(_("Contact"), Encrypted)
    content: Mapped[str] = field(_("Objection"), Text)
    received_at: Mapped[datetime] = field(_("Received"), UtcDateTime)
    due_on: Mapped[date] = field(_("To be settled by"))
    findings: Mapped[str] = field(_("Findings"), Text, default="")
    state: Mapped[ObjectionState] = field(
        _("State"), enum_type(ObjectionState), default=ObjectionState.OPEN
    )

    notice: Mapped["Notice"] = relationship()
    application: Mapped["Application"] = relationship()
    unit: Mapped["Unit"] = relationship(foreign_keys=[unit_id])
    recorded_unit: Mapped["Unit | None"] = relationship(foreign_keys=[recorded_unit_id])
