"""The table of rules, computed for applications: what refuses, what explains, and what lists show."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import engine
from app.engine import Refused
from app.enums import ApplicationState, ApplyMode, Employment, Level, Sex, UnitKind
from app.ground import clock
from app.models import Application, AuditLog, EligibilityRule
from app.services.dossier import completeness, eligibility
from app.services.jobs import scheduled_jobs
from app.services.registers import seeding
from app.services.rules import rule_edits, rule_evaluation, rule_kinds
from app.services.rules.rule_evaluation import Finding
from tests.services import dossiers
from tests.services.dossiers import owner_of
from tests.support import factories
from tests.support.counting import statements


def found(application: Application, **values: Any) -> dict[str, Finding]:
    findings = rule_evaluation.evaluate(application, clock.now(), **values)
    return {one.rule.code: one for one in findings}


def unmet(application: Application, **values: Any) -> set[str]:
    return {code for code, one in found(application, **values).items() if one.is_met is False}


def rule(code: str) -> EligibilityRule:
    query = select(EligibilityRule).where(EligibilityRule.code == code)
    return factories.db.session.scalars(query).one()


def make_rule(**values: Any) -> EligibilityRule:
    usual = {
        "code": "test", "name": "测试", "clause": "某规定", "kind": "years_at_work", "parameters": {"years": 5},
    }  # fmt: skip
    made: EligibilityRule = factories.add(EligibilityRule(**usual | values))
    return made


def ready(**values: Any) -> Application:
    """Return an application with everything filled in, uploaded and signed."""
    unit = values.pop("unit", None) or factories.unit()
    person = values.pop("person", None) or factories.person(unit=unit, sex=Sex.MALE)
    application = factories.application(unit=unit, person=person, **values)
    factories.route(application.committee, application.unit)
    dossiers.fill(application)
    dossiers.upload(application)
    dossiers.commit(application)
    return application


def titles(since: str, level: str = "3", series: str = "05") -> list[dict[str, Any]]:
    row = dossiers.ROWS["titles"][0]
    return [row | {"series": series, "level": level, "obtained_on": since}]


# the table that comes with the program


def test_every_shipped_rule_can_be_computed(app: Flask) -> None:
    for one in rule_evaluation.active(factories.db.session()):
        assert rule_kinds.read(one.kind, one.parameters) == one.parameters, one.code
        assert one.clause
        assert one.name


def test_hard_are_only_rules_that_the_law_makes_so(app: Flask) -> None:
    hard = {one.kind for one in rule_evaluation.active(factories.db.session()) if one.is_hard}

    assert hard == {
        "employment", "not_barred", "no_penalty", "age", "step", "transfer", "degree_and_years", "proof",
    }  # fmt: skip


def test_seeding_adds_missing_rules_and_keeps_changed_ones(session: Session) -> None:
    session.execute(delete(EligibilityRule).where(EligibilityRule.code == "step"))
    changed = rule("years_associate")
    changed.parameters, changed.is_active = changed.parameters | {"basic_adds": 3}, False
    session.flush()

    added = seeding.seed_reference(session)

    session.expire_all()
    assert added == 1
    assert rule("step").is_hard
    assert (changed.parameters["basic_adds"], changed.is_active) == (3, False)


def test_a_complete_application_meets_every_hard_rule(app: Flask) -> None:
    application = ready()

    findings = found(application, is_final=True)

    assert {one.is_met for one in findings.values() if one.rule.is_hard} == {True}


def test_nothing_filled_in_is_not_known_rather_than_not_met(app: Flask) -> None:
    application = factories.application()

    assert unmet(application) == set()
    assert found(application)["years_associate"].is_met is None
    refusing = {code for code in unmet(application, is_final=True) if rule(code).is_hard}
    assert refusing == {"step"}


# which rules concern whom


def test_rules_follow_their_condition(app: Flask) -> None:
    normal = found(factories.application())
    exceptional = found(factories.application(mode=ApplyMode.EXCEPTIONAL))

    assert "step" in normal
    assert "years_associate" in normal
    assert "exceptional_proof" not in normal
    assert "exceptional_proof" in exceptional
    assert "step" not in exceptional


@pytest.mark.parametrize("employment", Employment)
@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (UnitKind.PUBLIC, "age_public"),
        (UnitKind.AUTHORITY, "age_public"),
        (UnitKind.STATE_FIRM, "age_state_firm"),
        (UnitKind.PRIVATE_FIRM, "age_non_public"),
        (UnitKind.SOCIAL, "age_non_public"),
        (UnitKind.AGENCY, "age_non_public"),
    ],
)
def test_the_kind_of_unit_decides_on_the_age_whatever_the_employment(
    app: Flask, kind: UnitKind, code: str, employment: Employment
) -> None:
    unit = factories.unit(kind=kind)
    person = factories.person(unit=unit, employment=employment)
    codes = {one for one in found(factories.application(person=person)) if one.startswith("age_")}

    assert codes == {code}


@pytest.mark.parametrize("employment", [Employment.FREELANCE, Employment.ENTERPRISE])
def test_a_penalty_counts_in_a_public_institution_whatever_the_employment(
    app: Flask, employment: Employment
) -> None:
    unit = factories.unit(kind=UnitKind.PUBLIC)
    person = factories.person(unit=unit, employment=employment)

    assert "no_penalty_unit" in found(factories.application(person=person))


def test_rules_follow_their_review_years(app: Flask) -> None:
    year = factories.today().year
    make_rule(code="old", valid_to=year - 1)
    make_rule(code="now", valid_from=year, valid_to=year)
    make_rule(code="later", valid_from=year + 1)
    make_rule(code="off", is_active=False)

    codes = set(found(factories.application()))

    assert codes & {"old", "now", "later", "off"} == {"now"}


@pytest.mark.parametrize(
    ("employment", "kind", "code"),
    [
        (Employment.PUBLIC_POST, UnitKind.PUBLIC, "age_public"),
        (Employment.ENTERPRISE, UnitKind.STATE_FIRM, "age_state_firm"),
        (Employment.FREELANCE, UnitKind.AGENCY, "age_non_public"),
        (Employment.ENTERPRISE, UnitKind.PRIVATE_FIRM, "age_non_public"),
    ],
)
def test_each_employment_has_its_age_limit(
    app: Flask, employment: Employment, kind: UnitKind, code: str
) -> None:
    unit = factories.unit(kind=kind)
    person = factories.person(unit=unit, employment=employment)

    codes = set(found(factories.application(unit=unit, person=person)))

    assert {one for one in codes if one.startswith("age_")} == {code}


# what refuses


def test_a_hard_rule_refuses_with_its_sentence_and_clause(app: Flask) -> None:
    application = ready()
    since = f"{factories.today().year - 4}-12-30"
    dossiers.fill(application, titles=titles(since))
    dossiers.commit(application)

    with pytest.raises(Refused) as caught:
        engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())

    assert "5 years are needed" in caught.value.sentence
    assert rule("years_associate").clause in caught.value.sentence
    assert application.state is ApplicationState.DRAFT


def test_a_soft_rule_only_explains(app: Flask) -> None:
    application = ready()
    make_rule(kind="papers", parameters={"count": 3}, is_hard=False)

    engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())

    assert "test" in unmet(application)
    assert application.state is ApplicationState.AT_UNIT


def test_a_rule_made_hard_refuses_at_once(app: Flask) -> None:
    application = ready()
    make_rule(kind="papers", parameters={"count": 3}, is_hard=True)

    with pytest.raises(Refused, match="At least 3 are needed"):
        engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())


def test_resubmission_asks_the_rules_again(app: Flask) -> None:
    application = ready(state=ApplicationState.RETURNED)
    dossiers.fill(application, titles=titles(f"{factories.today().year}-01-01"))
    dossiers.commit(application)

    with pytest.raises(Refused, match="years are needed"):
        engine.fire(application, "resubmit", actor=owner_of(application.person), at=clock.now())


def test_switched_off_rules_refuse_nobody(session: Session) -> None:
    session.execute(update(EligibilityRule).values(is_active=False))
    application = ready()
    dossiers.fill(application, titles=[])
    dossiers.commit(application)
    session.expire_all()

    engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())

    assert application.state is ApplicationState.AT_UNIT


def test_a_bar_is_asked_again_even_without_its_rule(session: Session) -> None:
    session.execute(update(EligibilityRule).values(is_active=False))
    application = factories.application(ApplicationState.AT_UNIT)
    application.person.banned_until = factories.in_days(3)
    clerk = factories.actor(unit=application.unit)

    why = engine.why_not(application, "check_pass", actor=clerk, at=clock.now())

    assert "is barred" in str(why)


# broken numbers


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "magic"},
        {"parameters": {"years": "many"}},
        {"parameters": [1, 2]},
        {"parameters": {"years": 10**9}},
        {"condition": ["mode"]},
        {"condition": {"mode": "normal"}},
        {"condition": {"mode": None}},
    ],
)
def test_a_broken_rule_says_so_and_refuses_nobody(app: Flask, values: dict[str, Any]) -> None:
    application = ready()
    make_rule(is_hard=True, **values)

    one = found(application)["test"]
    engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())

    assert one.is_broken
    assert one.is_met is None
    assert "system administrator" in one.sentence
    assert application.state is ApplicationState.AT_UNIT


# what lists show


def test_handing_in_keeps_the_number_with_the_application(app: Flask) -> None:
    application = ready()

    engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())

    assert application.rules_unmet == len(unmet(application))


def test_a_change_is_noted_once_when_the_press_ends(app: Flask) -> None:
    application = factories.application()
    dossiers.fill(application, titles=titles("2024-12-30", level="2"))
    before = application.rules_unmet

    rule_evaluation.store_marked_counts(clock.now())

    assert before is None
    assert application.rules_unmet == len(unmet(application)) > 0


def test_a_changed_rule_is_counted_anew_by_the_due_job(session: Session) -> None:
    application = ready()
    engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())
    before = application.rules_unmet or 0
    administrator = factories.actor()
    data = rule_data(code="more", kind="papers", parameters={"count": 9})
    session.commit()

    rule_edits.add_rule(data, actor=administrator)
    session.commit()
    forgotten = application.rules_unmet
    done = scheduled_jobs.run(clock.now())

    assert forgotten is None
    assert done["counted"] == 1
    assert application.rules_unmet == before + 1


def test_evaluation_reads_a_fixed_number_of_times(session: Session) -> None:
    application = ready()
    session.flush()
    with statements() as few:
        rule_evaluation.evaluate(application, clock.now())
    for number in range(20):
        make_rule(code=f"more_{number}")
    session.flush()

    with statements() as many:
        rule_evaluation.evaluate(application, clock.now())

    # the second time only the rules, which were written, are read again
    assert len(many) <= len(few) <= 4


# changing the table


def rule_data(**values: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "code": "own_rule", "name": "测试", "clause": "", "kind": "years_at_work", "parameters": {"years": 5},
        "condition": None, "is_hard": False, "is_active": True, "valid_from": 2000, "valid_to": None, "order": 1,
    }  # fmt: skip
    return usual | values


def test_every_change_leaves_an_audit_row(session: Session) -> None:
    administrator = factories.actor()
    made = rule_edits.add_rule(rule_data(), actor=administrator)

    rule_edits.change_rule(made, rule_data(parameters={"years": 8}), actor=administrator)
    rule_edits.change_rule(made, rule_data(parameters={"years": 8}), actor=administrator)

    rows = session.scalars(select(AuditLog).where(AuditLog.kind == "rule")).all()
    assert [row.subject for row in rows] == ["eligibility_rule:own_rule"] * 2
    assert rows[1].details == {"parameters": {"from": {"years": 5}, "to": {"years": 8}}}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": "A b"}, "code"),
        ({"code": "step"}, "code"),
        ({"valid_from": 2027, "valid_to": 2026}, "valid_to"),
        ({"parameters": {"years": -1}}, None),
        ({"kind": "magic"}, None),
    ],
)
def test_a_rule_that_does_not_do_is_refused(
    app: Flask, values: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(Refused) as caught:
        rule_edits.add_rule(rule_data(**values), actor=factories.actor())

    assert caught.value.field == field


# before anything is begun


def test_before_beginning_only_what_is_known_is_said(app: Flask) -> None:
    person = factories.person(unit=factories.unit(), employment=Employment.CIVIL_SERVANT)
    batch = factories.batch()
    case = rule_evaluation.case_for(
        person, clock.now(), batch=batch, mode=ApplyMode.NORMAL, level=Level.ASSOCIATE
    )

    said = {
        one.rule.code: one.is_met
        for one in rule_evaluation.judge(case, rule_evaluation.active(factories.db.session()))
    }

    assert said["employment"] is False
    assert said["step"] is None
    assert next(eligibility.person_refusals(person, clock.now())).startswith("Civil servants")


def test_an_age_limit_counts_to_the_batch(app: Flask) -> None:
    person = factories.person(
        unit=factories.unit(kind=UnitKind.PUBLIC),
        sex=Sex.MALE,
        birth_date=date(factories.today().year - 64, 1, 1),
    )

    assert "age limit" in next(eligibility.person_refusals(person, clock.now(), factories.batch()))


def test_warnings_stand_apart_from_what_refuses(app: Flask) -> None:
    application = ready()
    make_rule(kind="papers", parameters={"count": 3})

    warned = completeness.warnings(application, clock.now())

    assert "papers" in {one.section for one in warned}
    assert completeness.missing(application, clock.now()) == []
