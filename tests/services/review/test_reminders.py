"""Reminders: who waits reminds who holds, each side once a day; the holder's open page stays as it is."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.engine import Refused
from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Outbox, Reminder
from app.services.messages import templates
from app.services.review import reminders
from tests.support import factories as f

State = ApplicationState


def told() -> list[int]:
    db.session.flush()
    found = db.session.query(Outbox).filter_by(template="reminder.remind")
    return sorted(one.user_id for one in found)


def remind(application: Application, actor: Actor) -> None:
    reminders.remind(application, actor=actor, at=clock.now())


@pytest.fixture
def case(app: Flask) -> Application:
    """An application that waits for the first check of its unit."""
    unit = f.unit()
    person = f.person(unit=unit)
    return f.application(
        State.AT_UNIT, person=person, unit=unit, holder_id=unit.id, held_since=clock.now()
    )


@pytest.fixture
def applicant(case: Application) -> Actor:
    return f.actor_of(f.position(Role.APPLICANT, person=case.person))


def test_applicant_reminds_the_unit(case: Application, applicant: Actor) -> None:
    clerk = f.position(Role.UNIT, unit=case.unit)
    f.position(Role.SUPERIOR, unit=case.unit)
    f.position(Role.UNIT, unit=f.unit())
    version = case.version

    remind(case, applicant)

    assert told() == [clerk.user_id]
    assert case.version == version
    sent = db.session.query(Outbox).filter_by(template="reminder.remind").one()
    text = templates.fill(templates.defaults()["reminder.remind"][1], sent.payload)
    assert case.number in text
    assert set(templates.variables_of("reminder.remind")) <= set(sent.payload)
    assert sent.payload["url"] == f"/g/1.1.4/{case.id}"


def test_holder_follows_the_state(case: Application) -> None:
    authority = f.unit(kind="authority", region_code="430000")
    waiting = f.actor(Role.UNIT, unit=case.unit)
    superior = f.position(Role.SUPERIOR, unit=f.unit())
    office = f.position(Role.OFFICE, committee=case.committee)
    hrss = f.position(Role.HRSS, unit=authority)
    own = f.position(Role.APPLICANT, person=case.person)
    holders = {
        State.AT_SUPERIOR: (superior.unit_id, superior.user_id),
        State.AT_OFFICE: (case.committee.unit_id, office.user_id),
        State.IN_REVIEW: (case.committee.unit_id, office.user_id),
        State.IN_FILING: (authority.id, hrss.user_id),
        State.RETURNED: (None, own.user_id),
        State.IN_CORRECTION: (None, own.user_id),
    }
    for days, (state, (unit_id, account)) in enumerate(holders.items()):
        case.state, case.holder_id = state, unit_id
        db.session.query(Outbox).delete()
        at = clock.now() + timedelta(days=days)
        reminders.remind(case, actor=waiting, at=at)
        assert told() == [account], state


def test_each_side_reminds_once_a_day(case: Application, applicant: Actor) -> None:
    f.position(Role.UNIT, unit=case.unit)
    authority = f.actor(Role.HRSS, unit=f.unit(kind="authority", region_code="430000"))
    remind(case, applicant)

    with pytest.raises(Refused, match="today already"):
        remind(case, applicant)
    remind(case, authority)

    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        remind(case, applicant)
    assert db.session.query(Reminder).count() == 3


def test_who_need_not_wait_cannot_remind(case: Application, applicant: Actor) -> None:
    clerk = f.actor(Role.UNIT, unit=case.unit)
    own_clerk = f.actor_of(f.position(Role.SUPERIOR, unit=f.unit(), person=case.person))
    judge = f.actor(Role.JUDGE, committee=case.committee)
    for actor in (clerk, own_clerk):
        with pytest.raises(Refused, match="nobody to remind"):
            remind(case, actor)
    with pytest.raises(Refused, match="may not take"):
        remind(case, judge)
    case.state = State.IN_NOTICE
    with pytest.raises(Refused, match="runs its days"):
        remind(case, applicant)
    for state in (State.RETURNED, State.ENDED):
        case.state, case.holder_id = state, None
        case.held_since = clock.now() if state is State.RETURNED else None
        with pytest.raises(Refused, match="nobody to remind"):
            remind(case, applicant)
    assert told() == []


def test_holder_without_account_is_to_be_called(case: Application, applicant: Actor) -> None:
    case.unit.phone = "0736-7001234"

    with pytest.raises(Refused, match="0736-7001234"):
        remind(case, applicant)
