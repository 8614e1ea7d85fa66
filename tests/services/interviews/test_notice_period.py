"""Days off and short notice are named with day and number of working days."""

from datetime import date

import pytest
from flask import Flask

from app.extensions import db
from app.models import Setting, WorkDay
from app.services.interviews import notice_period

MONDAY = date(2030, 3, 4)
NEXT_MONDAY, SATURDAY = date(2030, 3, 11), date(2030, 3, 9)


@pytest.fixture(autouse=True)
def calendar(app: Flask) -> None:
    for day in range(4, 29):
        db.session.add(WorkDay(day=date(2030, 3, day), is_working=day % 7 not in (2, 3)))
    db.session.flush()


def test_far_working_days_are_not_asked_about() -> None:
    assert notice_period.warnings([NEXT_MONDAY], MONDAY) == []
    assert notice_period.warnings([date(2030, 3, 8)], MONDAY) == []
    assert notice_period.warnings([], MONDAY) == []


def test_each_near_day_is_named_with_its_working_days() -> None:
    found = notice_period.warnings([date(2030, 3, 7), date(2030, 3, 5)], MONDAY)

    assert [one.partition(" are")[0] for one in found] == [
        "2030-03-07: 2 working days lie between today (2030-03-04) and the interview, 3",
        "2030-03-05: 0 working days lie between today (2030-03-04) and the interview, 3",
    ]


def test_days_off_are_named_together() -> None:
    assert notice_period.warnings([SATURDAY, NEXT_MONDAY], MONDAY) == ["Days off: 2030-03-09."]


def test_a_notice_period_of_none_asks_nothing() -> None:
    db.session.add(Setting(key="interview_notice_days", value="0"))
    db.session.flush()

    assert notice_period.warnings([MONDAY], MONDAY) == []


def test_an_unknown_calendar_is_said() -> None:
    [said] = notice_period.warnings([date(2031, 3, 4)], MONDAY)

    assert "calendar for 2031 is not known" in said or "is not known yet" in said


def test_sending_asks_about_the_notice_period_alone() -> None:
    found = notice_period.short_notice([date(2030, 3, 5), SATURDAY], MONDAY)

    assert [one.partition(":")[0] for one in found] == ["2030-03-05"]
    assert "another time" in notice_period.send_question(found)
    assert len(notice_period.short_notice([date(2031, 3, 4)], MONDAY)) == 1
