"""Registering a person: every check of the number, and one account per number."""

import pytest
from sqlalchemy import func, select

from app.engine import Refused
from app.enums import Employment, IdKind, Role, Sex
from app.ground import clock
from app.models import Person, Position, User
from app.services.accounts import persons
from tests.support import factories as make

GOOD = "430099198503071010"


def typed(**values):
    return {
        "name": "向若溪", "id_kind": IdKind.RESIDENT.value, "id_number": GOOD, "phone": "13800000000",
        "employment": Employment.PUBLIC_POST.value, "unit_id": None, "username": "xiangruoxi",
    } | values  # fmt: skip


@pytest.fixture
def administrator(session):
    return make.actor_of(make.position(Role.SYSADMIN, user=make.user()))


def test_register_makes_person_account_and_position(session, administrator):
    person = persons.register(administrator, typed(), at=clock.now())

    assert (person.sex, f"{person.birth_date}") == (Sex.MALE, "1985-03-07")
    assert person.user.password is None
    roles = session.scalars(select(Position.role).where(Position.user_id == person.user_id)).all()
    assert roles == [Role.APPLICANT]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("430099198503071011", "last character"),
        ("43009919850307101", "18"),
        ("430099850307101", "18"),
        ("430099198502301010", "19850230"),
        ("430099209903071010", "ID number"),
        ("43009919850307101O", "ID number"),
        ("", "ID number"),
    ],
)
def test_register_refuses_a_wrong_number_at_its_field(session, administrator, number, says):
    with pytest.raises(Refused) as refusal:
        persons.register(administrator, typed(id_number=number), at=clock.now())

    assert refusal.value.field == "id_number"
    assert says in refusal.value.sentence
    assert session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize(
    "again", ["43009919920101105x", " 43009919920101105X ", "４３００９９１９９２０１０１１０５Ｘ"]
)
def test_register_refuses_a_second_account_for_one_number(session, administrator, again):
    persons.register(administrator, typed(id_number="43009919920101105X"), at=clock.now())

    with pytest.raises(Refused) as refusal:
        persons.register(administrator, typed(id_number=again, username="other"), at=clock.now())

    assert refusal.value.field == "id_number"
    assert session.scalar(select(func.count()).select_from(Person)) == 1


@pytest.mark.parametrize(("field", "value"), [("phone", "12345"), ("name", "<b>")])
def test_register_names_the_field_at_fault(session, administrator, field, value):
    with pytest.raises(Refused) as refusal:
        persons.register(administrator, typed(**{field: value}), at=clock.now())

    assert refusal.value.field == field


@pytest.mark.parametrize("number", [GOOD, "43009919920101105x"])
def test_register_refuses_a_number_as_username(session, administrator, number):
    with pytest.raises(Refused, match="no username") as refusal:
        persons.register(administrator, typed(username=number), at=clock.now())

    assert refusal.value.field == "username"


def test_register_is_for_the_system_administrator(session):
    unit = make.unit()

    with pytest.raises(Refused):
        persons.register(make.actor(Role.UNIT, unit_id=unit.id), typed(), at=clock.now())

    assert session.scalars(select(User.id).where(User.username == "xiangruoxi")).all() == []
