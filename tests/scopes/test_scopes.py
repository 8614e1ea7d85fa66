"""Which rows somebody sees: each relation with a row inside, a row just outside, and no relation at all."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import scopes
from app.enums import ApplicationState, BatchState, Level, PlanState, Role, UnitKind
from app.ground.actor import Actor
from app.models import (
    Application,
    Batch,
    Certificate,
    Expert,
    Filing,
    Notice,
    Objection,
    Plan,
    Quota,
    Result,
    RouteNode,
    Seat,
)
from tests.support import factories

pytestmark = pytest.mark.usefixtures("app")


def seen(session: Session, model: type[Any], actor: Actor, scope: Any = None) -> set[Any]:
    condition = scope(actor) if scope else scopes.visible(model, actor)
    return set(session.scalars(select(model).where(condition)))


# applications


def test_applicant_sees_own_applications_in_every_state(session: Session) -> None:
    person = factories.person()
    own = {
        factories.application(ApplicationState.DRAFT, person=person, review_year=year)
        for year in (2024, 2025)
    }
    factories.application(ApplicationState.DRAFT)

    actor = factories.actor(Role.APPLICANT, person=person)

    assert seen(session, Application, actor) == own


def test_unit_sees_what_its_people_handed_in_and_acts_on_what_it_holds(session: Session) -> None:
    unit = factories.unit()
    held, away = (
        factories.application(state, unit=unit)
        for state in (ApplicationState.AT_UNIT, ApplicationState.AT_OFFICE)
    )
    factories.application(ApplicationState.AT_UNIT)
    factories.application(ApplicationState.DRAFT, unit=unit)

    actor = factories.actor(Role.UNIT, unit=unit)

    assert seen(session, Application, actor) == {held, away}
    assert seen(session, Application, actor, scopes.held_by_my_unit) == {held}


def test_superior_sees_what_arrived_and_acts_on_what_it_holds(session: Session) -> None:
    county, city = factories.unit(), factories.unit()
    coming = factories.application(ApplicationState.AT_SUPERIOR, superiors=(county, city))
    here = factories.application(
        ApplicationState.AT_SUPERIOR, superiors=(county, city), route_position=2
    )
    passed = factories.application(ApplicationState.AT_OFFICE, superiors=(county, city))
    factories.application(ApplicationState.AT_OFFICE)

    actor = factories.actor(Role.SUPERIOR, unit=city)

    assert coming not in seen(session, Application, actor)
    assert seen(session, Application, actor) == {here, passed}
    assert seen(session, Application, actor, scopes.held_by_my_node) == {here}


def test_office_sees_its_committees_from_its_arrival_on(session: Session) -> None:
    batch = factories.batch()
    arrived = {
        factories.application(s, batch=batch)
        for s in (ApplicationState.AT_OFFICE, ApplicationState.CERTIFIED)
    }
    factories.application(ApplicationState.NOTICE_OVER, batch=batch)
    factories.application(ApplicationState.AT_OFFICE)

    actor = factories.actor(Role.OFFICE, committee=batch.committee)

    assert seen(session, Application, actor) == arrived


@pytest.mark.parametrize(
    ("region", "expected"), [("430000", {0, 1, 2}), ("430700", {1, 2}), ("430702", {2})]
)
def test_authority_sees_its_region_without_drafts(
    session: Session, region: str, expected: set[int]
) -> None:
    codes = ("430100", "430700", "430702")
    units = [factories.unit(region_code=code) for code in codes]
    handed_in = [factories.application(ApplicationState.AT_UNIT, unit=unit) for unit in units]
    for unit in units:
        factories.application(ApplicationState.DRAFT, unit=unit)

    actor = factories.actor(Role.HRSS, unit=factories.unit(region_code=region))

    assert seen(session, Application, actor) == {handed_in[place] for place in expected}


def test_judge_sees_candidates_of_own_seats_but_no_colleague_and_not_oneself(
    session: Session,
) -> None:
    employer = factories.unit()
    judge = factories.person(unit=employer)
    account = factories.user(person=judge)
    plan, other = (factories.plan(opens_on=factories.today()) for _ in range(2))
    seat = factories.seat(plan, account)
    candidate = factories.application(ApplicationState.IN_REVIEW, plan=plan)
    colleague = factories.application(ApplicationState.IN_REVIEW, plan=plan, unit=employer)
    own = factories.application(
        ApplicationState.IN_REVIEW, plan=plan, person=judge, unit=factories.unit()
    )
    recused = factories.application(ApplicationState.IN_REVIEW, plan=plan)
    factories.recusal(recused, account)
    factories.assign(seat, candidate, colleague, own, recused)
    factories.application(ApplicationState.IN_REVIEW, plan=plan)
    factories.application(ApplicationState.IN_REVIEW, plan=other)

    actor = factories.actor(Role.JUDGE, user=account, committee=plan.committee)

    assert seen(session, Application, actor) == {candidate}
    plan.opens_on = factories.in_days(1)
    assert seen(session, Application, actor) == set()
    plan.opens_on, plan.closes_on = factories.in_days(-3), factories.in_days(-1)
    assert seen(session, Application, actor) == set()
    plan.closes_on, plan.state = factories.in_days(3), PlanState.CONCLUDED
    assert seen(session, Application, actor) == set()


def test_judge_without_an_employer_sees_candidates_of_own_seats(session: Session) -> None:
    account, plan = factories.user(), factories.plan(opens_on=factories.today())
    seat = factories.seat(plan, account)
    candidate = factories.application(ApplicationState.IN_REVIEW, plan=plan)
    factories.assign(seat, candidate)

    actor = factories.actor(Role.JUDGE, user=account, committee=plan.committee)

    assert seen(session, Application, actor) == {candidate}


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_others_see_no_application(session: Session, role: Role) -> None:
    factories.application(ApplicationState.AT_OFFICE)

    assert seen(session, Application, factories.actor(role)) == set()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("model", list(scopes.VISIBLE))
def test_a_position_without_a_place_sees_nothing(
    session: Session, role: Role, model: type[Any]
) -> None:
    plan = factories.plan()
    record = factories.application(ApplicationState.IN_REVIEW, plan=plan)
    notice = factories.notice([record])
    factories.objection(notice, record)
    factories.route(record.committee, record.unit)
    factories.quota(record.unit)
    factories.certificate(record)

    found = seen(session, model, Actor(role=role))

    assert {type(one) for one in found} <= {Batch}
    assert all(one.state in (BatchState.OPEN, BatchState.CLOSED) for one in found)


# everything else


def test_notices_and_objections_follow_the_unit_or_the_plan(session: Session) -> None:
    unit, plan = factories.unit(region_code="430700"), factories.plan()
    record = factories.application(ApplicationState.IN_NOTICE, unit=unit)
    inside = factories.notice([record])
    passed = factories.application(ApplicationState.IN_RESULT_NOTICE, plan=plan)
    result = factories.notice([passed], plan=plan)
    complaint = factories.objection(inside, record)
    about_result = factories.objection(result, passed)
    actors = {
        "unit": factories.actor(Role.UNIT, unit=unit),
        "other unit": factories.actor(Role.UNIT, unit=factories.unit()),
        "office": factories.actor(Role.OFFICE, committee=plan.committee),
        "authority": factories.actor(Role.HRSS, unit=factories.unit(region_code="430700")),
        "applicant": factories.actor(Role.APPLICANT, person=record.person),
    }

    assert {name: seen(session, Notice, actor) for name, actor in actors.items()} == {
        "unit": {inside},
        "other unit": set(),
        "office": {result},
        "authority": {inside},
        "applicant": {inside},
    }
    assert {name: seen(session, Objection, actor) for name, actor in actors.items()} == {
        "unit": {complaint},
        "other unit": set(),
        "office": {about_result},
        "authority": {complaint},
        "applicant": set(),
    }


def test_superior_sees_notices_and_quotas_of_units_below_but_not_its_own(session: Session) -> None:
    bureau = factories.unit(kind=UnitKind.AUTHORITY)
    school = factories.unit(kind=UnitKind.PUBLIC, parent=bureau)
    lines = {unit: factories.quota(unit) for unit in (bureau, school, factories.unit())}
    sheets = {
        unit: factories.notice([factories.application(ApplicationState.IN_NOTICE, unit=unit)])
        for unit in (bureau, school, factories.unit())
    }

    actor = factories.actor(Role.SUPERIOR, unit=bureau)

    assert seen(session, Quota, actor) == {lines[school]}
    assert seen(session, Notice, actor) == {sheets[school]}


def test_plans_results_and_filings_follow_the_committee_and_its_region(session: Session) -> None:
    city = factories.committee(region_code="430700", level=Level.MIDDLE)
    plan = factories.plan(batch=factories.batch(committee=city))
    draft = factories.plan(batch=plan.batch, state=PlanState.DRAFT)
    record = factories.application(ApplicationState.PASSED, plan=plan)
    result, filing = factories.result(plan, record), factories.filing(plan)
    factories.filing(factories.plan())
    office = factories.actor(Role.OFFICE, committee=city)
    authority = factories.actor(Role.HRSS, unit=factories.unit(region_code="430700"))
    elsewhere = factories.actor(Role.HRSS, unit=factories.unit(region_code="430100"))

    plans = [seen(session, Plan, actor) for actor in (office, authority, elsewhere)]
    results = [seen(session, Result, actor) for actor in (office, authority, elsewhere)]
    filings = [seen(session, Filing, actor) for actor in (office, authority, elsewhere)]

    assert plans == [{plan, draft}, {plan}, set()]
    assert results == [{result}, {result}, set()]
    assert filings == [{filing}, {filing}, set()]


def test_results_reach_the_authority_only_with_the_filing(session: Session) -> None:
    plan = factories.plan()
    factories.result(plan, factories.application(ApplicationState.PASSED, plan=plan))
    authority = factories.actor(Role.HRSS, unit=factories.unit(region_code="430000"))

    assert seen(session, Result, authority) == set()


def test_seats_are_for_the_office_and_the_supervisor_alone(session: Session) -> None:
    plan = factories.plan()
    account = factories.user()
    taken = factories.seat(plan, account)
    actors = {
        role: factories.actor(role, committee=plan.committee)
        for role in (Role.OFFICE, Role.SUPERVISOR, Role.JUDGE)
    }
    stranger = factories.actor(Role.OFFICE, committee=factories.committee())

    assert {role: seen(session, Seat, actor) for role, actor in actors.items()} == {
        Role.OFFICE: {taken},
        Role.SUPERVISOR: {taken},
        Role.JUDGE: set(),
    }
    assert seen(session, Seat, stranger) == set()
    judge = factories.actor(Role.JUDGE, user=account, committee=plan.committee)
    assert seen(session, Plan, judge) == {plan}


def test_certificates_follow_person_unit_route_committee_and_region(session: Session) -> None:
    county = factories.unit(region_code="430700")
    unit = factories.unit(region_code="430700")
    record = factories.application(ApplicationState.CERTIFIED, unit=unit, superiors=(county,))
    own = factories.certificate(record)
    factories.certificate(factories.application(ApplicationState.CERTIFIED))
    actors = [
        factories.actor(Role.APPLICANT, person=record.person),
        factories.actor(Role.UNIT, unit=unit),
        factories.actor(Role.SUPERIOR, unit=county),
        factories.actor(Role.OFFICE, committee=record.committee),
        factories.actor(Role.HRSS, unit=county),
    ]

    assert [seen(session, Certificate, actor) for actor in actors] == [{own}] * 5


def test_review_trees_and_pools_follow_the_committee(session: Session) -> None:
    committee, unit = factories.committee(), factories.unit()
    node, member = factories.route(committee, unit), factories.expert(committee)
    factories.route(factories.committee(), factories.unit())
    factories.expert(factories.committee())
    office = factories.actor(Role.OFFICE, committee=committee)
    clerk = factories.actor(Role.UNIT, unit=unit)
    oneself = factories.actor(Role.APPLICANT, person=member.person)

    assert [seen(session, RouteNode, actor) for actor in (office, clerk, oneself)] == [
        {node},
        {node},
        set(),
    ]
    assert [seen(session, Expert, actor) for actor in (office, clerk, oneself)] == [
        {member},
        set(),
        {member},
    ]


def test_batches_are_drafted_unseen(session: Session) -> None:
    committee = factories.committee()
    draft = factories.batch(committee=committee, state=BatchState.DRAFT)
    opened = factories.batch(committee=committee)
    authority = factories.actor(Role.HRSS, unit=factories.unit(region_code="430000"))

    assert seen(session, Batch, factories.actor(Role.OFFICE, committee=committee)) == {
        draft,
        opened,
    }
    assert seen(session, Batch, authority) == {opened}
    assert seen(session, Batch, factories.actor(Role.APPLICANT)) == {opened}
