"""The official working calendar, day by day, and drafts of its years."""

from datetime import date, datetime
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.ground import clock
from app.models.base import Base, UtcDateTime, Versioned, field


class WorkDay(Versioned, Model):
    """Whether one day is a working day. A day without a row is unknown, never guessed from the weekday."""

    __tablename__ = "work_day"

    day: Mapped[date] = field(_("Day"), Date, primary_key=True)
    is_working: Mapped[bool] = field(_("Working day"))
    note: Mapped[str] = field(_("Note"), String(64), default="")
    source: Mapped[str] = field(_("Source"), String(120), default="")

    def __repr__(self) -> str:
        return f"<WorkDay {self.__dict__.get('day')}>"


class CalendarDraft(Versioned, Base):
    """A year of the calendar that is being prepared; nothing asks it before it is published.

    `days` holds what differs from Monday to Friday, as {day: [is working, note]}.
    """

    __tablename__ = "calendar_draft"
    __table_args__ = (UniqueConstraint("year", name="uq_calendar_draft_year"),)

    year: Mapped[int] = field(_("Year"))
    days: Mapped[dict[str, Any]] = field(_("Days"), JSON)
    source: Mapped[str] = field(_("Source"), String(120), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    author: Mapped[str] = field(_("Author"), String(64), default="")
    updated_at: Mapped[datetime] = field(
        _("Changed"), UtcDateTime, default=clock.now, onupdate=clock.now
    )
