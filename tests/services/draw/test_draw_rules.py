"""The pure rules of a draw, and that the program which checks records comes to the same by its own way."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.draw import draw_rules as rules
from app.services.draw.draw_rules import Entry, Group, Pool
from tests.support.verifiers import verify_draw

SALT = "5a" * 16
CRITICAL = 42.56
"""Chi-square, 29 degrees of freedom, 5 percent."""


def entry(number: int, *exclusions: str, unit: int = 0, specialty: str = "05001") -> Entry:
    token, of_unit = rules.token(SALT, number), rules.unit_token(SALT, unit or number)
    return Entry(token, of_unit, specialty, "1", exclusions)


def pool(*entries: Entry, seats: int = 3, **values: Any) -> Pool:
    whole: dict[str, Any] = {
        "plan": 7, "attempt": 1, "groups": (Group("", seats),), "alternates": 2, "unit_max": 0,
        "entries": entries,
    }  # fmt: skip
    return Pool(**whole | values)


def record(of: Pool, office: str = "a" * 16, supervisor: str = "b" * 16) -> dict[str, Any]:
    """Return the record of a draw of `of`, as the application exports it."""
    text = rules.pool_text(of)
    digest = rules.pool_hash(text)
    seed = rules.seed(digest, office, supervisor, "")
    return {
        "alg": rules.ALG,
        "plan": of.plan,
        "attempt": of.attempt,
        "pool": text,
        "pool_hash": digest,
        "office": {"commitment": rules.commitment(digest, "office", office), "secret": office},
        "supervisor": {
            "commitment": rules.commitment(digest, "supervisor", supervisor),
            "secret": supervisor,
        },
        "public_source": "",
        "public_value": "",
        "seed": seed,
        "seats": [
            {"place": place, "token": one.token, "group": one.group, "kind": one.kind}
            for place, one in enumerate(rules.draw_seats(of, seed), start=1)
        ],
    }


def some_pool(dice: random.Random) -> Pool:
    """Return a pool with groups, limits and exclusions by chance, large enough for its seats."""
    names = dice.choice([[""], ["甲组", "乙组"], ["一", "二", "三"]])
    codes = ["05001", "05002"]
    size = dice.randint(40, 90)
    entries = [
        entry(
            number,
            *dice.sample(["unit", "leave", "term"], dice.choice([0, 0, 0, 1, 2])),
            unit=dice.randint(1, 60) + 10_000,
            specialty=dice.choice(codes),
        )
        for number in range(size)
    ]
    groups = tuple(Group(name, dice.choice([1, 3]), ()) for name in names)
    if len(groups) > 1:
        groups = (replace(groups[0], specialties=(dice.choice(codes),)), *groups[1:])
    return pool(
        *entries,
        groups=groups,
        plan=dice.randint(1, 9999),
        alternates=dice.randint(0, 4),
        unit_max=dice.choice([0, 2]),
    )


def test_worked_vector() -> None:
    of = pool(
        *(entry(number) for number in range(1, 9)),
        entry(9, "unit", "leave"),
        seats=3,
    )

    made = record(of, "0123456789abcdef", "fedcba9876543210")

    assert made["pool_hash"] == VECTOR_POOL
    assert made["office"]["commitment"] == VECTOR_COMMITMENT
    assert made["seed"] == VECTOR_SEED
    numbers = {rules.token(SALT, number): number for number in range(1, 10)}
    assert [(numbers[one["token"]], one["kind"]) for one in made["seats"]] == VECTOR_SEATS


VECTOR_POOL = "beb8c77999c4e3410f1cfa568351070dc9add211ea80e6bf0c2fc4ef027a2f89"
VECTOR_COMMITMENT = "a7e172ebec6544417b6e2b0af297bb83d1b0e3218d2a8af8825863a86b509060"
VECTOR_SEED = "bc62d079604fd7826d40a1762beab6c84bc19a85759dd141fd71d4d6f43ea295"
VECTOR_SEATS = [(7, "seat"), (6, "seat"), (4, "seat"), (3, "alternate"), (1, "alternate")]


def test_pool_text_is_canonical() -> None:
    one = pool(entry(1, "unit", "leave"), entry(2), groups=(Group("e\u0301", 1, ("2", "1")),))
    other = pool(entry(2), entry(1, "leave", "unit"), groups=(Group("\u00e9", 1, ("1", "2")),))

    assert rules.pool_text(one) == rules.pool_text(other)
    assert " " not in rules.pool_text(one)
    assert rules.pool_text(rules.read_pool(rules.pool_text(one))) == rules.pool_text(one)


def test_secret_counts_without_spaces_and_hyphens() -> None:
    assert rules.plain_secret(" AbCd-ef01 2345\t6789 ") == "abcdef0123456789"


def test_tokens_tell_persons_and_units_apart() -> None:
    assert rules.token(SALT, 1) != rules.unit_token(SALT, 1)
    assert rules.token(SALT, 1) != rules.token("00" * 16, 1)
    assert len(rules.token(SALT, 1)) == rules.TOKEN_LENGTH


def test_groups_draw_seats_before_anybody_takes_alternates() -> None:
    of = pool(
        *(entry(number) for number in range(4)),
        groups=(Group("甲", 1), Group("乙", 3)),
        alternates=2,
    )

    drawn = rules.draw_seats(of, "00")

    assert [(one.group, one.kind) for one in drawn] == [("甲", "seat")] + [("乙", "seat")] * 3
    assert rules.shortages(of, "00") == []


def test_groups_take_their_specialties_only() -> None:
    of = pool(
        entry(1, specialty="05001"),
        entry(2, specialty="05002"),
        entry(3, specialty="05002"),
        groups=(Group("甲", 1, ("05001",)), Group("乙", 2, ("05002",))),
        alternates=0,
    )

    drawn = rules.draw_seats(of, "00")

    assert [one.token for one in drawn if one.group == "甲"] == [rules.token(SALT, 1)]
    assert {one.token for one in drawn if one.group == "乙"} == {
        rules.token(SALT, 2),
        rules.token(SALT, 3),
    }


def test_units_are_limited_in_the_whole_meeting() -> None:
    crowd = [entry(number, unit=900) for number in range(5)]
    of = pool(*crowd, entry(8), entry(9), seats=3, alternates=2, unit_max=1)

    drawn = rules.draw_seats(of, "00")

    units = [next(e.unit for e in of.entries if e.token == one.token) for one in drawn]
    assert len(units) == len(set(units)) == 3


def test_shortage_names_group_and_numbers() -> None:
    of = pool(entry(1), entry(2, "leave"), entry(3, "leave", "term"), seats=3)

    assert rules.shortages(of, "00") == [rules.Shortage("", 3, 1)]
    assert rules.count_exclusions(of) == {"leave": 2, "term": 1}


def test_next_in_line_continues_the_ranking() -> None:
    of = pool(*(entry(number) for number in range(8)), seats=3)
    ranked = [one.token for one in rules.ranking(of, "11")]

    assert rules.next_in_line(of, "11", "", ranked[:5]) == rules.ranking(of, "11")[5]
    assert rules.next_in_line(of, "11", "", ranked) is None


def test_next_in_line_minds_the_limit_of_units() -> None:
    of = pool(entry(1, unit=900), entry(2, unit=900), seats=1, alternates=0, unit_max=1)
    first = rules.draw_seats(of, "11")[0].token

    assert rules.next_in_line(of, "11", "", [first]) is None


@given(st.sets(st.integers(1, 60), min_size=12, max_size=40), st.text(max_size=20))
def test_leaving_one_out_moves_nobody_else(numbers: set[int], seed: str) -> None:
    entries = [entry(number) for number in numbers]
    of = pool(*entries)
    gone = rules.ranking(of, seed)[0]
    less = replace(
        of,
        entries=tuple(
            replace(one, exclusions=("unit",)) if one is gone else one for one in entries
        ),
    )

    assert rules.ranking(less, seed) == rules.ranking(of, seed)[1:]


def test_recused_is_never_drawn_in_ten_thousand_draws() -> None:
    of = pool(*(entry(number, *(["unit"] if number % 3 == 0 else [])) for number in range(30)))
    kept_out = {one.token for one in of.entries if one.exclusions}

    drawn = {one.token for turn in range(10_000) for one in rules.draw_seats(of, f"{turn:064x}")}

    assert not drawn & kept_out
    assert len(drawn) == 20


def test_draws_are_even() -> None:
    """Chi-square over 20,000 draws of one of thirty, with the same seeds every time."""
    of = pool(*(entry(number) for number in range(30)), seats=1, alternates=0)
    counts = dict.fromkeys((one.token for one in of.entries), 0)

    for turn in range(20_000):
        key = f"{turn:064x}"
        counts[min(counts, key=lambda one: rules.rank_key(key, one))] += 1

    expected = 20_000 / 30
    assert sum((count - expected) ** 2 / expected for count in counts.values()) < CRITICAL


# the program that checks records


def is_wrong(made: dict[str, Any]) -> bool:
    try:
        verify_draw.check(made)
    except verify_draw.Wrong:
        return True
    return False


def test_verifier_agrees_on_a_thousand_pools() -> None:
    dice = random.Random(3797)

    for _turn in range(1_000):
        made = record(some_pool(dice))
        seats, others = verify_draw.check(made)
        assert seats + others == len(made["seats"])


def test_verifier_refuses_whatever_was_changed() -> None:
    made = record(pool(*(entry(number) for number in range(9)), entry(10, "leave")))
    byte = made["pool"].index('"x":["leave"]') + 6
    swapped = [dict(one) for one in made["seats"]]
    swapped[0]["token"], swapped[1]["token"] = swapped[1]["token"], swapped[0]["token"]
    changes: dict[str, Any] = {
        "one byte of the pool": {"pool": made["pool"][:byte] + "z" + made["pool"][byte + 1 :]},
        "pool and its digest": {
            "pool": made["pool"].replace("leave", "unit"),
            "pool_hash": rules.pool_hash(made["pool"].replace("leave", "unit")),
        },
        "algorithm": {"alg": "zc-draw-v0"},
        "plan": {"plan": 8},
        "attempt": {"attempt": 2},
        "office": {"office": made["office"] | {"secret": "c" * 16}},
        "supervisor": {"supervisor": made["supervisor"] | {"commitment": "0" * 64}},
        "seed": {"seed": "0" * 64},
        "value without a source": {"public_value": "7"},
        "source without a value": {"public_source": "lottery"},
        "swapped": {"seats": swapped},
        "one less": {"seats": made["seats"][:-1]},
        "one more": {"seats": [*made["seats"], made["seats"][0]]},
        "unknown group": {"seats": [*made["seats"], made["seats"][0] | {"kind": "later", "group": "x"}]},
        "places": {"seats": [one | {"place": 1} for one in made["seats"]]},
    }  # fmt: skip

    assert verify_draw.check(made) == (3, 2)
    assert {what for what, change in changes.items() if is_wrong(made | change)} == set(changes)


def test_verifier_follows_who_was_called_later() -> None:
    of = pool(*(entry(number) for number in range(9)))
    made = record(of)
    taken = [one["token"] for one in made["seats"]]
    following = rules.next_in_line(of, made["seed"], "", taken)
    assert following is not None
    later = {"place": 6, "token": following.token, "group": "", "kind": "later"}

    assert verify_draw.check(made | {"seats": [*made["seats"], later]}) == (3, 3)


def test_verifier_refuses_a_pool_too_small_or_out_of_order() -> None:
    small = record(pool(entry(1), entry(2)))
    spaced = record(pool(*(entry(number) for number in range(9))))
    spaced["pool"] = json.dumps(json.loads(spaced["pool"]))
    spaced["pool_hash"] = rules.pool_hash(spaced["pool"])

    for wrong in (small, spaced):
        with pytest.raises(verify_draw.Wrong):
            verify_draw.check(wrong)
