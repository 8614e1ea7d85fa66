"""Rules about the person and the unit: employment, bars and penalties, proofs, grassroots units."""

from datetime import date

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.enums import Employment, UnitKind
from app.models import Person
from app.services.rules.rule_numbers import (
    YEARS,
    Choice,
    Many,
    Number,
    Parameter,
    Tick,
    material_kinds,
    of_dictionary,
    of_enum,
)
from app.services.rules.rule_subject import (
    PERSON_SECTION,
    Case,
    Numbers,
    Row,
    Verdict,
    add_months,
    day_of,
    full_years,
    whole_number,
)

CONDUCT = "conduct"
MATERIALS = "materials"


EMPLOYMENT: tuple[Parameter, ...] = (
    Many(
        "refused",
        _("Who does not take part"),
        of_enum(Employment),
        (Employment.CIVIL_SERVANT.value, Employment.RETIRED.value),
        is_required=True,
    ),
)


def employment(case: Case, numbers: Numbers) -> Verdict:
    """Refuse a person whose kind of employment excludes title reviews (Order 40, art. 2 and 14)."""
    mine = case.person.employment
    if mine.value not in numbers["refused"]:
        return _personal_verdict(
            True, gettext("“%(employment)s” may take part.", employment=mine.label)
        )
    if mine is Employment.CIVIL_SERVANT:
        sentence = gettext(
            "Civil servants and those managed as such do not take part in title reviews. "
            "If that is wrong, correct your own data."
        )
    elif mine is Employment.RETIRED:
        sentence = gettext(
            "Who has retired cannot apply; only people in work take part. "
            "If that is wrong, correct your own data."
        )
    else:
        sentence = gettext(
            "“%(employment)s” does not take part in this review. If that is wrong, correct your own data.",
            employment=mine.label,
        )
    return _personal_verdict(False, sentence)


def _personal_verdict(is_met: bool | None, sentence: str, field: str = "employment") -> Verdict:
    return Verdict(is_met, sentence, PERSON_SECTION, field)


def bar_refusal(person: Person, today: date) -> str | None:
    """Return until when and why the person may not apply, or None (Order 40, art. 39)."""
    if person.banned_until is None or person.banned_until < today:
        return None
    return gettext(
        "%(name)s is barred from title reviews until the end of %(day)s: %(reason)s",
        name=person.name,
        day=person.banned_until,
        reason=person.ban_reason or gettext("see the decision."),
    )


def not_barred(case: Case, numbers: Numbers) -> Verdict:
    """Refuse a person who is barred on the day of the act (Order 40, art. 39)."""
    why = bar_refusal(case.person, case.today)
    return _personal_verdict(why is None, why or gettext("No bar is recorded."), "")


NO_PENALTY: tuple[Parameter, ...] = (
    Many(
        "kinds",
        _("Penalties that count"),
        of_dictionary("punishment"),
        ("demerit", "serious_demerit", "demotion", "dismissal_post"),
        is_required=True,
    ),
    Number(
        "years",
        _("Counts for so many years"),
        0,
        50,
        0,
        YEARS,
        help=_("0: until the day the decision names."),
    ),
)


def no_penalty(case: Case, numbers: Numbers) -> Verdict:
    """Refuse a person while a penalty of the listed kinds is in force (Order 40, art. 14)."""
    rows = case.rows(CONDUCT)
    if rows is None:
        return Verdict(None, gettext("Rewards and penalties are not filled in yet."), CONDUCT)
    for row in rows:
        if row.get("has_penalty") == "no" or row.get("penalty") not in numbers["kinds"]:
            continue
        until = _penalty_end(row, numbers)
        if until is None or until >= case.today:
            sentence = gettext(
                "A penalty is in force until the end of %(day)s; apply in a later year.",
                day=until or gettext("a day that was not entered"),
            )
            return Verdict(False, sentence, CONDUCT, "penalty_until")
    return Verdict(True, gettext("No penalty in force is entered."), CONDUCT)


def _penalty_end(row: Row, numbers: Numbers) -> date | None:
    """Return the day until which a penalty counts, None where that is not known.

    It is the later of the day named in the decision and `years` after the begin of the penalty.
    """
    until, began = day_of(row.get("penalty_until")), day_of(row.get("penalty_from"))
    if not numbers["years"] or began is None:
        return until
    after = add_months(began, numbers["years"] * 12)
    return max(after, until or after)


