"""Changes of the lines of an agreed plan (menu 1.2.2)."""

from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import PlanChangeState
from app.models.base import Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.meeting import Plan

_WAITS = "state = 'reported'"


class PlanChange(Stateful):
    """Other lines for an agreed plan: asked for by the committee's office, decided by the authority.

    `snapshot` is the JSON text of the lines before and after and of what they lead to; `figures` is the SHA-256 of the
    votes, scores, posts and candidates that this was computed from. The database refuses any change of both.
    """

    __tablename__ = "plan_change"
    __table_args__ = (
        Index(
            "uq_plan_change_waiting",
            "plan_id",
            unique=True,
            sqlite_where=text(_WAITS),
            postgresql_where=text(_WAITS),
        ),
        Index("ix_plan_change_plan", "plan_id", "state"),
    )

    plan_id: Mapped[int] = field(_("Plan"), ForeignKey("plan.id"))
    snapshot: Mapped[str] = mapped_column(Text)
    figures: Mapped[str] = field(_("Digest of the figures"), String(64))
    reason: Mapped[str] = field(_("Reason"), String(1000))
    reported_at: Mapped[datetime] = field(_("Reported at"), UtcDateTime)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    state: Mapped[PlanChangeState] = field(
        _("State"), enum_type(PlanChangeState), default=PlanChangeState.REPORTED
    )

    plan: Mapped["Plan"] = relationship()
