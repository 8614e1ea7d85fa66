"""Cells of the maintenance lists that are edited in place: what they show, and the text that is edited."""

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.views.registers.maintenance_base import MaintenanceView


def of(page: "MaintenanceView", row: Any, name: str) -> dict[str, Any]:
    """Return the shown text of a cell, the text to edit, and the version of its row."""
    value = getattr(row, name)
    typed = value.isoformat() if isinstance(value, date) else "" if value is None else str(value)
    shown = page.get_list_value(None, row, name)
    return {"shown": str(shown), "typed": typed, "version": row.version}
