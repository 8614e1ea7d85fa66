"""Checks a review plan (menu 1.2.2): by itself and against its batch, committee and candidates."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext

from app.engine import Act
from app.enums import (
    Aggregation,
    BatchState,
    Denominator,
    Labelled,
    Level,
    MeetingMode,
    OverCap,
    RecusalRule,
    ReviewStep,
)
from app.models import Batch, Committee, Plan
from app.services.meeting import candidates, score_sheet
from app.services.meeting.lines import Lines
from app.services.registers import committee_validity, committees
from app.services.registers.batches import Fault, label_of
from app.validators import Invalid, text

CAPS = {Level.SENIOR: "senior_cap", Level.ASSOCIATE: "associate_cap"}
"""Levels with a pass rate, and the column of plan and batch that holds it."""
GROUPS = "group_rows"
"""Form field with the rows in which the groups are entered."""
GROUP_NAME = 64
LEAST_OF_GROUP = 3
"""Fewest seats of a group: its opinions need at least three experts (Order 40, art. 22)."""
LEAST_TRIMMED = 3
"""Fewest scores to trim: without the highest and the lowest, one is left."""
LEAST_ALTERNATES = 2
WHOLE = 100
CHOICES: dict[str, type[Labelled]] = {
    "aggregation": Aggregation,
    "denominator": Denominator,
    "recusal_rule": RecusalRule,
}


def faults(act: Act, plan: Plan, batch: Batch | None) -> Iterator[Fault]:
    """Yield (field, sentence) for everything that keeps `plan` from being reported, in a fixed order."""
    if batch is None or batch.committee_id != plan.committee_id:
        yield "batch_id", gettext("Choose a batch of your committee.")
    else:
        yield from _all_faults(act, plan, batch)


def _all_faults(act: Act, plan: Plan, batch: Batch) -> Iterator[Fault]:
    committee = act.session.get_one(Committee, plan.committee_id)
    yield from _batch_faults(batch)
    yield from _text_faults(plan)
    yield from _date_faults(plan, committee)
    yield from _seat_faults(plan, committee)
    yield from _alternate_faults(plan)
    yield from _step_faults(plan)
    yield from score_sheet.faults(plan.score_items or [], plan.steps or [])
    yield from _choice_faults(plan)
    yield from line_faults(plan, batch)
    yield from candidates.faults(act)
    yield from group_faults(plan, candidates.specialties(act))


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
        if (day := getattr(plan, field)) is None:
            yield field, gettext("Enter “%(label)s”.", label=label_of(Plan, field))
        elif why := committee_validity.validity_refusal(committee, day):
            yield field, why
    if plan.opens_on and plan.closes_on and plan.opens_on > plan.closes_on:
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


def _seat_faults(plan: Plan, committee: Committee) -> Iterator[Fault]:
    seats = plan.seats or 0
    if seats % 2 == 0:
        yield "seats", gettext("The number of seats must be odd (Order 40, art. 10).")
    least = committees.least_members(committee)
    if seats < least:
        yield (
            "seats",
            gettext(
                "This committee sits with at least %(least)s judges; %(seats)s are too few "
                "(Order 40, art. 10).",
                least=least,
                seats=seats,
            ),
        )


def _alternate_faults(plan: Plan) -> Iterator[Fault]:
    alternates = plan.alternates
    if plan.mode is MeetingMode.ONLINE and alternates is not None and alternates < LEAST_ALTERNATES:
        yield (
            "alternates",
            gettext(
                "A draw needs at least %(least)s alternates for those who decline.",
                least=LEAST_ALTERNATES,
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


def line_faults(plan: Plan | Lines, batch: Batch) -> Iterator[Fault]:
    """Yield (field, sentence) for every line that is not allowed: above the batch, or no number to count by."""
    yield from _counting_faults(plan)
    yield from _cap_faults(plan, batch)


def _cap_faults(plan: Plan | Lines, batch: Batch) -> Iterator[Fault]:
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


def _choice_faults(plan: Plan) -> Iterator[Fault]:
    for field, offered in CHOICES.items():
        chosen = getattr(plan, field)
        if chosen is not None and chosen not in list(offered):
            yield field, gettext("Choose “%(label)s”.", label=label_of(Plan, field))


def _counting_faults(plan: Plan | Lines) -> Iterator[Fault]:
    if plan.aggregation is Aggregation.TRIMMED and (plan.trim_from or 0) < LEAST_TRIMMED:
        yield (
            "trim_from",
            gettext(
                "Without the highest and the lowest nothing is left of two scores: leave them out "
                "from %(least)s scores on at the earliest.",
                least=LEAST_TRIMMED,
            ),
        )
    if plan.material_share is not None and not 0 <= plan.material_share <= WHOLE:
        yield (
            "material_share",
            gettext("The part of the material score is a whole number from 0 to 100."),
        )


def group_faults(plan: Plan, heard: dict[str, str]) -> Iterator[Fault]:
    """Yield (field, sentence) for every fault in the groups of `plan`.

    `heard` holds the specialties of its candidates, code → name.
    """
    groups = plan.groups or []
    if not groups:
        return
    for place, group in enumerate(groups, start=1):
        yield from _group_faults(place, group)
    yield from _duplicate_name_faults(groups)
    yield from _seat_sum_faults(plan)
    yield from _specialty_faults(groups, heard)


def _group_faults(place: int, group: Any) -> Iterator[Fault]:
    try:
        text(str(group.get("name") or ""), min_length=1, max_length=GROUP_NAME)
    except Invalid as invalid:
        yield GROUPS, gettext("Group %(place)s, name: %(why)s", place=place, why=invalid)
    if (group.get("seats") or 0) < LEAST_OF_GROUP:
        yield (
            GROUPS,
            gettext(
                "Group %(place)s “%(name)s” needs at least %(least)s seats: its opinions are written by "
                "three experts (Order 40, art. 22).",
                place=place,
                name=group.get("name") or "",
                least=LEAST_OF_GROUP,
            ),
        )


def _duplicate_name_faults(groups: list[Any]) -> Iterator[Fault]:
    names = Counter(str(group.get("name") or "").strip() for group in groups)
    for name, count in names.items():
        if name and count > 1:
            yield GROUPS, gettext("The group “%(name)s” is there twice.", name=name)


def _seat_sum_faults(plan: Plan) -> Iterator[Fault]:
    total = sum(group.get("seats") or 0 for group in plan.groups)
    if plan.seats and total != plan.seats:
        yield (
            GROUPS,
            gettext(
                "The groups have %(total)s seats together, the meeting %(seats)s. Change one of them.",
                total=total,
                seats=plan.seats,
            ),
        )


def _specialty_faults(groups: list[Any], heard: dict[str, str]) -> Iterator[Fault]:
    named = Counter(code for group in groups for code in set(group.get("specialties") or []))
    for code, count in sorted(named.items()):
        if count > 1:
            yield (
                GROUPS,
                gettext(
                    "The specialty “%(name)s” is given to %(count)s groups; leave it in one.",
                    name=heard.get(code, code),
                    count=count,
                ),
            )
    open_to_all = sum(not group.get("specialties") for group in groups)
    left = [name for code, name in sorted(heard.items()) if code not in named]
    if open_to_all > 1:
        yield (
            GROUPS,
            gettext(
                "%(count)s groups have no specialty ticked; only one can hear all the others.",
                count=open_to_all,
            ),
        )
    elif left and not open_to_all:
        yield (
            GROUPS,
            gettext("No group hears the candidates of: %(names)s.", names="、".join(left)),
        )