PROOF: tuple[Parameter, ...] = (
    Choice("material", _("Kind of material"), material_kinds, "exceptional", is_closed=False),
)


def proof(case: Case, numbers: Numbers) -> Verdict:
    """Require uploaded material of one kind, such as the proof of an exceptional application."""
    kind = numbers["material"]
    if kind in case.materials:
        return Verdict(True, gettext("The proof is uploaded."), MATERIALS, kind)
    sentence = gettext("The proof is not uploaded. Upload it with the material.")
    return Verdict(False if case.is_final else None, sentence, MATERIALS, kind)


GRASSROOTS: tuple[Parameter, ...] = (
    Many(
        "kinds",
        _("Kinds of unit"),
        of_enum(UnitKind),
        help=_("None ticked: all kinds."),
    ),
    Tick("in_county", _("The unit must lie in a county, not with the city or the province"), True),
)


def grassroots_unit(case: Case, numbers: Numbers) -> Verdict:
    """Refuse a grassroots title outside units of the listed kinds or, where asked, outside a county."""
    unit = case.unit
    if unit is None:
        return _personal_verdict(None, gettext("The unit is not chosen yet."), "unit_id")
    names = {"unit": unit.name}
    if numbers["kinds"] and unit.kind.value not in numbers["kinds"]:
        return _personal_verdict(
            False,
            gettext("“%(unit)s” is no unit of a kind that grassroots titles are for.", **names),
            "unit_id",
        )
    if numbers["in_county"] and unit.region_code.endswith("00"):
        return _personal_verdict(
            False,
            gettext("“%(unit)s” lies in no county; grassroots titles hold there only.", **names),
            "unit_id",
        )
    return _personal_verdict(True, gettext("“%(unit)s” is a grassroots unit.", **names), "unit_id")


INSURED: tuple[Parameter, ...] = (
    Tick("needs_proof", _("The proof of contributions must be uploaded"), True),
)


def insured(case: Case, numbers: Numbers) -> Verdict:
    """Require that the unit applied through pays the social insurance, unless that unit is an agency.

    Where `needs_proof`, the proof of contributions must be uploaded too.
    """
    paying, unit = case.value("basic", "insurance_unit"), case.unit
    if case.rows("basic") is None or unit is None:
        return Verdict(
            None,
            gettext("The unit paying social insurance is not entered yet."),
            "basic",
            "insurance_unit",
        )
    if not paying:
        return Verdict(
            False, gettext("Enter the unit that pays social insurance."), "basic", "insurance_unit"
        )
    if unit.kind is not UnitKind.AGENCY and paying != unit.name:
        sentence = gettext(
            "Social insurance is paid by “%(paying)s”, but “%(unit)s” is applied through. "
            "Explain it in the remark of the work, or correct one of the two.",
            paying=paying,
            unit=unit.name,
        )
        return Verdict(False, sentence, "basic", "insurance_unit")
    if numbers["needs_proof"] and "social_insurance" not in case.materials:
        sentence = gettext("The proof is not uploaded. Upload it with the material.")
        return Verdict(False if case.is_final else None, sentence, MATERIALS, "social_insurance")
    return Verdict(
        True,
        gettext("Social insurance is paid by “%(paying)s”.", paying=paying),
        "basic",
        "insurance_unit",
    )


YEARS_AT_WORK: tuple[Parameter, ...] = (Number("years", _("Years at least"), 0, 50, 5, YEARS),)


def years_at_work(case: Case, numbers: Numbers) -> Verdict:
    """Require a number of full years of professional work by the seniority date of the batch."""
    start = day_of(case.value("basic", "technical_since"))
    if start is None or case.seniority_date is None:
        return Verdict(
            None,
            gettext("The begin of the professional work is not entered yet."),
            "basic",
            "technical_since",
        )
    have = max(0, full_years(start, case.seniority_date))
    sentence = gettext(
        "%(needed)s years of professional work are needed by %(day)s; there are %(have)s (since %(start)s).",
        needed=numbers["years"],
        day=case.seniority_date,
        have=have,
        start=start,
    )
    return Verdict(have >= whole_number(numbers["years"]), sentence, "basic", "technical_since")
