"""The groups of a meeting: which specialties each hears, with how many seats. No groups = one for all."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.models import Plan

WHOLE = ""
"""The name of the one group of a meeting that has none."""


def of_plan(plan: Plan) -> Sequence[Mapping[str, Any]]:
    """Return the groups of `plan` as {name, seats, specialties}; one without a name if it has none."""
    return plan.groups or [{"name": WHOLE, "seats": plan.seats, "specialties": []}]


def group_of(plan: Plan, specialty_code: str) -> str:
    """Return the name of the group that hears `specialty_code`: the first that names it, or that names none."""
    groups = of_plan(plan)
    naming = (one for one in groups if specialty_code in one["specialties"])
    open_to_all = (one for one in groups if not one["specialties"])
    chosen = next(naming, None) or next(open_to_all, groups[-1])
    return str(chosen["name"])
