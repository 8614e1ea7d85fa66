"""Handlers of cases: given to a colleague, taken over, taken back; whose to-do list has them."""

from typing import Any

import pytest

from app.engine import Refused
from app.enums import ApplicationState, Duty, Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Handler, Outbox, Position, TransitionLog, Unit
from app.services.handling import handlers
from app.views.handling.handlers import HANDLER
from app.views.review.ch1_1_evaluation import FirstCheckView
from tests.support import factories
from tests.support.acting import fire, why_not

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def unit() -> Unit:
    return factories.unit()


def clerk(unit: Unit, name: str, role: Role = Role.UNIT, **values: Any) -> Position:
    made = factories.position(role, unit=unit, **values)
    made.user.real_name = name
    db.session.flush()
    return made


def give(case: Application, actor: Actor, position: Position | int | str) -> TransitionLog:
    key = position.id if isinstance(position, Position) else position
    log: TransitionLog = fire(case, "entrust", actor, details={"position_id": key})
    return log


def waiting(actor: Actor) -> list[int]:
    conditions = FirstCheckView.waiting_conditions(actor)
    query = db.select(Application.id).where(*conditions).order_by(Application.id)
    return list(db.session.scalars(query))


def told(template: str) -> list[int | None]:
    query = db.select(Outbox.user_id).where(Outbox.template == template)
    return list(db.session.scalars(query))


def test_given_case_is_one_persons_and_no_longer_the_others(unit: Unit) -> None:
    anna, bert, third = (clerk(unit, name) for name in ("安娜", "贝特", "陈三"))
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    free = factories.application(ApplicationState.AT_UNIT, unit=unit)

    log = give(case, factories.actor_of(anna), bert)

    assert case.state is ApplicationState.AT_UNIT
    assert log.details["given_to"] == "贝特"
    assert HANDLER.cell(case).text == "贝特"
    assert waiting(factories.actor_of(bert)) == [case.id, free.id]
    assert waiting(factories.actor_of(third)) == [free.id]
    assert told("case.entrusted") == [bert.user_id]
    assert told("application.entrust") == []


def test_colleague_acts_only_after_taking_over(unit: Unit) -> None:
    anna, bert = clerk(unit, "安娜"), clerk(unit, "贝特")
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    give(case, factories.actor_of(anna), bert)

    refusal = why_not(case, "check_return", factories.actor_of(anna))
    give(case, factories.actor_of(anna), anna)

    assert refusal is not None
    assert "贝特 handles" in refusal
    assert why_not(case, "check_return", factories.actor_of(anna)) is None
    assert why_not(case, "check_return", factories.actor_of(bert)) is not None
    assert told("case.taken") == [bert.user_id]
    assert db.session.query(Handler).count() == 1


def test_person_responsible_is_not_kept_from_a_given_case(unit: Unit) -> None:
    anna, head = clerk(unit, "安娜"), clerk(unit, "负责人", duty=Duty.HEAD)
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    give(case, factories.actor_of(head), anna)

    assert why_not(case, "check_return", factories.actor_of(head)) is None


def test_taken_back_case_is_everybodys(unit: Unit) -> None:
    anna, bert = clerk(unit, "安娜"), clerk(unit, "贝特")
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    give(case, factories.actor_of(anna), bert)

    log = fire(case, "release", factories.actor_of(anna))

    assert log.details == {"taken_from": "贝特"}
    assert waiting(factories.actor_of(anna)) == [case.id]
    assert told("case.released") == [bert.user_id]
    with pytest.raises(Refused, match="Nobody was given"):
        fire(case, "release", factories.actor_of(anna))


def test_case_of_somebody_who_has_left_is_everybodys(unit: Unit) -> None:
    anna, bert = clerk(unit, "安娜"), clerk(unit, "贝特")
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    give(case, factories.actor_of(anna), bert)

    bert.is_active = False
    db.session.flush()

    assert waiting(factories.actor_of(anna)) == [case.id]
    assert handlers.of(case, factories.actor_of(anna)) is None
    assert HANDLER.cell(case).text == "—"


