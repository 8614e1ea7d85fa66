"""Age limit rule: a table by sex and title, raised month by month for later years of birth.

《国务院关于渐进式延迟法定退休年龄的办法》, in force since 2025-01-01; for non-public units 65 years.
"""

from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.enums import Level, Sex
from app.services.rules.rule_numbers import (
    YEARS,
    Choice,
    Number,
    Parameter,
    Table,
    Tick,
    of_enum,
)
from app.services.rules.rule_subject import (
    PERSON_SECTION,
    Case,
    Numbers,
    Verdict,
    add_months,
    full_years,
)

ANY, SENIOR = "any", "senior"
AGE: tuple[Parameter, ...] = (
    Choice(
        "counted_on",
        _("Counted on"),
        [
            ("cutoff", _("The day until which achievements count")),
            ("year_end", _("31 December of the review year")),
        ],
        "cutoff",
    ),
    Tick("is_inclusive", _("Who has reached the age, but not the next one, may still apply")),
    Table(
        "table",
        _("Age limits"),
        (
            Choice("sex", _("Sex"), [("", _("Everybody")), *of_enum(Sex)]),
            Choice("title", _("Title held"), [(ANY, _("Any")), (SENIOR, _("A senior title"))], ANY),
            Number("years", _("Age"), 40, 80, 60, YEARS),
            Number("delay_from", _("Later for those born from (year)"), 1900, 2100, 2100),
            Number("delay_every", _("One month later for every … months"), 1, 120, 4),
            Number("most", _("At most"), 40, 80, 60, YEARS),
        ),
        ({"sex": "", "title": ANY, "years": 60, "delay_from": 2100, "delay_every": 4, "most": 60},),
        help=_("Of several rows that fit, the one that allows most counts."),
    ),
)


def age(case: Case, numbers: Numbers) -> Verdict:
    """Refuse a person who has reached the age limit on the day that counts.

    The limit rises month by month with the date of birth. Where `is_inclusive`, a person may still apply
    in the 12 months after reaching it.
    """
    birth, day = case.person.birth_date, _day_of_age(case, numbers)
    if birth is None or case.person.sex is None:
        return _age_verdict(None, gettext("Sex or date of birth is not known."))
    sure = limits(case, numbers, birth, is_senior=_is_senior(case) is True)
    hoped = limits(case, numbers, birth, is_senior=_is_senior(case) is not False)
    if not hoped:
        return _age_verdict(None, gettext("No age limit is set for this person."))
    extra = 12 if numbers["is_inclusive"] else 0
    last = max(hoped)
    facts = {"reached": last, "birth": birth, "day": day, "years": full_years(birth, last)}
    if sure and add_months(max(sure), extra) > day:
        sentence = gettext(
            "Born %(birth)s: the age limit is reached on %(reached)s; %(day)s counts.", **facts
        )
        return _age_verdict(True, sentence)
    if add_months(last, extra) > day:
        sentence = gettext(
            "Born %(birth)s: whether the age allows it follows from the titles held.", **facts
        )
        return _age_verdict(None, sentence)
    return _age_verdict(False, _refusal(facts, is_inclusive=bool(extra)))


def _age_verdict(is_met: bool | None, sentence: str) -> Verdict:
    return Verdict(is_met, sentence, PERSON_SECTION, "birth_date")


def _refusal(facts: dict[str, Any], *, is_inclusive: bool) -> str:
    if is_inclusive:
        return gettext(
            "By the date of birth %(birth)s the age is over %(years)s on %(day)s; then nobody can apply.",
            **facts,
        )
    return gettext(
        "Born %(birth)s: the age limit was reached on %(reached)s, not after %(day)s; then nobody can apply.",
        **facts,
    )


def _day_of_age(case: Case, numbers: Numbers) -> date:
    if numbers["counted_on"] == "year_end":
        return date(case.review_year or case.today.year, 12, 31)
    return case.material_cutoff or case.today


def limits(case: Case, numbers: Numbers, birth: date, *, is_senior: bool) -> list[date]:
    """Return the days on which the person reaches each age limit of the table that applies."""
    sex = case.person.sex
    return [
        add_months(birth, _months(row, birth))
        for row in numbers["table"]
        if row["sex"] in ("", sex.value if sex else "") and (row["title"] == ANY or is_senior)
    ]


def _months(row: dict[str, Any], birth: date) -> int:
    """Return the age limit of a row in months.

    It is one month longer for every `delay_every` months, or part of them, by which the person was born
    after the start of the year `delay_from`, up to `most` years.
    """
    least, most = row["years"] * 12, max(row["most"], row["years"]) * 12
    passed = (birth.year - row["delay_from"]) * 12 + birth.month - 1
    return least if passed < 0 else min(most, least + passed // row["delay_every"] + 1)


def _is_senior(case: Case) -> bool | None:
    held = case.held()
    if held is None:
        return None
    return any(one.level.rank >= Level.ASSOCIATE.rank for one in held)
