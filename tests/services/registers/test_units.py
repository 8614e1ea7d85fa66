"""The registers of units and committees: one tree, no circle, every code once, three years at most."""

from datetime import date
from typing import Any

import pytest

from app.engine import Refused
from app.enums import Level, UnitKind
from app.services.registers import committees, units
from tests.support import factories as make


def typed(**values):
    return {
        "credit_code": make.credit_code(), "name": "桃源县新桥中学", "kind": UnitKind.PUBLIC, "region_code": "430700",
        "parent_id": None, "is_self_review": False, "contact": "", "phone": "", "is_active": True,
    } | values  # fmt: skip


def committee(**values):
    return {
        "code": "9001", "name": "评委会", "series_code": "22", "level": Level.SENIOR, "is_by_specialty": False,
        "unit_id": 1, "region_code": "430000", "approval_number": "湘职改办〔2026〕1号",
        "valid_from": date(2026, 3, 31), "valid_to": date(2029, 3, 30), "min_size": 25, "size_approval_number": "",
        "is_active": True,
    } | values  # fmt: skip


def test_unit_gets_its_place_below_its_superior(session):
    superior = make.unit()

    unit = units.build(typed(parent_id=superior.id))

    assert unit.path == f"{superior.path}{unit.id}/"


def test_moving_a_unit_moves_what_hangs_below_it(session):
    top, target = units.build(typed()), units.build(typed())
    middle = units.build(typed(parent_id=top.id))
    leaf = units.build(typed(parent_id=middle.id))

    units.write(middle, typed(parent_id=target.id))

    session.refresh(leaf)
    assert leaf.path == f"/{target.id}/{middle.id}/{leaf.id}/"


def test_unit_cannot_hang_below_itself(session):
    top = units.build(typed())
    leaf = units.build(typed(parent_id=top.id))

    with pytest.raises(Refused) as refusal:
        units.write(top, typed(parent_id=leaf.id))

    assert refusal.value.field == "parent_id"


def test_wrong_and_known_credit_codes_are_refused_at_their_field(session):
    known = units.build(typed())

    for code in ("12430000MB00000193", known.credit_code):
        with pytest.raises(Refused) as refusal:
            units.build(typed(credit_code=code))
        assert refusal.value.field == "credit_code"


def test_committee_is_valid_for_three_years(session):
    made = committees.build(committee())

    assert made.valid_to == date(2029, 3, 30)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "90a1"}, "code"),
        ({"valid_to": date(2029, 3, 31)}, "valid_to"),
        ({"valid_to": date(2026, 3, 31)}, "valid_to"),
        ({"min_size": 24}, "min_size"),
        ({"min_size": 24, "size_approval_number": "湘人社函〔2026〕7号"}, "min_size"),
        ({"min_size": 23}, "min_size"),
        ({"min_size": 11}, "min_size"),
        ({"min_size": 23, "level": Level.ASSOCIATE}, "min_size"),
        ({"min_size": 9, "is_by_specialty": True}, "min_size"),
    ],
)
def test_committee_is_refused_at_the_field_at_fault(session, values, field):
    with pytest.raises(Refused) as refusal:
        committees.build(committee(**values))

    assert refusal.value.field == field


@pytest.mark.parametrize(
    "values",
    [
        {"min_size": 23, "size_approval_number": "湘人社函〔2026〕7号"},
        {"min_size": 3, "is_by_specialty": True, "size_approval_number": "湘人社函〔2026〕7号"},
        {"min_size": 11, "is_by_specialty": True},
        {"min_size": 7, "level": Level.MIDDLE},
    ],
)
def test_smaller_committee_needs_the_document_that_agreed(
    session: Any, values: dict[str, Any]
) -> None:
    made = committees.build(committee(**values))

    assert made.min_size == committees.least_members(made) == values["min_size"]


@pytest.mark.parametrize(("by_specialty", "least"), [(False, 25), (True, 11)])
def test_smaller_size_without_a_document_does_not_count(
    session: Any, by_specialty: bool, least: int
) -> None:
    known = make.committee(min_size=5, is_by_specialty=by_specialty)

    assert committees.least_members(known) == least


def test_committee_code_is_given_once(session):
    known = make.committee()

    with pytest.raises(Refused) as refusal:
        committees.build(committee(code=known.code))

    assert refusal.value.field == "code"