def test_case_that_comes_back_goes_to_the_same_person(unit: Unit) -> None:
    anna, bert = clerk(unit, "安娜"), clerk(unit, "贝特")
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    give(case, factories.actor_of(anna), bert)

    case.holder_id, case.state = None, ApplicationState.RETURNED
    db.session.flush()
    case.holder_id, case.state = unit.id, ApplicationState.AT_UNIT
    db.session.flush()

    assert waiting(factories.actor_of(anna)) == []
    assert waiting(factories.actor_of(bert)) == [case.id]


@pytest.mark.parametrize("which", ["other unit", "other role", "left", "nobody", "text"])
def test_only_colleagues_at_work_are_given_a_case(unit: Unit, which: str) -> None:
    anna = clerk(unit, "安娜")
    named: Position | int | str = {
        "other unit": lambda: clerk(factories.unit(), "外人"),
        "other role": lambda: clerk(unit, "上级", Role.SUPERIOR),
        "left": lambda: clerk(unit, "离岗", is_active=False),
        "nobody": lambda: 2**20,
        "text": lambda: "x'; --",
    }[which]()
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)

    with pytest.raises(Refused, match="your own organisation"):
        give(case, factories.actor_of(anna), named)


def test_applicant_does_not_handle_the_own_case_and_nobody_gets_it_twice(unit: Unit) -> None:
    anna, bert = clerk(unit, "安娜"), clerk(unit, "贝特")
    own = db.session.query(factories.Person).filter_by(user_id=bert.user_id).one()
    case = factories.application(ApplicationState.AT_UNIT, unit=unit, person=own)
    other = factories.application(ApplicationState.AT_UNIT, unit=unit)
    give(other, factories.actor_of(anna), bert)

    with pytest.raises(Refused, match="own application of 贝特"):
        give(case, factories.actor_of(anna), bert)
    with pytest.raises(Refused, match=r"has .* already"):
        give(other, factories.actor_of(anna), bert)


def test_case_of_another_holder_is_not_given_away(unit: Unit) -> None:
    anna, above = clerk(unit, "安娜"), factories.unit()
    case = factories.application(ApplicationState.AT_SUPERIOR, unit=unit, superiors=(above,))

    with pytest.raises(Refused, match="is now with"):
        give(case, factories.actor_of(anna), anna)


def test_case_with_a_pending_proposal_keeps_its_handler(unit: Unit) -> None:
    anna, bert = clerk(unit, "安娜"), clerk(unit, "贝特")
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    factories.proposal(case, factories.actor_of(anna), "check_return")

    with pytest.raises(Refused, match="person responsible"):
        give(case, factories.actor_of(anna), bert)


def test_office_gives_to_colleagues_of_its_unit_and_of_the_committee() -> None:
    committee, other = factories.committee(), factories.committee()
    anna = factories.position(Role.OFFICE, committee=committee)
    in_committee = factories.position(Role.OFFICE, committee=committee, unit=factories.unit())
    stranger = factories.position(Role.OFFICE, committee=other)
    case = factories.application(
        ApplicationState.AT_OFFICE, batch=factories.batch(committee=committee)
    )

    give(case, factories.actor_of(anna), in_committee)

    assert handlers.of(case, factories.actor_of(anna)) == in_committee
    assert why_not(case, "office_refuse", factories.actor_of(anna)) is not None
    with pytest.raises(Refused, match="your own organisation"):
        give(case, factories.actor_of(anna), stranger)


def test_case_is_not_given_to_who_confirms_the_steps_of_all(unit: Unit) -> None:
    anna, head = clerk(unit, "安娜"), clerk(unit, "负责人", duty=Duty.HEAD)
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)

    with pytest.raises(Refused, match="Choose a colleague") as refused:
        give(case, factories.actor_of(anna), head)

    assert refused.value.field == "position_id"
