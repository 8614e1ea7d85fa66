"""Why somebody can press a button or cannot: the first thing that refuses."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app import scopes
from app.engine import Workflow
from app.enums import ApplicationState, Role
from app.ground import clock
from app.menu import views
from app.models import Application, Position
from app.services.customising import conditions, explaining
from app.services.customising.explaining import Answer, Asked, Refuses
from app.views.customising.rights_catalogue import RIGHTS
from tests.support import factories as make
from tests.support.rights import REPORT, own_role, published

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


def test_guard_is_named_by_its_condition_without_facts_of_the_case(clerk: Position) -> None:
    record = case(clerk, state=ApplicationState.NOTICE_OVER)

    found = answer(clerk, record)

    assert found.refuses is Refuses.GUARD
    assert found.sentence.startswith("A condition of the procedure is not met: ")
    assert record.person.name not in found.sentence


def test_deadline_is_a_refusal_of_its_own(clerk: Position) -> None:
    record = case(clerk, state=ApplicationState.AT_UNIT)
    right = RIGHTS.items()["FirstCheckView", "can_audit"]

    asked = Asked(right, record, scopes.of_own_unit, ("check_pass",))
    with force_locale("en"):
        late = clock.end_of_day(record.batch.unit_end) + timedelta(seconds=1)
        found = explaining.answers(clerk.user, asked, at=late)

    assert [one.refuses for one in found] == [Refuses.DEADLINE]
    assert record.batch.name in found[0].sentence


def test_every_guard_of_a_button_has_its_condition_in_words(app: Flask) -> None:
    asked = {
        guard
        for view in views()
        if hasattr(view, "scope") and Role.JUDGE not in view.roles
        if not getattr(view, "names_judges", False)
        for button in getattr(view, "buttons", ())
        if not button.is_page
        for event in button.events
        for guard in Workflow.registry[view.model].guards_of(
            Workflow.registry[view.model].rows[event]
        )
    }

    assert len(asked) > 50
    assert {guard.__name__ for guard in asked} - conditions.WORDS.keys() == set()


def test_own_role_without_the_tick_is_named(clerk: Position, session: Session) -> None:
    own = own_role(start="empty")
    clerk.own_role = own
    session.commit()

    found = answer(clerk)
    published(make.actor(Role.SECADMIN, user=make.user()), {(*RIGHT, own.scope): True})
    allowed = answer(clerk)
    published(make.actor(Role.SECADMIN, user=make.user()), {REPORT: False})
    base = answer(clerk)

    assert (found.refuses, found.scope) == (Refuses.TICK, own.scope)
    assert "Unit viewer (own role of Unit clerk)" in found.sentence
    assert allowed.refuses is None
    assert (base.refuses, base.scope) == (Refuses.TICK, "unit")


def test_each_position_has_its_answer(clerk: Position, app: Flask) -> None:
    make.position(Role.HRSS, unit=make.unit(), user=clerk.user)

    with force_locale("en"):
        found = explaining.answers(clerk.user, about(None), at=clock.now())

    assert [(one.role, one.refuses) for one in found] == [
        (Role.UNIT, None),
        (Role.HRSS, Refuses.TICK),
    ]
