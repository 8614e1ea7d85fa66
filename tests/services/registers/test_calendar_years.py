"""Years of the working calendar: read in, turned, compared, published, undone; and when one is missing."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import ApplicationState, Role
from app.ground.actor import Actor
from app.models import CalendarYear, WorkDay
from app.services.registers import (
    calendar_changes,
    calendar_need,
    calendar_years,
    holiday_notices,
    working_days,
)
from tests.support import factories
from tests.support.holiday_notices import MOVED_LABOUR_DAY, NOTICES

AT = datetime(2026, 11, 29, 2, tzinfo=UTC)
MONDAY = date(2026, 12, 28)


@pytest.fixture(autouse=True)
def late_november(session: Session) -> object:
    """The calendar ends with 2026, as it does before the notice of the next year."""
    with time_machine.travel(AT, tick=True):
        factories.work_days(date(2018, 1, 1), date(2026, 12, 31))
        session.execute(delete(WorkDay).where(WorkDay.day > date(2026, 12, 31)))
        yield


@pytest.fixture
def administrator(session: Session) -> Actor:
    return factories.actor(Role.SYSADMIN)


def published(actor: Actor, text: str = NOTICES[2027]) -> CalendarYear:
    draft = calendar_years.begin(actor, holiday_notices.read(text))
    calendar_years.publish(actor, draft, at=AT)
    return draft


def test_a_notice_that_reaches_into_the_next_year_waits_for_its_publication(
    administrator: Actor,
) -> None:
    with pytest.raises(working_days.UnknownDay, match="2027"):
        working_days.add_working_days(MONDAY, 7)

    done = published(administrator)

    assert len(done.before) == 365
    assert working_days.add_working_days(MONDAY, 7) == date(2027, 1, 7)


def test_undoing_a_new_year_takes_its_days_away(administrator: Actor, session: Session) -> None:
    done = published(administrator)

    assert calendar_years.undo(administrator, done, at=AT) == 365
    assert session.scalar(select(func.max(WorkDay.day))) == date(2026, 12, 31)
    with pytest.raises(Refused, match="undone already"):
        calendar_years.undo(administrator, done, at=AT)


def test_undo_is_refused_where_a_later_publication_changed_a_day(administrator: Actor) -> None:
    first = published(administrator)
    draft = calendar_years.open_year(administrator, 2027)
    calendar_years.flip(administrator, draft, date(2027, 6, 10))
    calendar_years.publish(administrator, draft, at=AT)

    with pytest.raises(Refused, match="2027-06-10"):
        calendar_years.undo(administrator, first, at=AT)

    assert calendar_years.undo(administrator, draft, at=AT) == 1
    assert calendar_years.undo(administrator, first, at=AT) == 365


def test_a_later_notice_changes_only_what_it_names(administrator: Actor) -> None:
    stands = calendar_years.standing(2019)
    reading = holiday_notices.read(MOVED_LABOUR_DAY)
    draft = calendar_years.begin(administrator, reading)

    lines = calendar_changes.changes(calendar_years.full(draft), stands)

    assert {line.first for line in lines} <= set(reading.days)


def test_a_day_turned_twice_is_as_before(administrator: Actor) -> None:
    draft = calendar_years.begin(administrator, holiday_notices.read(NOTICES[2027]))
    before = dict(draft.days)
    for _turn in range(2):
        calendar_years.flip(administrator, draft, date(2027, 3, 3))

    assert draft.days == before
    with pytest.raises(Refused):
        calendar_years.flip(administrator, draft, date(2026, 3, 3))


@pytest.mark.parametrize("year", [2017, 2030])
def test_years_far_away_are_refused(administrator: Actor, year: int) -> None:
    with pytest.raises(Refused):
        calendar_years.begin(administrator, holiday_notices.Reading(year))


def test_an_empty_or_unchanged_year_is_not_published(administrator: Actor) -> None:
    empty = calendar_years.begin(administrator, holiday_notices.Reading(2028))
    same = calendar_years.open_year(administrator, 2026)

    for draft in (empty, same):
        with pytest.raises(Refused):
            calendar_years.publish(administrator, draft, at=AT)


def test_a_running_notice_with_changed_days_is_told(administrator: Actor) -> None:
    case = factories.application(ApplicationState.IN_NOTICE)
    notice = factories.notice([case], starts_on=date(2026, 11, 27), ends_on=date(2026, 12, 4))
    draft = calendar_years.open_year(administrator, 2026)
    calendar_years.flip(administrator, draft, date(2026, 12, 2))

    told = calendar_changes.touched(calendar_years.full(draft), calendar_years.standing(2026))

    [moved] = told.notices
    assert (moved.title, moved.before, moved.after) == (notice.title, 5, 4)
    assert told


def test_days_outside_of_running_terms_touch_nothing(administrator: Actor) -> None:
    case = factories.application(ApplicationState.IN_NOTICE)
    factories.notice([case], starts_on=date(2026, 11, 27), ends_on=date(2026, 12, 4))
    draft = calendar_years.open_year(administrator, 2026)
    calendar_years.flip(administrator, draft, date(2026, 12, 30))

    assert not calendar_changes.touched(calendar_years.full(draft), calendar_years.standing(2026))


def test_a_missing_year_is_noted_once_while_something_runs(administrator: Actor) -> None:
    assert calendar_need.note_missing_year(AT) == 0
    factories.application(ApplicationState.AT_UNIT)

    assert [calendar_need.note_missing_year(AT) for _time in range(2)] == [1, 0]
    [draft] = calendar_years.drafts()
    assert (draft.year, draft.due_on) == (2027, date(2026, 12, 31))

    published(administrator)
    assert calendar_need.note_missing_year(AT) == 0
    assert calendar_years.drafts() == []


def test_nothing_is_missing_long_before_the_end(session: Session) -> None:
    factories.application(ApplicationState.AT_UNIT)

    assert calendar_need.missing_year(date(2026, 9, 1)) is None


def test_a_discarded_draft_of_a_needed_year_stays_to_be_done(administrator: Actor) -> None:
    factories.application(ApplicationState.AT_UNIT)
    calendar_need.note_missing_year(AT)
    draft = calendar_years.begin(administrator, holiday_notices.read(NOTICES[2027]))

    calendar_years.discard(draft)

    [left] = calendar_years.drafts()
    assert (left.days, left.author, left.held_since is not None) == ({}, "", True)
