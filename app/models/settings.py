"""Stored values of named settings that differ from their default."""

from datetime import datetime

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.ground import clock
from app.models.base import UtcDateTime, field


class Setting(Model):
    """One changed value, as text; `app.settings` defines the keys, their types and bounds."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = field(_("Value"), Text)
    updated_at: Mapped[datetime] = field(
        _("Changed"), UtcDateTime, default=clock.now, onupdate=clock.now
    )

    def __repr__(self) -> str:
        return f"<Setting {self.__dict__.get('key')}>"
