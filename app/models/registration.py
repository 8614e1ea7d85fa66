"""Registration and recovery of accounts: QR-code tickets, one-time codes, single sign-on identities.

Secrets are stored as digests only, so that reading the tables does not allow using a ticket or code.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.enums import ClaimKind
from app.ground import clock
from app.models.base import Base, UtcDateTime, enum_type


class Ticket(Base):
    """A registration QR code shown by a browser (guide: 注册新账号).

    `secret_digest` is the digest of the code's content, `browser_digest` that of the browser's cookie. The
    phone opens the ticket and completes an account (`user_id`, `completed_at`). The browser then shows a
    number, of which `number_digest` is the keyed digest; when the phone has entered it (`confirmed_at`), the
    browser signs in, once (`used_at`). `address` and `agent` tell the phone which browser waits.
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
    number_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    number_tries: Mapped[int] = mapped_column(default=0, server_default="0")
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    address: Mapped[str] = mapped_column(String(64), default="", server_default="")
    agent: Mapped[str] = mapped_column(String(200), default="", server_default="")
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


class ClaimCode(Base):
    """A code with which a person who registers takes over the record a unit or an office entered (认领码).

    `kind`: sent to the telephone on record, or handed over by the unit (`issued_by`).
    """

    __tablename__ = "claim_code"
    __table_args__ = (Index("ix_claim_code_person", "person_id", "kind", "expires_at"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[ClaimKind] = mapped_column(enum_type(ClaimKind))
    code_digest: Mapped[str] = mapped_column(String(64))
    alg: Mapped[str] = mapped_column(String(16), default="hmac-sha256")
    issued_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
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
