"""What a submission names or contains, by digest, to find the same in other applications."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.enums import FingerprintKind
from app.models.base import Base, enum_type


class Fingerprint(Base):
    """One paper, number, achievement or file of an application as last submitted.

    `digest` is the SHA-256 of the text without spaces, punctuation and case, or that of the file's content;
    `text` is what was typed, shortened, or the name of the file.
    """

    __tablename__ = "fingerprint"
    __table_args__ = (
        UniqueConstraint("application_id", "kind", "digest", name="uq_fingerprint_value"),
        Index("ix_fingerprint_value", "kind", "digest", "application_id"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[FingerprintKind] = mapped_column(enum_type(FingerprintKind))
    digest: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(String(200))
