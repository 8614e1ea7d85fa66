"""Records of the demonstration while it is created: looked up by key, changed in order of time."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any, TypeVar

from flask_appbuilder import Model
from sqlalchemy.orm import Session

from app import engine
from app.demo.days import Days
from app.demo.inventing import Invented, Inventor
from app.demo.papers import FileCache
from app.enums import Employment, ExpertState, Level, Role, RouteState, Sex, UnitKind
from app.ground.actor import SYSTEM, Actor
from app.models import (
    Application,
    Batch,
    Committee,
    CommitteeSpecialty,
    Expert,
    Person,
    Position,
    Region,
    RouteNode,
    Unit,
    User,
)
from app.models.base import Stateful
from app.services.accounts import persons

EMPLOYMENT = {
    UnitKind.AUTHORITY: Employment.CIVIL_SERVANT,
    UnitKind.PUBLIC: Employment.PUBLIC_POST,
    UnitKind.STATE_FIRM: Employment.ENTERPRISE,
    UnitKind.PRIVATE_FIRM: Employment.ENTERPRISE,
    UnitKind.SOCIAL: Employment.ENTERPRISE,
    UnitKind.AGENCY: Employment.FREELANCE,
}
Step = Callable[[datetime], object]
Record = TypeVar("Record", bound=Model)


@dataclass
class World:
    """Demo state and its scheduled events (`agenda`); `run` executes them in order of time."""

    session: Session
    days: Days
    inventor: Inventor
    drawer: FileCache = field(default_factory=FileCache)
    units: dict[str, Unit] = field(default_factory=dict)
    committees: dict[str, Committee] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    positions: dict[tuple[str, Role], Position] = field(default_factory=dict)
    clerks: dict[tuple[str, Role], str] = field(default_factory=dict)
    agenda: list[tuple[datetime, int, Step]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=count)
    applicants: Iterator[int] = field(default_factory=lambda: count(1))

    def plan(self, at: datetime, step: Step) -> None:
        """Schedule `step` at a time; steps of the same time keep their order."""
        heapq.heappush(self.agenda, (at, next(self.order), step))

    def on(self, number: int, hour: int, step: Step, minute: int = 0) -> None:
        """Schedule `step` on a working day of the story."""
        self.plan(self.days.at(number, hour, minute), step)

    def run(self) -> None:
        """Execute all scheduled steps, including those scheduled meanwhile."""
        while self.agenda:
            at, _order, step = heapq.heappop(self.agenda)
            step(at)

    def actor(self, role: Role, place: str, second: bool = False) -> Actor:
        """Return the actor of `role` in a unit or committee, or its second clerk."""
        username = self.clerks[place, role]
        if second:
            username = f"{username[:-1]}2"
        return self.actor_of(self.positions[username, role])

    def actor_of(self, position: Position) -> Actor:
        unit = self.session.get(Unit, position.unit_id) if position.unit_id else None
        user = self.session.get_one(User, position.user_id)
        ids = {one.id for one in self.committees.values() if self._works_for(position, one)}
        return Actor(
            role=position.role,
            user_id=user.id,
            name=user.real_name,
            position_id=position.id,
            unit_id=position.unit_id,
            unit_name=unit.name if unit else "",
            region_code=unit.region_code if unit else "",
            committee_ids=tuple(sorted(ids)),
        )

    def fire(self, record: Stateful, event: str, actor: Actor, at: datetime, **values: Any) -> None:
        engine.fire(record, event, actor=actor, at=at, **values)

    def pass_time(self, record: Stateful, event: str, at: datetime) -> None:
        """Fire an event of the clock."""
        engine.fire(record, event, actor=SYSTEM, at=at)

    @staticmethod
    def _works_for(position: Position, committee: Committee) -> bool:
        is_own = position.committee_id == committee.id
        return is_own or (position.role is Role.OFFICE and position.unit_id == committee.unit_id)

    def add(self, record: Record) -> Record:
        self.session.add(record)
        self.session.flush()
        return record

    def add_unit(self, key: str, parent: str, **values: Any) -> Unit:
        superior = self.units.get(parent)
        kind, region = values["kind"], values["region_code"]
        unit: Unit = self.add(
            Unit(
                credit_code=self.inventor.credit_code(kind, region),
                parent_id=superior.id if superior else None,
                contact=self.invent().name,
                phone=self.inventor.landline(),
                **values,
            )
        )
        unit.path = f"{superior.path if superior else '/'}{unit.id}/"
        self.units[key] = unit
        return unit

    def add_committee(self, key: str, specialties: tuple[str, ...], **values: Any) -> Committee:
        committee: Committee = self.add(Committee(is_by_specialty=bool(specialties), **values))
        self.session.add_all(
            CommitteeSpecialty(committee_id=committee.id, specialty_code=code)
            for code in specialties
        )
        self.committees[key] = committee
        return committee

    def invent(self, youngest: int = 32, oldest: int = 54) -> Invented:
        """Invent a person aged between `youngest` and `oldest`."""
        year = self.days.today.year
        return self.inventor.person(date(year - youngest, 1, 1), date(year - oldest, 1, 1))

    def add_person(self, invented: Invented, unit: str, employment: Employment) -> Person:
        person: Person = self.add(
            Person(
                name=invented.name,
                id_number=invented.id_number,
                id_index=persons.index_of(invented.id_number),
                sex=Sex(invented.sex),
                birth_date=invented.birth,
                phone=invented.phone,
                employment=employment,
                unit_id=self.units[unit].id,
            )
        )
        return person

    def employment_in(self, unit: str) -> Employment:
        """Return the kind of employment of a unit's people."""
        return EMPLOYMENT[self.units[unit].kind]

    def add_account(self, username: str, name: str, person: Person | None = None) -> User:
        user: User = self.add(
            User(
                username=username,
                first_name="",
                last_name=name,
                real_name=name,
                email=f"{username}@local.invalid",
                active=True,
            )
        )
        if person:
            person.user_id = user.id
        return user

    def add_position(self, user: User, role: Role, unit: str = "", committee: str = "") -> Position:
        position: Position = self.add(
            Position(
                user_id=user.id,
                role=role,
                unit_id=self.units[unit].id if unit else None,
                committee_id=self.committees[committee].id if committee else None,
            )
        )
        self.positions[user.username, role] = position
        self.clerks.setdefault((committee or unit, role), user.username)
        return position

    def add_expert(
        self, committee: str, person: Person, specialty: str, state: ExpertState, title: str
    ) -> Expert:
        days = self.days
        expert: Expert = self.add(
            Expert(
                committee_id=self.committees[committee].id,
                person_id=person.id,
                unit_id=person.unit_id,
                title_code=title,
                specialty_code=specialty,
                title_since=days.in_days(-2500),
                employed_since=days.in_days(-2400),
                term_from=days.in_days(-400),
                term_to=days.in_days(-400 + 1095),
                state=state,
                created_at=days.at(-290),
            )
        )
        return expert

    def add_node(self, committee: str, unit: str, superior: str, levels: str) -> RouteNode:
        """Return an unsaved place in a review tree."""
        return RouteNode(
            committee_id=self.committees[committee].id,
            unit_id=self.units[unit].id,
            superior_id=self.units[superior].id if superior else None,
            levels=levels,
            state=RouteState.PENDING,
            created_at=self.days.at(-340),
        )

    def fitted(
        self, application: Application, sections: dict[str, list[dict[str, Any]]]
    ) -> dict[str, list[dict[str, Any]]]:
        """Return the invented sections as the application's form asks for them: as they are."""
        return sections

    def title_code(self, series: str, level: Level) -> str:
        """Return the usual title of a series and level."""
        return f"{series}0{level.value}"

    def region_name(self, code: str) -> str:
        if code not in self.regions:
            self.regions[code] = self.session.get_one(Region, code).name
        return self.regions[code]

    def step_levels(self, level: Level) -> tuple[Level, ...]:
        """Return the title levels held by an applicant for `level`: the one below it."""
        return () if level.rank <= Level.ASSISTANT.rank else (Level(str(int(level.value) + 1)),)
