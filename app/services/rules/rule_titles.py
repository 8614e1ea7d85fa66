"""Rules about titles already held: order of levels, change of series, years with the present title."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.enums import ApplyMode, Level
from app.services.rules.rule_numbers import (
    YEARS,
    Choice,
    Number,
    Parameter,
    Table,
    of_enum,
)
from app.services.rules.rule_subject import (
    Case,
    Degree,
    Held,
    Numbers,
    Verdict,
    add_months,
    day_of,
    full_years,
)

TITLES = "titles"

STEP: tuple[Parameter, ...] = (
    Choice(
        "entry",
        _("Highest level for which a person without any title may apply"),
        of_enum(Level),
        Level.MIDDLE.value,
    ),
)


def step(case: Case, numbers: Numbers) -> Verdict:
    """Require that titles are taken level by level within one series (Order 40, art. 15).

    Who holds no title yet may begin with any level up to `entry`; who holds one takes the next level.
    """
    held, wanted = case.held(), case.level
    if held is None or wanted is None:
        return _title_verdict(None, gettext("The titles held are not entered yet."))
    same = [one for one in held if one.series == case.series]
    if held and not same:
        return _title_verdict(
            False,
            gettext(
                "The titles held are all of another series. First change the series at the same level (“%(mode)s”).",
                mode=ApplyMode.TRANSFER.label,
            ),
            "series",
        )
    highest = max((one.level for one in same), key=lambda level: level.rank, default=None)
    if highest is not None and highest.rank >= wanted.rank:
        return _title_verdict(
            False,
            gettext("A title of this level or a higher one is already held in this series."),
        )
    reachable = highest.rank + 1 if highest else Level(numbers["entry"]).rank
    if wanted.rank > reachable:
        return _title_verdict(False, _step_refusal(wanted, highest))
    return _title_verdict(
        True,
        gettext(
            "“%(wanted)s” follows “%(held)s”.",
            wanted=wanted.label,
            held=highest.label if highest else gettext("no title"),
        ),
    )


def _step_refusal(wanted: Level, highest: Level | None) -> str:
    return gettext(
        "Titles are taken one after another: “%(wanted)s” does not follow “%(held)s”; the next level after the "
        "one held comes first. Exceptional cases choose “%(mode)s”.",
        wanted=wanted.label,
        held=highest.label if highest else gettext("no title"),
        mode=ApplyMode.EXCEPTIONAL.label,
    )


def transfer(case: Case, numbers: Numbers) -> Verdict:
    """Require a title of the same level in another series for a change of series (Order 40, art. 15)."""
    held, wanted = case.held(), case.level
    if held is None or wanted is None:
        return _title_verdict(None, gettext("The titles held are not entered yet."))
    is_met = any(one.level is wanted and one.series != case.series for one in held)
    return _title_verdict(
        is_met,
        gettext(
            "A change of series needs a title of the same level (“%(level)s”) in another series.",
            level=wanted.label,
        ),
    )


def _title_verdict(is_met: bool | None, sentence: str, field: str = "level") -> Verdict:
    return Verdict(is_met, sentence, TITLES, field)


FROM_TITLE, FROM_EITHER, FROM_WORK = "title", "title_or_work", "work"
DEGREE_AND_YEARS: tuple[Parameter, ...] = (
    Table(
        "table",
        _("Years by education"),
        (
            Choice("degree", _("Education at least"), of_enum(Degree)),
            Number("years", _("Years"), 0, 50, 5, YEARS),
        ),
        (
            {"degree": Degree.DOCTOR.value, "years": 2},
            {"degree": Degree.BACHELOR.value, "years": 5},
        ),
        help=_(
            "An education that is not listed counts as the next lower one; below the lowest nobody applies."
        ),
    ),
    Choice(
        "counts_from",
        _("Years count from"),
        [
            (FROM_TITLE, _("the present title")),
            (
                FROM_EITHER,
                _("the present title, or without one the begin of the professional work"),
            ),
            (FROM_WORK, _("the begin of the professional work")),
        ],
        FROM_TITLE,
    ),
    Number("basic_adds", _("Years more for each assessment “basically competent”"), 0, 5, 0, YEARS),
    Number("failed_adds", _("Years more for each assessment “not competent”"), 0, 5, 0, YEARS),
)


def degree_and_years(case: Case, numbers: Numbers) -> Verdict:
    """Require a number of years by education, counted to the seniority date of the batch.

    Source: Order 40, art. 15 and the standards of the series.
    """
    degree = case.degree()
    if degree is None:
        sentence = gettext("Enter your education and tick the one the application rests on.")
        return Verdict(None, sentence, "education", "is_basis")
    needed = years_for(degree, numbers["table"])
    if needed is None:
        sentence = gettext(
            "“%(degree)s” is not enough for this title: at least “%(least)s” is needed.",
            degree=degree.label,
            least=_lowest_degree(numbers["table"]).label,
        )
        return Verdict(False, sentence, "education", "level")
    start, place = _start_of_count(case, numbers["counts_from"])
    if start is None or case.seniority_date is None:
        return Verdict(None, gettext("There is no day yet from which the years count."), *place)
    return _years_verdict(case, numbers, degree, needed, start, place)


def years_for(degree: Degree, table: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the years an education needs, None where it is below every row.

    The fewest years of all rows at or below it count, so a higher education never needs more years.
    """
    years = [int(row["years"]) for row in table if Degree(row["degree"]).rank <= degree.rank]
    return min(years, default=None)


def _lowest_degree(table: Sequence[Mapping[str, Any]]) -> Degree:
    return min((Degree(row["degree"]) for row in table), key=lambda one: one.rank)


def _start_of_count(case: Case, counts_from: str) -> tuple[date | None, tuple[str, str]]:
    present: Held | None = case.present()
    work = day_of(case.value("basic", "technical_since"))
    if counts_from == FROM_WORK:
        return work, ("basic", "technical_since")
    if present is None and counts_from == FROM_EITHER and case.held() is not None:
        return work, ("basic", "technical_since")
    return present.since if present else None, (TITLES, "obtained_on")


def _years_verdict(
    case: Case, numbers: Numbers, degree: Degree, needed: int, start: date, place: tuple[str, str]
) -> Verdict:
    last = case.seniority_date
    if last is None:
        raise AssertionError("asked only with a day to count to")
    more = _added_years(case, numbers, start)
    reached = add_months(start, (needed + more) * 12)
    have = max(0, full_years(start, last))
    facts = {
        "degree": degree.label,
        "needed": needed + more,
        "have": have,
        "start": start,
        "day": last,
        "reached": reached,
    }
    sentence = gettext(
        "With “%(degree)s” %(needed)s years are needed by %(day)s; there are %(have)s (since %(start)s).",
        **facts,
    )
    if more:
        sentence += gettext(" Assessments add %(more)s years.", more=more)
    if reached > last:
        sentence += gettext(
            " They are reached on %(reached)s: apply in a later batch, or give the grounds of an exceptional application.",
            **facts,
        )
    return Verdict(reached <= last, sentence, *place)


def _added_years(case: Case, numbers: Numbers, start: date) -> int:
    """Return the years added by poor annual assessments since the year of `start`."""
    adds = {"basic": numbers["basic_adds"], "failed": numbers["failed_adds"]}
    return sum(
        int(adds.get(str(row.get("grade")), 0))
        for row in case.rows("assessments") or []
        if isinstance(row.get("year"), int) and row["year"] >= start.year
    )
