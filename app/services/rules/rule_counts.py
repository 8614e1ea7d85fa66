"""Rules that count rows of the form: assessments, continuing education, achievements, papers and so on."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.services.form.row_checks import is_after, is_before
from app.services.rules.rule_numbers import (
    HOURS,
    YEARS,
    Many,
    Number,
    Parameter,
    Tick,
    of_dictionary,
)
from app.services.rules.rule_subject import (
    Case,
    Numbers,
    Row,
    Verdict,
    amount,
    day_of,
    whole_number,
)

ASSESSMENTS, TRAINING = "assessments", "continuing"
EXCUSED = "none"
"""Grade of a year without an assessment; the form asks for the reason."""


@dataclass(frozen=True)
class Counted:
    """A section whose rows are counted, and the fields of a row that hold its level, day, rank and role.

    `dictionary` holds the levels; a row with the tick `first_as` counts whatever its rank.
    """

    section: str
    level: str
    dictionary: str
    day: str
    rank: str = "rank"
    role: str = ""
    first_as: str = ""


COUNTED = {
    "achievements": Counted("achievements", "level", "project_level", "started", role="role"),
    "projects": Counted("projects", "level", "project_level", "approved", role="role"),
    "papers": Counted("papers", "index", "paper_level", "published", first_as="is_corresponding"),
    "books": Counted("books", "kind", "book_kind", "published"),
    "patents": Counted("patents", "kind", "patent_kind", "granted"),
    "awards": Counted("awards", "level", "award_level", "awarded"),
}


ASSESSED: tuple[Parameter, ...] = (
    Number("years", _("Last years"), 1, 15, 5, YEARS),
    Many(
        "good",
        _("Grades that are enough"),
        of_dictionary("assessment"),
        ("excellent", "competent"),
        is_required=True,
    ),
    Number("excellent", _("“Excellent” at least"), 0, 15, 0),
)


def assessments(case: Case, numbers: Numbers) -> Verdict:
    """Require a sufficient grade in each of the last years, and enough years graded excellent.

    A year without an assessment is accepted if it was entered as such.
    """
    rows = case.rows(ASSESSMENTS)
    if rows is None or case.review_year is None:
        return _assessment_verdict(None, gettext("The assessments are not filled in yet."))
    grades = {row.get("year"): str(row.get("grade") or "") for row in rows}
    asked = _years_asked(case, numbers["years"])
    enough = (*numbers["good"], EXCUSED)
    poor = [year for year in asked if grades.get(year) and grades[year] not in enough]
    if poor or not all(grades.get(year) for year in asked):
        return _insufficient_years(asked, poor, [year for year in asked if not grades.get(year)])
    excellent = sum(grades.get(year) == "excellent" for year in asked)
    sentence = gettext(
        "From %(first)s to %(last)s each year at least competent; excellent %(excellent)s times, needed %(least)s.",
        excellent=excellent,
        first=min(asked),
        last=max(asked),
        least=numbers["excellent"],
    )
    return _assessment_verdict(excellent >= numbers["excellent"], sentence, "grade")


def _insufficient_years(
    asked: Sequence[int], poor: Sequence[int], missing: Sequence[int]
) -> Verdict:
    facts = {"first": min(asked), "last": max(asked), "years": _joined_years(poor or missing)}
    if poor:
        sentence = gettext(
            "From %(first)s to %(last)s each year must be at least competent; it is not in %(years)s.",
            **facts,
        )
        return _assessment_verdict(False, sentence, "grade")
    sentence = gettext(
        "From %(first)s to %(last)s each year is needed; %(years)s is not entered.", **facts
    )
    return _assessment_verdict(False, sentence, "year")


def _assessment_verdict(is_met: bool | None, sentence: str, field: str = "") -> Verdict:
    return Verdict(is_met, sentence, ASSESSMENTS, field)


def _years_asked(case: Case, count: int) -> list[int]:
    """Return the last `count` years before the review year, at least the last one.

    Years before the first full year of work are left out.
    """
    last = (case.review_year or case.today.year) - 1
    began = day_of(case.value("basic", "work_since"))
    first = max(last - count + 1, began.year + 1 if began else 0)
    return list(range(min(first, last), last + 1))


def _joined_years(years: Iterable[int]) -> str:
    return gettext(", ").join(str(year) for year in years)


TRAINED: tuple[Parameter, ...] = (
    Number("years", _("Last years"), 1, 15, 5, YEARS),
    Number("public", _("General subjects a year at least"), 0, 500, 30, HOURS),
    Number("professional", _("Professional subjects a year at least"), 0, 500, 60, HOURS),
)


def continuing_education(case: Case, numbers: Numbers) -> Verdict:
    """Require the hours of continuing education in each of the last years, by kind of subject."""
    rows = case.rows(TRAINING)
    if rows is None or case.review_year is None:
        return Verdict(None, gettext("Continuing education is not filled in yet."), TRAINING)
    short = [
        year
        for year in _years_asked(case, numbers["years"])
        if _hours(rows, year, "public_hours") < numbers["public"]
        or _hours(rows, year, "special_hours") < numbers["professional"]
    ]
    sentence = gettext(
        "In each of the last %(years)s years %(public)s hours of general and %(professional)s of professional subjects.",
        **numbers,
    )
    if short:
        sentence += gettext(" Too few in %(years)s.", years=_joined_years(short))
    return Verdict(not short, sentence, TRAINING, "public_hours" if short else "")


def _hours(rows: Sequence[Row], year: int, field: str) -> float:
    return sum(amount(row.get(field)) for row in rows if row.get("year") == year)


def counting(name: str) -> tuple[tuple[Parameter, ...], Callable[[Case, Numbers], Verdict]]:
    """Return the parameters and the computation of a rule that counts the rows of section `name`."""
    what = COUNTED[name]
    parameters: list[Parameter] = [
        Number("count", _("At least"), 0, 50, 1, _("entries")),
        Many("levels", _("Only of"), of_dictionary(what.dictionary), help=_("None ticked: all.")),
        Number("rank", _("Own rank at most"), 0, 99, 0, help=_("0: any rank.")),
    ]
    if what.role:
        roles = of_dictionary("work_role")
        parameters.append(Many("roles", _("Only as"), roles, help=_("None ticked: all.")))
    parameters.append(
        Tick(
            "since_title",
            _("Only from the present title on, until the day achievements count"),
            True,
        )
    )

    def count(case: Case, numbers: Numbers) -> Verdict:
        return _count_rows(case, numbers, what)

    return tuple(parameters), count


def _count_rows(case: Case, numbers: Numbers, what: Counted) -> Verdict:
    rows = case.rows(what.section)
    if rows is None:
        return Verdict(None, gettext("This section is not filled in yet."), what.section)
    fitting = [row for row in rows if _fits(row, numbers, what)]
    counted = [row for row in fitting if _is_in_time(case, numbers, row.get(what.day))]
    sentence = gettext(
        "At least %(needed)s are needed; %(have)s count of the %(all)s entered.",
        needed=numbers["count"],
        have=len(counted),
        all=len(rows),
    )
    if late := len(fitting) - len(counted):
        sentence += gettext(
            " %(count)s lie before the present title, after %(day)s, or have no date.",
            count=late,
            day=case.material_cutoff or case.today,
        )
    return Verdict(len(counted) >= numbers["count"], sentence, what.section, what.level)


def _fits(row: Row, numbers: Numbers, what: Counted) -> bool:
    if numbers["levels"] and row.get(what.level) not in numbers["levels"]:
        return False
    if what.role and numbers["roles"] and row.get(what.role) not in numbers["roles"]:
        return False
    if not numbers["rank"] or (what.first_as and row.get(what.first_as)):
        return True
    return 0 < whole_number(row.get(what.rank)) <= numbers["rank"]


def _is_in_time(case: Case, numbers: Numbers, value: Any) -> bool:
    if not numbers["since_title"]:
        return True
    present = case.present()
    if day_of(value) is None:
        return False
    first = present.since if present and present.since else date.min
    return not (is_before(value, first) or is_after(value, case.material_cutoff or case.today))
