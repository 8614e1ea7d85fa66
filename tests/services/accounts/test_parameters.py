"""Values of parameters by the day: set ahead, cancelled, undone, with two administrators where signing in gets weaker."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app import settings
from app.engine import Refused
from app.enums import ApplicationState, NoticeKind, Role
from app.extensions import appbuilder
from app.ground.actor import Actor
from app.models import AuditLog, Setting
from app.numbers import GROUPS, NUMBERS
from app.services.accounts import parameter_effects, parameters
from app.services.accounts.parameters import Wish
from app.services.accounts.two_administrators import SecondNeeded
from app.services.review import notices
from tests.support import counting, factories

AT = datetime(2026, 11, 29, 2, tzinfo=UTC)
TODAY, NEXT, LATER = date(2026, 11, 29), date(2026, 12, 1), date(2026, 12, 20)
KEY = "notice_days"


@pytest.fixture(autouse=True)
def late_november(app: Flask, session: Session) -> Iterator[None]:
    with force_locale("en"), time_machine.travel(AT, tick=True):
        yield


@pytest.fixture
def administrator(session: Session) -> Actor:
    return factories.actor(Role.SYSADMIN)


def wish(value: str, day: date | None = None, key: str = KEY) -> Wish:
    return Wish(key, value, settings.display_value(key), day, "省厅2026年第9号")


def held(*days: date, key: str = KEY) -> list[object]:
    return [settings.get(key, day) for day in days]


def chain(session: Session, key: str = KEY) -> list[tuple[str, str]]:
    rows = session.scalars(
        select(Setting)
        .filter_by(key=key, cancelled_at=None)
        .order_by(Setting.valid_from, Setting.number)
    )
    return [(one.before, one.value) for one in rows]


def test_several_values_hold_each_from_its_day_on(administrator: Actor, session: Session) -> None:
    parameters.change(administrator, wish("9", LATER))
    parameters.change(administrator, wish("7", NEXT))
    parameters.change(administrator, wish("6"))

    assert held(TODAY, NEXT - timedelta(days=1), NEXT, LATER) == [6, 6, 7, 9]
    assert chain(session) == [("5", "6"), ("6", "7"), ("7", "9")]


def test_a_day_begins_by_itself(administrator: Actor) -> None:
    parameters.change(administrator, wish("7", NEXT))
    with time_machine.travel(datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC), tick=False):
        last_second = settings.get(KEY)
    with time_machine.travel(datetime(2026, 11, 30, 16, 0, tzinfo=UTC), tick=False):
        assert (last_second, settings.get(KEY)) == (5, 7)


def test_every_day_is_asked_with_one_statement(app: Flask, administrator: Actor) -> None:
    parameters.change(administrator, wish("7", NEXT))

    with app.test_request_context(), counting.statements() as sent:
        found = held(TODAY, NEXT) + [settings.get(key) for key in NUMBERS]

    assert found[:2] == [5, 7]
    assert len([one for one in sent if "FROM setting" in one]) == 1


def test_a_notice_lasts_by_the_number_of_its_first_day(administrator: Actor) -> None:
    factories.work_days()
    parameters.change(administrator, wish("7", NEXT))

    before = notices.last_day(NoticeKind.UNIT, date(2026, 11, 30))
    after = notices.last_day(NoticeKind.UNIT, NEXT)

    assert (before, after) == (date(2026, 12, 7), date(2026, 12, 10))


@pytest.mark.parametrize(
    ("value", "day", "field", "words"),
    [
        ("7", date(2026, 11, 28), "valid_from", "2026-11-29"),
        ("7", date(2032, 11, 28), "valid_from", "five years"),
        ("5", NEXT, "value", "already 5"),
    ],
)
def test_impossible_wishes_are_refused_at_their_field(
    administrator: Actor, value: str, day: date, field: str, words: str
) -> None:
    with pytest.raises(Refused) as refused:
        parameters.change(administrator, wish(value, day))

    assert refused.value.field == field
    assert words in refused.value.sentence


def test_a_second_value_for_the_same_day_to_come_is_refused(administrator: Actor) -> None:
    parameters.change(administrator, wish("7", NEXT))

    with pytest.raises(Refused, match="Cancel that value first"):
        parameters.change(administrator, wish("8", NEXT))


def test_a_wish_made_from_an_old_page_is_told(administrator: Actor) -> None:
    old = wish("8")
    parameters.change(administrator, wish("7"))

    with pytest.raises(StaleDataError):
        parameters.change(administrator, old)


def test_a_cancelled_value_never_holds_and_stays_on_record(
    administrator: Actor, session: Session
) -> None:
    first = parameters.change(administrator, wish("7", NEXT))
    parameters.change(administrator, wish("9", LATER))

    parameters.cancel(administrator, first.id, at=AT)

    assert held(NEXT, LATER) == [5, 9]
    assert chain(session) == [("5", "9")]
    assert first.cancelled_by == administrator.name
    with pytest.raises(Refused, match="cancelled already"):
        parameters.cancel(administrator, first.id, at=AT)


def test_undo_brings_back_the_value_before_once_nothing_is_built_on_it(
    administrator: Actor, session: Session
) -> None:
    first = parameters.change(administrator, wish("7"))
    second = parameters.change(administrator, wish("8"))

    with pytest.raises(Refused, match="Undo or cancel that first"):
        parameters.undo(administrator, first.id)
    back = parameters.undo(administrator, second.id)

    assert (settings.get(KEY), back.undoes_id) == (7, second.id)
    assert chain(session) == [("5", "7"), ("7", "8"), ("8", "7")]


def test_what_does_not_hold_yet_is_cancelled_and_what_holds_is_undone(
    administrator: Actor,
) -> None:
    now, then = (
        parameters.change(administrator, wish("7")),
        parameters.change(administrator, wish("9", NEXT)),
    )

    with pytest.raises(Refused, match="Cancel it instead"):
        parameters.undo(administrator, then.id)
    with pytest.raises(Refused, match="Undo it instead"):
        parameters.cancel(administrator, now.id, at=AT)


def test_weaker_values_to_come_and_the_end_of_stronger_ones_need_two(
    administrator: Actor,
) -> None:
    key, second = "login_max_failures", factories.actor(Role.SYSADMIN)
    with pytest.raises(SecondNeeded):
        parameters.change(administrator, wish("9", NEXT, key))
    stronger = parameters.change(administrator, wish("4", NEXT, key))
    with pytest.raises(SecondNeeded):
        parameters.cancel(administrator, stronger.id, at=AT)

    parameters.cancel(administrator, stronger.id, at=AT, second=second)

    assert held(NEXT, key=key) == [5]


def test_old_and_new_values_stand_in_the_audit_log(administrator: Actor, session: Session) -> None:
    row = parameters.change(administrator, wish("7", NEXT))
    parameters.cancel(administrator, row.id, at=AT)

    logged = session.scalars(
        select(AuditLog).filter_by(kind="parameter").order_by(AuditLog.id)
    ).all()
    facts = {"valid_from": "2026-12-01", "remark": "省厅2026年第9号"}
    assert [one.details for one in logged] == [
        {"from": "5", "to": "7", **facts},
        {"from": "7", "to": "5", "cancelled": True, **facts},
    ]


def test_every_number_has_a_group_a_source_and_menus_that_exist() -> None:
    views = {type(view).__name__ for view in appbuilder.baseviews}

    assert {one.group for one in NUMBERS.values()} == set(GROUPS)
    for one in NUMBERS.values():
        assert str(one.clause)
        assert str(one.bounds)
        assert set(one.used) <= views


def test_effects_count_what_goes_by_the_new_number_and_what_stays() -> None:
    factories.application(ApplicationState.CHECKED)
    for _number in range(2):
        factories.notice([factories.application(ApplicationState.IN_NOTICE)])

    told = parameter_effects.of(KEY)

    assert [line.count for line in told.touched] == [1]
    assert [line.count for line in told.kept] == [2]
    assert "first day" in told.sentence


@pytest.mark.parametrize("key", NUMBERS)
def test_every_number_says_what_a_change_touches(key: str) -> None:
    with counting.statements() as sent:
        told = parameter_effects.of(key)

    assert told.sentence
    assert len(sent) <= 3
