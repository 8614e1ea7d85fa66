"""Review plans (menu 1.2.2): sound, early enough, agreed by the authority; agreeing takes the candidates in."""

from collections.abc import Iterator
from datetime import date

from flask_babel import gettext

from app import clock, settings
from app.enums import BatchState, Level, MeetingMode, OverCap, ReviewStep
from app.extensions import db
from app.models import Batch, Committee, Plan, Unit
from app.services import candidates, qualification, regions, score_sheet, working_days
from app.services.batches import Fault, label_of
from app.validators import Invalid, text
from app.workflow import engine
from app.workflow.engine import Act, Refused

is_own_committee = qualification.is_own_committee

CAPS = {Level.SENIOR: "senior_cap", Level.ASSOCIATE: "associate_cap"}
"""The levels with a pass rate, and the column that holds it."""


def is_sound(act: Act) -> str | None:
    """Refuse a plan that contradicts itself, its batch, its committee or its candidates."""
    plan = act.record
    with act.session.no_autoflush:
        batch = act.session.get(Batch, plan.batch_id) if plan.batch_id else None
        for field, sentence in _faults(act, plan, batch):
            raise Refused(sentence, field)
        act.notes["warnings"] = warnings(plan, candidates.chosen(act))
    return None


def _faults(act: Act, plan: Plan, batch: Batch | None) -> Iterator[Fault]:
    if batch is None or batch.committee_id != plan.committee_id:
        yield "batch_id", gettext("Choose a batch of your committee.")
    else:
        committee = act.session.get_one(Committee, plan.committee_id)
        yield from _batch_faults(batch)
        yield from _text_faults(plan)
        yield from _date_faults(plan, committee)
        yield from _seat_faults(plan, committee)
        yield from _step_faults(plan)
        yield from score_sheet.faults(plan.score_items or [], plan.steps or [])
        yield from _cap_faults(plan, batch)
        yield from candidates.faults(act)


def _batch_faults(batch: Batch) -> Iterator[Fault]:
    if batch.state is not BatchState.OPEN:
        yield (
            "batch_id",
            gettext(
                "The batch “%(name)s” is in the state “%(state)s”; a plan needs an open one.",
                name=batch.name,
                state=batch.state.label,
            ),
        )


def _text_faults(plan: Plan) -> Iterator[Fault]:
    for field, least, most in (
        ("name", 2, 120),
        ("place", 2, 200),
        ("note", 0, 500),
    ):
        try:
            text(getattr(plan, field) or "", min_length=least, max_length=most)
        except Invalid as invalid:
            yield field, str(invalid)


def _date_faults(plan: Plan, committee: Committee) -> Iterator[Fault]:
    for field in ("opens_on", "closes_on"):
        if getattr(plan, field) is None:
            yield field, gettext("Enter “%(label)s”.", label=label_of(Plan, field))
    if plan.opens_on > plan.closes_on:
        yield (
            "closes_on",
            gettext(
                "“%(later)s” (%(second)s) lies before “%(earlier)s” (%(first)s). "
                "Change one of the two dates.",
                later=label_of(Plan, "closes_on"),
                second=plan.closes_on,
                earlier=label_of(Plan, "opens_on"),
                first=plan.opens_on,
            ),
        )
    for field in ("opens_on", "closes_on"):
        if why := qualification.validity_refusal(committee, getattr(plan, field)):
            yield field, why


def _seat_faults(plan: Plan, committee: Committee) -> Iterator[Fault]:
    seats = plan.seats or 0
    if seats % 2 == 0:
        yield "seats", gettext("The number of seats must be odd (Order 40, art. 10).")
    if seats < committee.min_size:
        yield (
            "seats",
            gettext(
                "This committee sits with at least %(least)s judges; %(seats)s are too few "
                "(Order 40, art. 10).",
                least=committee.min_size,
                seats=seats,
            ),
        )


