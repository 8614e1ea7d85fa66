"""Stored values of named settings, each with the day from which it holds; also their history."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.ground import clock
from app.models.base import Base, UtcDateTime, field


def _today() -> date:
    return clock.local_date(clock.now())


class Setting(Base):
    """One value of a setting, from `valid_from` on; `app.numbers` defines the keys, their kinds and bounds.

    Of several that have begun, the one that began last holds; on the same day the one with the higher `number`,
    which counts the changes of a setting. `before` is the value it replaces on its day. A value that was cancelled
    before its day never held. `undoes` is the change that it takes back.
    """

    __tablename__ = "setting"
    __table_args__ = (
        UniqueConstraint("key", "number", name="uq_setting_number"),
        Index("ix_setting_valid", "key", "valid_from", "number"),
    )

    key: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(default=1)
    value: Mapped[str] = field(_("Value"), Text)
    before: Mapped[str] = field(_("Before"), Text, default="")
    valid_from: Mapped[date] = field(_("Takes effect"), Date, default=_today)
    remark: Mapped[str] = field(_("Remark"), String(200), default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    actor_name: Mapped[str] = field(_("By"), String(64), default="")
    second_name: Mapped[str] = field(_("Second administrator"), String(64), default="")
    created_at: Mapped[datetime] = field(_("Changed"), UtcDateTime, default=clock.now)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("setting.id"))
    cancelled_at: Mapped[datetime | None] = field(_("Cancelled at"), UtcDateTime)
    cancelled_by: Mapped[str] = field(_("Cancelled by"), String(64), default="")
