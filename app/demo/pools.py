"""Expert pools of the demonstration: members, applicants and former members."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from app.demo.register import PoolRow
from app.demo.world import World
from app.enums import Employment, ExpertState, Level, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Expert, Person, TransitionLog
from app.services.experts import expert_rules

FOUNDED = -290
"""Working day of the story on which the pools were filled."""
POOL, UNIT, SPECIALTY, TITLE = "edu", "boya", "22001", "2201"
REASONS = {
    "unit_refuse": "近三年教学任务不足，暂不推荐",
    "refuse": "申请专业的专家名额已满，下一轮调整时再申请",
    "leave_pool": "因援疆工作两年，无法参加评审",
    "remove": "泄露评审信息，按规定移出专家库",
    "take_leave": "外出访学，请假期间不参加抽取",
}
Course = tuple[tuple[int, str, Role], ...]
COURSES: tuple[Course, ...] = (
    (),
    ((-3, "recommend", Role.UNIT),),
    ((-3, "unit_refuse", Role.UNIT),),
    ((-12, "recommend", Role.UNIT), (-8, "refuse", Role.OFFICE)),
    ((-6, "withdraw", Role.APPLICANT),),
    ((-150, "recommend", Role.UNIT), (-145, "admit", Role.OFFICE), (-20, "leave_pool", Role.APPLICANT)),
    ((-150, "recommend", Role.UNIT), (-145, "admit", Role.OFFICE), (-30, "remove", Role.OFFICE)),
    ((-150, "recommend", Role.UNIT), (-145, "admit", Role.OFFICE), (-10, "take_leave", Role.APPLICANT)),
)  # fmt: skip
"""Acts on each application to a pool: working day, event, role."""


def fill(world: World, pool: PoolRow) -> None:
    """Fill a pool; the first expert of the first pool has more positions: unit clerk and applicant."""
    committee = world.committees[pool.committee]
    for number in range(1, pool.experts + 1):
        unit = pool.units[number % len(pool.units)]
        person = world.add_person(world.invent(40, 58), unit, world.employment_in(unit))
        specialty = pool.specialties[number % len(pool.specialties)]
        level = Level.SENIOR if number % 3 else Level.ASSOCIATE
        title = world.title_code(committee.series_code, level)
        expert = world.add_expert(pool.committee, person, specialty, ExpertState.ADMITTED, title)
        _note_application(world, expert.id, person)
        if number <= pool.judges:
            user = world.add_account(f"judge_{pool.committee}{number:02d}", person.name, person)
            world.add_position(user, Role.JUDGE, "", pool.committee)
            if (pool.committee, number) == ("edu", 1):
                world.add_position(user, Role.UNIT, unit)
                world.add_position(user, Role.APPLICANT)


def plan_candidates(world: World) -> None:
    """Schedule applications to a pool with every possible outcome."""
    for number, course in enumerate(COURSES, start=1):
        person = world.add_person(world.invent(40, 50), UNIT, Employment.PUBLIC_POST)
        user = world.add_account(f"expert_{POOL}{number}", person.name, person)
        position = world.add_position(user, Role.APPLICANT)
        applied = (course[0][0] if course else 0) - 5
        actor = _Candidate(world, person, world.actor_of(position))
        world.on(applied, 9, actor.apply)
        for day, event, role in course:
            world.on(day, 10, partial(actor.go_on, event, role))
    _plan_ended_term(world)


class _Candidate:
    """One person applying to the pool."""

    def __init__(self, world: World, person: Person, actor: Actor) -> None:
        self.world, self.person = world, person
        self.actor = replace(actor, person_id=person.id)
        self.expert: Expert | None = None

    def apply(self, at: datetime) -> None:
        world = self.world
        self.expert = Expert(
            committee_id=world.committees[POOL].id,
            person_id=self.person.id,
            unit_id=self.person.unit_id,
            title_code=TITLE,
            specialty_code=SPECIALTY,
            research="中学语文教学与评价",
            created_at=at,
            **_since(world),
        )
        self.expert.term_from = clock.local_date(at)
        self.expert.term_to = expert_rules.longest_term(self.expert.term_from)
        world.fire(self.expert, "apply", self.actor, at)

    def go_on(self, event: str, role: Role, at: datetime) -> None:
        assert self.expert is not None
        actor = self.actor if role is Role.APPLICANT else self._staff(role)
        details: dict[str, Any] = {}
        if event == "admit":
            first = clock.local_date(at)
            details = {"term_from": first, "term_to": expert_rules.longest_term(first)}
        if event == "take_leave":
            days = self.world.days
            details = {"leave_from": days.in_days(-7), "leave_to": days.in_days(120)}
        opinion = REASONS.get(event, "")
        self.world.fire(self.expert, event, actor, at, opinion=opinion, details=details)

    def _staff(self, role: Role) -> Actor:
        return self.world.actor(role, UNIT if role is Role.UNIT else POOL)


def _plan_ended_term(world: World) -> None:
    """Schedule the end of a former member's term by the clock."""
    person = world.add_person(world.invent(45, 55), UNIT, Employment.PUBLIC_POST)
    expert = world.add_expert(POOL, person, SPECIALTY, ExpertState.ADMITTED, TITLE)
    expert.term_to = world.days.day(-40)
    expert.term_from = expert.term_to - timedelta(days=1000)
    _note_application(world, expert.id, person)
    world.on(-39, 1, lambda at: world.pass_time(expert, "end_term", at))


def _since(world: World) -> dict[str, date]:
    """Return the dates since which title and post are held, years before the story."""
    held = world.days.in_days(-6 * 365)
    return {"title_since": held, "employed_since": held + timedelta(days=60)}


def _note_application(world: World, expert_id: int, person: Person) -> None:
    """Write the log row that the engine would have written when the expert applied."""
    world.session.add(
        TransitionLog(
            at=world.days.at(FOUNDED),
            subject_type="expert",
            subject_id=expert_id,
            event="apply",
            target=ExpertState.APPLIED.value,
            actor_name=person.name,
            actor_role=Role.APPLICANT,
        )
    )
