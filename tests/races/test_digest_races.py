"""Two clock processes at the same moment: everybody gets one digest, every deadline is told of once."""

import os
from datetime import date, timedelta

import pytest
from flask import Flask

from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.menu import TREE
from app.models import DeadlineNote, Outbox
from app.todos import digest
from tests.races.test_races import together
from tests.support import factories as f

ROUNDS = range(25 if os.environ.get("LONG") else 2)
DAY = date(2026, 6, 3)


@pytest.mark.parametrize("_round", ROUNDS)
def test_two_processes_send_one_digest_each(app: Flask, _round: int) -> None:
    f.work_days(date(2026, 1, 1), date(2026, 12, 31))
    at = clock.start_of_day(DAY) + timedelta(hours=9)
    unit = f.unit()
    for _clerk in range(7):
        f.position(Role.UNIT, unit=unit)
    f.application(ApplicationState.AT_UNIT, unit=unit, due_at=clock.end_of_day(DAY))

    together(app, *(lambda: digest.run(TREE.entries(), at) for _process in range(2)))
    digest.run(TREE.entries(), at)

    db.session.rollback()
    told = [one.user_id for one in db.session.query(Outbox).filter_by(template="digest.daily")]
    assert len(told) == len(set(told)) == 7
    assert db.session.query(DeadlineNote).count() == 7
