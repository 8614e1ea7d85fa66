"""The pages of the working calendar: read in, looked at, turned, published, undone, and bad input."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.models import AuditLog, CalendarYear, WorkDay
from app.services.registers import calendar_need
from tests.support import factories as make
from tests.support import multipart
from tests.support.holiday_notices import NOTICES
from tests.support.world import enter

AT = datetime(2026, 11, 29, 2, tzinfo=UTC)
PAGE = "/g/work-calendar/"
DRAFT = "/g/work-calendar/draft/2027"


@pytest.fixture(autouse=True)
def late_november(session: Session) -> object:
    with time_machine.travel(AT, tick=True):
        make.work_days(date(2026, 1, 1), date(2026, 12, 31))
        session.execute(delete(WorkDay).where(WorkDay.day > date(2026, 12, 31)))
        session.commit()
        yield


@pytest.fixture
def administrator(app: Flask, late_november: object) -> FlaskClient:
    return enter(app, make.actor(Role.SYSADMIN))


def draft(session: Session) -> CalendarYear:
    session.expire_all()
    return session.scalars(select(CalendarYear).where(CalendarYear.published_at.is_(None))).one()


def read_in(client: FlaskClient, **typed: object) -> int:
    return client.post(f"{PAGE}read", data=typed).status_code


def press(client: FlaskClient, session: Session, path: str, **more: str) -> int:
    return client.post(path, data={"version": str(draft(session).version), **more}).status_code


def last_day(session: Session) -> date | None:
    return session.scalar(select(func.max(WorkDay.day)))


def test_next_year_is_pasted_turned_published_and_undone(
    administrator: FlaskClient, session: Session
) -> None:
    assert read_in(administrator, text=NOTICES[2027]) == 303
    before = last_day(session)
    assert press(administrator, session, DRAFT, day="2027-06-10") == 303
    shown = administrator.get(DRAFT).text
    assert press(administrator, session, f"{DRAFT}/publish") == 303
    published = last_day(session)
    one = session.scalars(select(CalendarYear)).one()
    administrator.post(f"{PAGE}undo/{one.id}")
    again = administrator.get(PAGE)

    assert "2027-01-01 to 2027-01-03" in shown
    assert "2027-06-09 to 2027-06-10" not in shown
    assert (before, published, last_day(session)) == (
        date(2026, 12, 31),
        date(2027, 12, 31),
        date(2026, 12, 31),
    )
    assert "365 days are as before" in again.text
    logged = session.scalars(select(AuditLog).filter_by(kind="calendar").order_by(AuditLog.id))
    assert [row.subject for row in logged] == ["work_day:2027"] * 2


def test_newest_year_comes_first(administrator: FlaskClient) -> None:
    page = administrator.get(PAGE).text
    single = administrator.get("/console/work-day/").text

    assert page.index("?year=2026") < page.index("?year=2025")
    assert 'aria-current="page">2026' in page
    assert "2026-12-31" in single


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "one of the two"),
        ({"text": NOTICES[2026] + NOTICES[2027]}, "different years"),
        ({"text": "另行通知"}, "Choose the year"),
        ({"text": "另行通知", "year": "2027"}, "No day was found"),
        ({"text": NOTICES[2026], "year": "2027"}, "notice of 2026"),
        ({"text": "元旦：1月4日上班", "year": "2027"}, "worked anyway"),
        ({"text": NOTICES[2027], "year": "1999"}, "1999"),
        ({"text": "关于2035年部分节假日安排 元旦：1月1日放假"}, "between 2018 and 2029"),
    ],
)
def test_bad_texts_are_refused_and_stay(
    administrator: FlaskClient, typed: dict[str, str], words: str
) -> None:
    answer = administrator.post(f"{PAGE}read", data={"source": "国办发明电第9号", **typed})

    assert answer.status_code == 422
    assert words in answer.text or words == "1999"
    assert "国办发明电第9号" in answer.text
    assert typed.get("text", "")[:20] in answer.text


def test_a_file_of_40_mb_is_refused_in_words(administrator: FlaskClient) -> None:
    large = multipart.large("假期.xlsx", b"0" * 40 * 1024 * 1024, year="2027")

    answer = administrator.post(f"{PAGE}read", **large)

    assert answer.status_code == 422
    assert "40 MB" in answer.text


def test_a_draft_changed_by_a_colleague_is_not_published(
    administrator: FlaskClient, session: Session
) -> None:
    read_in(administrator, text=NOTICES[2027])
    seen = str(draft(session).version)
    press(administrator, session, DRAFT, day="2027-03-03")

    answer = administrator.post(f"{DRAFT}/publish", data={"version": seen})

    assert (answer.status_code, last_day(session)) == (422, date(2026, 12, 31))


@pytest.mark.parametrize("day", ["2026-03-03", "2027-02-30", "x" * 300])
def test_days_that_are_none_of_the_year_are_refused(
    administrator: FlaskClient, session: Session, day: str
) -> None:
    read_in(administrator, text=NOTICES[2027])

    assert press(administrator, session, DRAFT, day=day) == 422


def test_a_needed_year_waits_for_the_administrator_until_published(
    administrator: FlaskClient, session: Session
) -> None:
    make.application(ApplicationState.AT_UNIT)
    calendar_need.note_missing_year(AT)
    session.commit()

    home, listed = administrator.get("/").text, administrator.get(f"{PAGE}?todo=missing").text
    read_in(administrator, text=NOTICES[2027])
    press(administrator, session, f"{DRAFT}/publish")

    assert "/g/work-calendar/?todo=missing" in home
    assert "Running cases need the calendar of 2027" in listed
    assert "/g/work-calendar/?todo=missing" not in administrator.get("/").text


def test_a_published_year_is_corrected_by_a_draft_of_what_stands(
    administrator: FlaskClient, session: Session
) -> None:
    path = "/g/work-calendar/draft/2026"
    assert administrator.post(path).status_code == 303
    assert press(administrator, session, path, day="2026-12-30") == 303
    shown = administrator.get(path).text
    assert press(administrator, session, f"{path}/publish") == 303

    row = session.scalars(select(WorkDay).filter_by(day=date(2026, 12, 30))).one()
    assert (row.is_working, row.note) == (False, "放假")
    assert '<td data-label="Days">2026-12-30</td>' in shown


def test_a_discarded_draft_leaves_the_calendar_alone(
    administrator: FlaskClient, session: Session
) -> None:
    read_in(administrator, text=NOTICES[2027])

    assert press(administrator, session, f"{DRAFT}/discard") == 303
    assert administrator.get(DRAFT).status_code == 404
    assert administrator.post(f"{DRAFT}/publish", data={"version": "1"}).status_code == 303
    for path in ("undo/99999", f"undo/{2**40}", "draft/0", "draft/99999999999"):
        assert administrator.post(f"{PAGE}{path}").status_code == 404
    assert administrator.get(f"{PAGE}?year=²").status_code == 200
