"""Choices for a new application: batches, modes, levels, titles and specialties.

Only combinations that can be submitted are offered; where there are none, a sentence gives the reason.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from app.enums import FREES_THE_YEAR, ApplyMode, BatchState, Level, Stage
from app.ground import clock
from app.models import (
    Application,
    Batch,
    Committee,
    CommitteeSpecialty,
    EligibilityRule,
    Extension,
    Person,
    Specialty,
    Title,
)
from app.services.dossier import eligibility
from app.services.registers import deadlines
from app.services.registers.committee_validity import validity_refusal
from app.services.registers.deadlines import Deadline
from app.services.rules import rule_evaluation


@dataclass(frozen=True)
class Offer:
    """An open batch, until when this person may apply, and the reason why not now, or None."""

    batch: Batch
    deadline: Deadline
    why_not: str | None


@dataclass(frozen=True)
class Combination:
    """Titles and specialties for a chosen batch, mode and level; `why_none` says why one list is empty."""

    titles: list[Title]
    specialties: list[Specialty]
    why_none: str | None


def offers(
    session: Session, person: Person, at: datetime, own: Iterable[Application] | None = None
) -> list[Offer]:
    """Return the open batches, future ones included, each with the reason why it cannot be used now.

    A batch whose day is over is among them for whom an extension holds. `own`: all applications of the person, where
    they are at hand.
    """
    today = clock.local_date(at)
    running = select(Extension.id).where(
        Extension.state.in_(deadlines.COUNTING),
        Extension.stage == Stage.APPLY,
        Extension.until >= today,
        Extension.review_year == Batch.review_year,
        or_(Extension.batch_id.is_(None), Extension.batch_id == Batch.id),
        deadlines.concern(person.id, {person.unit_id}),
    )
    query = (
        select(Batch)
        .where(Batch.state == BatchState.OPEN, or_(Batch.apply_end >= today, running.exists()))
        .options(
            joinedload(Batch.committee).options(
                joinedload(Committee.series), joinedload(Committee.unit)
            )
        )
        .order_by(Batch.apply_end, Batch.id)
    )
    batches = session.scalars(query).all()
    until = deadlines.of_person(session, batches, person)
    taken = years_taken(session, person) if own is None else _years_of(own)
    found = rule_evaluation.active(session)
    return [
        Offer(
            batch,
            until[batch.id],
            next(_reasons_against(person, batch, until[batch.id], taken, at, found), None),
        )
        for batch in batches
        if not until[batch.id].is_over(at)
    ]


def years_taken(session: Session, person: Person) -> dict[int, str]:
    """Return {review year: application number} of the person's applications that block the year."""
    query = select(Application.review_year, Application.number).where(
        Application.person_id == person.id, Application.state.not_in(FREES_THE_YEAR)
    )
    return dict(session.execute(query).tuples().all())


def _years_of(own: Iterable[Application]) -> dict[int, str]:
    return {one.review_year: one.number for one in own if one.state not in FREES_THE_YEAR}


def why_none(person: Person, found: list[Offer], at: datetime) -> str | None:
    """Return why the person cannot begin any application now, or None."""
    if any(offer.why_not is None for offer in found):
        return None
    if why := next(eligibility.person_refusals(person, at), None):
        return why
    if not found:
        return gettext("No batch takes applications now. The committees announce them here.")
    return gettext("None of the open batches can be used now; each says why.")


def modes(batch: Batch) -> list[ApplyMode]:
    """Return the modes of applying (申报方式) the batch accepts."""
    return [mode for mode in ApplyMode if mode.value in batch.modes]


def levels(batch: Batch) -> list[Level]:
    """Return the levels the batch accepts and its committee may judge."""
    return [
        level for level in Level if level.value in batch.levels and batch.committee.judges(level)
    ]


def combination(session: Session, batch: Batch, mode: ApplyMode, level: Level) -> Combination:
    """Return the titles and specialties that fit a batch, a mode and a level."""
    titles = session.scalars(
        select(Title)
        .where(
            Title.series_code == batch.committee.series_code,
            Title.level == level,
            Title.is_grassroots.is_(mode is ApplyMode.GRASSROOTS),
            Title.is_active,
        )
        .order_by(Title.code)
    ).all()
    specialties = list(session.scalars(_specialties(batch.committee)))
    return Combination(list(titles), specialties, _why_empty(titles, specialties, mode, level))


def _specialties(committee: Committee) -> Any:
    query = select(Specialty).where(
        Specialty.series_code == committee.series_code, Specialty.is_active
    )
    if committee.is_by_specialty:
        covered = select(CommitteeSpecialty.specialty_code).where(
            CommitteeSpecialty.committee_id == committee.id
        )
        query = query.where(Specialty.code.in_(covered))
    return query.order_by(Specialty.code)


def _why_empty(titles: Any, specialties: Any, mode: ApplyMode, level: Level) -> str | None:
    if not titles:
        return gettext(
            "This series has no title of the level “%(level)s” for the way “%(mode)s”. Choose another level or way.",
            level=level.label,
            mode=mode.label,
        )
    if not specialties:
        return gettext("The committee covers no specialty yet. Ask its office.")
    return None


def _reasons_against(
    person: Person,
    batch: Batch,
    deadline: Deadline,
    taken: dict[int, str],
    at: datetime,
    found: Sequence[EligibilityRule],
) -> Iterator[str]:
    yield from eligibility.person_refusals(person, at, batch, found)
    yield from eligibility.window_refusals(batch, at, deadline.day)
    if why := validity_refusal(batch.committee, clock.local_date(at)):
        yield why
    if number := taken.get(batch.review_year):
        yield gettext(
            "You already have the application %(number)s of the review year %(year)s; there is one a year.",
            number=number,
            year=batch.review_year,
        )
