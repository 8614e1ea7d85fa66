"""Forecast of a review plan (menu 1.2.2): who may pass, posts, quorum, votes, groups, interview time.

`of_plan` reads the facts with a fixed number of statements; everything else is computed from them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.enums import ExpertState, Level, MeetingMode, RecusalRule, ReviewStep
from app.models import Application, Expert, Person, Plan, Specialty, Unit
from app.services.meeting import caps, meeting_groups, plans, quorum
from app.services.meeting.caps import QuotaKey

MINUTES = 10
"""Minutes of one interview; 8 to 10 are usual."""
NAMED = 5
"""The warnings name at most this many lines without a post and count the rest."""
DAY_MINUTES = 480
"""Minutes of interviews in one room on one day."""


@dataclass(frozen=True)
class Line:
    """The number of candidates of one unit, year, level and specialty."""

    unit_id: int
    unit: str
    year: int
    level: Level
    specialty_code: str
    specialty: str
    is_bound: bool
    """Whether the unit needs post quotas."""
    count: int

    @property
    def key(self) -> QuotaKey:
        return (self.unit_id, self.year, self.level, self.specialty_code)


@dataclass(frozen=True)
class LevelLine:
    """The candidates of one level and the cap on how many may pass."""

    level: Level
    candidates: int
    most: int | None
    """How many may pass; None without a cap."""


@dataclass(frozen=True)
class PostLine:
    """The candidates of one unit, level and specialty and the approved posts left for them."""

    unit_id: int
    unit: str
    level: Level
    specialty: str
    candidates: int
    left: int


@dataclass(frozen=True)
class GroupLine:
    """One group: seats and alternates to draw, experts in the pool, candidates for each judge to read."""

    name: str
    seats: int
    alternates: int
    pool: int
    candidates: int

    @property
    def is_short(self) -> bool:
        return self.pool < self.seats + self.alternates


@dataclass(frozen=True)
class Hearing:
    """Time of the interviews: total minutes, parallel rooms, days needed, days of the meeting."""

    candidates: int
    minutes: int
    rooms: int
    days_needed: int
    days: int


@dataclass(frozen=True)
class Forecast:
    """Everything that follows from a plan and its candidates, with warnings."""

    levels: Sequence[LevelLine]
    posts: Sequence[PostLine]
    members: int
    quorum: int
    votes: Sequence[tuple[int, int]]
    """(present, yes votes needed) for every number present with which the meeting may vote."""
    groups: Sequence[GroupLine]
    hearing: Hearing | None
    warnings: Sequence[str]


def forecast_of_plan(session: Session, plan: Plan) -> Forecast:
    """Return the forecast of `plan` with the candidates bound to it."""
    lines = _candidate_lines(session, plan)
    left = caps.posts_left(session, [line.key for line in lines if line.is_bound])
    return forecast(plan, lines, left, pool_by_specialty(session, plan))


def forecast(
    plan: Plan, lines: Sequence[Line], left: Mapping[QuotaKey, int], pool: Mapping[str, int]
) -> Forecast:
    """Compute the forecast from counted candidates, posts left and eligible experts by specialty."""
    counts: Counter[Level] = Counter()
    for line in lines:
        counts[line.level] += line.count
    groups = _groups(plan, lines, pool)
    hearing = _hearing(plan, sum(counts.values()), len(groups))
    posts = [
        PostLine(
            line.unit_id, line.unit, line.level, line.specialty, line.count, left.get(line.key, 0)
        )
        for line in lines
        if line.is_bound
    ]
    return Forecast(
        levels=[_level(plan, level, count) for level, count in sorted(counts.items())],
        posts=posts,
        members=plan.seats,
        quorum=quorum.quorum_needed(plan.seats),
        votes=vote_lines(plan.seats),
        groups=groups,
        hearing=hearing,
        warnings=[
            *plans.warnings(plan, counts),
            *_post_warnings(posts),
            *(_pool_warnings(groups) if plan.mode is MeetingMode.ONLINE else ()),
            *_hearing_warnings(hearing),
        ],
    )


def vote_lines(members: int) -> list[tuple[int, int]]:
    """Return (present, yes votes needed) from the quorum up to all `members` (Order 40, art. 20 and 21)."""
    return [
        (present, quorum.votes_needed(present))
        for present in range(quorum.quorum_needed(members), members + 1)
    ]


def _level(plan: Plan, level: Level, count: int) -> LevelLine:
    percent = caps.percent_of(plan, level)
    return LevelLine(level, count, None if percent is None else caps.cap(count, percent))


def _groups(plan: Plan, lines: Sequence[Line], pool: Mapping[str, int]) -> list[GroupLine]:
    experts: Counter[str] = Counter()
    for code, count in pool.items():
        experts[meeting_groups.group_of(plan, code)] += count
    cases: Counter[str] = Counter()
    for line in lines:
        cases[meeting_groups.group_of(plan, line.specialty_code)] += line.count
    return [
        GroupLine(
            str(one["name"]),
            int(one["seats"]),
            plan.alternates,
            experts[str(one["name"])],
            cases[str(one["name"])],
        )
        for one in meeting_groups.groups_of_plan(plan)
    ]


def _hearing(plan: Plan, candidates: int, rooms: int) -> Hearing | None:
    """Return the interview time with one room per group, None if the plan has no interviews."""
    if ReviewStep.INTERVIEW.value not in plan.steps:
        return None
    minutes = candidates * MINUTES
    days = (plan.closes_on - plan.opens_on) // timedelta(days=1) + 1
    return Hearing(candidates, minutes, rooms, -(-minutes // (DAY_MINUTES * rooms)), days)


def _post_warnings(posts: Sequence[PostLine]) -> Iterator[str]:
    without = [line for line in posts if line.left <= 0]
    for line in without[:NAMED]:
        yield gettext(
            "%(unit)s, %(specialty)s, %(level)s: no approved post is left for %(count)s candidates.",
            unit=line.unit,
            specialty=line.specialty,
            level=line.level.label,
            count=line.candidates,
        )
    if (rest := len(without) - NAMED) > 0:
        yield gettext(
            "And %(count)s more lines of unit, specialty and level without a post left; altogether they "
            "concern %(units)s units.",
            count=rest,
            units=len({line.unit_id for line in without}),
        )


def _pool_warnings(groups: Sequence[GroupLine]) -> Iterator[str]:
    for group in groups:
        if group.is_short:
            yield gettext(
                "%(group)s: %(pool)s experts can be drawn, but %(seats)s seats and %(alternates)s "
                "alternates are wanted. Admit more experts (menu 1.4.1) or change the seats.",
                group=group.name or gettext("The meeting"),
                pool=group.pool,
                seats=group.seats,
                alternates=group.alternates,
            )


def _hearing_warnings(hearing: Hearing | None) -> Iterator[str]:
    if hearing is not None and hearing.days_needed > hearing.days:
        yield gettext(
            "%(count)s interviews of %(minutes)s minutes need %(needed)s days with %(rooms)s rooms side "
            "by side; the meeting has %(days)s. Plan more rooms or more days.",
            count=hearing.candidates,
            minutes=MINUTES,
            needed=hearing.days_needed,
            rooms=hearing.rooms,
            days=hearing.days,
        )


def _candidate_lines(session: Session, plan: Plan) -> list[Line]:
    keys: tuple[Any, ...] = (
        Application.unit_id,
        Unit.name,
        Application.review_year,
        Application.level,
        Application.specialty_code,
        Specialty.name,
        Unit.kind,
    )
    query = (
        select(*keys, func.count())
        .join(Unit, Unit.id == Application.unit_id)
        .join(Specialty, Specialty.code == Application.specialty_code)
        .where(Application.plan_id == plan.id)
        .group_by(*keys)
        .order_by(Unit.name, Application.level, Application.specialty_code)
    )
    return [
        Line(*(*facts, kind.needs_quota, count)) for *facts, kind, count in session.execute(query)
    ]


def pool_by_specialty(session: Session, plan: Plan) -> dict[str, int]:
    """Return the number of experts of the committee that can be drawn for `plan`, by specialty.

    They are admitted, with a term that covers the whole meeting, not on leave during it and have an account.
    Where the plan recuses by unit, experts of a candidate's unit are left out (Order 40, art. 26).
    """
    query = (
        select(Expert.specialty_code, func.count())
        .join(Person, Person.id == Expert.person_id)
        .where(
            Expert.committee_id == plan.committee_id,
            Expert.state == ExpertState.ADMITTED,
            Expert.term_from <= plan.opens_on,
            Expert.term_to >= plan.closes_on,
            Person.user_id.is_not(None),
            or_(
                Expert.leave_from.is_(None),
                Expert.leave_from > plan.closes_on,
                Expert.leave_to < plan.opens_on,
            ),
        )
        .group_by(Expert.specialty_code)
    )
    if plan.recusal_rule is RecusalRule.UNIT:
        units = select(Application.unit_id).where(Application.plan_id == plan.id)
        elsewhere = or_(Person.unit_id.is_(None), Person.unit_id.not_in(units))
        query = query.where(Expert.unit_id.not_in(units), elsewhere)
    return dict(session.execute(query).tuples().all())
