"""Values of dossiers that lists show, sort and search, and how far each field is filled in."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, UtcDateTime

DECLARED = "dossier"
"""Area of `custom_value` that says which fields are columns of which lists."""
SORTED = ("text", "number", "day")
"""Columns by which values are sorted and searched; a value has one of them at most."""


def _index(column: str) -> Index:
    has_one = text(f"{column} IS NOT NULL")
    names = ("key", "position", column, "application_id")
    return Index(
        f"ix_dossier_value_{column}", *names, sqlite_where=has_one, postgresql_where=has_one
    )


class DossierValue(Base):
    """One value of a field of an application as last submitted, for fields that are columns of lists.

    `key` is `<section>.<field>`. Rows of a repeated section have positions from 0; position 0 says how many there
    are (`total`). `value` is as stored in the dossier, `text` folded for searches.
    """

    __tablename__ = "dossier_value"
    __table_args__ = (
        UniqueConstraint("application_id", "key", "position", name="uq_dossier_value_place"),
        *(_index(column) for column in SORTED),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    key: Mapped[str] = mapped_column(String(100))
    position: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=1)
    value: Mapped[Any] = mapped_column(JSON)
    text: Mapped[str | None] = mapped_column(String(200))
    number: Mapped[float | None] = mapped_column()
    day: Mapped[date | None] = mapped_column()


class DossierFill(Base):
    """How far the values of a field are filled in for applications submitted before it became a column.

    `last_id` is the last application looked at. The values of one that `is_removing` are being deleted.
    """

    __tablename__ = "dossier_fill"

    key: Mapped[str] = mapped_column(String(100), unique=True)
    last_id: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_removing: Mapped[bool] = mapped_column(default=False)
