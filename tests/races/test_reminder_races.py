"""Two windows at the same moment: one reminder a day, and the other press gets a sentence."""

import os

import pytest
from flask import Flask

from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.models import Outbox, Reminder
from tests.races.test_races import posts, together
from tests.support import factories as f
from tests.support.signing import english, signed_in

ROUNDS = range(25 if os.environ.get("LONG") else 2)


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_windows_send_one_reminder(app: Flask, _round: int) -> None:
    unit = f.unit()
    f.position(Role.UNIT, unit=unit)
    person = f.person(unit=unit)
    case = f.application(
        ApplicationState.AT_UNIT,
        person=person,
        unit=unit,
        holder_id=unit.id,
        held_since=clock.now(),
    )
    position = f.position(Role.APPLICANT, person=person)
    windows = [english(signed_in(app.test_client(), position)) for _ in range(2)]
    key = case.id

    answers = together(app, *(posts(one, f"/remind/{key}", {}) for one in windows))

    assert [answer.status_code for answer in answers] == [303, 303]
    db.session.rollback()
    assert db.session.query(Reminder).filter_by(application_id=key).count() == 1
    assert db.session.query(Outbox).filter_by(template="reminder.remind").count() == 1
