"""Notices of holidays as text: what they say, against the official calendar, and what is refused."""

from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar
import pytest
from flask import Flask
from flask_babel import force_locale

from app.engine import Refused
from app.services.registers import calendar_years, holiday_notices
from tests.support.holiday_notices import MOVED_LABOUR_DAY, NOTICES


@pytest.fixture(autouse=True)
def in_english(app: Flask) -> Iterator[None]:
    with force_locale("en"):
        yield


def differing(days: dict[date, tuple[bool, str]], year: int) -> list[str]:
    """Return the days of a year on which what was read and the official calendar differ."""
    whole = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
    return [
        day.isoformat()
        for day in whole
        if day.year == year
        and days.get(day, calendar_years.usual(day))[0] != chinese_calendar.is_workday(day)
    ]


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
@pytest.mark.parametrize("shape", [str, lambda text: text.replace("\n", "")])
def test_every_day_of_a_notice_is_as_in_the_official_calendar(year: int, shape: type[str]) -> None:
    found = holiday_notices.read(shape(NOTICES[year]))

    assert found.year == year
    assert differing(found.days, year) == []


def test_notice_and_its_later_change_together_give_the_official_year() -> None:
    first = holiday_notices.read(NOTICES[2019])
    later = holiday_notices.read(MOVED_LABOUR_DAY)

    assert first.source == "国办发明电〔2018〕15号"
    assert differing(first.days, 2019) == ["2019-04-28", "2019-05-02", "2019-05-03", "2019-05-05"]
    assert differing(first.days | later.days, 2019) == []


def test_a_notice_may_change_the_december_before() -> None:
    found = holiday_notices.read(NOTICES[2019])

    before = {day.isoformat(): value for day, value in found.days.items() if day.year == 2018}
    assert before == {
        "2018-12-29": (True, "元旦调休上班"),
        "2018-12-30": (False, "元旦"),
        "2018-12-31": (False, "元旦"),
    }


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        (NOTICES[2025] + NOTICES[2026], "text", "notices of different years: 2025, 2026"),
        ("关于2027年部分节假日安排的通知，另行公布。", "text", "No day was found"),
        ("", "text", "No day was found"),
        (NOTICES[2026], "year", "This is the notice of 2026, but 2027 was chosen"),
        ("一、元旦：1月1日（周四）至3日（周六）放假。", "text", "2027-01-01 is a Friday"),
        ("元旦：1月1日放假。1月4日上班。", "text", "is a Monday in 2027, worked anyway"),
        ("国庆节：10月1日至7日放假，共8天。", "text", "says 8 days, its dates are 7"),
        ("国庆节：10月1日至7日放假。中秋节：10月7日放假。", "text", "the days overlap"),
        ("国庆节：10月1日至7日放假。10月3日上班。", "text", "as a day off and as a working day"),
        ("元旦：2月30日放假。", "text", "There is no day “2月30日”"),
        ("元旦：13月1日放假。", "text", "There is no day"),
        ("元旦：5日放假。", "text", "has no month"),
        ("春节：2月1日至6月1日放假。", "text", "is no span of days"),
        ("春节：2025年2月1日放假。", "text", "lies outside of 2027"),
        ("放假" * 11_000, "text", "too long for a notice"),
    ],
)
def test_what_cannot_be_a_notice_is_refused_in_words(text: str, field: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        holiday_notices.read(text, 2027)

    assert refused.value.field == field
    assert words in refused.value.sentence


def test_a_text_without_year_needs_one() -> None:
    with pytest.raises(Refused) as refused:
        holiday_notices.read("元旦：1月1日放假。")

    assert refused.value.field == "year"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("元旦 1月1日-1月3日 放假", {"01-01", "01-02", "01-03"}),
        ("元旦：１月１日（星期五）放假１天。", {"01-01"}),
        ("放假时间：5月1日至2日", {"05-01", "05-02"}),
        ("元旦：1月1日放假。鼓励单位在1月4日休息。", {"01-01"}),
        ("元旦：1月1日放假，1月4日起正常办公。", {"01-01"}),
    ],
)
def test_other_wordings(text: str, days: set[str]) -> None:
    found = holiday_notices.read(text, 2027)

    assert {day.isoformat()[5:] for day in found.days} == days
