"""The world of a rehearsal: like the demonstration's, but units, committees and batches are the province's own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.demo.inventing import FEMALE, MALE, SURNAMES, Inventor
from app.demo.world import World
from app.engine import Refused
from app.enums import Level, Sex
from app.models import Application, Committee, Title, Unit
from app.rehearsal import filling

IsTaken = Callable[[str], bool]
"""Says whether somebody real has this name."""


class Unmistaken(Inventor):
    """An inventor that gives nobody the name of a person of the database in force."""

    def __init__(self, seed: int, is_taken: IsTaken) -> None:
        super().__init__(seed)
        self.is_taken = is_taken

    def _name(self, sex: Sex) -> str:
        given = MALE if sex is Sex.MALE else FEMALE
        while True:
            name = self.random.choice(SURNAMES) + "".join(self.random.choices(given, k=2))
            if name not in self.names and not self.is_taken(name):
                self.names.add(name)
                return name


@dataclass
class RehearsalWorld(World):
    """Records by key: a unit by its id, a committee and its running batch by the committee's code.

    `refused` keeps why invented cases stopped where they are: each sentence once.
    """

    refused: list[str] = field(default_factory=list)
    top: str = ""
    """The unit of the authority at the top of the register."""
    led: set[str] = field(default_factory=set)
    """Units whose person responsible is registered."""

    def key_of(self, unit: Unit) -> str:
        """Return the key of a unit, which takes part from now on: with an invented contact and telephone."""
        key = str(unit.id)
        if key not in self.units:
            unit.contact, unit.phone = self.invent().name, self.inventor.landline()
            self.units[key] = unit
        return key

    def take_in(self, committee: Committee) -> str:
        """Return the key of a committee, which takes part from now on with its organising unit."""
        self.committees[committee.code] = committee
        self.key_of(committee.unit)
        return committee.code

    def fitted(
        self, application: Application, sections: dict[str, list[dict[str, Any]]]
    ) -> dict[str, list[dict[str, Any]]]:
        return filling.fitted(application, sections, self.days.today)

    def title_code(self, series: str, level: Level) -> str:
        """Return a title of the series that is in use: of the level, or the nearest there is."""
        titles = self.session.scalars(
            select(Title).where(Title.series_code == series, Title.is_active).order_by(Title.code)
        ).all()
        nearest = min(
            titles,
            key=lambda one: (abs(one.level.rank - level.rank), one.is_grassroots),
            default=None,
        )
        return nearest.code if nearest else ""

    def attempt(self, step: Callable[[], object]) -> bool:
        """Do a step that rules in force may refuse; return whether it was done, and keep why not."""
        try:
            with self.session.begin_nested():
                step()
        except Refused as refusal:
            if refusal.sentence not in self.refused:
                self.refused.append(refusal.sentence)
            return False
        return True
