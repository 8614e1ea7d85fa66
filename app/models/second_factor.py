"""The second factor of a sign-in: a device that shows codes (TOTP, RFC 6238), and recovery codes on paper."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.ground import clock
from app.models.base import Base, Encrypted, UtcDateTime


class SecondFactor(Base):
    """The device of one account. `last_step` is the newest time step used, so that no code works twice.

    Until its owner has entered a first code (`confirmed_at`), the device does not count.
    """

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    secret: Mapped[str] = mapped_column(Encrypted)
    last_step: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCode(Base):
    """One code of the paper that replaces the device once; only its keyed digest is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_user", "user_id", "code_digest"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    code_digest: Mapped[str] = mapped_column(String(64))
    alg: Mapped[str] = mapped_column(String(16), default="hmac-sha256")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
