"""Bars that begin during the procedure: refused at every step, taken out without stopping the others."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.engine import Refused
from app.enums import ApplicationState, FilingState, Level, PlanState, Role, RoundState, UnitKind
from app.extensions import db
from app.ground import clock
from app.models import Application, Certificate, Filing, Outbox, Plan, Section, TransitionLog
from app.services.certificates import filing_checks, filings
from app.services.results import results
from app.services.review import barring
from tests.services import dossiers
from tests.services.certificates.test_filings import agree, file
from tests.services.meeting.test_plans import new, report
from tests.support import factories, meetings
from tests.support.acting import fire, press, why_not
from tests.support.counting import statements

pytestmark = pytest.mark.usefixtures("app")
REASON = "湘职改办处〔2026〕5号决定记入诚信档案"
PENALTY = {
    "has_penalty": "yes", "penalty": "demerit", "penalty_from": "2026-01-02", "penalty_until": "2090-01-01",
    "penalty_note": "处分决定", "has_dishonesty": "no", "is_declared": "y",
}  # fmt: skip


def bar(application: Application, days: int = 9) -> Application:
    application.person.banned_until = factories.in_days(days)
    application.person.ban_reason = "材料造假"
    db.session.flush()
    return application


@pytest.fixture
def filed_plan(app: Flask) -> Plan:
    """A concluded meeting with three people whose notice is over."""
    plan = factories.plan(
        state=PlanState.CONCLUDED,
        opens_on=factories.in_days(-20),
        closes_on=factories.in_days(-18),
        voted_on=factories.in_days(-19),
        members=25,
        present=25,
    )
    people = [
        factories.application(ApplicationState.RESULT_CLEAR, plan=plan, level=Level.MIDDLE)
        for _count in range(3)
    ]
    for one in people:
        factories.result(plan, one)
    factories.notice(people, plan=plan, ends_on=factories.in_days(-2), state="over")
    factories.attachment(plan, results.RESULT_SHEET)
    return plan


@pytest.mark.parametrize(
    ("state", "event", "role"),
    [
        (ApplicationState.AT_UNIT, "check_pass", Role.UNIT),
        (ApplicationState.CHECKED, "publish", Role.UNIT),
        (ApplicationState.AT_SUPERIOR, "superior_pass", Role.SUPERIOR),
        (ApplicationState.AT_OFFICE, "office_pass", Role.OFFICE),
        (ApplicationState.PASSED, "publish_result", Role.OFFICE),
        (ApplicationState.RESULT_CLEAR, "file", Role.OFFICE),
        (ApplicationState.IN_FILING, "certify", Role.HRSS),
    ],
)
def test_a_bar_stops_the_person_at_every_step(
    state: ApplicationState, event: str, role: Role
) -> None:
    superior = factories.unit()
    application = factories.application(state, superiors=(superior,))
    place: dict[str, Any] = {
        Role.UNIT: {"unit": application.unit},
        Role.SUPERIOR: {"unit": superior},
        Role.OFFICE: {"committee": application.committee},
        Role.HRSS: {"unit": factories.unit(kind="authority")},
    }[role]
    actor = factories.actor(role, **place)

    before = why_not(application, event, actor)
    bar(application)

    assert before is None or "barred" not in before
    assert "barred" in str(why_not(application, event, actor))


@pytest.mark.parametrize("until", [0, 1, 400])
def test_a_plan_takes_nobody_who_is_barred(until: int) -> None:
    batch = factories.batch()
    factories.work_days()
    office = factories.actor(Role.OFFICE, committee=batch.committee)
    barred = bar(factories.application(ApplicationState.QUALIFIED, batch=batch), until)
    other = factories.application(ApplicationState.QUALIFIED, batch=batch)

    with pytest.raises(Refused, match=barred.number) as refusal:
        report(new(batch), office)

    assert refusal.value.field == "pick"
    press(barred, "bar_out", office, REASON)
    report(new(batch), office)
    assert (barred.state, barred.plan_id) == (ApplicationState.ENDED, None)
    assert other.plan_id is not None


def test_a_plan_is_not_agreed_with_somebody_barred_meanwhile() -> None:
    plan = factories.plan(state=PlanState.REPORTED)
    barred, other = (
        factories.application(ApplicationState.QUALIFIED, batch=plan.batch, plan=plan)
        for _count in range(2)
    )
    bar(barred)

    with pytest.raises(Refused, match=barred.number):
        fire(plan, "agree", meetings.authority())
    press(barred, "bar_out", meetings.office(plan), REASON)
    fire(plan, "agree", meetings.authority())

    assert (barred.state, other.state) == (ApplicationState.ENDED, ApplicationState.IN_REVIEW)


def test_a_penalty_in_the_application_counts_like_a_bar() -> None:
    batch = factories.batch()
    office = factories.actor(Role.OFFICE, committee=batch.committee)
    unit = factories.unit(kind=UnitKind.PUBLIC)
    application = factories.application(batch=batch, unit=unit)
    dossiers.fill(application, conduct=[PENALTY | {"has_penalty": "no"}])
    application.state, application.office_at = ApplicationState.QUALIFIED, clock.now()

    assert "neither barred" in str(why_not(application, "bar_out", office))
    section = db.session.scalars(select(Section).where(Section.key == "conduct")).one()
    section.rows = [PENALTY]

    assert why_not(application, "bar_out", office) is None


def test_a_round_is_not_frozen_with_somebody_barred() -> None:
    plan, _judges, holders = meetings.ready()
    clerk = meetings.office(plan)
    barred = bar(meetings.candidates(plan)[1])

    with pytest.raises(Refused, match=barred.number):
        meetings.freeze(plan, clerk)
    press(barred, "bar_out", clerk, REASON)
    held = meetings.freeze(plan, clerk)

    assert holders
    assert {one.application_id for one in held.candidates} == {
        one.id for one in meetings.candidates(plan)
    }
    assert len(held.candidates) == 2


def test_a_vote_is_not_opened_on_somebody_barred_since_the_roll_was_frozen() -> None:
    plan, judges, _holders = meetings.ready()
    clerk = meetings.office(plan)
    held = meetings.freeze(plan, clerk)
    barred = bar(meetings.candidates(plan)[0])
    chair = factories.actor_of(judges[0][0])

    assert "Make the round void" in str(why_not(held, "open", chair))
    assert "prepared or held" in str(why_not(barred, "bar_out", clerk))

    meetings.void(held, clerk, "一名申报人被列入禁止申报名单，作废重投")
    press(barred, "bar_out", clerk, REASON)
    again = meetings.freeze(plan, clerk)

    assert why_not(again, "open", chair) is None
    assert held.state is RoundState.VOID


def test_the_confirmation_cancels_the_pass_of_a_barred_person_alone() -> None:
    plan = meetings.online()
    meetings.vote(plan, 20, 20, 20)
    first, barred, third = meetings.candidates(plan)
    meetings.computed(plan)
    meetings.signed(plan)
    bar(barred)

    fire(plan, "confirm", meetings.office(plan))

    assert barred.state is ApplicationState.CANCELLED
    assert {first.state, third.state} == {ApplicationState.PASSED}
    logs = db.session.scalars(
        select(TransitionLog).where(
            TransitionLog.subject_id == barred.id, TransitionLog.event == "bar_out"
        )
    ).all()
    assert [log.opinion for log in logs] == [
        barring.reasons(db.session(), [barred], logs[0].at)[barred.id]
    ]
    confirmed = db.session.scalars(
        select(TransitionLog).where(TransitionLog.event == "confirm")
    ).one()
    assert confirmed.details["barred"] == [barred.number]


def test_who_did_not_pass_stays_not_passed_whatever_the_bar() -> None:
    plan = meetings.online()
    meetings.vote(plan, 20, 3, 20)
    failed = bar(meetings.candidates(plan)[1])

    meetings.concluded(plan)

    assert failed.state is ApplicationState.FAILED


def test_one_barred_person_does_not_stop_a_filing(filed_plan: Plan) -> None:
    office = meetings.office(filed_plan)
    barred = bar(filings.passed_of(db.session(), filed_plan)[0])
    factories.position(Role.APPLICANT, person=barred.person)

    with pytest.raises(Refused, match=barred.number):
        file(filed_plan)
    press(barred, "bar_out", office, REASON)
    filing = file(filed_plan)
    agree(filing)

    assert barred.state is ApplicationState.CANCELLED
    assert db.session.query(Certificate).count() == 2
    message = db.session.scalars(
        select(Outbox).where(Outbox.user_id == barred.person.user_id)
    ).one()
    assert (message.template, message.payload["opinion"]) == ("application.bar_out", REASON)


def test_the_authority_takes_somebody_out_of_a_filing(filed_plan: Plan) -> None:
    filing = file(filed_plan)
    barred = bar(filings.passed_of(db.session(), filed_plan)[1])

    with pytest.raises(Refused, match="Barred people"):
        agree(filing)
    assert "authority" in str(why_not(barred, "bar_out", meetings.office(filed_plan)))
    stranger = meetings.authority("110000")
    assert "another region" in str(why_not(barred, "bar_out", stranger))
    press(barred, "bar_out", meetings.authority(), REASON)
    agree(filing)

    assert filing.state is FilingState.AGREED
    assert db.session.query(Certificate).count() == 2


def test_a_filing_of_nobody_is_not_agreed(filed_plan: Plan) -> None:
    filing: Filing = file(filed_plan)
    for one in filings.passed_of(db.session(), filed_plan):
        press(bar(one), "bar_out", meetings.authority(), REASON)

    assert "Nobody" in " ".join(filing_checks.problems(db.session(), filed_plan))
    assert filing.state is FilingState.REPORTED


@pytest.mark.parametrize(
    ("state", "target"),
    [
        (ApplicationState.CHECKED, ApplicationState.ENDED),
        (ApplicationState.NOTICE_OVER, ApplicationState.ENDED),
    ],
)
def test_the_unit_takes_its_own_people_out(
    state: ApplicationState, target: ApplicationState
) -> None:
    application = bar(factories.application(state))
    office = factories.actor(Role.OFFICE, committee=application.committee)

    assert "with its unit" in str(why_not(application, "bar_out", office))
    press(application, "bar_out", factories.actor(Role.UNIT, unit=application.unit), REASON)

    assert application.state is target


def test_nobody_else_is_taken_out(filed_plan: Plan) -> None:
    office = meetings.office(filed_plan)
    free, expired, other = filings.passed_of(db.session(), filed_plan)
    bar(expired, -30)
    stranger = factories.actor(Role.OFFICE, committee=factories.committee())

    assert "neither barred" in str(why_not(free, "bar_out", office))
    assert "neither barred" in str(why_not(expired, "bar_out", office))
    assert "another committee" in str(why_not(bar(other), "bar_out", stranger))
    with pytest.raises(Refused, match="not a reason"):
        press(other, "bar_out", office, "不符合")


def test_who_was_barred_on_the_day_of_the_vote_is_taken_out_later(filed_plan: Plan) -> None:
    late = bar(filings.passed_of(db.session(), filed_plan)[0], -19)

    press(late, "bar_out", meetings.office(filed_plan), REASON)

    assert late.state is ApplicationState.CANCELLED


@pytest.mark.parametrize("more", [0, 4])
def test_many_candidates_are_asked_with_the_same_statements(app: Flask, more: int) -> None:
    plan = meetings.online(count=2 + more)
    db.session.commit()
    query = select(Application).where(Application.plan_id == plan.id)

    with statements() as sent:
        found = barring.barred_among(db.session(), query, clock.now())

    assert found == []
    assert len(sent) <= 5
