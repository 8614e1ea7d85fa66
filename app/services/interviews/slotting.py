"""Computes interview slots (rooms × times) in the order of a lot; pure functions, local times.

The lot can be verified with the seed: candidates are ordered by their digests.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

LOT = "zc-lot-v1"


@dataclass(frozen=True)
class Room:
    """A room; with `group` it is reserved for interviews of that group."""

    name: str
    group: str | None = None


@dataclass(frozen=True)
class Timetable:
    """Daily interview hours `begins` to `ends` without lunch; `minutes` each, then `pause` minutes."""

    first: date
    last: date
    begins: time
    ends: time
    minutes: int
    pause: int = 0
    lunch_from: time | None = None
    lunch_to: time | None = None


@dataclass(frozen=True)
class Taken:
    """An occupied slot."""

    room: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Slot:
    room: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Placed:
    """A candidate with a slot; `order` counts the candidates of the group placed in this run, from 1."""

    application_id: int
    group: str
    order: int
    slot: Slot


@dataclass(frozen=True)
class Outcome:
    placed: Sequence[Placed]
    left: Mapping[str, int]
    """Group → number of candidates without a slot; groups with none are missing."""


def digest(seed: str, application_id: int) -> str:
    """Return the sort key of a candidate: SHA-256 of "zc-lot-v1", seed and application id, NUL between."""
    return hashlib.sha256(f"{LOT}\0{seed}\0{application_id}".encode()).hexdigest()


def by_lot(seed: str, application_ids: Sequence[int]) -> list[int]:
    """Return the candidates in the order of the lot."""
    return sorted(application_ids, key=lambda key: digest(seed, key))


def day_slots(table: Timetable, day: date) -> Iterator[tuple[datetime, datetime]]:
    """Yield beginning and end of every slot of one room on one day."""
    step, length = timedelta(minutes=table.minutes + table.pause), timedelta(minutes=table.minutes)
    for opens, closes in _spans(table):
        begins, limit = datetime.combine(day, opens), datetime.combine(day, closes)
        while begins + length <= limit:
            yield begins, begins + length
            begins += step


def _spans(table: Timetable) -> list[tuple[time, time]]:
    if table.lunch_from is None or table.lunch_to is None:
        return [(table.begins, table.ends)]
    first = (table.begins, min(table.lunch_from, table.ends))
    second = (max(table.lunch_to, table.begins), table.ends)
    return [span for span in (first, second) if span[0] < span[1]]


def rooms_of(rooms: Sequence[Room], group: str) -> list[Room]:
    """Return the rooms reserved for `group`, or the unreserved rooms if there are none."""
    return [one for one in rooms if one.group == group] or [one for one in rooms if not one.group]


def free_slots(table: Timetable, rooms: Sequence[Room], taken: Sequence[Taken]) -> Iterator[Slot]:
    """Yield the free slots of `rooms`, the earliest first, rooms in their order."""
    by_room: dict[str, list[Taken]] = {}
    for one in taken:
        by_room.setdefault(one.room, []).append(one)
    for days in range((table.last - table.first).days + 1):
        for starts, ends in day_slots(table, table.first + timedelta(days=days)):
            for room in rooms:
                if not any(_overlaps(one, starts, ends) for one in by_room.get(room.name, ())):
                    yield Slot(room.name, starts, ends)


def _overlaps(one: Taken, starts: datetime, ends: datetime) -> bool:
    return one.starts_at < ends and starts < one.ends_at


def place(
    table: Timetable,
    rooms: Sequence[Room],
    candidates: Mapping[str, Sequence[int]],
    taken: Sequence[Taken] = (),
) -> Outcome:
    """Give every candidate the earliest free slot of the group's rooms.

    `candidates`: group → application ids in the order of the lot.
    """
    occupied: list[Taken] = list(taken)
    placed: list[Placed] = []
    left: dict[str, int] = {}
    for group, ids in candidates.items():
        slots = free_slots(table, rooms_of(rooms, group), occupied)
        pairs = list(zip(ids, slots, strict=False))
        placed += [
            Placed(application_id, group, order, slot)
            for order, (application_id, slot) in enumerate(pairs, start=1)
        ]
        occupied += [Taken(slot.room, slot.starts_at, slot.ends_at) for _id, slot in pairs]
        if len(pairs) < len(ids):
            left[group] = len(ids) - len(pairs)
    return Outcome(placed, left)
