"""Server-side sessions and failed sign-ins, shared by all workers and machines."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.ground import clock
from app.models.base import Base, UtcDateTime, field


class LoginSession(Base):
    """One signed-in browser or API token. The secret itself is never stored, only its hash."""

    __tablename__ = "login_session"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = field(_("Account"), ForeignKey("ab_user.id"), index=True)
    position_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"))
    kind: Mapped[str] = field(_("Kind"), String(10), default="web")
    created_at: Mapped[datetime] = field(_("Signed in"), UtcDateTime, default=clock.now)
    seen_at: Mapped[datetime] = field(_("Last seen"), UtcDateTime, default=clock.now)
    address: Mapped[str] = field(_("Address"), String(64), default="")
    agent: Mapped[str] = field(_("Browser"), String(200), default="")
    second_factor_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the session has shown a second factor; None until then."""
    viewed_as: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """As whom the session looks at the program, read-only (`services/customising/viewing.py`); "" as itself."""
    viewed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = field(_("Ended"), UtcDateTime)
    end_reason: Mapped[str] = field(_("Reason"), String(32), default="")


class LoginFailure(Base):
    """A failed sign-in, counted per user name and device, and per network address.

    `device` is the digest of a device that has signed in to the account before, "" for all others together.
    """

    __tablename__ = "login_failure"
    __table_args__ = (
        Index("ix_login_failure_name", "username", "at"),
        Index("ix_login_failure_address", "address", "at"),
    )

    username: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(64), default="", server_default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class KnownDevice(Base):
    """A browser that has signed in to an account; `digest` is keyed and stands for both."""

    __tablename__ = "known_device"

    user_id: Mapped[int] = field(_("Account"), ForeignKey("ab_user.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    seen_at: Mapped[datetime] = field(_("Last seen"), UtcDateTime)
