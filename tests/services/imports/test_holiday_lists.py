"""Lists of holidays as files, good and bad ones."""

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from openpyxl import Workbook

from app.engine import Refused
from app.services.imports import holiday_lists

ICS = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270101
DTEND;VALUE=DATE:20270104
SUMMARY:元旦（休）
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270131
SUMMARY:春节（班）
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270214
SUMMARY:情人节
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20270405
X-APPLE-SPECIAL-DAY:WORK-HOLIDAY
SUMMARY:清明
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260101
SUMMARY:元旦（休）
END:VEVENT
END:VCALENDAR
"""
EXPECTED = {
    date(2027, 1, 1): False,
    date(2027, 1, 2): False,
    date(2027, 1, 3): False,
    date(2027, 1, 31): True,
    date(2027, 4, 5): False,
}


@pytest.fixture(autouse=True)
def in_english(app: Flask) -> Iterator[None]:
    with force_locale("en"):
        yield


def sheet(*rows: tuple[Any, ...]) -> io.BytesIO:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def test_a_calendar_is_read_and_other_years_are_left_out() -> None:
    found = holiday_lists.read(io.BytesIO(ICS.encode()), "假期.ics", 2027)

    assert {day: value[0] for day, value in found.days.items()} == EXPECTED
    assert found.left_out == ["1 day of another year was left out."]


def test_a_sheet_is_read_whatever_the_columns() -> None:
    file = sheet(
        ("2027年节假日", None, None),
        ("名称", "日期", "类型"),
        ("元旦", date(2027, 1, 1), "休"),
        ("春节", "2027-01-31", "调休上班"),
        ("清明节", "2027年4月5日", "放假"),
    )

    found = holiday_lists.read(file, "a.xlsx", 2027)

    assert {day: value[0] for day, value in found.days.items()} == {
        date(2027, 1, 1): False,
        date(2027, 1, 31): True,
        date(2027, 4, 5): False,
    }
    assert found.days[date(2027, 1, 1)][1] == "元旦"


@pytest.mark.parametrize(
    ("name", "content", "field", "words"),
    [
        ("a.pdf", b"x", "file", ".xlsx"),
        ("a.xlsx", b"no workbook", "file", "cannot be read as Excel"),
        ("a.ics", b"\xff\xfe nothing", "file", ""),
        ("a.ics", b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "file", "No day was found"),
        ("a.ics", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:never\nEND", "file", ""),
        ("a.xlsx", b"0" * 40 * 1024 * 1024, "file", "40 MB"),
        ("a.ics", b"0" * 40 * 1024 * 1024, "file", "40 MB"),
        ("a.ics", ICS.replace("2027", "2025").encode(), "year", "days of 2025, 2026, none of 2027"),
    ],
)
def test_bad_files_are_refused_in_words(name: str, content: bytes, field: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        holiday_lists.read(io.BytesIO(content), name, 2027)

    assert refused.value.field == field
    assert words in refused.value.sentence


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("元旦", "2027-01-01", "")], "row 1: neither 休 nor 班"),
        ([("元旦", "2027-02-30", "休")], "row 1: the day cannot be read"),
        ([("元旦", "2027-01-04", "班")], "is a Monday in 2027"),
        ([("元旦", "2027-01-02", "休"), ("元旦", "2027-01-02", "班")], "as a day off and as"),
    ],
)
def test_bad_rows_are_named(rows: list[tuple[str, ...]], words: str) -> None:
    with pytest.raises(Refused) as refused:
        holiday_lists.read(sheet(*rows), "a.xlsx", 2027)

    assert refused.value.field == "file"
    assert words in refused.value.sentence
