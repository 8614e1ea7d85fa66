"""Write the sample's people (one row for all their applications) and the experts among them."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from app.demo.inventing import FEMALE, MALE, SURNAMES, id_number
from app.enums import Employment, ExpertState, IdKind, Sex
from app.ground import crypto
from app.sample.province import Leaf, Province
from app.sample.times import stamp
from app.sample.writer import Writer
from app.services.accounts import persons

LEVELS, SHARES = "1234", (6, 24, 45, 25)
FIRST_BIRTH = date(1968, 1, 1)
BIRTHS = [FIRST_BIRTH + timedelta(days=number) for number in range(10_000)]
LAST_SEQUENCE = 998
"""First sequence of ID numbers, counting down, as the demonstration's count up from 1."""
POOL = 30


@dataclass
class People:
    """Data of all people needed later, in parallel lists by index."""

    first_id: int = 0
    names: list[str] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)
    specialties: list[str] = field(default_factory=list)
    by_series: dict[str, list[int]] = field(default_factory=dict)

    def id_of(self, place: int) -> int:
        return self.first_id + place


def build(writer: Writer, random: Random, province: Province, count: int) -> People:
    """Write `count` people, spread unevenly over the units, and return the data applications need."""
    people = People(first_id=writer.last["person"] + 1)
    pairs = {sex: _given(text) for sex, text in ((Sex.MALE, MALE), (Sex.FEMALE, FEMALE))}
    levels = random.choices(LEVELS, SHARES, k=count)
    for place in range(count):
        # squared, so that a few units have thousands of people and most have few
        leaf = province.leaves[int(len(province.leaves) * random.random() ** 2)]
        sex = Sex.MALE if people.id_of(place) % 2 else Sex.FEMALE
        name = random.choice(SURNAMES) + random.choice(pairs[sex])
        people.names.append(name)
        people.leaves.append(leaf)
        people.levels.append(levels[place])
        people.specialties.append(random.choice(province.specialties[leaf.series]))
        people.by_series.setdefault(leaf.series, []).append(place)
        _write_person(writer, people.id_of(place), name, sex, leaf)
        writer.flush_if_full()
    return people


def _given(text: str) -> list[str]:
    """Return given names of one and of two characters made from `text`."""
    doubles = [text[place : place + 2] for place in range(0, len(text) - 1, 2)]
    return doubles + [first + last for first in text[::3] for last in text[1::4]] + list(text[::2])


def _write_person(writer: Writer, key: int, name: str, sex: Sex, leaf: Leaf) -> None:
    half = key // 2
    birth = BIRTHS[half % len(BIRTHS)]
    number = id_number(birth, LAST_SEQUENCE - 2 * (half // len(BIRTHS)) + (sex is Sex.MALE))
    employment = Employment.PUBLIC_POST if leaf.needs_quota else Employment.ENTERPRISE
    writer.add(
        "person", name, IdKind.RESIDENT.value, crypto.encrypt(number), persons.index_of(number), sex.value,
        birth.isoformat(), crypto.encrypt(f"139{key % 10**8:08d}"), employment.value, leaf.id, "",
    )  # fmt: skip


def write_experts(
    writer: Writer, random: Random, province: Province, people: People, today: date
) -> None:
    """Fill the pool of every committee with people of its series."""
    first, last = today - timedelta(days=400), today + timedelta(days=690)
    for jury in province.juries.values():
        among = people.by_series.get(jury.series, [])
        for place in random.sample(among, min(POOL, len(among))):
            title = province.titles[jury.series, "2"]
            writer.add(
                "expert", jury.id, people.id_of(place), people.leaves[place].id, title,
                people.specialties[place], first.isoformat(), last.isoformat(),
                ExpertState.ADMITTED.value, 2, stamp(first),
            )  # fmt: skip
    writer.flush_if_full()
