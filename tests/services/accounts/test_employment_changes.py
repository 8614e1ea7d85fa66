"""Changes of employment: what a person asks for, a unit confirms or refuses; nothing changes before."""

from typing import Any

import pytest
from flask import Flask

from app.engine import Refused
from app.enums import ApplicationState, Employment, EmploymentChangeState, Role, UnitKind
from app.ground import clock
from app.ground.actor import Actor
from app.models import EmploymentChange, Outbox, Person, Unit
from app.services.accounts import employment_changes, own_data
from tests.support import factories
from tests.support.acting import press, why_not

pytestmark = pytest.mark.usefixtures("app")
REASON = "劳动合同未变更，仍在编"


@pytest.fixture
def unit(app: Flask) -> Unit:
    return factories.unit(kind=UnitKind.PUBLIC)


@pytest.fixture
def person(unit: Unit) -> Person:
    made = factories.person(unit=unit, employment=Employment.PUBLIC_POST)
    factories.position(Role.APPLICANT, person=made)
    return made


@pytest.fixture
def clerk(unit: Unit) -> Actor:
    return factories.actor(Role.UNIT, unit=unit)


def ask(
    person: Person, employment: Employment = Employment.FREELANCE, **values: Any
) -> EmploymentChange | None:
    typed = {"phone": "13900000000", "unit_id": person.unit_id, "employment": employment}
    me = factories.actor(Role.APPLICANT, person=person)
    return own_data.change(person, actor=me, at=clock.now(), **typed | values)


@pytest.mark.parametrize(
    "employment", [Employment.FREELANCE, Employment.ENTERPRISE, Employment.RETIRED]
)
def test_another_employment_waits_for_the_unit(
    person: Person, unit: Unit, clerk: Actor, employment: Employment
) -> None:
    change = ask(person, employment)

    assert change is not None
    assert (person.employment, change.unit_id) == (Employment.PUBLIC_POST, unit.id)
    assert person.phone == "13900000000"

    press(change, "confirm", clerk)

    assert change.state is EmploymentChangeState.CONFIRMED
    assert (person.employment, person.unit_id) == (employment, unit.id)
    assert factories.db.session.query(Outbox).one().template == "employment.confirm"


def test_refused_change_leaves_everything(person: Person, clerk: Actor) -> None:
    change = ask(person)

    with pytest.raises(Refused, match="not a reason"):
        press(change, "refuse", clerk, "不同意")
    press(change, "refuse", clerk, REASON)

    assert person.employment is Employment.PUBLIC_POST
    assert factories.db.session.query(Outbox).one().payload["opinion"] == REASON


def test_nobody_leaves_a_unit_alone(person: Person, unit: Unit, clerk: Actor) -> None:
    change = ask(person, Employment.PUBLIC_POST, unit_id=None)

    assert change is not None
    assert change.leaves_unit
    assert person.unit_id == unit.id

    press(change, "confirm", clerk)

    assert person.unit_id is None


def test_the_new_unit_confirms_what_goes_with_the_move(person: Person, clerk: Actor) -> None:
    firm = factories.unit(kind=UnitKind.PRIVATE_FIRM)
    change = ask(person, Employment.ENTERPRISE, unit_id=firm.id)

    assert change is not None
    assert (person.unit_id, person.employment) == (firm.id, Employment.PUBLIC_POST)
    assert "another unit" in str(why_not(change, "confirm", clerk))

    press(change, "confirm", factories.actor(Role.UNIT, unit=firm))

    assert person.employment is Employment.ENTERPRISE


def test_a_move_alone_needs_no_confirmation_and_ends_what_was_asked_before(
    person: Person, unit: Unit
) -> None:
    before = ask(person)
    other = factories.unit()

    assert ask(person, Employment.PUBLIC_POST, unit_id=other.id) is None

    assert before is not None
    assert before.state is EmploymentChangeState.WITHDRAWN
    assert person.unit_id == other.id


def test_somebody_without_a_unit_enters_the_own_data(app: Flask) -> None:
    person = factories.person(employment=Employment.PUBLIC_POST)
    firm = factories.unit(kind=UnitKind.PRIVATE_FIRM)

    assert ask(person, Employment.ENTERPRISE, unit_id=firm.id) is None
    assert (person.employment, person.unit_id) == (Employment.ENTERPRISE, firm.id)


def test_the_last_change_asked_for_is_the_open_one(person: Person) -> None:
    first, second = ask(person, Employment.FREELANCE), ask(person, Employment.RETIRED)

    assert first is not None
    assert first.state is EmploymentChangeState.WITHDRAWN
    assert employment_changes.open_change(person) is second


def test_change_waits_while_an_application_is_under_way(person: Person, clerk: Actor) -> None:
    change = ask(person)
    factories.application(ApplicationState.AT_UNIT, person=person)

    assert "under way" in str(why_not(change, "confirm", clerk))
    with pytest.raises(Refused, match="is under way"):
        ask(person, Employment.RETIRED)


def test_a_clerk_does_not_confirm_the_own_change(person: Person, unit: Unit) -> None:
    change = ask(person)
    own = factories.actor(Role.UNIT, unit=unit, person=person)
    factories.application(ApplicationState.DRAFT, person=person)

    assert "colleague" in str(why_not(change, "confirm", own))


def test_unit_that_was_left_meanwhile_cannot_confirm(person: Person, clerk: Actor) -> None:
    change = ask(person)
    person.unit_id = factories.unit().id
    factories.db.session.flush()

    assert "any more" in str(why_not(change, "confirm", clerk))
    assert why_not(change, "refuse", clerk) is None
