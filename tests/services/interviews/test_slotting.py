"""Slots of interviews: never two in one room at once, always inside the hours, the order that of the lot."""

import itertools
from collections import Counter
from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st

from app.services.interviews import slotting
from app.services.interviews.slotting import Room, Slot, Taken, Timetable

DAY = date(2026, 11, 2)
HOURS = Timetable(DAY, DAY, time(9), time(12), 10)
SEED = "00" * 16


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour, minute))


times = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
tables = st.builds(
    Timetable,
    st.just(DAY),
    st.integers(0, 3).map(lambda days: DAY + timedelta(days=days)),
    times,
    times,
    st.integers(3, 60),
    st.integers(0, 60),
    st.just(time(12)),
    st.sampled_from((time(13), time(14))),
)
groups = st.sampled_from(("甲组", "乙组", "丙组"))
candidates = st.dictionaries(groups, st.integers(1, 30), min_size=1).map(
    lambda counts: {
        group: list(range(1000 * place, 1000 * place + count))
        for place, (group, count) in enumerate(counts.items())
    }
)
rooms = st.lists(st.none() | groups, min_size=1, max_size=5).map(
    lambda bound: [Room(f"第{place}室", group) for place, group in enumerate(bound)]
)
taken = st.lists(
    st.builds(
        lambda place, hour, length: Taken(
            f"第{place}室", at(hour), at(hour) + timedelta(minutes=length)
        ),
        st.integers(0, 4),
        st.integers(8, 17),
        st.integers(5, 90),
    ),
    max_size=6,
)


@run(deadline=None)
@given(tables, rooms, candidates, taken)
def test_slots_never_clash_and_everybody_is_placed_or_counted(
    table: Timetable,
    rooms: list[Room],
    candidates: dict[str, list[int]],
    taken: list[Taken],
) -> None:
    outcome = slotting.place(table, rooms, candidates, taken)

    placed = [one.slot for one in outcome.placed]
    given_away = sorted(
        [(one.room, one.starts_at, one.ends_at) for one in placed], key=lambda one: one[:2]
    )
    for one, following in itertools.pairwise(given_away):
        assert one[0] != following[0] or one[2] <= following[1]
    for slot in placed:
        assert is_inside(table, slot)
        assert not any(clashes(one, slot) for one in taken)
    bound = {room.name: room.group for room in rooms}
    for one in outcome.placed:
        own = [room.name for room in rooms if room.group == one.group]
        assert one.slot.room in own if own else bound[one.slot.room] is None
    heard = Counter(one.group for one in outcome.placed)
    for group, ids in candidates.items():
        assert heard[group] + outcome.left.get(group, 0) == len(ids)
        assert [one.application_id for one in outcome.placed if one.group == group] == ids[
            : heard[group]
        ]


def is_inside(table: Timetable, slot: Slot) -> bool:
    first, last = slot.starts_at.time(), slot.ends_at.time()
    is_before_lunch = table.begins <= first and last <= min(time(12), table.ends)
    is_after_lunch = first >= (table.lunch_to or time()) and last <= table.ends
    is_that_day = (
        table.first <= slot.starts_at.date() <= table.last
        and slot.starts_at.date() == slot.ends_at.date()
    )
    is_long_enough = slot.ends_at - slot.starts_at == timedelta(minutes=table.minutes)
    return is_that_day and is_long_enough and (is_before_lunch or is_after_lunch)


def clashes(one: Taken, slot: Slot) -> bool:
    return one.room == slot.room and one.starts_at < slot.ends_at and slot.starts_at < one.ends_at


def test_room_has_eighteen_slots_of_ten_minutes_in_a_morning() -> None:
    slots = list(slotting.day_slots(HOURS, DAY))

    assert len(slots) == 18
    assert slots[0] == (at(9), at(9, 10))
    assert slots[-1] == (at(11, 50), at(12))


def test_pause_and_lunch_are_kept_free() -> None:
    table = Timetable(DAY, DAY, time(11), time(15), 30, 15, time(12), time(14))

    begins = [starts.time() for starts, _ends in slotting.day_slots(table, DAY)]

    assert begins == [time(11), time(14)]


def test_candidates_of_a_group_stay_in_its_rooms() -> None:
    outcome = slotting.place(
        HOURS, [Room("一室", "甲组"), Room("二室")], {"甲组": [1, 2], "乙组": [3]}
    )

    assert [(one.application_id, one.slot.room) for one in outcome.placed] == [
        (1, "一室"), (2, "一室"), (3, "二室"),
    ]  # fmt: skip
    assert outcome.left == {}


def test_group_without_a_room_is_left() -> None:
    outcome = slotting.place(HOURS, [Room("一室", "甲组")], {"乙组": [3, 4]})

    assert outcome.left == {"乙组": 2}


def test_rooms_side_by_side_are_filled_together() -> None:
    outcome = slotting.place(HOURS, [Room("一室"), Room("二室")], {"": [1, 2, 3]})

    assert [one.slot for one in outcome.placed] == [
        Slot("一室", at(9), at(9, 10)),
        Slot("二室", at(9), at(9, 10)),
        Slot("一室", at(9, 10), at(9, 20)),
    ]


def test_lot_can_be_checked_with_its_seed() -> None:
    order = slotting.by_lot(SEED, [1, 2, 3, 4, 5])

    assert sorted(order) == [1, 2, 3, 4, 5]
    assert order == sorted(order, key=lambda key: slotting.digest(SEED, key))
    assert (
        slotting.digest(SEED, 1)
        == "9b652daf673dcf1fe31c8c48b9df52f82c75a91fe569778cb475268ebf20a5a7"
    )
    assert slotting.by_lot(SEED, [5, 4, 3, 2, 1]) == order
