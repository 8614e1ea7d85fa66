"""Eligibility rules of the table, computed for one person and one title: met, not met, or not known yet.

Rules explain; only those marked hard refuse (Order 40, art. 14 and 15; the standards of the series). One
reading of rules, sections and material serves all of them.
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
from app.enums import ApplyMode, Level, S
from app.extensions import db
from app.models import Application, Attachment, Batch, EligibilityRule, Person, Section, Title, Unit
from app.services.form import condition_facts, form_definition
from app.services.rules import rule_kinds
from app.services.rules.rule_subject import Case, Numbers
from app.validators import Invalid

HANDED_IN = (
    S.AT_UNIT, S.RETURNED, S.CHECKED, S.IN_NOTICE, S.DISPUTED, S.NOTICE_OVER,
    S.AT_SUPERIOR, S.AT_OFFICE, S.IN_CORRECTION, S.CORRECTED,
)  # fmt: skip
"""States in which it matters to those who review which rules are met."""


MARKED = "applications whose rules are to be counted"


@dataclass(frozen=True)
class Finding:
    """One rule for one case. `section` and `field` lead to where the facts are entered.

    `is_met` is None where the facts are not known yet, or the rule's numbers are broken (`is_broken`).
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
        """Return the sentence with the clause it rests on."""
        if not self.rule.clause:
            return self.sentence
        return gettext("%(sentence)s (%(clause)s)", sentence=self.sentence, clause=self.rule.clause)


def active(session: Session) -> Sequence[EligibilityRule]:
    """Return the rules in use, in their order."""
    query = select(EligibilityRule).where(EligibilityRule.is_active.is_(True))
    return session.scalars(query.order_by(EligibilityRule.order, EligibilityRule.code)).all()


def evaluate(
    application: Application, at: datetime, *, is_final: bool | None = None
) -> list[Finding]:
    """Return what every rule that concerns the application says.

    `is_final` asks as when handing in: a section never saved counts as empty. So it does once the
    application was handed in.
    """
    session = object_session(application) or db.session()
    known = application.state is not S.DRAFT if is_final is None else is_final
    return judge(replace(case_of(application, at), is_final=known), active(session))


def judge(case: Case, found: Sequence[EligibilityRule]) -> list[Finding]:
    """Return what those of the rules that concern the case say."""
    year = case.review_year or case.today.year
    return [
        _finding(rule, case)
        for rule in found
        if rule.valid_from <= year <= (rule.valid_to or year) and _concerns(rule, case)
    ]


def refusals(case: Case, found: Sequence[EligibilityRule]) -> Iterator[str]:
    """Yield the sentences of the hard rules that are known not to be met."""
    return (one.full_sentence for one in judge(case, found) if one.refuses)


def numbers_of(case: Case, kind: str, found: Sequence[EligibilityRule]) -> Iterator[Numbers]:
    """Yield the numbers of those rules of one kind that concern the case; what is broken is left out."""
    for rule in found:
        if rule.kind == kind and _is_readable(rule.condition) and _concerns(rule, case):
            with suppress(Invalid):
                yield rule_kinds.read(kind, rule.parameters)


def case_of(application: Application, at: datetime) -> Case:
    """Return what the rules look at for an application that was begun."""
    session = object_session(application) or db.session()
    batch = application.batch
    sections = select(Section.key, Section.rows).where(Section.application_id == application.id)
    kinds = select(Attachment.kind).where(
        Attachment.subject_type == Application.__tablename__,
        Attachment.subject_id == application.id,
        Attachment.removed_at.is_(None),
    )
    return Case(
        at=at,
        person=application.person,
        facts=condition_facts.of(application),
        level=application.level,
        unit=application.unit,
        review_year=application.review_year,
        seniority_date=batch.seniority_date,
        material_cutoff=batch.material_cutoff,
        sections=dict(session.execute(sections).tuples().all()),
        materials=frozenset(session.scalars(kinds)),
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
    """Return what the rules look at before anything is begun; what is not chosen is not known."""
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


def note(application: Application, at: datetime) -> None:
    """Keep the number of rules not met with the application, for lists; called after every change of it.

    The caller commits.
    """
    application.rules_unmet = sum(one.is_met is False for one in evaluate(application, at))


def mark(application: Application) -> None:
    """Remember that this application changes, so that its number is noted once before the commit."""
    session = object_session(application) or db.session()
    session.info.setdefault(MARKED, {})[application.id] = application


def note_marked(at: datetime) -> None:
    """Note the numbers of all applications that changed since; called where a press ends."""
    for application in db.session().info.pop(MARKED, {}).values():
        if object_session(application) is not None:
            note(application, at)


def at_hand_in(act: Act) -> None:
    """Note the number as an effect of handing in, for those who review."""
    note(act.record, act.at)


def forget(session: Session) -> None:
    """Say that the numbers kept with applications under way are out of date; the due job counts anew."""
    session.execute(
        update(Application)
        .where(Application.state.in_((S.DRAFT, *HANDED_IN)), Application.rules_unmet.is_not(None))
        .values(rules_unmet=None),
        execution_options={"synchronize_session": False},
    )


def recount(session: Session, at: datetime, *, limit: int) -> int:
    """Count anew for applications without a number and return how many there were; the caller commits."""
    query = (
        select(Application)
        .where(Application.state.in_(HANDED_IN), Application.rules_unmet.is_(None))
        .order_by(Application.id)
        .limit(limit)
    )
    found = session.scalars(query).all()
    for application in found:
        note(application, at)
    session.flush()
    return len(found)


def _concerns(rule: EligibilityRule, case: Case) -> bool:
    """Say whether the rule applies; a condition that cannot be read is shown as broken, not hidden."""
    if not _is_readable(rule.condition):
        return True
    return condition_facts.holds(rule.condition, case.facts)


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
