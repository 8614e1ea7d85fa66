"""The two limits of a result: the pass rate of a level and the post quota of a unit.

Both apply to public institutions; for other units only the rate applies.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.enums import Level, OverCap, QuotaState
from app.models import Application, Plan, Quota, Specialty, Unit

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
    rule: OverCap

    @property
    def allowed(self) -> int:
        return cap(self.base, self.percent)

    @property
    def sentence(self) -> str:
        facts = gettext(
            "%(level)s: %(passed)s passed, but at most %(allowed)s may (%(percent)s%% of %(base)s "
            "qualified, fractions cut off).",
            level=self.level.label,
            passed=self.passed,
            allowed=self.allowed,
            percent=self.percent,
            base=self.base,
        )
        return f"{facts} {self.advice}"

    @property
    def advice(self) -> str:
        if self.rule is OverCap.LIMIT_YES:
            return gettext(
                "By the plan each judge may say yes at most %(allowed)s times at this level: compare "
                "the ballots and correct the votes.",
                allowed=self.allowed,
            )
        if self.rule is OverCap.RANK:
            return gettext(
                "By the plan they are ranked by votes, then by score: let the meeting vote again on "
                "those behind place %(allowed)s and enter those votes.",
                allowed=self.allowed,
            )
        return gettext(
            "By the plan a second round decides: hold it among those who passed and enter its votes."
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
            "are left. Check the unit's post quota (menu 1.5.1) or correct the votes.",
            unit=self.unit,
            specialty=self.specialty,
            level=self.level.label,
            passed=self.passed,
            left=self.left,
        )


def percent_of(plan: Plan, level: Level) -> int | None:
    """Return the pass rate in percent that `plan` sets for `level`, None where it sets none."""
    return {Level.SENIOR: plan.senior_cap, Level.ASSOCIATE: plan.associate_cap}.get(level)


def rate_excesses(session: Session, plan: Plan, passed: Sequence[Application]) -> list[RateExcess]:
    """Return an excess for every level at which more of `passed` passed than the rate of `plan` allows."""
    bases = candidates_by_level(session, plan)
    excesses = []
    for level, count in sorted(Counter(item.level for item in passed).items()):
        percent = percent_of(plan, level)
        if percent is not None and count > cap(bases.get(level, 0), percent):
            excesses.append(RateExcess(level, bases.get(level, 0), percent, count, plan.over_cap))
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


def line_of(application: Application) -> QuotaKey:
    """Return the key of the quota whose post an application needs, if its unit needs a quota."""
    return (
        application.unit_id,
        application.review_year,
        application.level,
        application.specialty_code,
    )
