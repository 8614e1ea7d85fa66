"""Lists of holidays as files: an Excel sheet with a day and its sign on each row, or a calendar (.ics).

Excel goes through the one reader of workbooks. Calendars are read by `icalendar`, which also writes the calendar of
an interview: the format folds lines, escapes and names time zones, and a parser of our own would get that wrong.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from os import SEEK_END
from typing import IO, Any

from flask_babel import gettext, ngettext
from icalendar import Calendar

from app.engine import Refused
from app.services.imports import cells
from app.services.imports.sheet_reader import Faulty, Sheet, read_sheets
from app.services.registers import holiday_notices
from app.services.registers.holiday_notices import Day, Reading
from app.validators import Invalid

LARGEST = 1024 * 1024
MOST_ROWS = 800
LONGEST_EVENT = 15
WORKED = re.compile(r"班|工作日|补工")
FREE = re.compile(r"休|放假|假期|假日|节假")
APPLE = {"WORK-HOLIDAY": False, "ALTERNATE-WORKDAY": True}
LOOKS_LIKE_DAY = re.compile(r"\d{4}\D\d{1,2}\D\d{1,2}")
ONE_DAY = timedelta(days=1)


def read(stream: IO[bytes], name: str, year: int) -> Reading:
    """Return the days of `year` in a file. Raises Refused with what is wrong, where."""
    _refuse_large(stream)
    found = list(_events(stream) if name.lower().endswith(".ics") else _rows(stream, name))
    if not found:
        raise Refused(
            gettext(
                "No day was found in the file. Each row needs a day and 休 or 班; in a calendar each event needs 休 or 班"
                " in its title."
            ),
            "file",
        )
    inside = [one for one in found if one[0].year == year]
    if not inside:
        raise Refused(
            gettext(
                "The file holds days of %(years)s, none of %(wanted)s. Choose the year or another file.",
                years=gettext(", ").join(
                    str(one) for one in sorted({day.year for day, _v in found})
                ),
                wanted=year,
            ),
            "year",
        )
    reading = Reading(year, _agreeing(inside), name[:120])
    if others := len(found) - len(inside):
        reading.left_out.append(
            ngettext(
                "%(num)s day of another year was left out.",
                "%(num)s days of other years were left out.",
                others,
            )
        )
    return reading


def _refuse_large(stream: IO[bytes]) -> None:
    size = stream.seek(0, SEEK_END)
    stream.seek(0)
    if size > LARGEST:
        raise Refused(
            gettext(
                "The file has %(size)s MB; a list of holidays has far less than 1 MB. Choose the list alone.",
                size=-(-size // LARGEST),
            ),
            "file",
        )


def _agreeing(found: list[tuple[date, Day]]) -> dict[date, Day]:
    days: dict[date, Day] = {}
    faults: list[str] = []
    for day, value in found:
        if days.setdefault(day, value)[0] != value[0]:
            faults.append(
                gettext("%(day)s is named as a day off and as a working day.", day=day.isoformat())
            )
    try:
        holiday_notices.check(days, found[0][0].year, faults)
    except Refused as refusal:
        raise Refused(refusal.sentence, "file") from None
    return dict(sorted(days.items()))


def _rows(stream: IO[bytes], name: str) -> Iterator[tuple[date, Day]]:
    if not name.lower().endswith(".xlsx"):
        raise Refused(
            gettext("Upload an Excel file (.xlsx) or a calendar (.ics), or paste the text."), "file"
        )
    try:
        sheets = read_sheets(
            stream,
            most_rows=MOST_ROWS,
            too_many=gettext("more than %(most)s rows are no list of holidays", most=MOST_ROWS),
        )
    except Refused as refusal:
        raise Refused(str(refusal), "file") from None
    faults: list[str] = []
    for sheet in sheets:
        yield from _of_sheet(sheet, faults)
    if faults:
        try:
            holiday_notices.refuse(faults)
        except Refused as refusal:
            raise Refused(refusal.sentence, "file") from None


def _of_sheet(sheet: Sheet, faults: list[str]) -> Iterator[tuple[date, Day]]:
    for number, row in sheet.rows:
        place = {"sheet": sheet.name, "row": number}
        day, rest, is_faulty = None, [], False
        for cell in row:
            found = _day(cell)
            is_faulty = is_faulty or isinstance(cell, Faulty) or found is False
            if isinstance(found, date) and day is None:
                day = found
            elif isinstance(cell, str) and found is None:
                rest.append(cell.strip())
        if is_faulty:
            faults.append(
                gettext("Sheet “%(sheet)s”, row %(row)s: the day cannot be read.", **place)
            )
        elif day is not None:
            value = _sign(" ".join(rest))
            if value is None:
                faults.append(
                    gettext(
                        "Sheet “%(sheet)s”, row %(row)s: neither 休 nor 班 stands there.", **place
                    )
                )
            else:
                yield day, value


def _day(cell: Any) -> date | bool | None:
    """Return the day of a cell, None for one without a day, False for one that cannot be read."""
    if cell is None or isinstance(cell, bool | int | float | Faulty):
        return None
    try:
        return cells.day(cell)
    except Invalid:
        return False if isinstance(cell, str) and LOOKS_LIKE_DAY.match(cell.strip()) else None


def _sign(words: str) -> Day | None:
    note = re.sub(r"[（(\s]*(?:休息|放假|休|补班|上班|班)[)）\s]*$", "", words).strip()
    if WORKED.search(words):
        return True, (words if len(words) > 1 else "")[:64]
    return (False, note[:64]) if FREE.search(words) else None


def _events(stream: IO[bytes]) -> Iterator[tuple[date, Day]]:
    try:
        calendar = Calendar.from_ical(stream.read())
        events = list(calendar.walk("VEVENT"))
    except (ValueError, IndexError, KeyError, AttributeError):
        raise Refused(gettext("This file cannot be read as a calendar (.ics)."), "file") from None
    for event in events[:MOST_ROWS]:
        yield from _of_event(event)


def _of_event(event: Any) -> Iterator[tuple[date, Day]]:
    start, end = (getattr(event.get(key), "dt", None) for key in ("DTSTART", "DTEND"))
    first, last = _plain_day(start), _plain_day(end)
    title = str(event.get("SUMMARY", "")).strip()
    is_worked = APPLE.get(str(event.get("X-APPLE-SPECIAL-DAY", "")).upper())
    value = (is_worked, title[:64]) if is_worked is not None else _sign(title)
    if first is None or value is None:
        return
    # the end of an event of whole days is the day after it
    count = (last - first).days if last and last > first else 1
    for offset in range(min(count, LONGEST_EVENT)):
        yield first + offset * ONE_DAY, value


def _plain_day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
