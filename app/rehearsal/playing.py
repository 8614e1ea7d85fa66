"""Plays the invented cases of a scene up to where they wait for somebody, as far as the time since the batch began allows."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial

from app.demo.journeys import Group, Journey, JourneyPlanner, JourneyStep
from app.demo.world import Step
from app.enums import QuotaKind, Role
from app.ground.actor import Actor
from app.models import Quota, Unit
from app.rehearsal.scenes import Scene
from app.rehearsal.world import RehearsalWorld

AT_FIRST: tuple[tuple[int, tuple[str, ...]], ...] = (
    (1, ("draft", "at_unit")),
    (2, ("checked",)),
    (3, ("in_notice",)),
)
"""Working days since the applications were handed in, and how far they have come by then."""
NOTICE_OVER, REPORTED = 8, 9
"""The same for a notice that is over, and for a recommendation that has reached the superior."""
QUALIFIED = 3
"""Number of cases that wait for a meeting, of each unit."""
MOST_DAYS = 40


def plan(world: RehearsalWorld, scene: Scene) -> None:
    """Schedule posts and cases of all units of a scene."""
    days = world.days.before[-MOST_DAYS:]
    known = sum(day >= scene.batch.apply_start for day in days)
    for unit, route in scene.units:
        groups = list(_groups(scene, unit, len(route), known))
        _plan_posts(world, scene, unit, groups)
        for group in groups:
            Planner(world, group).lead()


def _groups(scene: Scene, unit: Unit, steps: int, known: int) -> Iterator[Group]:
    """Yield the groups of a unit whose way so far fits into the `known` working days since the batch began."""
    at_office = REPORTED + steps
    later = (
        (NOTICE_OVER, ("notice_over",)),
        *(((REPORTED, ("at_superior",)),) if steps else ()),
        (at_office, ("at_office",)),
        (at_office + 2, ("qualified",) * QUALIFIED),
    )
    for ago, goals in (*AT_FIRST, *later):
        if ago <= known:
            code = scene.batch.committee.code
            yield Group(code, str(unit.id), scene.level, scene.specialties, -ago, goals)


class Planner(JourneyPlanner):
    """A planner whose cases stay where a rule in force stops them."""

    world: RehearsalWorld

    def _open(self, journey: Journey, number: int, at: datetime) -> None:
        self._try(partial(self._begin_case, number), journey, at)

    def _begin_case(self, number: int, journey: Journey, at: datetime) -> None:
        super()._open(journey, number, at)

    def _each(self, stage: int, day: int, hour: int, step: JourneyStep) -> None:
        super()._each(stage, day, hour, partial(self._try, step))

    def _ends(self, day: int, hour: int, steps: Mapping[str, JourneyStep]) -> None:
        super()._ends(day, hour, {goal: partial(self._try, one) for goal, one in steps.items()})

    def _publish(self, at: datetime) -> None:
        def publish() -> None:
            super(Planner, self)._publish(at)

        if not self.group.journeys or not self.world.attempt(publish):
            self.group.journeys.clear()

    def _close_notice(self, at: datetime) -> None:
        if self.group.journeys:
            super()._close_notice(at)

    def _try(self, step: JourneyStep, journey: Journey, at: datetime) -> None:
        """Let the journey take the step, or end here."""
        going_on = self.group.journeys
        is_there = any(one is journey for one in going_on)
        if is_there and not self.world.attempt(lambda: step(journey, at)):
            self.group.journeys = [one for one in going_on if one is not journey]


def _plan_posts(world: RehearsalWorld, scene: Scene, unit: Unit, groups: list[Group]) -> None:
    """Have a public institution ask for posts for all its applicants, and its superior grant them."""
    superior = _superior(world, unit)
    if not unit.kind.needs_quota or not groups or superior is None:
        return
    start = min(group.start for group in groups)
    asked = sum(len(group.goals) for group in groups)
    for code in scene.specialties:
        quota = Quota(
            unit_id=unit.id,
            review_year=scene.batch.review_year,
            level=scene.level,
            specialty_code=code,
            kind=QuotaKind.VACANCY,
            posts=2 * asked,
            held=asked,
            asked=asked,
            created_at=world.days.at(start - 2),
        )
        ask = partial(world.fire, quota, "ask", world.actor(Role.UNIT, str(unit.id)))
        grant = partial(_grant, world, quota, superior)
        world.on(start - 2, 9, partial(_attempt, world, ask))
        world.on(start - 1, 9, partial(_attempt, world, grant))


def _grant(world: RehearsalWorld, quota: Quota, actor: Actor, at: datetime) -> None:
    world.fire(quota, "approve", actor, at, details={"granted": quota.asked})


def _attempt(world: RehearsalWorld, step: Step, at: datetime) -> None:
    world.attempt(lambda: step(at))


def _superior(world: RehearsalWorld, unit: Unit) -> Actor | None:
    """Return who grants the posts of a unit, if anybody: its superior in the register, or the authority at the top."""
    key = str(unit.parent_id or unit.id)
    role = Role.SUPERIOR if (key, Role.SUPERIOR) in world.clerks else Role.HRSS
    place = key if (key, role) in world.clerks else world.top
    return world.actor(role, place) if (place, role) in world.clerks else None
