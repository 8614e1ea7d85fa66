"""Reminders (催办) about applications and in meetings."""

from datetime import date
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from app.enums import MeetingDuty, ReminderState, Role
from app.models.base import Stateful, enum_type, field

if TYPE_CHECKING:
    from app.models.application import Application
    from app.models.meeting import Plan
    from app.models.people import Account


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


class MeetingReminder(Stateful):
    """A reminder to one person of what a meeting waits for; once a day (`day` in Asia/Shanghai) of each duty."""

    __tablename__ = "meeting_reminder"
    __table_args__ = (
        UniqueConstraint(
            "plan_id", "user_id", "duty", "day", name="uq_meeting_reminder_once_a_day"
        ),
    )

    plan_id: Mapped[int] = field(_("Plan"), ForeignKey("plan.id"))
    user_id: Mapped[int] = field(_("Reminded person"), ForeignKey("ab_user.id"), index=True)
    duty: Mapped[MeetingDuty] = field(_("Reminded of"), enum_type(MeetingDuty))
    day: Mapped[date] = field(_("Day"))
    state: Mapped[ReminderState] = field(
        _("State"), enum_type(ReminderState, "meeting_reminder_state"), default=ReminderState.SENT
    )

    plan: Mapped["Plan"] = relationship()
    user: Mapped["Account"] = relationship()
