"""Stored files (by content), their attachments to records, and uploads in progress."""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.ground import clock
from app.models.base import Base, UtcDateTime, field


class StoredFile(Base):
    """One file content, stored once under its SHA-256. `alg` names the digest."""

    __tablename__ = "stored_file"
    __table_args__ = (CheckConstraint("size > 0", name="not_empty"),)

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    alg: Mapped[str] = mapped_column(String(16), default="sha256")
    size: Mapped[int] = field(_("Size"))
    media_type: Mapped[str] = field(_("Type"), String(64))
    pages: Mapped[int] = field(_("Pages"), default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)


class Attachment(Base):
    """A file attached to a record: an application's material, a proof of notice, a result sheet.

    Only users who may see the record named by subject_type and subject_id may see the file.
    """

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_subject", "subject_type", "subject_id", "kind"),)

    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column()
    kind: Mapped[str] = field(_("Kind of material"), String(40))
    name: Mapped[str] = field(_("File name"), String(200))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    section: Mapped[str] = mapped_column(String(40), default="")
    order: Mapped[int] = mapped_column(default=0, server_default="0")
    added_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    file: Mapped["StoredFile"] = relationship()


class Upload(Base):
    """A resumable upload: a file that arrives in pieces.

    The owner of the application continues it with the token at byte `received`; the pieces are kept beside
    the stored files until the last one has arrived.
    """

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_touched", "touched_at"),)

    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
