"""What a new annual batch (menu 1.4.2) takes over from the last one, with its dates moved to the new year."""

from datetime import date
from typing import Any, NamedTuple

from app.models import Batch
from app.services.registers import working_days
from app.services.registers.batches import IN_ORDER

SAME = (
    "committee_id",
    "modes",
    "senior_cap",
    "associate_cap",
    "required_materials",
    "note",
)
DEADLINES = (*IN_ORDER, "special_quota_end")
BY_YEAR = ("material_cutoff", "seniority_date")
"""Days that end no stage: they keep their date in the new year, working day or not."""


class Takeover(NamedTuple):
    """Form values for a new record, and the fields whose day cannot be taken over."""

    values: dict[str, Any]
    left_empty: list[str]


def of_batch(last: Batch, today: date) -> Takeover:
    """Return what the batch after `last` takes over; deadlines that would be over by `today` stay empty."""
    year = min(max(last.review_year + 1, today.year), today.year + 1)
    days = _days(last, year - last.review_year)
    over = [name for name in DEADLINES if name in days and days[name] < today]
    kept = {name: day for name, day in days.items() if name not in over}
    values = {name: getattr(last, name) for name in SAME if getattr(last, name) not in ("", [])}
    name = in_year(last.name, last.review_year, year)
    return Takeover(
        {"name": name, "review_year": year, "levels": list(last.levels), **values, **kept}, over
    )


def in_year(name: str, old: int, new: int) -> str:
    """Return `name` with the old year replaced by the new one."""
    return name.replace(str(old), str(new))


def _days(last: Batch, years: int) -> dict[str, date]:
    """Return the dates of the new batch by field; they stay in order when some move on to a working day."""
    old = {name: day for name in (*DEADLINES, *BY_YEAR) if (day := getattr(last, name))}
    moved = working_days.years_later({old[name] for name in DEADLINES if name in old}, years)
    days = {name: moved[old[name]] for name in DEADLINES if name in old}
    latest = date.min
    for name in IN_ORDER:
        days[name] = latest = max(latest, days[name])
    if "special_quota_end" in days:
        days["special_quota_end"] = min(days["special_quota_end"], days["unit_end"])
    return days | {name: working_days.same_date(old[name], years) for name in BY_YEAR}
