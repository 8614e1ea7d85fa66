"""Two windows at the same moment at a meeting's other lines and reminders, and at what people keep for themselves."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Level, Role
from app.extensions import db
from app.models import MeetingReminder, Phrase, Plan, PlanChange, SavedView
from tests.bad_input import desk
from tests.races.test_races import posts, statuses, tabs, together
from tests.support import factories, meetings

TYPED = {
    "pass_line": "2/3", "denominator": "present", "senior_cap": 60, "associate_cap": 55, "over_cap": "rank",
    "aggregation": "mean", "trim_from": 5, "material_share": 50, "opinion": "省厅核定本年度通过率",
}  # fmt: skip


@pytest.fixture
def plan(app: Flask) -> Plan:
    plan = meetings.online(count=5, level=Level.SENIOR, senior_cap=40)
    plan.batch.senior_cap = 60
    return plan


def windows(app: Flask, role: Role, **place: Any) -> list[FlaskClient]:
    """Return two windows of one person."""
    client = desk.clerk(app, role, **place)
    db.session.commit()
    client.get("/")
    return tabs(app, client, 2)


def test_other_lines_are_reported_once_and_the_other_press_is_told(app: Flask, plan: Plan) -> None:
    address = f"/g/meeting/{plan.id}/trial/"
    both = windows(app, Role.OFFICE, committee=plan.committee)

    answers = together(app, *(posts(one, address, TYPED) for one in both))

    assert statuses(answers) == [303, 422]
    refused = next(one.text for one in answers if one.status_code == 422)
    assert 'role="alert"' in refused
    assert TYPED["opinion"] in refused
    db.session.rollback()
    assert db.session.query(PlanChange).count() == 1


def test_one_reminder_a_day_of_one_duty(app: Flask, plan: Plan) -> None:
    address = f"/g/meeting/{plan.id}/remind"
    both = windows(app, Role.OFFICE, committee=plan.committee)

    answers = together(app, *(posts(one, address, {}) for one in both))

    assert statuses(answers) == [303, 303]
    db.session.rollback()
    found = db.session.query(MeetingReminder.user_id, MeetingReminder.duty).all()
    assert len(found) == len(set(found))


def test_a_phrase_is_kept_once(app: Flask) -> None:
    both = windows(app, Role.UNIT, unit=factories.unit())
    typed = {"text": "经核对，与原件一致。", "order": "1", "is_active": "y"}

    answers = together(app, *(posts(one, "/g/own-phrases/add", typed) for one in both))

    assert statuses(answers) == [303, 422]
    db.session.rollback()
    assert db.session.query(Phrase).filter(Phrase.user_id.is_not(None)).count() == 1


def test_a_view_of_one_name_is_kept_once(app: Flask) -> None:
    both = windows(app, Role.UNIT, unit=factories.unit())
    typed = {"act": "save", "name": "本周到期", "sharing": "own", "is_default": "y", "state": ""}

    answers = together(app, *(posts(one, "/g/1.1.2/views", typed) for one in both))

    assert statuses(answers) == [303, 422]
    db.session.rollback()
    assert db.session.query(SavedView).count() == 1
