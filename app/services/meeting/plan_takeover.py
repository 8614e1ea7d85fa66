"""What a new review plan (menu 1.2.2) takes over from the last one, with the next possible days."""

from datetime import date
from typing import Any

from app.enums import MeetingMode
from app.models import Batch, Plan
from app.services.meeting import plan_faults, plans
from app.services.registers import working_days
from app.services.registers.batch_takeover import Takeover, in_year
from app.services.registers.working_days import UnknownDay

SAME = ("mode", "place", "seats", "steps", "score_items", "over_cap")
ONLINE_ONLY = (
    "alternates",
    "aggregation",
    "trim_from",
    "material_share",
    "denominator",
    "recusal_rule",
    "is_anonymous",
)
"""Columns that only an online meeting uses: the program draws its judges, takes their scores and counts votes."""
DAYS = ("opens_on", "closes_on")


def of_plan(last: Plan, batch: Batch | None, today: date) -> Takeover:
    """Return what the next plan takes over from `last`; `batch` is the one it is for, if that is known.

    The meeting opens on the first day that the report and the batch allow and lasts as long as the last one.
    Without a calendar for these days they stay empty.
    """
    names = (*SAME, *ONLINE_ONLY) if last.mode is MeetingMode.ONLINE else SAME
    values: dict[str, Any] = {name: getattr(last, name) for name in names}
    values |= {"group_rows": list(last.groups)} if last.groups else {}
    values |= {field: _cap(last, batch, field) for field in plan_faults.CAPS.values()}
    if batch is not None:
        values |= {"batch_id": batch.id} | _name(last, batch)
    try:
        opens_on = _first_day(last, batch, today)
    except UnknownDay:
        return Takeover(values, list(DAYS))
    length = last.closes_on - last.opens_on
    return Takeover(values | dict(zip(DAYS, (opens_on, opens_on + length), strict=True)), [])


def _name(last: Plan, batch: Batch) -> dict[str, str]:
    """Return the name for the new year; none for a second meeting of the same year."""
    name = in_year(last.name, last.batch.review_year, batch.review_year)
    return {"name": name} if name != last.name else {}


def _cap(last: Plan, batch: Batch | None, field: str) -> int:
    """Return the cap of the last plan, at most that of the new batch."""
    cap: int = getattr(last, field)
    return cap if batch is None else min(cap, getattr(batch, field))


def _first_day(last: Plan, batch: Batch | None, today: date) -> date:
    """Return the first day in time for the report and after the qualification check of the batch."""
    first = plans.first_opening(last, today)
    if batch is None or batch.office_end < first:
        return first
    return working_days.add_working_days(batch.office_end, 1)
