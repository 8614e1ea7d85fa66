"""The two limits of a result: the pass rate of a level and the post quota of a unit.

Both apply to public institutions; for other units only the rate applies.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from app.enums import Level, QuotaState
from app.models import Application, Plan, Quota, Specialty, Unit
from app.services.meeting.lines import Lines

QuotaKey = tuple[int, int, Level, str]
"""Key of a post quota: unit id, review year, level, specialty code."""


def cap(base: int, percent: int) -> int:
    """Return how many of `base` qualified candidates may pass at `percent`, rounded down."""
    return base * percent // 100


@dataclass(frozen=True)
class RateExcess:
    """More candidates of `level` passed than its pass rate allows."""

    level: Level
    base: int
    percent: int
    passed: int

    @property
    def allowed(self) -> int:
        return cap(self.base, self.percent)

    @property
    def sentence(self) -> str:
        return gettext(
            "%(level)s: %(passed)s passed, but at most %(allowed)s may (%(percent)s%% of %(base)s "
            "qualified, fractions cut off). Send the result back, then compute it or enter it again: the places are "
            "given by the rule of the plan.",
            level=self.level.label,
            passed=self.passed,
            allowed=self.allowed,
            percent=self.percent,
            base=self.base,
        )


@dataclass(frozen=True)
class QuotaExcess:
    """More candidates of a unit, level and specialty passed than it has posts left."""

    unit: str
    level: Level
    specialty: str
    passed: int
    left: int

    @property
    def sentence(self) -> str:
        return gettext(
            "%(unit)s, %(specialty)s, %(level)s: %(passed)s passed, but only %(left)s approved posts "
            "are left. Check the unit's post quota (menu 1.5.1); or send the result back, then compute it or enter "
            "it again: the posts are given by the rule of the plan.",
            unit=self.unit,
            specialty=self.specialty,
            level=self.level.label,
            passed=self.passed,
            left=self.left,
        )


def percent_of(plan: Plan | Lines, level: Level) -> int | None:
    """Return the pass rate in percent that `plan` sets for `level`, None where it sets none."""
    return {Level.SENIOR: plan.senior_cap, Level.ASSOCIATE: plan.associate_cap}.get(level)


def rate_excesses(session: Session, plan: Plan, passed: Sequence[Application]) -> list[RateExcess]:
    """Return an excess for every level at which more of `passed` passed than the rate of `plan` allows."""
    bases = candidates_by_level(session, plan)
    excesses = []
    for level, count in sorted(Counter(item.level for item in passed).items()):
        percent = percent_of(plan, level)
        if percent is not None and count > cap(bases.get(level, 0), percent):
            excesses.append(RateExcess(level, bases.get(level, 0), percent, count))
    return excesses


def candidates_by_level(session: Session, plan: Plan) -> dict[Level, int]:
    """Return the number of candidates of the plan by level: the base of its pass rates."""
    counted = (
        select(Application.level, func.count())
        .where(Application.plan_id == plan.id)
        .group_by(Application.level)
    )
    return dict(session.execute(counted).tuples().all())


def quota_excesses(session: Session, passed: Sequence[Application]) -> list[QuotaExcess]:
    """Return an excess for every unit, level and specialty with more passed than posts left.

    Only units that need a quota (public institutions) count.
    """
    bound = [item for item in passed if item.unit.kind.needs_quota]
    wanted = Counter(line_of(item) for item in bound)
    left = posts_left(session, wanted)
    names = {line_of(item): (item.unit, item.specialty) for item in bound}
    return [
        _quota_excess(key, *names[key], count, left.get(key, 0))
        for key, count in wanted.items()
        if count > left.get(key, 0)
    ]


def _quota_excess(
    key: QuotaKey, unit: Unit, specialty: Specialty, passed: int, left: int
) -> QuotaExcess:
    return QuotaExcess(unit.name, key[2], specialty.name, passed, left)


def posts_left(session: Session, keys: Iterable[QuotaKey]) -> dict[QuotaKey, int]:
    """Return granted minus used posts by quota key, summed over the approved quotas of all grounds.

    The result covers the units and years of `keys`.
    """
    units, years = {key[0] for key in keys}, {key[1] for key in keys}
    summed = (
        select(
            Quota.unit_id,
            Quota.review_year,
            Quota.level,
            Quota.specialty_code,
            func.sum(Quota.granted - Quota.used),
        )
        .where(
            Quota.unit_id.in_(units),
            Quota.review_year.in_(years),
            Quota.state == QuotaState.APPROVED,
        )
        .group_by(Quota.unit_id, Quota.review_year, Quota.level, Quota.specialty_code)
    )
    return {
        (unit, year, level, specialty): int(left)
        for unit, year, level, specialty, left in session.execute(summed)
    }


def posts_left_of_candidate() -> ScalarSelect[int]:
    """Return the subquery for granted minus used posts of the quota that an application needs, 0 without one."""
    left = func.coalesce(func.sum(Quota.granted - Quota.used), 0)
    return (
        select(left)
        .where(
            Quota.unit_id == Application.unit_id,
            Quota.review_year == Application.review_year,
            Quota.level == Application.level,
            Quota.specialty_code == Application.specialty_code,
            Quota.state == QuotaState.APPROVED,
        )
        .correlate(Application)
        .scalar_subquery()
    )


def line_of(application: Application) -> QuotaKey:
    """Return the key of the quota whose post an application needs, if its unit needs a quota."""
    return (
        application.unit_id,
        application.review_year,
        application.level,
        application.specialty_code,
    )
