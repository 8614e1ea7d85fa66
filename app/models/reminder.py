"""Reminders (催办) about applications."""

from datetime import date
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from app.enums import ReminderState, Role
from app.models.base import Stateful, enum_type, field

if TYPE_CHECKING:
    from app.models.application import Application


class Reminder(Stateful):
    """A reminder to whoever holds an application, from those who wait for it.

    `role` is the side that reminds, `day` the day in Asia/Shanghai: each side reminds once a day. It is a record of
    its own so that the version of the application, and with it the holder's open page, stays as it is.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("application_id", "role", "day", name="uq_reminder_once_a_day"),
    )

    application_id: Mapped[int] = field(_("Application"), ForeignKey("application.id"))
    role: Mapped[Role] = field(_("Role"), enum_type(Role, "reminder_role"))
    day: Mapped[date] = field(_("Day"))
    state: Mapped[ReminderState] = field(
        _("State"), enum_type(ReminderState), default=ReminderState.SENT
    )

    application: Mapped["Application"] = relationship()
