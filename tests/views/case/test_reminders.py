"""催办 over HTTP: on the page of the applicant and of staff who wait, in both timelines, once a day, own rows only."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Outbox, Reminder, TransitionLog
from app.views.case import reminders
from tests.support import factories as f
from tests.support.counting import statements
from tests.support.signing import english, signed_in


@pytest.fixture
def case(app: Flask) -> Application:
    unit = f.unit()
    f.position(Role.UNIT, unit=unit)
    return f.application(
        ApplicationState.AT_UNIT,
        person=f.person(unit=unit),
        unit=unit,
        holder_id=unit.id,
        held_since=clock.now(),
    )


@pytest.fixture
def me(app: Flask, case: Application) -> FlaskClient:
    return english(signed_in(app.test_client(), f.position(Role.APPLICANT, person=case.person)))


def test_applicant_presses_and_both_sides_read_it(
    app: Flask, me: FlaskClient, case: Application, session: Session
) -> None:
    page = f"/me/application/{case.id}/"
    button = f'action="/remind/{case.id}"'
    for path in (page, f"/m/application/{case.id}/"):
        assert button in me.get(path).text
    authority = f.position(Role.HRSS, unit=f.unit(kind="authority", region_code="430000"))
    staff = english(signed_in(app.test_client(), authority))
    assert button in staff.get(f"/g/1.1.4/{case.id}").text

    answer = me.post(f"/remind/{case.id}", data={"next": page})
    assert (answer.status_code, answer.location) == (303, page)
    shown = me.get(page).text
    assert "The reminder was sent" in shown
    assert "today already" in shown
    assert me.post(f"/remind/{case.id}", data={"next": page}).status_code == 303
    assert 'class="note stop' in me.get(page).text

    session.rollback()
    assert session.query(Reminder).count() == 1
    assert session.query(Outbox).filter_by(template="reminder.remind").count() == 1
    log = session.query(TransitionLog).filter_by(subject_type="reminder").one()
    for client, path in ((me, page), (staff, f"/g/1.1.4/{case.id}")):
        assert log.receipt in client.get(path).text, path


def test_holder_and_strangers_have_no_button(
    app: Flask, me: FlaskClient, case: Application, session: Session
) -> None:
    holder = english(signed_in(app.test_client(), f.position(Role.UNIT, unit=case.unit)))
    stranger = english(signed_in(app.test_client(), f.position(Role.UNIT, unit=f.unit())))
    other = english(
        signed_in(app.test_client(), f.position(Role.APPLICANT, person=f.person(unit=case.unit)))
    )

    assert "/remind/" not in holder.get(f"/g/1.1.4/{case.id}").text
    holder.post(f"/remind/{case.id}")
    assert "nobody to remind" in holder.get(f"/g/1.1.4/{case.id}").text
    assert [one.post(f"/remind/{case.id}").status_code for one in (stranger, other)] == [404, 404]
    assert me.post("/remind/999999").status_code == 404
    assert app.test_client().post(f"/remind/{case.id}").status_code != 200
    session.rollback()
    assert session.query(Reminder).count() == 0


@pytest.mark.parametrize("role", [Role.JUDGE, Role.SUPERVISOR, Role.AUDITOR, Role.SYSADMIN])
def test_who_never_reminds_has_no_button(app: Flask, case: Application, role: Role) -> None:
    with app.test_request_context():
        assert (
            reminders.card(case, Actor(role=role, user_id=1, name="某"), clock.now(), "/") is None
        )
        authority = Actor(role=Role.HRSS, user_id=1, name="某")
        assert reminders.card(case, authority, clock.now(), "/") is not None


def test_timeline_takes_one_statement_however_many_reminders(
    me: FlaskClient, case: Application, session: Session
) -> None:
    page = f"/me/application/{case.id}/"
    me.post(f"/remind/{case.id}")
    me.get(page)
    with statements() as one:
        me.get(page)
    for days in (1, 2, 3):
        day = clock.local_date(clock.now())
        f.add(
            Reminder(application_id=case.id, role=Role.UNIT, day=day.replace(year=day.year - days))
        )
    session.commit()
    with statements() as four:
        me.get(page)

    assert len(four) == len(one)
