"""How the lines of a meeting are shown: their names, their values, the changes that were agreed."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext

from app.ground import clock
from app.models import Plan, TransitionLog
from app.services.registers.batches import label_of
from app.views.base.columns import Cell
from app.views.base.detail_sections import DetailSection


def label(name: str) -> str:
    """Return the label of a line."""
    return gettext("Votes needed to pass") if name == "pass_line" else label_of(Plan, name)


def text(name: str, stored: Any) -> str:
    """Return the stored value of a line as people read it."""
    kind = getattr(Plan.__table__.c.get(name), "type", None)
    if (enum := getattr(kind, "enum_class", None)) is not None:
        return str(enum(stored).label)
    return str(stored)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Return the lines that differ as one text: name, value before → after."""
    return gettext("; ").join(
        f"{label(name)} {text(name, before[name])} → {text(name, value)}"
        for name, value in after.items()
        if before[name] != value
    )


def section(logs: Iterable[TransitionLog]) -> list[DetailSection]:
    """Return the section of the agreed changes of a meeting's lines, from their log rows; none without one."""
    rows = [
        [
            Cell(f"{clock.local(one.at):%Y-%m-%d %H:%M}", kind="day"),
            Cell(differences(one.details["before"], one.details["after"])),
            Cell(one.opinion),
            Cell(one.unit_name or str(one.actor_role.label)),
            Cell(one.details["figures"][:16], title=one.details["figures"]),
        ]
        for one in logs
    ]
    columns = [gettext("Time"), gettext("Lines before and after"), gettext("Reason"), gettext("Agreed by"), gettext("Digest of the figures")]  # fmt: skip
    label_ = gettext("Lines changed after the plan was agreed")
    return [DetailSection("lines", label_, "table", columns=columns, rows=rows, count=len(rows))] if rows else []  # fmt: skip
