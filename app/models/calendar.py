"""The official working calendar, day by day."""

from datetime import date

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped

from app.models.base import Versioned, field


class WorkDay(Versioned, Model):
    """Whether one day is a working day. A day without a row is unknown, never guessed from the weekday."""

    __tablename__ = "work_day"

    day: Mapped[date] = field(_("Day"), Date, primary_key=True)
    is_working: Mapped[bool] = field(_("Working day"))
    note: Mapped[str] = field(_("Note"), String(64), default="")
    source: Mapped[str] = field(_("Source"), String(120), default="")

    def __repr__(self) -> str:
        return f"<WorkDay {self.__dict__.get('day')}>"
