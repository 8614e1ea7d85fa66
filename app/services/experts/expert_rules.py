"""Conditions for entering an expert pool, each with its legal clause, whether it is met, and why.

Order 40 of the ministry, art. 11, and Hunan's rules on review experts (湘人社规〔2025〕2号).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app import settings
from app.enums import Employment, ExpertState, Level, UnitKind
from app.ground import clock
from app.models import (
    Committee,
    CommitteeSpecialty,
    EligibilityRule,
    Expert,
    Person,
    Specialty,
    Title,
)
from app.services.accounts import accounts
from app.services.registers import committees
from app.services.rules import rule_age, rule_evaluation, rule_personal
from app.services.rules.rule_subject import Case, add_months

ORDER = _("Regulations on title review, art. 11")
HUNAN = _("Hunan's rules on review experts")
SEPARATION = _("Administrators apart from business")
LIVE = (ExpertState.APPLIED, ExpertState.RECOMMENDED, ExpertState.ADMITTED)
"""States of a membership that is in force or applied for."""
EARLY_MONTHS = 12
"""A term may begin at most this many months ahead; a later day is treated as a typing error."""


@dataclass(frozen=True)
class Rule:
    """The result of one condition. `is_met` is None if the facts are unknown; `field` names their input."""

    label: Any
    clause: Any
    is_met: bool | None
    sentence: str
    field: str | None = None


@dataclass(frozen=True)
class Candidate:
    """A membership, saved or not, with the records that the conditions check."""

    session: Session
    expert: Expert
    person: Person
    committee: Committee
    title: Title
    specialty: Specialty
    at: datetime

    @property
    def today(self) -> date:
        return clock.local_date(self.at)

    @cached_property
    def rules(self) -> Sequence[EligibilityRule]:
        """Return the active rules for applicants; those of age and employment hold for experts too."""
        return rule_evaluation.active(self.session)

    @property
    def is_senior(self) -> bool:
        return self.title.level.rank >= Level.ASSOCIATE.rank


def candidate_of(session: Session, expert: Expert, at: datetime) -> Candidate:
    """Load the records that the conditions check; the membership itself may be unsaved."""
    with session.no_autoflush:
        return Candidate(
            session,
            expert,
            session.get_one(Person, expert.person_id),
            session.get_one(Committee, expert.committee_id),
            session.get_one(Title, expert.title_code),
            session.get_one(Specialty, expert.specialty_code),
            at,
        )


def judge(candidate: Candidate) -> list[Rule]:
    """Return the result of every condition for entering the pool, met or not."""
    found = (
        _committee, _title, _years, _specialty, _age, _employment, _bar, _removal, _once, _account,
    )  # fmt: skip
    with candidate.session.no_autoflush:
        return [rule(candidate) for rule in found]


def unmet(candidate: Candidate) -> Iterator[Rule]:
    """Yield the conditions that are not met; unknown results are left out."""
    return (rule for rule in judge(candidate) if rule.is_met is False)


def longest_term(first: date) -> date:
    """Return the last day a term or leave from `first` may have (Order 40, art. 11: three years).

    First and last day both count, so it is the day before the anniversary.
    """
    return committees.last_day(first, settings.get("expert_term_years"))


def term_fault(first: date | None, last: date | None, today: date) -> tuple[str, str] | None:
    """Return (field, sentence) if the term is refused, else None (Order 40, art. 11)."""
    if first is None or last is None:
        return "term_from" if first is None else "term_to", gettext("Enter both days of the term.")
    if first > add_months(today, EARLY_MONTHS):
        return "term_from", gettext("The term begins more than a year ahead. Compare the day.")
    if not first < last <= longest_term(first):
        sentence = gettext(
            "A term lasts at most %(years)s years, first and last day included: from %(first)s until %(last)s. "
            "Change one of the days.",
            years=settings.get("expert_term_years"),
            first=first,
            last=longest_term(first),
        )
        return "term_to", sentence
    if last < today:
        sentence = gettext("This term was over on %(day)s already. Enter a later day.", day=last)
        return "term_to", sentence
    return None


def _committee(candidate: Candidate) -> Rule:
    name = candidate.committee.name
    if candidate.committee.is_active:
        sentence = gettext("“%(name)s” takes experts.", name=name)
    else:
        sentence = gettext("The committee “%(name)s” is switched off. Choose another.", name=name)
    return Rule(
        _("Committee in work"), ORDER, candidate.committee.is_active, sentence, "committee_id"
    )


def _title(candidate: Candidate) -> Rule:
    """Require a title of the series, not below the highest level the committee judges (Order 40, art. 11)."""
    title, committee = candidate.title, candidate.committee
    facts = {"title": title.name, "held": title.level.label, "highest": committee.level.label}
    if title.series_code != committee.series_code:
        is_met = False
        sentence = gettext(
            "“%(title)s” is a title of another series; the committee judges “%(series)s”.",
            title=title.name,
            series=committee.series.name,
        )
    elif title.level.rank < committee.level.rank:
        is_met = False
        sentence = gettext(
            "The committee judges up to “%(highest)s”, so its judges hold a title of that level;"
            " “%(title)s” is “%(held)s”.",
            **facts,
        )
    else:
        is_met = True
        sentence = gettext("“%(title)s” (%(held)s), in a committee up to “%(highest)s”.", **facts)
    return Rule(_("Title of series and level"), ORDER, is_met, sentence, "title_code")


def _years(candidate: Candidate) -> Rule:
    """Require a senior title, held and employed with for three years, counted by day (Hunan's rules).

    Settings hold the number of years and whether a senior title is needed.
    """
    label = _("Years with the title")
    if settings.get("expert_needs_senior") and not candidate.is_senior:
        sentence = gettext(
            "Experts hold a senior title; “%(title)s” is none.", title=candidate.title.name
        )
        return Rule(label, HUNAN, False, sentence, "title_code")
    days = {
        "title_since": candidate.expert.title_since,
        "employed_since": candidate.expert.employed_since,
    }
    for field, day in days.items():
        if sentence := _too_short(day, candidate.today):
            return Rule(label, HUNAN, False, sentence, field)
    sentence = gettext("Held since %(title_since)s, employed since %(employed_since)s.", **days)
    return Rule(label, HUNAN, True, sentence, "title_since")


def _too_short(since: date | None, today: date) -> str:
    years = settings.get("expert_years")
    if since is None:
        return gettext("It is not known since when the title is held and employed. Enter the day.")
    full = add_months(since, 12 * years)
    if full <= today:
        return ""
    return gettext(
        "Counted from %(day)s, %(years)s years are full on %(full)s only.",
        day=since,
        years=years,
        full=full,
    )


def _specialty(candidate: Candidate) -> Rule:
    """Require a specialty of the series, which a committee formed by specialty also has to cover."""
    is_met, name = True, candidate.specialty.name
    sentence = gettext("“%(name)s” belongs to the committee.", name=name)
    if candidate.specialty.series_code != candidate.committee.series_code:
        is_met = False
        sentence = gettext("“%(name)s” is no specialty of the committee's series.", name=name)
    elif candidate.committee.is_by_specialty and not _is_covered(candidate):
        is_met = False
        sentence = gettext(
            "The committee is formed by specialty and does not cover “%(name)s”.", name=name
        )
    return Rule(_p("expert", "Specialty"), ORDER, is_met, sentence, "specialty_code")


def _is_covered(candidate: Candidate) -> bool:
    covered = exists().where(
        CommitteeSpecialty.committee_id == candidate.committee.id,
        CommitteeSpecialty.specialty_code == candidate.specialty.code,
    )
    return bool(candidate.session.scalar(select(covered)))


def _age(candidate: Candidate) -> Rule:
    """Refuse an expert over the statutory retirement age, a scarce one some years later (Hunan's rules)."""
    label, birth, last = _("Age"), candidate.person.birth_date, last_day_of_age(candidate)
    if last is None:
        sentence = gettext("Sex or date of birth is not known, or no retirement age is set.")
        return Rule(label, HUNAN, None, sentence)
    facts = {"birth": birth, "last": last, "years": settings.get("expert_scarce_years")}
    if candidate.today <= last:
        sentence = gettext("Born %(birth)s: the age allows it until %(last)s.", **facts)
    elif candidate.expert.is_scarce:
        sentence = gettext(
            "Born %(birth)s: the retirement age and %(years)s years for scarce experts ended on %(last)s.",
            **facts,
        )
    else:
        sentence = gettext("Born %(birth)s: the retirement age was reached on %(last)s.", **facts)
    return Rule(label, HUNAN, candidate.today <= last, sentence, "is_scarce")


def last_day_of_age(candidate: Candidate) -> date | None:
    """Return the last day on which the age allows entering a pool, None where it is not known.

    Experts of every kind of unit use the age rule of public institutions: the statutory ages, postponed month
    by month.
    """
    birth = candidate.person.birth_date
    if birth is None or candidate.person.sex is None:
        return None
    case = _case(candidate, Employment.PUBLIC_POST)
    found = rule_evaluation.numbers_of(case, "age", candidate.rules)
    limits = [
        max(days)
        for numbers in found
        if (days := rule_age.limits(case, numbers, birth, is_senior=candidate.is_senior))
    ]
    extra = 12 * settings.get("expert_scarce_years") if candidate.expert.is_scarce else 0
    return add_months(min(limits), extra) if limits else None


def _case(candidate: Candidate, employment: Employment) -> Case:
    facts = {
        "employment": employment.value,
        "unit_kind": UnitKind.PUBLIC.value,
        "series": candidate.committee.series_code,
    }
    return Case(at=candidate.at, person=candidate.person, facts=facts)


def _employment(candidate: Candidate) -> Rule:
    """Refuse kinds of employment that the employment rule excludes from reviews (Hunan's rules)."""
    mine = candidate.person.employment
    found = rule_evaluation.numbers_of(_case(candidate, mine), "employment", candidate.rules)
    is_met = not any(mine.value in numbers["refused"] for numbers in found)
    if is_met:
        sentence = gettext("“%(employment)s” may take part.", employment=mine.label)
    else:
        sentence = gettext(
            "Experts are in work and no civil servants; “%(employment)s” is registered. If that is wrong,"
            " the person corrects it under “My data”.",
            employment=mine.label,
        )
    return Rule(_("Employment"), HUNAN, is_met, sentence, "employment")


def _bar(candidate: Candidate) -> Rule:
    why = rule_personal.bar_refusal(candidate.person, candidate.today)
    return Rule(_("No bar in force"), HUNAN, why is None, why or gettext("No bar is recorded."))


def _removal(candidate: Candidate) -> Rule:
    """Refuse a person who was ever removed from any pool (Hunan's rules)."""
    removed = exists().where(
        Expert.person_id == candidate.person.id, Expert.state == ExpertState.REMOVED
    )
    is_met = not candidate.session.scalar(select(removed))
    if is_met:
        sentence = gettext("Never removed from a pool.")
    else:
        sentence = gettext(
            "Once removed from a pool, nobody is admitted again: %(name)s was removed.",
            name=candidate.person.name,
        )
    return Rule(_("Never removed"), HUNAN, is_met, sentence)


def _once(candidate: Candidate) -> Rule:
    """Refuse a second membership of the same pool at the same time."""
    other = candidate.session.scalar(
        select(Expert.state).where(
            Expert.person_id == candidate.person.id,
            Expert.committee_id == candidate.committee.id,
            Expert.state.in_(LIVE),
            Expert.id != (candidate.expert.id or 0),
        )
    )
    sentence = gettext("No other membership of this pool.")
    if other is not None:
        sentence = gettext(
            "%(name)s is in this pool already, or on the way into it: “%(state)s”.",
            name=candidate.person.name,
            state=other.label,
        )
    return Rule(_("One membership"), ORDER, other is None, sentence, "committee_id")


def _account(candidate: Candidate) -> Rule:
    """Refuse system administrators, who may hold no other role (GB/T 22239-2019, 8.1.4.2 d)."""
    user = candidate.person.user
    is_met = user is None or not accounts.is_administrator(user)
    if is_met:
        sentence = gettext("Nothing is against the position of a judge.")
    else:
        sentence = gettext("The account is an administrator's and may hold no other role.")
    return Rule(_("Account"), SEPARATION, is_met, sentence)
