"""Objections: taken until 24:00 of the last day, settled with findings, their author kept."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.engine import Refused, fire
from app.enums import ApplicationState, NoticeState, ObjectionState, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Notice, Objection
from app.services.files import attached_files
from app.services.review import objections
from tests.support import factories

FINDINGS = "经核查，论文确为本人撰写"


@pytest.fixture(autouse=True)
def official_calendar(app: object) -> None:
    factories.work_days()


@pytest.fixture
def clerk() -> Actor:
    return factories.actor(Role.UNIT, unit=factories.unit())


@pytest.fixture
def named(clerk: Actor) -> Application:
    unit = factories.db.session.get_one(factories.Unit, clerk.unit_id)
    return factories.application(ApplicationState.IN_NOTICE, unit=unit)


@pytest.fixture
def notice(named: Application) -> Notice:
    return factories.notice([named])


def raised(
    notice: Notice, record: Application, received_at: datetime | None = None, **values: Any
) -> Objection:
    return objections.draft(
        notice=notice,
        application_id=record.id,
        content="论文不是本人所写",
        received_at=received_at or clock.now() - timedelta(minutes=1),
        **values,
    )


def register(objection: Objection, actor: Actor, at: datetime | None = None) -> Objection:
    fire(objection, "register", actor=actor, at=at or clock.now())
    return objection


# when it counts


def test_due_on_counts_working_days() -> None:
    factories.work_days(date(2024, 9, 1), date(2024, 10, 31))
    received = datetime(2024, 9, 26, 9, 30, tzinfo=clock.SHANGHAI)

    assert objections.due_on(received) == date(2024, 10, 9)


def test_register_takes_the_last_second_of_the_last_day(
    clerk: Actor, named: Application, notice: Notice
) -> None:
    last = datetime.combine(notice.ends_on, datetime.min.time(), clock.SHANGHAI) + timedelta(
        hours=23, minutes=59, seconds=59
    )
    named.state = ApplicationState.NOTICE_OVER

    objection = register(
        raised(notice, named, last), clerk, at=clock.end_of_day(notice.ends_on) + timedelta(hours=9)
    )

    assert objection.state is ObjectionState.OPEN
    assert named.state is ApplicationState.DISPUTED


@pytest.mark.parametrize("offset", [timedelta(seconds=-1), timedelta(days=-30)])
def test_register_refuses_what_came_in_before_the_notice(
    clerk: Actor, named: Application, notice: Notice, offset: timedelta
) -> None:
    received = clock.start_of_day(notice.starts_on) + offset

    with pytest.raises(Refused, match=notice.starts_on.isoformat()):
        register(raised(notice, named, received), clerk, at=clock.now() + timedelta(days=40))

    assert named.state is ApplicationState.IN_NOTICE


def test_register_refuses_what_comes_from_the_future(
    clerk: Actor, named: Application, notice: Notice
) -> None:
    with pytest.raises(Refused, match="future"):
        register(raised(notice, named, clock.now() + timedelta(hours=1)), clerk)


@pytest.mark.parametrize("content", ["没有问题", "无异议", "……！！", "1234", "不同意不同意"])
def test_register_refuses_an_objection_that_says_nothing(
    clerk: Actor, named: Application, notice: Notice, content: str
) -> None:
    objection = raised(notice, named)
    objection.content = content

    with pytest.raises(Refused) as refusal:
        register(objection, clerk)

    assert refusal.value.field == "content"
    assert named.state is ApplicationState.IN_NOTICE


def test_register_refuses_somebody_the_notice_does_not_name(clerk: Actor, notice: Notice) -> None:
    with pytest.raises(Refused, match="does not stand"):
        register(raised(notice, factories.application(ApplicationState.IN_NOTICE)), clerk)


def test_register_refuses_a_cancelled_notice(
    clerk: Actor, named: Application, notice: Notice
) -> None:
    notice.state = NoticeState.CANCELLED

    with pytest.raises(Refused, match="does not stand"):
        register(raised(notice, named), clerk)


def test_register_refuses_another_unit_and_the_accused(named: Application, notice: Notice) -> None:
    stranger = factories.actor(Role.UNIT, unit=factories.unit())
    accused = factories.actor(Role.UNIT, unit=named.unit, person=named.person)

    with pytest.raises(Refused, match="another unit"):
        register(raised(notice, named), stranger)
    with pytest.raises(Refused, match="yourself"):
        register(raised(notice, named), accused)


def test_author_is_encrypted_and_the_handlers_alone(
    clerk: Actor, named: Application, notice: Notice, session: Session
) -> None:
    objection = register(raised(notice, named, author="赵铁柱", contact="13900000000"), clerk)

    stored = session.execute(
        text("SELECT author, contact FROM objection WHERE id = :id"), {"id": objection.id}
    ).one()
    assert all(value.startswith("a1:") for value in stored)
    assert objections.handles(objection, named, clerk)
    assert not objections.handles(
        objection, named, factories.actor(Role.UNIT, unit=factories.unit())
    )
    assert not objections.handles(objection, named, factories.actor(Role.SUPERIOR, unit=named.unit))


def test_register_keeps_the_evidence(
    clerk: Actor, named: Application, notice: Notice, session: Session
) -> None:
    stored = factories.attachment(notice).file
    evidence = SimpleNamespace(stored=stored, name="证据.pdf")
    objection = raised(notice, named)

    fire(objection, "register", actor=clerk, at=clock.now(), details={"evidence": evidence})

    assert [one.name for one in attached_files.attachments_of(objection, objections.EVIDENCE)] == [
        "证据.pdf"
    ]


# settling it


def test_reject_lets_the_application_go_on_in_its_notice(
    clerk: Actor, named: Application, notice: Notice
) -> None:
    objection = register(raised(notice, named), clerk)

    fire(objection, "reject", actor=clerk, at=clock.now(), opinion=FINDINGS)

    assert (objection.state, objection.findings) == (ObjectionState.REJECTED, FINDINGS)
    assert named.state is ApplicationState.IN_NOTICE


def test_reject_after_the_notice_ended_leads_to_the_report(
    clerk: Actor, named: Application, notice: Notice
) -> None:
    objection = register(raised(notice, named), clerk)
    later = clock.end_of_day(notice.ends_on) + timedelta(hours=9)

    fire(objection, "reject", actor=clerk, at=later, opinion=FINDINGS)

    assert named.state is ApplicationState.NOTICE_OVER


def test_reject_waits_for_the_last_open_objection(
    clerk: Actor, named: Application, notice: Notice
) -> None:
    first = register(raised(notice, named), clerk)
    second = register(raised(notice, named), clerk)

    fire(first, "reject", actor=clerk, at=clock.now(), opinion=FINDINGS)
    assert named.state is ApplicationState.DISPUTED

    fire(second, "reject", actor=clerk, at=clock.now(), opinion=FINDINGS)
    assert named.state is ApplicationState.IN_NOTICE


def test_uphold_return_sends_the_application_back(
    clerk: Actor, named: Application, notice: Notice
) -> None:
    objection = register(raised(notice, named), clerk)

    fire(
        objection,
        "uphold_return",
        actor=clerk,
        at=clock.now(),
        opinion="第二篇论文署名不实，请删去",
        details={"sections": {"papers": "删去第二篇"}},
    )

    assert objection.state is ObjectionState.UPHELD
    assert (named.state, named.frozen_at) == (ApplicationState.RETURNED, None)
    assert named.returned_sections["papers"] == "删去第二篇"


def test_uphold_end_ends_the_application(clerk: Actor, named: Application, notice: Notice) -> None:
    objection = register(raised(notice, named), clerk)

    fire(objection, "uphold_end", actor=clerk, at=clock.now(), opinion="材料造假，情况属实")

    assert named.state is ApplicationState.ENDED


def test_settling_a_second_objection_after_the_end_moves_nothing(
    clerk: Actor, named: Application, notice: Notice
) -> None:
    first, second, third = (register(raised(notice, named), clerk) for _ in range(3))
    fire(first, "uphold_end", actor=clerk, at=clock.now(), opinion="材料造假，情况属实")

    fire(second, "uphold_return", actor=clerk, at=clock.now(), opinion="与前一异议相同")
    fire(third, "uphold_end", actor=clerk, at=clock.now(), opinion="与前一异议相同")

    assert [one.state for one in (second, third)] == [ObjectionState.UPHELD] * 2
    assert named.state is ApplicationState.ENDED


def test_rejecting_a_second_objection_after_a_return_moves_nothing(
    clerk: Actor, named: Application, notice: Notice
) -> None:
    first, second = (register(raised(notice, named), clerk) for _ in range(2))
    fire(first, "uphold_return", actor=clerk, at=clock.now(), opinion="署名不实，请更正")

    fire(second, "reject", actor=clerk, at=clock.now(), opinion=FINDINGS)

    assert named.state is ApplicationState.RETURNED


@pytest.mark.parametrize("event", ["reject", "uphold_return", "uphold_end"])
def test_settling_needs_findings_and_the_handler(
    clerk: Actor, named: Application, notice: Notice, event: str
) -> None:
    objection = register(raised(notice, named), clerk)
    stranger = factories.actor(Role.UNIT, unit=factories.unit())

    with pytest.raises(Refused):
        fire(objection, event, actor=clerk, at=clock.now(), opinion="无")
    with pytest.raises(Refused, match="another unit"):
        fire(objection, event, actor=stranger, at=clock.now(), opinion=FINDINGS)

    assert (objection.state, named.state) == (ObjectionState.OPEN, ApplicationState.DISPUTED)


# against a result


@pytest.fixture
def result_notice() -> Notice:
    plan = factories.plan()
    return factories.notice(
        [factories.application(ApplicationState.IN_RESULT_NOTICE, plan=plan)], plan=plan
    )


def test_result_objection_is_handled_by_the_committees_office(result_notice: Notice) -> None:
    record = result_notice.items[0].application
    committee = record.committee
    office = factories.actor(Role.OFFICE, committee=committee)

    objection = register(raised(result_notice, record), office)
    assert record.state is ApplicationState.RESULT_DISPUTED
    fire(objection, "reject", actor=office, at=clock.now(), opinion=FINDINGS)

    assert record.state is ApplicationState.IN_RESULT_NOTICE


def test_result_objection_upheld_cancels_the_result(result_notice: Notice) -> None:
    record = result_notice.items[0].application
    office = factories.actor(Role.OFFICE, committee=record.committee)
    objection = register(raised(result_notice, record), office)

    fire(objection, "uphold_end", actor=office, at=clock.now(), opinion="学历证书系伪造")

    assert record.state is ApplicationState.CANCELLED


def test_result_objection_refuses_another_office(result_notice: Notice) -> None:
    other = factories.actor(Role.OFFICE, committee=factories.committee())

    with pytest.raises(Refused, match="another unit"):
        register(raised(result_notice, result_notice.items[0].application), other)
