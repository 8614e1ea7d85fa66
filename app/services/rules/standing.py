"""Bars and penalties in force, asked again at every step of a review (Order 40, art. 14 and 39).

A bar stands with the person and may begin at any time; it holds whatever the table of rules says. A penalty
stands in the application and counts by the rules of the kind `no_penalty`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from app.extensions import db
from app.ground import clock, read_once
from app.models import Application, EligibilityRule, Section
from app.services.form import condition_facts
from app.services.rules import rule_evaluation
from app.services.rules.rule_personal import CONDUCT, bar_refusal
from app.services.rules.rule_subject import Case, Row

PENALTY = "no_penalty"


def refusals(session: Session, applications: Sequence[Application], at: datetime) -> dict[int, str]:
    """Return by application id why its person is barred or under a penalty now; the others are left out.

    The number of statements does not grow with the applications if their persons and units are loaded.
    """
    today = clock.local_date(at)
    rules = [rule for rule in rule_evaluation.active(session) if rule.kind == PENALTY]
    conduct = _conduct_rows(session, applications) if rules else {}
    found = {
        one.id: bar_refusal(one.person, today)
        or _penalty_refusal(one, conduct.get(one.id), rules, at)
        for one in applications
    }
    return {key: why for key, why in found.items() if why is not None}


def _conduct_rows(
    session: Session, applications: Sequence[Application]
) -> Mapping[int, Sequence[Row]]:
    def read(missing: Sequence[int]) -> Mapping[int, Sequence[Row]]:
        query = select(Section.application_id, Section.rows).where(
            Section.key == CONDUCT, Section.application_id.in_(missing)
        )
        return dict(session.execute(query).tuples().all())

    keys = [one.id for one in applications]
    return read_once.of_many(session, "conduct", keys, (Section,), read, ())


def read_for(applications: Sequence[Application]) -> None:
    """Read at once what `applications` say about conduct."""
    _conduct_rows(object_session(applications[0]) or db.session(), applications)


def _penalty_refusal(
    application: Application,
    rows: Sequence[Row] | None,
    rules: Sequence[EligibilityRule],
    at: datetime,
) -> str | None:
    if not rows:
        return None
    case = Case(
        at=at,
        person=application.person,
        facts=condition_facts.facts_of(application),
        level=application.level,
        unit=application.unit,
        review_year=application.review_year,
        sections={CONDUCT: rows},
    )
    return next(rule_evaluation.refusals(case, rules), None)
