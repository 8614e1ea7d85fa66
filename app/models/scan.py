"""How the pages of submitted files look, to find nearly the same scan in another case."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, UtcDateTime

_WAITING = "read_at IS NULL"


class Scan(Base):
    """One page of a content, by the content's digest; waiting until `read_at`.

    `look` has the bits of `page_look.py` as hexadecimal digits, None where a page cannot be drawn or is blank;
    a band is a part of them by which similar pages are found (`app/services/files/scans.py`).
    """

    __tablename__ = "scan"
    __table_args__ = (
        UniqueConstraint("digest", "page", name="uq_scan_page"),
        Index(
            "ix_scan_waiting",
            "id",
            sqlite_where=text(_WAITING),
            postgresql_where=text(_WAITING),
        ),
    )

    digest: Mapped[str] = mapped_column(String(64))
    page: Mapped[int] = mapped_column(default=1)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    look: Mapped[str | None] = mapped_column(String(256))
    band_1: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_2: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_3: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_4: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_5: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_6: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_7: Mapped[int | None] = mapped_column(BigInteger, index=True)
    band_8: Mapped[int | None] = mapped_column(BigInteger, index=True)
