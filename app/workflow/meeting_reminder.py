"""Reminders of what a meeting waits for (page of a meeting)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import ReminderState, Role
from app.models import MeetingReminder
from app.services.course import meeting_reminders

MEETING_REMINDER = Workflow(
    MeetingReminder,
    Transition(
        event="remind",
        label=_("Remind"),
        source=(),
        target=ReminderState.SENT,
        roles=(Role.OFFICE, Role.JUDGE),
        guards=(meeting_reminders.may_remind,),
        effects=(meeting_reminders.tell,),
    ),
)
