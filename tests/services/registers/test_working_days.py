"""Terms in working days, over the official calendar of 2018 to 2026 as it was seeded."""

from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar
import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from app.engine import Refused
from app.extensions import db
from app.models.calendar import WorkDay
from app.services.registers import working_days
from app.services.registers.working_days import UnknownDay
from tests.support import counting, factories

SAME_DATABASE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
days = st.dates(date(2018, 3, 1), date(2025, 12, 1))


@pytest.fixture(autouse=True)
def in_english(app: Flask) -> Iterator[None]:
    with force_locale("en"):
        yield


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    with counting.statements() as sent:
        yield sent


@pytest.mark.parametrize(
    ("opened", "ends"),
    [
        (date(2024, 9, 9), date(2024, 9, 14)),
        (date(2024, 9, 10), date(2024, 9, 18)),
        (date(2024, 9, 24), date(2024, 9, 30)),
        (date(2024, 9, 26), date(2024, 10, 9)),
        (date(2024, 12, 25), date(2025, 1, 2)),
    ],
)
def test_five_working_days_follow_the_official_calendar(opened: date, ends: date) -> None:
    assert working_days.add_working_days(opened, 5) == ends
    assert working_days.working_days_between(opened, ends) == 5


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2024, 9, 14), True),
        (date(2024, 9, 16), False),
        (date(2024, 9, 29), True),
        (date(2024, 10, 7), False),
        (date(2025, 1, 26), True),
        (date(2026, 2, 14), True),
        (date(2026, 10, 10), True),
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
    ],
)
def test_is_working_knows_moved_days(day: date, worked: bool) -> None:
    assert working_days.is_working(day) is worked


def test_latest_start_is_the_last_notice_that_ends_in_time() -> None:
    assert working_days.latest_start(date(2024, 9, 30), 5) == date(2024, 9, 24)
    assert working_days.latest_start(date(2024, 9, 30), 0) == date(2024, 9, 30)


def test_no_working_days_leave_the_day_as_it_is() -> None:
    day = date(2024, 10, 1)

    assert working_days.add_working_days(day, 0) == day
    assert working_days.working_days_between(day, day) == 0
    assert working_days.working_days_between(day, day - timedelta(days=9)) == 0


def test_a_negative_count_is_a_mistake_of_the_caller(app: Flask) -> None:
    with pytest.raises(ValueError, match="-1"):
        working_days.add_working_days(date(2024, 9, 9), -1)


@SAME_DATABASE
@given(days, st.integers(1, 15))
def test_terms_agree_with_the_source_counted_day_by_day(start: date, count: int) -> None:
    day, left = start, count
    while left:
        day += timedelta(days=1)
        left -= chinese_calendar.is_workday(day)

    assert working_days.add_working_days(start, count) == day
    assert working_days.working_days_between(start, day) == count


@SAME_DATABASE
@given(days, st.integers(1, 15))
def test_latest_start_ends_in_time_and_one_day_later_does_not(last: date, count: int) -> None:
    start = working_days.latest_start(last, count)

    assert working_days.add_working_days(start, count) <= last
    assert working_days.add_working_days(start + timedelta(days=1), count) > last


def test_an_unknown_day_is_refused_with_what_to_do() -> None:
    unknown = date(2040, 1, 1)

    with pytest.raises(UnknownDay) as refused:
        working_days.is_working(unknown)

    assert isinstance(refused.value, Refused)
    assert refused.value.day == unknown
    assert "2040" in refused.value.sentence
    assert "2040-01-01" in refused.value.sentence


def test_a_term_that_leaves_the_calendar_is_refused() -> None:
    last = date(2026, 12, 31)
    factories.unknown_after(last)

    with pytest.raises(UnknownDay) as forwards:
        working_days.add_working_days(date(2026, 12, 28), 5)
    with pytest.raises(UnknownDay) as backwards:
        working_days.latest_start(date(2018, 1, 3), 5)
    with pytest.raises(UnknownDay) as between:
        working_days.working_days_between(last, date(2027, 1, 5))

    assert forwards.value.day == between.value.day == last + timedelta(days=1)
    assert backwards.value.day == date(2017, 12, 31)


def test_a_gap_in_the_calendar_is_refused_not_skipped() -> None:
    db.session.execute(delete(WorkDay).where(WorkDay.day == date(2024, 9, 12)))

    with pytest.raises(UnknownDay) as refused:
        working_days.add_working_days(date(2024, 9, 9), 5)

    assert refused.value.day == date(2024, 9, 12)


def test_a_term_near_the_end_of_the_calendar_needs_no_day_beyond_it() -> None:
    assert working_days.add_working_days(date(2026, 12, 21), 5) == date(2026, 12, 28)


def test_an_edited_day_counts_as_edited() -> None:
    db.session.get_one(WorkDay, date(2024, 9, 11)).is_working = False

    assert working_days.add_working_days(date(2024, 9, 9), 5) == date(2024, 9, 18)


def test_one_term_reads_the_calendar_once(statements: list[str]) -> None:
    working_days.add_working_days(date(2024, 9, 26), 15)

    assert len([statement for statement in statements if "work_day" in statement]) == 1


def test_days_move_by_years_onto_working_days_where_they_were(statements: list[str]) -> None:
    # 3 May 2024 was a day off of the holiday, 28 April a worked Sunday, 4 October a day off
    days = {date(2023, 5, 4), date(2023, 5, 5), date(2023, 10, 4), date(2023, 2, 28)}

    moved = working_days.years_later(days, 1)

    assert moved == {
        date(2023, 5, 4): date(2024, 5, 6),
        date(2023, 5, 5): date(2024, 5, 6),
        date(2023, 10, 4): date(2024, 10, 4),
        date(2023, 2, 28): date(2024, 2, 28),
    }
    assert len(statements) == 2
    assert working_days.years_later((), 1) == {}


def test_beyond_the_calendar_monday_to_friday_count(app: Flask) -> None:
    assert working_days.years_later([date(2026, 5, 29)], 20) == {
        date(2026, 5, 29): date(2046, 5, 29)
    }
    assert working_days.years_later([date(2026, 5, 29)], 1) == {
        date(2026, 5, 29): date(2027, 5, 31)
    }
    assert working_days.same_date(date(2024, 2, 29), 1) == date(2025, 2, 28)
