"""Evaluates the stored eligibility rules for one person and one title: met, not met or not known yet.

Only rules marked hard refuse an application; the others are shown as information (Order 40, art. 14 and
15; the standards of the series). Rules, sections and material are read once for all rules.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session, object_session

from app.engine import Act
from app.enums import ApplicationState, ApplyMode, Level
from app.extensions import db
from app.ground import read_once
from app.models import Application, Batch, EligibilityRule, Person, Title, Unit
from app.models.dictionary import condition_holds
from app.services.files import attached_files
from app.services.form import condition_facts, form_definition, saved_sections
from app.services.rules import rule_kinds
from app.services.rules.rule_subject import Case, Numbers
from app.validators import Invalid

HANDED_IN = (
    ApplicationState.AT_UNIT, ApplicationState.RETURNED, ApplicationState.CHECKED, ApplicationState.IN_NOTICE, ApplicationState.DISPUTED, ApplicationState.NOTICE_OVER,
    ApplicationState.AT_SUPERIOR, ApplicationState.AT_OFFICE, ApplicationState.IN_CORRECTION, ApplicationState.CORRECTED,
)  # fmt: skip
"""States of a submitted application whose reviewers are shown the count of unmet rules."""


MARKED = "applications whose rules are to be counted"


@dataclass(frozen=True)
class Finding:
    """The result of one rule for one case. `section` and `field` say where the facts are entered.

    `is_met` is None where the facts are not known yet or the rule cannot be read (`is_broken`).
    """

    rule: EligibilityRule
    is_met: bool | None
    sentence: str
    section: str = ""
    field: str = ""
    is_broken: bool = False

    @property
    def refuses(self) -> bool:
        return self.rule.is_hard and self.is_met is False

    @property
    def full_sentence(self) -> str:
        """Return the sentence followed by the legal clause of the rule, if it names one."""
        if not self.rule.clause:
            return self.sentence
        return gettext("%(sentence)s (%(clause)s)", sentence=self.sentence, clause=self.rule.clause)


def active(session: Session) -> Sequence[EligibilityRule]:
    """Return the active rules, in their display order."""
    query = select(EligibilityRule).where(EligibilityRule.is_active.is_(True))
    ordered = query.order_by(EligibilityRule.order, EligibilityRule.code)
    return read_once.of(
        session, "active rules", (EligibilityRule,), lambda: session.scalars(ordered).all()
    )


def evaluate(
    application: Application, at: datetime, *, is_final: bool | None = None
) -> list[Finding]:
    """Return the findings of every active rule that applies to the application.

    With `is_final` a section that was never saved counts as empty, as it does on submission. By default
    this holds for every application that is no longer a draft.
    """
    session = object_session(application) or db.session()
    known = application.state is not ApplicationState.DRAFT if is_final is None else is_final
    return judge(replace(case_of(application, at), is_final=known), active(session))


def judge(case: Case, found: Sequence[EligibilityRule]) -> list[Finding]:
    """Return the findings of those rules that apply to the case, by review year and condition."""
    year = case.review_year or case.today.year
    return [
        _finding(rule, case)
        for rule in found
        if rule.valid_from <= year <= (rule.valid_to or year) and _concerns(rule, case)
    ]


def refusals(case: Case, found: Sequence[EligibilityRule]) -> Iterator[str]:
    """Yield the sentence of each hard rule that is not met; unknown results are left out."""
    return (one.full_sentence for one in judge(case, found) if one.refuses)


def numbers_of(case: Case, kind: str, found: Sequence[EligibilityRule]) -> Iterator[Numbers]:
    """Yield the parameter values of each rule of `kind` that applies to the case, except unreadable rules."""
    for rule in found:
        if rule.kind == kind and _is_readable(rule.condition) and _concerns(rule, case):
            with suppress(Invalid):
                yield rule_kinds.read(kind, rule.parameters)


def case_of(application: Application, at: datetime) -> Case:
    """Return the facts of an existing application, as the rules need them."""
    batch = application.batch
    return Case(
        at=at,
        person=application.person,
        facts=condition_facts.facts_of(application),
        level=application.level,
        unit=application.unit,
        review_year=application.review_year,
        seniority_date=batch.seniority_date,
        material_cutoff=batch.material_cutoff,
        sections={key: one.rows for key, one in saved_sections.of(application).items()},
        materials=frozenset(one.kind for one in attached_files.attachments_of(application)),
        asked=frozenset(one.key for one in form_definition.of_application(application).sections),
    )


def case_for(
    person: Person,
    at: datetime,
    *,
    batch: Batch | None = None,
    unit: Unit | None = None,
    mode: ApplyMode | None = None,
    level: Level | None = None,
    title: Title | None = None,
) -> Case:
    """Return the facts known before an application exists; choices left out (None) count as not known."""
    where = unit or person.unit
    series = title.series_code if title else batch.committee.series_code if batch else None
    known = {
        "by": "applicant",
        "mode": mode.value if mode else None,
        "series": series,
        "level": level.value if level else None,
        "title": title.code if title else None,
        "employment": person.employment.value,
        "unit_kind": where.kind.value if where else None,
    }
    return Case(
        at=at,
        person=person,
        facts={key: value for key, value in known.items() if value is not None},
        level=level,
        unit=where,
        review_year=batch.review_year if batch else None,
        seniority_date=batch.seniority_date if batch else None,
        material_cutoff=batch.material_cutoff if batch else None,
    )


def store_unmet_count(application: Application, at: datetime) -> None:
    """Store the count of unmet rules on the application, for lists; called after every change of it.

    The caller commits.
    """
    application.rules_unmet = sum(one.is_met is False for one in evaluate(application, at))


def mark_for_recount(application: Application) -> None:
    """Mark an application as changed; `note_marked` recounts its unmet rules once before the commit."""
    session = object_session(application) or db.session()
    session.info.setdefault(MARKED, {})[application.id] = application


def store_marked_counts(at: datetime) -> None:
    """Store the counts of unmet rules of all marked applications; called at the end of a request."""
    for application in db.session().info.pop(MARKED, {}).values():
        if object_session(application) is not None:
            store_unmet_count(application, at)


def store_count_on_submission(act: Act) -> None:
    """Store the count of unmet rules for the reviewers; an effect of submitting."""
    store_unmet_count(act.record, act.at)


def clear_unmet_counts(session: Session) -> None:
    """Clear the stored counts of unmet rules of drafts and submitted applications.

    The scheduled job recounts those of submitted applications.
    """
    session.execute(
        update(Application)
        .where(
            Application.state.in_((ApplicationState.DRAFT, *HANDED_IN)),
            Application.rules_unmet.is_not(None),
        )
        .values(rules_unmet=None),
        execution_options={"synchronize_session": False},
    )


def recount(session: Session, at: datetime, *, limit: int) -> int:
    """Recount unmet rules for up to `limit` submitted applications without a count; return how many.

    The caller commits.
    """
    query = (
        select(Application)
        .where(Application.state.in_(HANDED_IN), Application.rules_unmet.is_(None))
        .order_by(Application.id)
        .limit(limit)
    )
    found = session.scalars(query).all()
    for application in found:
        store_unmet_count(application, at)
    session.flush()
    return len(found)


def _concerns(rule: EligibilityRule, case: Case) -> bool:
    """Return whether the rule applies. An unreadable condition applies, so that it is shown as broken."""
    if not _is_readable(rule.condition):
        return True
    return condition_holds(rule.condition, case.facts)


def _is_readable(condition: Any) -> bool:
    if condition is None:
        return True
    return isinstance(condition, Mapping) and all(
        isinstance(values, list) for values in condition.values()
    )


def _finding(rule: EligibilityRule, case: Case) -> Finding:
    try:
        if not _is_readable(rule.condition):
            raise Invalid(gettext("It cannot be read whom it concerns."))
        numbers = rule_kinds.read(rule.kind, rule.parameters)
    except Invalid as invalid:
        sentence = gettext(
            "This condition cannot be computed: %(why)s Tell the system administrator.", why=invalid
        )
        return Finding(rule, None, sentence, is_broken=True)
    verdict = rule_kinds.KINDS[rule.kind].compute(case, numbers)
    return Finding(rule, verdict.is_met, verdict.sentence, verdict.section, verdict.field)
