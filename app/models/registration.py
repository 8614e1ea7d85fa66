"""Registration and recovery of accounts: QR-code tickets, one-time codes, single sign-on identities.

Secrets are stored as digests only, so that reading the tables does not allow using a ticket or code.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.ground import clock
from app.models.base import Base, UtcDateTime


class Ticket(Base):
    """A registration QR code shown by a browser (guide: 注册新账号).

    `secret_digest` is the digest of the code's content, `browser_digest` that of the browser's cookie. The
    phone opens the ticket and completes an account (`user_id`, `completed_at`); then the browser signs in
    with it, once (`used_at`).
    """

    __tablename__ = "registration_ticket"
    __table_args__ = (Index("ix_registration_ticket_expires", "expires_at"),)

    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    browser_digest: Mapped[str] = mapped_column(String(64))
    alg: Mapped[str] = mapped_column(String(16), default="sha256")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))


class OneTimeCode(Base):
    """A code sent by SMS or mail for one purpose, with limited attempts and a short lifetime."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_user", "user_id", "purpose", "expires_at"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    code_digest: Mapped[str] = mapped_column(String(64))
    alg: Mapped[str] = mapped_column(String(16), default="hmac-sha256")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ExternalIdentity(Base):
    """Link between a subject of the province's single sign-on provider and an account here.

    `is_confirmed`: linked by signing in here as well, not only by the ID number that the provider reported.
    """

    __tablename__ = "external_identity"
    __table_args__ = (UniqueConstraint("provider", "subject"),)

    provider: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), index=True)
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
