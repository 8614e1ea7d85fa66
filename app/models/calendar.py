"""The official working calendar, day by day, and its years as they are prepared."""

from datetime import date, datetime
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.ground import clock
from app.models.base import Base, UtcDateTime, Versioned, field

IS_DRAFT = text("published_at IS NULL")


class WorkDay(Versioned, Model):
    """Whether one day is a working day. A day without a row is unknown, never guessed from the weekday."""

    __tablename__ = "work_day"

    day: Mapped[date] = field(_("Day"), Date, primary_key=True)
    is_working: Mapped[bool] = field(_("Working day"))
    note: Mapped[str] = field(_("Note"), String(64), default="")
    source: Mapped[str] = field(_("Source"), String(120), default="")

    def __repr__(self) -> str:
        return f"<WorkDay {self.__dict__.get('day')}>"


class CalendarYear(Versioned, Base):
    """A year of the calendar as it is prepared, and as it was published; nothing asks a draft.

    `days` holds what differs from Monday to Friday, as {day: [is working, note]}. `held_since` is since when the year
    is needed by running cases, `due_on` the last day that is known without it. `before` holds the days that the
    publication replaced, as {day: [is working, note, source] or None}.
    """

    __tablename__ = "calendar_year"
    __table_args__ = (
        Index(
            "uq_calendar_year_draft",
            "year",
            unique=True,
            sqlite_where=IS_DRAFT,
            postgresql_where=IS_DRAFT,
        ),
    )

    year: Mapped[int] = field(_("Year"))
    days: Mapped[dict[str, Any]] = field(_("Days"), JSON, default=dict)
    source: Mapped[str] = field(_("Source"), String(120), default="")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    author: Mapped[str] = field(_("Author"), String(64), default="")
    updated_at: Mapped[datetime] = field(
        _("Changed"), UtcDateTime, default=clock.now, onupdate=clock.now
    )
    held_since: Mapped[datetime | None] = field(_("Needed since"), UtcDateTime)
    due_on: Mapped[date | None] = field(_("Needed by"), Date)
    published_at: Mapped[datetime | None] = field(_("Published at"), UtcDateTime)
    before: Mapped[dict[str, Any]] = field(_("Before"), JSON, default=dict)
    undone_at: Mapped[datetime | None] = field(_("Undone at"), UtcDateTime)
    undone_by: Mapped[str] = field(_("Undone by"), String(64), default="")
