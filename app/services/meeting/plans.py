"""Guards, checks and effects of review plans (menu 1.2.2): valid, in time, agreed by the authority.

The authority's agreement moves the candidates into the meeting.
"""

from datetime import date

from flask_babel import gettext

from app import engine, settings
from app.engine import Act, RefusedFields
from app.enums import Level
from app.extensions import db
from app.ground import clock
from app.models import Batch, Committee, Plan, Unit
from app.services.meeting import candidates, plan_faults
from app.services.registers import committee_validity, regions, working_days
from app.services.registers.batches import Fault
from app.services.registers.working_days import UnknownDay

is_own_committee = committee_validity.is_own_committee


def is_sound(act: Act) -> str | None:
    """Refuse a plan that contradicts itself, its batch, its committee or its candidates, with all its faults."""
    plan = act.record
    with act.session.no_autoflush:
        batch = act.session.get(Batch, plan.batch_id) if plan.batch_id else None
        if found := all_faults(act, batch):
            raise RefusedFields(found)
        act.notes["warnings"] = warnings(plan, candidates.count_chosen(act))
    return None


def all_faults(act: Act, batch: Batch | None) -> list[Fault]:
    """Return (field, sentence) for everything that is wrong with a plan, a meeting too soon for its report too."""
    found = [*plan_faults.faults(act, act.record, batch)]
    return [*found, *_lead_faults(act.record, clock.local_date(act.at))]


def warnings(plan: Plan, counts: dict[Level, int]) -> list[str]:
    """Return warnings about allowed values: a cap so low that no candidate of a level can pass.

    The cap is rounded down to whole persons, so 40 % of one or two candidates is none.
    """
    return [
        gettext(
            "Of %(count)s candidates for “%(level)s” a cap of %(cap)s percent lets nobody pass: "
            "fractions are cut off.",
            count=counts[level],
            level=level.label,
            cap=getattr(plan, field),
        )
        for level, field in plan_faults.CAPS.items()
        if counts.get(level) and counts[level] * getattr(plan, field) // 100 == 0
    ]


def lead_days(plan: Plan) -> int:
    """Return how many working days before the meeting the plan must be reported.

    Committees of a self-reviewing unit have their own setting.
    """
    committee = db.session.get_one(Committee, plan.committee_id)
    is_self_review = db.session.get_one(Unit, committee.unit_id).is_self_review
    return int(settings.get("plan_lead_days_self_review" if is_self_review else "plan_lead_days"))


def first_opening(plan: Plan, filed_on: date) -> date:
    """Return the first day on which the meeting may open if its plan is reported on `filed_on`."""
    return working_days.add_working_days(filed_on, lead_days(plan))


def is_early_enough(act: Act) -> str | None:
    """Refuse a plan reported with too few working days before the opening, by the official calendar."""
    plan = act.record
    with act.session.no_autoflush:
        fault = _lead_fault(plan, first_opening(plan, clock.local_date(act.at)))
    if fault is not None:
        raise RefusedFields([fault])
    return None


def _lead_fault(plan: Plan, first: date) -> Fault | None:
    if plan.opens_on >= first:
        return None
    return "opens_on", gettext(
        "A plan must be reported %(count)s working days before the meeting. Reported today, the "
        "meeting can open on %(first)s at the earliest, not on %(day)s.",
        count=lead_days(plan),
        first=first,
        day=plan.opens_on,
    )


def _lead_faults(plan: Plan, today: date) -> list[Fault]:
    """Return the fault of a meeting that opens too early, as far as the plan and the calendar tell."""
    if not plan.opens_on or not plan.committee_id:
        return []
    try:
        fault = _lead_fault(plan, first_opening(plan, today))
    except UnknownDay:
        return []
    return [fault] if fault else []


def reserve_candidates(act: Act) -> None:
    """Store the time of the report; bind the chosen candidates to the plan and free the others it had."""
    act.record.reported_at = act.at
    act.notes["candidates"] = candidates.bind_to_plan(act)


def take_candidates_in(act: Act) -> None:
    """Move every bound candidate into the meeting."""
    plan = act.record
    for application in candidates.bound_candidates(act.session, plan.id):
        engine.fire(application, "take_in", actor=act.actor, at=act.at)


def is_in_region(act: Act) -> str | None:
    """Refuse an authority for the plan of a committee of another region."""
    committee = act.session.get_one(Committee, act.record.committee_id)
    if regions.covers(act.actor, committee.region_code):
        return None
    return gettext("The committee belongs to another region; its own authority decides.")


def committee_is_valid(act: Act) -> str | None:
    """Refuse a meeting whose committee is not valid on its first or last day (Order 40, art. 8 and 38)."""
    committee = act.session.get_one(Committee, act.record.committee_id)
    return committee_validity.validity_refusal(
        committee, act.record.opens_on
    ) or committee_validity.validity_refusal(committee, act.record.closes_on)
