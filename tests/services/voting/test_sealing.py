"""Sealing to a public key, and the key in three parts."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.voting import sealing

HOLDERS = ("chair", "supervisor", "office")
PRIVATE = sealing.new_key()
PUBLIC = sealing.public_of(PRIVATE)


@given(st.binary(max_size=300), st.text(max_size=40))
def test_sealed_opens_with_its_key_and_context(plain: bytes, context: str) -> None:
    sealed = sealing.seal(PUBLIC, plain, context)

    assert sealing.unseal(PRIVATE, sealed, context) == plain
    assert len(sealed) == sealing.sealed_length(len(plain))


def test_another_key_or_context_opens_nothing() -> None:
    sealed = sealing.seal(PUBLIC, b"yna", "round 1")

    for key, context in ((sealing.new_key(), "round 1"), (PRIVATE, "round 2")):
        with pytest.raises(sealing.Unopened):
            sealing.unseal(key, sealed, context)


def test_every_changed_character_is_noticed() -> None:
    sealed = sealing.seal(PUBLIC, b"y", "c")

    for place, letter in enumerate(sealed):
        # the last letter of base64 holds bits that stand for nothing
        if place == len(sealed) - 1:
            continue
        other = "A" if letter != "A" else "B"
        with pytest.raises(sealing.Unopened):
            sealing.unseal(PRIVATE, sealed[:place] + other + sealed[place + 1 :], "c")
    for damaged in ("", "A", sealed[:-8], "é" * 130):
        with pytest.raises(sealing.Unopened):
            sealing.unseal(PRIVATE, damaged, "c")


@pytest.mark.parametrize(("first", "second"), list(combinations(HOLDERS, 2)))
def test_any_two_parts_make_the_key(first: str, second: str) -> None:
    parts = sealing.split(PRIVATE, HOLDERS)

    assert sealing.join(first, parts[first], second, parts[second]) == PRIVATE
    assert sealing.join(second, parts[second], first, parts[first]) == PRIVATE


def test_one_part_alone_is_random() -> None:
    halves = [
        {parts[one][other] for parts in (sealing.split(PRIVATE, HOLDERS) for _ in range(50))}
        for one in HOLDERS
        for other in HOLDERS
        if one != other
    ]

    assert [len(half) for half in halves] == [50] * 6
    assert not any(PRIVATE.hex() in half for half in halves)


def test_code_is_read_as_people_write_it() -> None:
    code = sealing.new_code()

    typed = code.lower().replace("-", " ").replace("o", "0").replace("i", "1").replace("b", "8")

    assert [len(group) for group in code.split("-")] == [5, 5, 5, 5]
    assert sealing.key_of_code(typed, "7:chair") == sealing.key_of_code(code, "7:chair")
    assert sealing.key_of_code(code, "7:chair") != sealing.key_of_code(code, "8:chair")
