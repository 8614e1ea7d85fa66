"""In-app messages, their templates, and the outbox that delivers them after the transaction."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.ground import clock
from app.models.base import Base, UtcDateTime, Versioned, field


class Outbox(Base):
    """A message to deliver: written in the act's transaction, delivered after it, at least once."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "delivered_at", "id"),)

    template: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)


class Delivery(Base):
    """Delivery of one message through one channel (mail, SMS); retried until sent or given up."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("outbox_id", "channel"),
        Index("ix_delivery_waiting", "sent_at", "next_try_at"),
    )

    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"))
    channel: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fault: Mapped[str] = mapped_column(String(200), default="")


class Message(Base):
    """A message shown to a user; the unique `outbox_id` makes a second delivery harmless."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_user", "user_id", "read_at", "id"),)

    outbox_id: Mapped[int] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    subject: Mapped[str] = field(_("Subject"), String(200))
    body: Mapped[str] = field(_("Text"), Text)
    url: Mapped[str] = mapped_column(String(200), default="")
    sent_at: Mapped[datetime] = field(_("Sent"), UtcDateTime, default=clock.now)
    read_at: Mapped[datetime | None] = field(_("Read"), UtcDateTime)


class MessageChoice(Base):
    """How an account wants its messages outside of the hall: kinds and channels it does not want, quiet hours.

    `silenced`: "kind.channel" each, such as "work.sms". Quiet from `quiet_from` to `quiet_to` (full hours of
    Asia/Shanghai, 0–23, over midnight where the end is the earlier one); both or neither.
    """

    __tablename__ = "message_choice"
    __table_args__ = (
        CheckConstraint("(quiet_from IS NULL) = (quiet_to IS NULL)", name="quiet_both"),
        CheckConstraint(
            "quiet_from BETWEEN 0 AND 23 AND quiet_to BETWEEN 0 AND 23 AND quiet_from <> quiet_to",
            name="quiet_hours",
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    silenced: Mapped[list[str]] = mapped_column(JSON, default=list)
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]


class MessageTemplate(Versioned, Base):
    """Wording of one kind of message, editable by administrators in the browser."""

    __tablename__ = "message_template"

    key: Mapped[str] = field(_("Key"), String(64), unique=True)
    subject: Mapped[str] = field(_("Subject"), String(200))
    body: Mapped[str] = field(_("Text"), Text, help=_("Placeholders such as {name} are filled in."))
