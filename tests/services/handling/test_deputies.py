"""Deputies: for some days a colleague handles somebody's cases, and the log says for whom."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.models import Application, Deputy, Outbox, Position, Unit
from app.services.handling import deputies, handlers
from app.views.base.case_timeline import timeline
from tests.services.handling.test_handlers import clerk, give, waiting
from tests.support import factories
from tests.support.acting import fire, why_not

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def unit() -> Unit:
    return factories.unit()


def name_deputy(principal: Position, deputy: Position, first: int = 0, last: int = 7) -> Deputy:
    data: dict[str, Any] = {
        "deputy_position_id": deputy.id,
        "starts_on": factories.in_days(first),
        "ends_on": factories.in_days(last),
    }
    made = deputies.draft(principal.id, data)
    fire(made, "name_deputy", factories.actor_of(principal))
    return made


def given_case(unit: Unit, position: Position) -> Application:
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    give(case, factories.actor_of(position), position)
    return case


def test_deputy_has_the_cases_for_these_days_only(unit: Unit) -> None:
    anna, bert, third = (clerk(unit, name) for name in ("安娜", "贝特", "陈三"))
    case = given_case(unit, anna)
    name_deputy(anna, bert, 1, 3)
    at = clock.now()

    seen = {}
    for day in (0, 1, 3, 4):
        with time_machine.travel(at + timedelta(days=day), tick=False):
            seen[day] = waiting(factories.actor_of(bert))
            assert waiting(factories.actor_of(third)) == []

    assert seen == {0: [], 1: [case.id], 3: [case.id], 4: []}
    assert [one.template for one in db.session.query(Outbox)] == ["deputy.name_deputy"]


def test_deputy_acts_in_the_own_name_and_the_log_says_for_whom(unit: Unit) -> None:
    anna, bert = clerk(unit, "安娜"), clerk(unit, "贝特")
    case = given_case(unit, anna)
    name_deputy(anna, bert)

    log = fire(
        case, "check_return", factories.actor_of(bert), opinion="请补充继续教育证明材料",
        details={"leader": factories.LEADER, "sections": {"": "请补充继续教育证明材料"}},
    )  # fmt: skip

    assert (log.actor_name, log.details["for"]) == ("贝特", "安娜")
    assert any("acting for 安娜" in line for line in timeline(case)[-1]["more"])


def test_own_act_and_act_on_a_free_case_are_for_nobody(unit: Unit) -> None:
    anna, bert = clerk(unit, "安娜"), clerk(unit, "贝特")
    name_deputy(anna, bert)
    free = factories.application(ApplicationState.AT_UNIT, unit=unit)

    log = fire(
        free, "check_return", factories.actor_of(bert), opinion="请补充继续教育证明材料",
        details={"leader": factories.LEADER, "sections": {"": "请补充继续教育证明材料"}},
    )  # fmt: skip

    assert "for" not in log.details


def test_deputyship_ends_early(unit: Unit) -> None:
    anna, bert = clerk(unit, "安娜"), clerk(unit, "贝特")
    case = given_case(unit, anna)
    made = name_deputy(anna, bert)

    assert why_not(made, "end_deputy", factories.actor_of(bert)) is not None
    fire(made, "end_deputy", factories.actor_of(anna))

    assert waiting(factories.actor_of(bert)) == []
    assert why_not(case, "check_return", factories.actor_of(bert)) is not None


def test_what_has_ended_by_itself_cannot_be_ended(unit: Unit) -> None:
    anna, bert = clerk(unit, "安娜"), clerk(unit, "贝特")
    made = name_deputy(anna, bert, 0, 1)

    with time_machine.travel(clock.now() + timedelta(days=2), tick=False):
        assert "ended by itself" in str(why_not(made, "end_deputy", factories.actor_of(anna)))


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [(-1, 3, "is over"), (3, 1, "Exchange the two"), (5, 9, "is your deputy from")],
)
def test_days_that_are_over_turned_round_or_taken(
    unit: Unit, first: int, last: int, sentence: str
) -> None:
    anna, bert, third = (clerk(unit, name) for name in ("安娜", "贝特", "陈三"))
    name_deputy(anna, third, 4, 6)

    with pytest.raises(Refused, match=sentence):
        name_deputy(anna, bert, first, last)


def test_deputies_are_colleagues_of_the_same_role(unit: Unit) -> None:
    anna = clerk(unit, "安娜")

    for other in (anna, clerk(factories.unit(), "外人"), clerk(unit, "上级", Role.SUPERIOR)):
        with pytest.raises(Refused, match="your own organisation"):
            name_deputy(anna, other)


def test_deputy_of_a_deputy_does_not_inherit(unit: Unit) -> None:
    anna, bert, third = (clerk(unit, name) for name in ("安娜", "贝特", "陈三"))
    case = given_case(unit, anna)
    name_deputy(anna, bert)
    name_deputy(bert, third)

    assert waiting(factories.actor_of(third)) == []
    assert handlers.of(case, factories.actor_of(third)) == anna


def test_two_windows_name_one_deputy(app: Flask, session: Session, unit: Unit) -> None:
    anna, *others = (clerk(unit, name) for name in ("安娜", "贝特", "陈三", "丁四", "吴五"))
    key, keys = anna.id, [one.id for one in others]
    session.commit()
    gate = Barrier(len(keys), timeout=60)

    def name(deputy_id: int) -> bool:
        with app.app_context():
            gate.wait()
            principal, deputy = (db.session.get_one(Position, one) for one in (key, deputy_id))
            try:
                name_deputy(principal, deputy)
                db.session.commit()
            except Refused:
                db.session.rollback()
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(len(keys)) as pool:
        named = list(pool.map(name, keys))

    assert sorted(named) == [False, False, False, True]
