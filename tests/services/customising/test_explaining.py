"""Why somebody can press a button or cannot: the first thing that refuses."""

from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app import scopes
from app.enums import ApplicationState, Role
from app.ground import clock
from app.models import Application, Position
from app.services.customising import explaining
from app.services.customising.explaining import Answer, Asked, Refuses
from app.views.customising.rights_catalogue import RIGHTS
from tests.support import factories as make
from tests.support.rights import REPORT, published

RIGHT = REPORT[:2]


@pytest.fixture
def clerk(session: Session) -> Position:
    return make.position(Role.UNIT, unit=make.unit())


def about(record: Application | None) -> Asked:
    right = RIGHTS.items()[RIGHT]
    return Asked(right, record, scopes.of_own_unit, ("report",)) if record else Asked(right)


def answer(position: Position, record: Application | None = None) -> Answer:
    with force_locale("en"):
        found = explaining.answers(position.user, about(record), at=clock.now())
    assert len(found) == 1
    return found[0]


def case(position: Position, **values: Any) -> Application:
    return make.application(unit=position.unit, **values)


def test_tick_alone_allows_the_menu(clerk: Position) -> None:
    assert answer(clerk).refuses is None


def test_disabled_account_refuses_first(clerk: Position) -> None:
    clerk.user.active = False

    assert answer(clerk).refuses is Refuses.ACCOUNT


def test_account_without_position_is_told(session: Session) -> None:
    with force_locale("en"):
        found = explaining.answers(make.user(), about(None), at=clock.now())

    assert [one.refuses for one in found] == [Refuses.POSITION]


def test_withdrawn_position_refuses(clerk: Position) -> None:
    clerk.is_active = False

    assert answer(clerk).refuses is Refuses.POSITION


def test_role_that_could_never_press_is_told_the_rule(session: Session) -> None:
    found = answer(make.position(Role.HRSS, unit=make.unit()))

    assert found.refuses is Refuses.TICK
    assert "No rule of the procedure" in found.sentence


def test_missing_tick_names_the_set_that_took_it(clerk: Position, session: Session) -> None:
    done = published(make.actor(Role.SECADMIN, user=make.user("周安")), {REPORT: False})

    found = answer(clerk)

    assert found.refuses is Refuses.TICK
    assert f"周安 took it in set {done.id}" in found.sentence


def test_tick_that_was_never_given_is_told(clerk: Position, session: Session) -> None:
    right = RIGHTS.items()["DrawView", "can_list"]
    with force_locale("en"):
        found = explaining.answers(clerk.user, Asked(right), at=clock.now())

    assert [one.refuses for one in found] == [Refuses.TICK]


def test_record_of_another_unit_is_out_of_scope(clerk: Position, session: Session) -> None:
    record = make.application(unit=make.unit(), state=ApplicationState.NOTICE_OVER)

    assert answer(clerk, record).refuses is Refuses.SCOPE


def test_state_is_named_with_those_in_which_it_is_pressed(clerk: Position) -> None:
    found = answer(clerk, case(clerk, state=ApplicationState.DRAFT))

    assert found.refuses in (Refuses.STATE, Refuses.SCOPE)
    later = answer(clerk, case(clerk, state=ApplicationState.AT_OFFICE))
    assert later.refuses is Refuses.STATE
    assert "pressed in: " in later.sentence


def test_guard_says_its_own_sentence(clerk: Position) -> None:
    record = case(clerk, state=ApplicationState.NOTICE_OVER)

    found = answer(clerk, record)

    assert found.refuses is Refuses.GUARD
    assert found.sentence


def test_each_position_has_its_answer(clerk: Position, app: Flask) -> None:
    make.position(Role.HRSS, unit=make.unit(), user=clerk.user)

    with force_locale("en"):
        found = explaining.answers(clerk.user, about(None), at=clock.now())

    assert [(one.role, one.refuses) for one in found] == [
        (Role.UNIT, None),
        (Role.HRSS, Refuses.TICK),
    ]
