"""Reminders about applications (menu 1.1.4 and the personal hall)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import ReminderState, Role
from app.models import Reminder
from app.services.review import reminders

RULES = (reminders.is_waiting, reminders.is_first_today, reminders.reaches_somebody)

REMINDER = Workflow(
    Reminder,
    Transition(
        event="remind",
        label=_("Remind"),
        source=(),
        target=ReminderState.SENT,
        roles=(Role.APPLICANT, Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS),
        guards=RULES,
        effects=(reminders.tell_holder,),
    ),
)
