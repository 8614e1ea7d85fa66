"""The input and the result of a rule: `Case` (one person, one title, one batch) and `Verdict`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _

from app.enums import Labelled, Level
from app.ground import clock
from app.models import Person, Unit

PERSON_SECTION = "person"
"""Section key of a verdict about the person's own data, which is not entered in the application form."""
Row = Mapping[str, Any]
Numbers = Mapping[str, Any]


class Degree(Labelled):
    """Education levels that rules compare: the higher of completed education and academic degree."""

    DOCTOR = "doctor", _("Doctor")
    MASTER = "master", _("Master")
    BACHELOR = "bachelor", _("Bachelor")
    COLLEGE = "college", _("Junior college")
    SECONDARY = "secondary", _("Secondary vocational school")
    OTHER = "other", _("Other education")

    @property
    def rank(self) -> int:
        """Return the order of the level, 1 for the lowest."""
        return len(Degree) - list(Degree).index(self)


EDUCATION = {
    "11": Degree.DOCTOR,
    "14": Degree.MASTER,
    "17": Degree.MASTER,
    "21": Degree.BACHELOR,
    "28": Degree.BACHELOR,
    "31": Degree.COLLEGE,
    "41": Degree.SECONDARY,
    "44": Degree.SECONDARY,
    "47": Degree.SECONDARY,
}
"""Codes of completed education (GB/T 4658); an unfinished one counts only by its academic degree."""
ACADEMIC = {"2": Degree.DOCTOR, "3": Degree.MASTER, "4": Degree.BACHELOR}
"""Codes of academic degrees (GB/T 6864); honorary degrees do not count."""


@dataclass(frozen=True)
class Held:
    """A title held: its level, its series and the day it was obtained."""

    series: str
    level: Level
    since: date | None


@dataclass(frozen=True)
class Case:
    """The facts of one application, or of one that a person only considers.

    `sections` holds the saved rows by section key; `asked` the section keys of the form (None: every
    section). A section never saved is unknown; with `is_final` it counts as empty if the form asks it,
    because it would be submitted that way.
    """

    at: datetime
    person: Person
    facts: Mapping[str, str]
    level: Level | None = None
    unit: Unit | None = None
    review_year: int | None = None
    seniority_date: date | None = None
    material_cutoff: date | None = None
    sections: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    materials: frozenset[str] = frozenset()
    asked: frozenset[str] | None = None
    is_final: bool = False

    @property
    def today(self) -> date:
        return clock.local_date(self.at)

    @property
    def series(self) -> str:
        return self.facts.get("series", "")

    def rows(self, key: str) -> Sequence[Row] | None:
        """Return the rows of a section, None when it was not filled in yet and does not count as empty."""
        is_asked = self.asked is None or key in self.asked
        return self.sections.get(key, [] if self.is_final and is_asked else None)

    def value(self, key: str, name: str) -> Any:
        """Return a value of a section that has one row, None when it is not there."""
        rows = self.rows(key)
        return rows[0].get(name) if rows else None

    def held(self) -> list[Held] | None:
        """Return the titles held, None when they were not entered yet."""
        rows = self.rows("titles")
        return None if rows is None else [one for one in map(_held_title, rows) if one is not None]

    def present(self) -> Held | None:
        """Return the highest title held in the series below the level applied for; of several the oldest."""
        wanted = self.level
        below = [
            one
            for one in self.held() or []
            if one.series == self.series and one.since and wanted and one.level.rank < wanted.rank
        ]
        return min(below, key=lambda one: (-one.level.rank, one.since or date.max), default=None)

    def degree(self) -> Degree | None:
        """Return the education the application is based on, None unless exactly one row can be it."""
        rows = self.rows("education") or []
        basis = [row for row in rows if row.get("is_basis")] or list(rows)
        return degree_of(basis[0]) if len(basis) == 1 else None


@dataclass(frozen=True)
class Verdict:
    """The result of a rule: whether it is met (None: not known yet), why, and where the facts are entered."""

    is_met: bool | None
    sentence: str
    section: str = ""
    field: str = ""


def degree_of(row: Row) -> Degree:
    """Return the higher of education and academic degree of a row."""
    found = (
        EDUCATION.get(str(row.get("level")), Degree.OTHER),
        ACADEMIC.get(str(row.get("degree")), Degree.OTHER),
    )
    return max(found, key=lambda one: one.rank)


def day_of(value: Any) -> date | None:
    """Return a stored day or month as a date (a month as its first day), None for any other value."""
    text = str(value or "")
    try:
        return date.fromisoformat(f"{text}-01" if len(text) == len("2026-05") else text)
    except ValueError:
        return None


def whole_number(value: Any) -> int:
    """Return a stored whole number, 0 for any other value."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def amount(value: Any) -> float:
    """Return a stored number, 0 for any other value."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0


def full_years(first: date, last: date) -> int:
    """Return the full years from `first` to `last`."""
    return last.year - first.year - ((last.month, last.day) < (first.month, first.day))


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the last day of that month where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _held_title(row: Row) -> Held | None:
    code = str(row.get("level") or "")
    level = next((one for one in Level if one.value == code), None)
    if level is None or not row.get("series"):
        return None
    return Held(str(row["series"]), level, day_of(row.get("obtained_on")))
