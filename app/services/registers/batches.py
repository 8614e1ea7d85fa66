"""Guards of annual batches (menu 1.4.2): consistent dates, levels and caps that fit the committee."""

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Act, RefusedFields
from app.enums import (
    ApplyMode,
    BatchState,
    Level,
)
from app.ground import clock
from app.models import Batch, Committee, MaterialKind
from app.services.registers import committee_validity, regions
from app.validators import Invalid, text

is_own_committee = committee_validity.is_own_committee

IN_ORDER = ("apply_start", "apply_end", "resubmit_end", "unit_end", "superior_end", "office_end")
PERCENTS = ("senior_cap", "associate_cap")
Fault = tuple[str, str]
"""A field name and the sentence that says what is wrong with it."""


def is_consistent(act: Act) -> str | None:
    """Refuse a batch whose parameters contradict each other or its committee, naming every wrong field."""
    batch = act.record
    with act.session.no_autoflush:
        committee = act.session.get_one(Committee, batch.committee_id)
        found = [*faults(act, batch, committee)]
        if found and (why := is_only_one(act)):
            found.append(("review_year", why))
    if found:
        raise RefusedFields(found)
    return None


def faults(act: Act, batch: Batch, committee: Committee) -> Iterator[Fault]:
    """Yield (field, sentence) for everything that keeps `batch` from being submitted, in a fixed order."""
    yield from _text_faults(batch)
    yield from _date_faults(batch)
    yield from _year_faults(batch, clock.local_date(act.at))
    yield from _scope_faults(batch, committee)
    yield from _percent_faults(batch)
    yield from _material_faults(act, batch)


def _text_faults(batch: Batch) -> Iterator[Fault]:
    for field, least, most in (("name", 2, 120), ("note", 0, 500)):
        try:
            text(getattr(batch, field) or "", min_length=least, max_length=most)
        except Invalid as invalid:
            yield field, str(invalid)


def label_of(model: Any, field: str) -> str:
    """Return the label of a model's column."""
    return str(model.__table__.c[field].info["label"])


def _date_faults(batch: Batch) -> Iterator[Fault]:
    for field in (*IN_ORDER, "material_cutoff", "seniority_date"):
        if getattr(batch, field) is None:
            yield field, gettext("Enter “%(label)s”.", label=label_of(Batch, field))
    yield from date_order_faults(batch)


def date_order_faults(batch: Batch) -> Iterator[Fault]:
    """Yield the dates of a batch that contradict each other."""
    for earlier, later in itertools.pairwise(IN_ORDER):
        yield from _order_fault(batch, earlier, later, at=later)
    yield from _order_fault(batch, "material_cutoff", "apply_end", at="material_cutoff")
    if batch.special_quota_end is not None:
        yield from _special_quota_faults(batch)


def _special_quota_faults(batch: Batch) -> Iterator[Fault]:
    """Yield the faults of the day for special post quotas: units must know their posts before they report."""
    yield from _order_fault(batch, "special_quota_end", "unit_end", at="special_quota_end")
    if not set(batch.levels or "") & {Level.SENIOR.value, Level.ASSOCIATE.value}:
        yield (
            "special_quota_end",
            gettext(
                "Special post quotas are for senior levels only, and this batch has none. Leave “%(label)s” empty.",
                label=label_of(Batch, "special_quota_end"),
            ),
        )


def _order_fault(batch: Batch, earlier: str, later: str, *, at: str) -> Iterator[Fault]:
    first, second = getattr(batch, earlier), getattr(batch, later)
    if first and second and first > second:
        yield (
            at,
            gettext(
                "“%(later)s” (%(second)s) lies before “%(earlier)s” (%(first)s). "
                "Change one of the two dates.",
                later=label_of(Batch, later),
                second=second,
                earlier=label_of(Batch, earlier),
                first=first,
            ),
        )


