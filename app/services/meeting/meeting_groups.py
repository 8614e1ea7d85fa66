"""Groups of a meeting: the specialties and the number of seats of each. No groups = one for all."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.models import Plan

WHOLE = ""
"""Name of the only group of a meeting that is not divided into groups."""


def groups_of_plan(plan: Plan) -> Sequence[Mapping[str, Any]]:
    """Return the groups of `plan` as {name, seats, specialties}; one unnamed group if it is not divided."""
    return plan.groups or [{"name": WHOLE, "seats": plan.seats, "specialties": []}]


def group_of(plan: Plan, specialty_code: str) -> str:
    """Return the name of the group that judges `specialty_code`.

    It is the first group that lists the specialty, else the first that lists none, else the last.
    """
    groups = groups_of_plan(plan)
    naming = (one for one in groups if specialty_code in one["specialties"])
    open_to_all = (one for one in groups if not one["specialties"])
    chosen = next(naming, None) or next(open_to_all, groups[-1])
    return str(chosen["name"])
