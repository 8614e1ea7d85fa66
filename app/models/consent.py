"""Acts of administrators that a second administrator has to agree to before they take effect."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, relationship

from app.enums import ConsentState, Role
from app.models.base import Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.people import Account

OPEN = text("state = 'asked'")


class Consent(Stateful):
    """One act asked for by an administrator; it is done when another administrator agrees.

    `kind` names the act (`app.services.accounts.consents.KINDS`), `details` hold what the act needs, `subject`
    says in words what it is about and, with `kind`, identifies it: of the same act only one waits at a time.
    `user_id` is the account concerned, whose owner never agrees.
    """

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
        Index("ix_consent_state", "state", "expires_at"),
    )

    kind: Mapped[str] = field(_("Act"), String(32))
    subject: Mapped[str] = field(_("Concerns"), String(200))
    user_id: Mapped[int | None] = field(_("Account"), ForeignKey("ab_user.id"), index=True)
    details: Mapped[dict[str, Any]] = field(_("Details"), JSON, default=dict)
    reason: Mapped[str] = field(_("Reason"), String(500))
    asked_by: Mapped[int] = field(_("Account"), ForeignKey("ab_user.id"))
    asker: Mapped[str] = field(_("Asked by"), String(64))
    asker_role: Mapped[Role] = field(_("Role"), enum_type(Role, "asker_role"))
    expires_at: Mapped[datetime] = field(_("Lapses at"), UtcDateTime)
    answered_by: Mapped[int | None] = field(_("Account"), ForeignKey("ab_user.id"))
    second: Mapped[str] = field(_("Answered by"), String(64), default="")
    answer: Mapped[str] = field(_("Reason of the answer"), String(500), default="")
    state: Mapped[ConsentState] = field(
        _("State"), enum_type(ConsentState), default=ConsentState.ASKED
    )

    user: Mapped["Account | None"] = relationship(foreign_keys=[user_id])