def _step_faults(plan: Plan) -> Iterator[Fault]:
    steps = set(plan.steps or [])
    needed = {ReviewStep.OPINION, ReviewStep.VOTE}
    if not steps <= {step.value for step in ReviewStep} or not needed <= steps:
        yield (
            "steps",
            gettext(
                "Every meeting needs the steps “%(opinion)s” and “%(vote)s” (Order 40, art. 21, 22). "
                "Tick both.",
                opinion=ReviewStep.OPINION.label,
                vote=ReviewStep.VOTE.label,
            ),
        )
    if plan.mode not in list(MeetingMode):
        yield "mode", gettext("Choose whether the meeting is held online or offline.")
    if plan.over_cap not in list(OverCap):
        yield "over_cap", gettext("Choose what happens when more pass than the cap allows.")


def _cap_faults(plan: Plan, batch: Batch) -> Iterator[Fault]:
    for field in CAPS.values():
        cap, most = getattr(plan, field), getattr(batch, field)
        if cap is None or not 0 <= cap <= most:
            yield (
                field,
                gettext(
                    "“%(label)s” must be between 0 and %(most)s, the number of the batch.",
                    label=label_of(Plan, field),
                    most=most,
                ),
            )


def warnings(plan: Plan, counts: dict[Level, int]) -> list[str]:
    """Return what is allowed but will surprise: a cap that lets nobody of a small level pass.

    The cap is cut to whole persons, so 40 % of one or two candidates is none.
    """
    return [
        gettext(
            "Of %(count)s candidates for “%(level)s” a cap of %(cap)s percent lets nobody pass: "
            "fractions are cut off.",
            count=counts[level],
            level=level.label,
            cap=getattr(plan, field),
        )
        for level, field in CAPS.items()
        if counts.get(level) and counts[level] * getattr(plan, field) // 100 == 0
    ]


def lead_days(plan: Plan) -> int:
    """Return how many working days before the meeting its plan must be reported."""
    committee = db.session.get_one(Committee, plan.committee_id)
    is_self_review = db.session.get_one(Unit, committee.unit_id).is_self_review
    return int(settings.get("plan_lead_days_self_review" if is_self_review else "plan_lead_days"))


def first_opening(plan: Plan, filed_on: date) -> date:
    """Return the first day a meeting may open whose plan is reported on `filed_on`."""
    return working_days.add_working_days(filed_on, lead_days(plan))


def is_early_enough(act: Act) -> str | None:
    """Refuse a plan reported too late before the opening, by the official calendar."""
    plan = act.record
    with act.session.no_autoflush:
        first = first_opening(plan, clock.local_date(act.at))
    if plan.opens_on >= first:
        return None
    raise Refused(
        gettext(
            "A plan must be reported %(count)s working days before the meeting. Reported today, the "
            "meeting can open on %(first)s at the earliest, not on %(day)s.",
            count=lead_days(plan),
            first=first,
            day=plan.opens_on,
        ),
        "opens_on",
    )


def reserve_candidates(act: Act) -> None:
    """Bind the chosen candidates to this plan, and free those it had before."""
    act.record.reported_at = act.at
    act.notes["candidates"] = candidates.bind(act)


def take_candidates_in(act: Act) -> None:
    """Move every bound candidate into the meeting."""
    plan = act.record
    for application in candidates.of_plan(act.session, plan.id):
        engine.fire(application, "take_in", actor=act.actor, at=act.at)


def is_in_region(act: Act) -> str | None:
    """Refuse an authority another region's committee belongs to."""
    committee = act.session.get_one(Committee, act.record.committee_id)
    if regions.covers(act.actor, committee.region_code):
        return None
    return gettext("The committee belongs to another region; its own authority decides.")


def committee_is_valid(act: Act) -> str | None:
    """Refuse a meeting on a day its committee is not valid (Order 40, art. 8 and 38)."""
    committee = act.session.get_one(Committee, act.record.committee_id)
    return qualification.validity_refusal(
        committee, act.record.opens_on
    ) or qualification.validity_refusal(committee, act.record.closes_on)
