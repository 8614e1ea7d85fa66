"""Registers behind searchable selects: keys that exist, names behind them."""

import pytest
from flask import Flask

from app.services.registers import register_lookup
from tests.support import factories


def test_every_register_answers_an_unknown_key_with_nothing(app: Flask) -> None:
    found = {kind: register_lookup.key_of(kind, "987654") for kind in register_lookup.REGISTERS}

    assert set(found.values()) == {None}


def test_a_code_is_a_key_as_it_stands(app: Flask) -> None:
    factories.series("05")

    assert register_lookup.key_of("series", "05") == "05"
    assert register_lookup.label_of("series", "05") is not None


@pytest.mark.parametrize("typed", ["", "x" * 33, "\n", "05 "])
def test_a_code_that_cannot_be_one_is_nothing(app: Flask, typed: str) -> None:
    assert register_lookup.key_of("series", typed) is None


@pytest.mark.parametrize("typed", ["x", "-1", "2147483648", "99999999999", "1.0", None])
def test_a_number_that_cannot_be_one_is_nothing(app: Flask, typed: str | None) -> None:
    assert register_lookup.key_of("unit", typed) is None
    assert register_lookup.label_of("unit", typed) is None


def test_what_is_switched_off_is_no_choice_but_keeps_its_name(app: Flask) -> None:
    unit = factories.unit("旧单位", is_active=False)

    assert register_lookup.key_of("unit", unit.id) is None
    assert register_lookup.label_of("unit", unit.id) == "旧单位"