def _year_faults(batch: Batch, today: date) -> Iterator[Fault]:
    year = batch.review_year or 0
    if not today.year - 1 <= year <= today.year + 1:
        yield (
            "review_year",
            gettext(
                "The review year must be between %(first)s and %(last)s.",
                first=today.year - 1,
                last=today.year + 1,
            ),
        )
    if batch.apply_start and batch.apply_start.year not in (year, year + 1):
        yield (
            "apply_start",
            gettext(
                "Applications of the review year %(year)s are taken in %(year)s or %(next)s, not in "
                "%(other)s. Change the review year or the date.",
                year=year,
                next=year + 1,
                other=batch.apply_start.year,
            ),
        )
    if batch.apply_end and batch.apply_end < today:
        yield (
            "apply_end",
            gettext(
                "“%(label)s” (%(day)s) is already over. Choose today or a later day.",
                label=label_of(Batch, "apply_end"),
                day=batch.apply_end,
            ),
        )
    if batch.seniority_date and batch.seniority_date.year not in (year - 1, year):
        yield (
            "seniority_date",
            gettext(
                "“%(label)s” must lie in %(first)s or %(year)s, mostly %(year)s-12-31.",
                label=label_of(Batch, "seniority_date"),
                first=year - 1,
                year=year,
            ),
        )


def _scope_faults(batch: Batch, committee: Committee) -> Iterator[Fault]:
    levels = list(batch.levels or "")
    known = {level.value for level in Level}
    if not levels or len(set(levels)) != len(levels) or not set(levels) <= known:
        yield "levels", gettext("Choose at least one level, each once.")
    for level in Level:
        if level.value in levels and not committee.judges(level):
            yield (
                "levels",
                gettext(
                    "The committee judges up to “%(highest)s”; take “%(level)s” out.",
                    highest=committee.level.label,
                    level=level.label,
                ),
            )
    modes = list(batch.modes or [])
    if not modes or not set(modes) <= {mode.value for mode in ApplyMode}:
        yield "modes", gettext("Choose at least one way of applying.")
    yield from validity_faults(batch, committee)


def validity_faults(batch: Batch, committee: Committee) -> Iterator[Fault]:
    """Yield the dates of a batch on which its committee is not valid (Order 40, art. 8 and 38)."""
    for field in ("apply_start", "office_end"):
        day = getattr(batch, field)
        if day and (why := committee_validity.validity_refusal(committee, day)):
            yield (
                field,
                gettext("“%(label)s”: %(why)s", label=label_of(Batch, field), why=why),
            )


def _percent_faults(batch: Batch) -> Iterator[Fault]:
    for field in PERCENTS:
        value = getattr(batch, field)
        if value is None or not 0 <= value <= 100:
            yield (
                field,
                gettext(
                    "“%(label)s” must be a whole number from 0 to 100.",
                    label=label_of(Batch, field),
                ),
            )


def _material_faults(act: Act, batch: Batch) -> Iterator[Fault]:
    asked = set(batch.required_materials or [])
    query = select(MaterialKind.code).where(MaterialKind.code.in_(asked), MaterialKind.is_active)
    known = set(act.session.scalars(query))
    if asked - known:
        yield (
            "required_materials",
            gettext(
                "There is no kind of material “%(code)s”. Choose from the list.",
                code="、".join(sorted(asked - known))[:60],
            ),
        )


def is_only_one(act: Act) -> str | None:
    """Refuse a batch while the committee has another open or submitted one for the same year.

    A batch that is itself being decided (submitted) conflicts with open ones only.
    """
    batch = act.record
    rivals = [BatchState.OPEN]
    if batch.state is not BatchState.SUBMITTED:
        rivals.append(BatchState.SUBMITTED)
    with act.session.no_autoflush:
        other = act.session.scalars(
            select(Batch)
            .where(
                Batch.committee_id == batch.committee_id,
                Batch.review_year == batch.review_year,
                Batch.state.in_(rivals),
                Batch.id != (batch.id or 0),
            )
            .limit(1)
        ).first()
    if other is None:
        return None
    return gettext(
        "The committee has the batch “%(name)s” for %(year)s already (state “%(state)s”); there is "
        "one per year. Close that one first, or choose another review year.",
        name=other.name,
        year=other.review_year,
        state=other.state.label,
    )


def is_in_region(act: Act) -> str | None:
    """Refuse an authority that is not responsible for the region of the committee."""
    committee = act.session.get_one(Committee, act.record.committee_id)
    if regions.covers(act.actor, committee.region_code):
        return None
    return gettext("The committee belongs to another region; its own authority decides.")


def committee_is_valid(act: Act) -> str | None:
    """Refuse to open a batch of a committee that is not valid today (Order 40, art. 8 and 38)."""
    committee = act.session.get_one(Committee, act.record.committee_id)
    return committee_validity.validity_refusal(committee, clock.local_date(act.at))
