"""Kinds of messages and stages of deadlines that messages tell of."""

from flask_babel import lazy_gettext as _

from app.enums.base import Labelled


class MessageKind(Labelled):
    """What a message is about, for the choice of channels; `kind` in app/data/message_templates.csv."""

    CASE = "case", _("Progress of your own applications")
    WORK = "work", _("Work that waits for you, deadlines and reminders")
    RESULT = "result", _("Decisions on what you handed in or asked for")
    ACCOUNT = "account", _("Security of your account")

    @property
    def is_urgent(self) -> bool:
        """Whether it goes out at once on every channel, whatever the person chose."""
        return self is MessageKind.ACCOUNT


class DeadlineStage(Labelled):
    """How near the last day of what waits is; each is told once."""

    THREE_DAYS = "three_days", _("within three days")
    ONE_DAY = "one_day", _("within one day")
    PASSED = "passed", _("passed")
