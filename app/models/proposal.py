"""Acts that a handler (经办人) has proposed and the person responsible (负责人) confirms (menus 1.1.1–1.1.3, 1.2.1)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, relationship

from app.enums import ProposalState, Role
from app.models.base import Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.application import Application

PENDING = text("state = 'pending'")


class Proposal(Stateful):
    """An act on an application as the handler filled it in; nothing moves before it is confirmed.

    `event`, `opinion` and `details` are those of the act; `seen` is the application's version then.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        Index(
            "uq_proposal_pending",
            "application_id",
            unique=True,
            sqlite_where=PENDING,
            postgresql_where=PENDING,
        ),
        Index("ix_proposal_unit", "unit_id", "role", "state"),
    )

    application_id: Mapped[int] = field(_("Application"), ForeignKey("application.id"), index=True)
    event: Mapped[str] = field(_("Act"), String(32))
    opinion: Mapped[str] = field(_("Opinion"), String(1000), default="")
    details: Mapped[dict[str, Any]] = field(_("Details"), JSON, default=dict)
    seen: Mapped[int] = field(_("Version"))
    role: Mapped[Role] = field(_("Role"), enum_type(Role))
    unit_id: Mapped[int | None] = field(_("Unit"), ForeignKey("unit.id"))
    proposed_by: Mapped[int] = field(_("Account"), ForeignKey("ab_user.id"))
    proposer: Mapped[str] = field(_("Handler"), String(64))
    proposed_at: Mapped[datetime] = field(_("Proposed at"), UtcDateTime)
    answer: Mapped[str] = field(_("Reason for sending back"), String(1000), default="")
    state: Mapped[ProposalState] = field(
        _("State"), enum_type(ProposalState), default=ProposalState.PENDING
    )

    application: Mapped["Application"] = relationship()
