"""Form in which an account chooses channels for its messages, and quiet hours."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.enums import MessageKind
from app.forms.base import base
from app.forms.base.aliases import Validators
from app.services.messages import choices

CHANNEL = "by_"
"""Prefix of the name of a channel's field."""
HOURS = [(str(hour), f"{hour:02d}:00") for hour in range(24)]
NO_HOURS = _("No quiet hours")
KINDS = [(kind, kind.label) for kind in choices.CHOSEN]


class MessageChoiceForm(base.Form):
    """Quiet hours; a group of checkboxes per channel is added by `with_channels`."""

    quiet_from = base.choice(
        _("Quiet from"),
        HOURS,
        required=False,
        blank=NO_HOURS,
        help=_("Without them messages are sent at any time."),
    )
    quiet_to = base.choice(
        _("Quiet until"),
        HOURS,
        required=False,
        blank=NO_HOURS,
        help=_("Messages of these hours are sent at their end; in the hall they stand at once."),
    )

    def validate(self, extra_validators: Validators = None) -> bool:
        """Refuse half a span and an empty one."""
        is_valid = super().validate(extra_validators)
        start, end = self.quiet_from.data, self.quiet_to.data
        if is_valid and (start is None) != (end is None):
            missing = self.quiet_to if end is None else self.quiet_from
            missing.errors = [gettext("Choose both hours, or neither for no quiet hours.")]
            return False
        if is_valid and start is not None and start == end:
            self.quiet_to.errors = [gettext("Choose an end other than the beginning.")]
            return False
        return is_valid

    @property
    def quiet(self) -> tuple[int, int] | None:
        start, end = self.quiet_from.data, self.quiet_to.data
        return None if start is None or end is None else (int(start), int(end))

    def wanted(self, channels: Sequence[str]) -> list[tuple[MessageKind, str]]:
        """Return the ticked pairs of kind and channel."""
        return [
            (MessageKind(kind), name) for name in channels for kind in self[CHANNEL + name].data
        ]


def with_channels(labels: dict[str, tuple[Any, Any]]) -> type[MessageChoiceForm]:
    """Return the form with a group of checkboxes for each channel: name → label and help."""
    groups = {
        CHANNEL + name: base.many(label, KINDS, required=False, help=text)
        for name, (label, text) in labels.items()
    }
    return type("MessageChoiceForm", (MessageChoiceForm,), groups)
