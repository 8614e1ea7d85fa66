"""Seed reference data: code tables from `app/data` and the working calendar.

Only missing rows are added; rows that an administrator changed or switched off are left alone.
"""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import chinese_calendar
from flask_appbuilder import Model
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.enums import Role
from app.ground import paths
from app.models.calendar import WorkDay
from app.models.dictionary import (
    Dictionary,
    DictItem,
    MaterialKind,
    Region,
    Series,
    Specialty,
    Title,
)
from app.models.eligibility import EligibilityRule
from app.models.phrase import Phrase

FIRST_YEAR = 2018
CALENDAR_SOURCE = "国务院办公厅节假日安排（chinesecalendar）"

Row = dict[str, Any]

READERS: dict[str, Callable[[str], Any]] = {
    "order": int,
    "max_mb": int,
    "max_count": int,
    "is_active": lambda cell: cell == "1",
    "is_statistical": lambda cell: cell == "1",
    "is_grassroots": lambda cell: cell == "1",
    "is_required": lambda cell: cell == "1",
    "is_closed": lambda cell: cell == "1",
    "parent_code": lambda cell: cell or None,
    "condition": lambda cell: json.loads(cell) if cell else None,
    "required_when": lambda cell: json.loads(cell) if cell else None,
}
"""Converters of CSV cells by column name; all other columns are text."""


def seed_reference(session: Session) -> int:
    """Add the reference rows that are missing and return how many; the caller commits."""
    return sum(
        (
            _add_missing(session, Region, ("code",), _regions()),
            _add_missing(session, Series, ("code",), _rows("series.csv")),
            _add_missing(session, Title, ("code",), _rows("titles.csv")),
            _add_missing(session, Specialty, ("code",), _rows("specialties.csv")),
            _add_missing(session, Dictionary, ("code",), _rows("dictionaries.csv")),
            _add_missing(session, DictItem, ("kind", "code"), _rows("dict_items.csv")),
            _add_missing(session, MaterialKind, ("code",), _rows("material_kinds.csv")),
            _add_missing(session, EligibilityRule, ("code",), _eligibility_rules()),
            _add_missing(session, WorkDay, ("day",), known_calendar()),
            _add_missing(session, Phrase, ("role", "text"), _first_phrases(session)),
        )
    )


def _first_phrases(session: Session) -> list[Row]:
    """Return the phrases of an installation that has none for any role: their wording is no key."""
    kept = session.scalar(select(Phrase.id).where(Phrase.user_id.is_(None)).limit(1))
    rows = [] if kept is not None else _rows("phrases.csv")
    return [{**row, "role": Role(row["role"]), "is_active": True} for row in rows]


def known_calendar() -> Iterator[Row]:
    """Yield the days of all years whose holidays were announced, from 2018 on."""
    day = date(FIRST_YEAR, 1, 1)
    while True:
        try:
            is_working = chinese_calendar.is_workday(day)
        except NotImplementedError:  # this year's holidays are not announced yet
            return
        yield {
            "day": day,
            "is_working": is_working,
            "note": _note(day, is_working),
            "source": CALENDAR_SOURCE,
        }
        day += timedelta(days=1)


def _note(day: date, is_working: bool) -> str:
    """Return the holiday's name or the reason why a weekend is worked; empty for ordinary days."""
    name = chinese_calendar.get_holiday_detail(day)[1]
    if name is None:
        return ""
    holiday: str = chinese_calendar.Holiday(name).chinese
    return f"{holiday}调休上班" if is_working else holiday


def _rows(file_name: str) -> Iterator[Row]:
    with (paths.DATA / file_name).open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            yield {column: READERS.get(column, str)(cell) for column, cell in cells.items()}


def _regions() -> list[Row]:
    """Return the regions, each after its parent."""
    rows = ({**row, "level": int(row["level"])} for row in _rows("regions.csv"))
    return sorted(rows, key=lambda row: row["level"])


def _eligibility_rules() -> list[Row]:
    rows: list[Row] = json.loads(
        (paths.DATA / "eligibility_rules.json").read_text(encoding="utf-8")
    )
    return rows


def _add_missing(
    session: Session, model: type[Model], key: tuple[str, ...], rows: Iterator[Row] | list[Row]
) -> int:
    """Insert in one statement those of `rows` whose `key` does not exist yet; return how many."""
    columns = [getattr(model, name) for name in key]
    present = {tuple(found) for found in session.execute(select(*columns))}
    missing = [row for row in rows if tuple(row[name] for name in key) not in present]
    if missing:
        session.execute(insert(model), missing)
    return len(missing)
