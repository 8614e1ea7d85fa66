"""What a rule says when it refuses an act, with its place: a field, several fields, several records."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from app.models.base import Stateful
from app.validators import Invalid, reason

MAX_NAMED_RECORDS = 5
"""Number of records that a refusal names; it counts the rest."""


class Refused(Exception):
    """Raised when a rule refuses an act; `sentence` is shown to the user, at the field `field` if any."""

    def __init__(self, sentence: Any, field: str | None = None) -> None:
        super().__init__(str(sentence))
        self.sentence = str(sentence)
        self.field = field


class RefusedFields(Refused):
    """Raised with everything that is wrong with a form: `faults` has (field, sentence) of each, at least one."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        field, sentence = faults[0]
        super().__init__(sentence, field)
        self.faults = tuple(faults)


class RefusedRows(Refused):
    """Raised when records of one bulk act were refused, so none moved; `rows` has each with its reason."""

    def __init__(self, rows: list[tuple[Stateful, str]]) -> None:
        super().__init__(
            gettext("Nothing was changed: %(count)s of the chosen records cannot take this step.")
            % {"count": len(rows)}
        )
        self.rows = rows

    def lines(self) -> list[str]:
        """Return the first refused records with their reasons, for a page that does not show them as rows."""
        lines = [f"{_record_name(record)}: {why}" for record, why in self.rows[:MAX_NAMED_RECORDS]]
        if (rest := len(self.rows) - MAX_NAMED_RECORDS) > 0:
            lines.append(gettext("And %(count)s more.") % {"count": rest})
        return lines


def require_reason(typed: Any, field: str) -> str:
    """Return the reason typed into `field`. Raises Refused there when it is empty or says nothing."""
    try:
        return reason(str(typed or ""))
    except Invalid as invalid:
        raise Refused(invalid, field) from None


def _record_name(record: Any) -> str:
    known = (getattr(record, key, None) for key in ("number", "name"))
    return " ".join(str(part) for part in known if part) or str(record.id)
