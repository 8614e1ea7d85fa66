"""Who inquires into an objection (domain rule 56): never who is accused, and whoever has the case now."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.engine import Refused
from app.enums import ApplicationState, ObjectionState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Objection, Outbox, Unit
from app.services.review import objections
from tests.support import factories, meetings
from tests.support.acting import fire, why_not

FINDINGS = "经核查，论文确为本人撰写"
UPHELD = "经核查属实，异议成立"


@pytest.fixture(autouse=True)
def official_calendar(app: object) -> None:
    factories.work_days()


@pytest.fixture
def above() -> Unit:
    unit = factories.unit("市主管局")
    factories.position(Role.SUPERIOR, unit=unit)
    return unit


@pytest.fixture
def unit(above: Unit) -> Unit:
    return factories.unit(parent=above)


@pytest.fixture
def clerk(unit: Unit) -> Actor:
    return factories.actor(Role.UNIT, unit=unit)


@pytest.fixture
def authority() -> Actor:
    return meetings.authority("430000")


def case(unit: Unit, state: ApplicationState = ApplicationState.IN_NOTICE, **values: Any) -> Any:
    """Return an application of the unit that stands in its notice, and that notice."""
    made = factories.application(state, unit=unit, **values)
    return made, factories.notice([made], starts_on=factories.in_days(-3))


def register(
    made: Application, notice: Any, actor: Actor, content: str = "论文不是本人所写", **values: Any
) -> Objection:
    objection = objections.draft(
        notice=notice,
        application_id=made.id,
        content=content,
        received_at=values.pop("received_at", clock.now() - timedelta(minutes=1)),
        **values,
    )
    fire(objection, "register", actor)
    return objection


def body(objection: Objection) -> tuple[Role, int]:
    return objection.handler_role, objection.unit_id


# who is accused does not inquire


def test_ordinary_objection_stays_with_the_unit(unit: Unit, clerk: Actor) -> None:
    objection = register(*case(unit), clerk)

    assert body(objection) == (Role.UNIT, unit.id)
    assert not objection.is_about_staff


@pytest.mark.parametrize(
    "text", ["反映{name}把关不严", "{name}与申报人系亲属", "经办人 {spaced} 收受财物"]
)
def test_who_names_a_clerk_of_the_unit_is_heard_above(
    unit: Unit, above: Unit, clerk: Actor, text: str
) -> None:
    content = text.format(name=clerk.name, spaced=" ".join(clerk.name))

    objection = register(*case(unit), clerk, content)

    assert body(objection) == (Role.SUPERIOR, above.id)
    assert objection.is_about_staff
    told = db.session.query(Outbox).filter_by(template="objection.handed_up").one()
    assert told.payload["unit"] == clerk.unit_name
    assert "another unit" in str(why_not(objection, "reject", clerk))
    fire(objection, "reject", factories.actor(Role.SUPERIOR, unit=above), opinion=FINDINGS)
    assert objection.application.state is ApplicationState.IN_NOTICE


def test_accused_unit_cannot_keep_it_by_what_it_ticks(unit: Unit, clerk: Actor) -> None:
    objection = register(*case(unit), clerk, f"反映{clerk.name}弄虚作假", is_about_staff=False)

    assert objection.handler_role is Role.SUPERIOR


@pytest.mark.parametrize(
    "told",
    [
        "反映你们单位经办人收礼",
        "学校校 长为其打招呼",
        "评委会办公室提前泄露名单",
        "单位领导弄虚作假",
    ],
)
def test_accused_staff_without_a_name_does_not_inquire(
    unit: Unit, above: Unit, clerk: Actor, told: str
) -> None:
    objection = register(*case(unit), clerk, told, is_about_staff=False)

    assert body(objection) == (Role.SUPERIOR, above.id)
    assert objection.is_about_staff


@pytest.mark.parametrize("told", ["申请人的副主任医师证书系伪造", "论文通讯作者不是本人"])
def test_words_of_titles_accuse_nobody(unit: Unit, clerk: Actor, told: str) -> None:
    assert body(register(*case(unit), clerk, told)) == (Role.UNIT, unit.id)


def test_applicant_of_the_same_name_is_no_clerk(unit: Unit) -> None:
    clerk = factories.actor(Role.UNIT, unit=unit)
    made, notice = case(unit)
    made.name = clerk.name
    db.session.flush()

    objection = register(made, notice, clerk, f"{clerk.name}的论文不是本人所写")

    assert objection.handler_role is Role.UNIT


def test_unit_without_a_superior_is_heard_by_the_authority(authority: Actor) -> None:
    lonely = factories.unit()
    clerk = factories.actor(Role.UNIT, unit=lonely)

    objection = register(*case(lonely), clerk, f"{clerk.name}伪造公示证明")

    assert body(objection) == (Role.HRSS, authority.unit_id)


def test_superior_that_is_named_too_does_not_inquire(
    unit: Unit, above: Unit, clerk: Actor, authority: Actor
) -> None:
    chief = factories.actor(Role.SUPERIOR, unit=above)

    objection = register(*case(unit), clerk, f"{clerk.name}与主管局{chief.name}串通")

    assert body(objection) == (Role.HRSS, authority.unit_id)


def test_objection_filed_above_is_handled_above(unit: Unit, above: Unit) -> None:
    chief = factories.actor(Role.SUPERIOR, unit=above)

    objection = register(*case(unit), chief, is_about_staff=True)

    assert body(objection) == (Role.SUPERIOR, above.id)
    assert objection.application.state is ApplicationState.DISPUTED
    fire(objection, "uphold_end", chief, opinion=UPHELD)
    assert objection.application.state is ApplicationState.ENDED


def test_superior_takes_an_objection_over(unit: Unit, above: Unit, clerk: Actor) -> None:
    objection = register(*case(unit), clerk, "有人打招呼")
    chief = factories.actor(Role.SUPERIOR, unit=above)

    fire(objection, "take_over", chief, opinion="反映的是该单位负责人，由本局核查")

    assert body(objection) == (Role.SUPERIOR, above.id)
    assert objection.is_about_staff
    told = db.session.query(Outbox).filter_by(template="objection.taken_over")
    assert {one.user_id for one in told} == {clerk.user_id}
    assert "another unit" in str(why_not(objection, "reject", clerk))


@pytest.mark.parametrize("who", ["stranger", "other region", "twice"])
def test_nobody_else_takes_over(unit: Unit, above: Unit, clerk: Actor, who: str) -> None:
    objection = register(*case(unit), clerk)
    chief = factories.actor(Role.SUPERIOR, unit=above)
    if who == "twice":
        fire(objection, "take_over", chief, opinion="反映的是该单位负责人，由本局核查")
    actor = {
        "stranger": lambda: factories.actor(Role.SUPERIOR),
        "other region": lambda: meetings.authority("430700"),
        "twice": lambda: chief,
    }[who]()
    before = body(objection)

    with pytest.raises(Refused):
        fire(objection, "take_over", actor, opinion="由本单位核查")

    assert body(objection) == before


# the committee's office


def result_case(state: ApplicationState = ApplicationState.IN_RESULT_NOTICE) -> Any:
    plan = meetings.offline()
    made = factories.application(state, plan=plan)
    notice = factories.notice(
        [made], kind="result", unit_id=plan.committee.unit_id, plan_id=plan.id,
        starts_on=factories.in_days(-3),
    )  # fmt: skip
    return made, notice, meetings.office(plan)


def test_complaint_that_names_the_office_goes_to_the_authority(authority: Actor) -> None:
    made, notice, office = result_case()

    objection = register(made, notice, office, f"评委会办公室{office.name}篡改票数")

    assert body(objection) == (Role.HRSS, authority.unit_id)
    assert made.state is ApplicationState.RESULT_DISPUTED
    assert "another unit" in str(why_not(objection, "reject", office))
    fire(objection, "reject", authority, opinion=FINDINGS)
    assert made.state is ApplicationState.IN_RESULT_NOTICE


def test_complaint_filed_with_the_authority_is_its_own(authority: Actor) -> None:
    made, notice, _office = result_case()

    objection = register(made, notice, authority, "评委会办公室程序违规", is_about_staff=True)

    assert body(objection) == (Role.HRSS, authority.unit_id)
    fire(objection, "uphold_end", authority, opinion=UPHELD)
    assert made.state is ApplicationState.CANCELLED


def test_authority_takes_over_from_an_office(authority: Actor) -> None:
    made, notice, office = result_case()
    objection = register(made, notice, office)

    fire(objection, "take_over", authority, opinion="反映评委会办公室，由本厅核查")

    assert body(objection) == (Role.HRSS, authority.unit_id)


# late objections


LATE = [
    (ApplicationState.NOTICE_OVER, Role.UNIT, ApplicationState.DISPUTED),
    (ApplicationState.AT_SUPERIOR, Role.SUPERIOR, ApplicationState.AT_SUPERIOR),
    (ApplicationState.AT_OFFICE, Role.OFFICE, ApplicationState.AT_OFFICE),
    (ApplicationState.IN_CORRECTION, Role.OFFICE, ApplicationState.IN_CORRECTION),
    (ApplicationState.QUALIFIED, Role.OFFICE, ApplicationState.QUALIFIED),
    (ApplicationState.IN_REVIEW, Role.OFFICE, ApplicationState.IN_REVIEW),
    (ApplicationState.IN_FILING, Role.HRSS, ApplicationState.IN_FILING),
    (ApplicationState.CERTIFIED, Role.HRSS, ApplicationState.CERTIFIED),
]


def late(unit: Unit, state: ApplicationState) -> tuple[Application, Any, datetime]:
    made = factories.application(state, unit=unit, superiors=(factories.unit("县人社局"),))
    notice = factories.notice(
        [made], starts_on=factories.in_days(-20), ends_on=factories.in_days(-12)
    )
    return made, notice, clock.now() - timedelta(hours=1)


@pytest.mark.parametrize(("state", "role", "after"), LATE)
def test_late_objection_reaches_whoever_has_the_case(
    unit: Unit,
    clerk: Actor,
    authority: Actor,
    state: ApplicationState,
    role: Role,
    after: ApplicationState,
) -> None:
    made, notice, received = late(unit, state)
    units = {
        Role.UNIT: unit.id,
        Role.SUPERIOR: made.holder_id,
        Role.OFFICE: made.committee.unit_id,
        Role.HRSS: authority.unit_id,
    }

    objection = register(made, notice, clerk, received_at=received)

    assert body(objection) == (role, units[role])
    assert made.state is after
    handed = db.session.query(Outbox).filter_by(template="objection.handed_on").count()
    people = db.session.query(factories.Position).filter_by(unit_id=units[role], role=role).count()
    assert handed == (0 if role is Role.UNIT else people)


@pytest.mark.parametrize(
    "state", [ApplicationState.ENDED, ApplicationState.FAILED, ApplicationState.WITHDRAWN]
)
def test_ended_case_takes_no_objection(unit: Unit, clerk: Actor, state: ApplicationState) -> None:
    made, notice, received = late(unit, state)

    with pytest.raises(Refused, match="has ended"):
        register(made, notice, clerk, received_at=received)


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (ApplicationState.AT_SUPERIOR, "superior_pass"),
        (ApplicationState.AT_OFFICE, "office_pass"),
        (ApplicationState.CORRECTED, "office_pass"),
    ],
)
def test_case_with_an_open_objection_is_not_passed_on(
    unit: Unit, clerk: Actor, state: ApplicationState, event: str
) -> None:
    made, notice, received = late(unit, state)
    actor = (
        factories.actor(Role.SUPERIOR, unit=made.route[0].unit)
        if event == "superior_pass"
        else factories.actor(Role.OFFICE, committee=made.committee)
    )
    before = str(why_not(made, event, actor))
    objection = register(made, notice, clerk, received_at=received)

    assert "must be settled first" in str(why_not(made, event, actor))
    fire(objection, "reject", actor, opinion=FINDINGS)
    assert str(why_not(made, event, actor)) == before


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        (ApplicationState.AT_SUPERIOR, ApplicationState.ENDED),
        (ApplicationState.AT_OFFICE, ApplicationState.ENDED),
        (ApplicationState.QUALIFIED, ApplicationState.ENDED),
    ],
)
def test_late_objection_that_is_upheld_ends_the_case(
    unit: Unit, clerk: Actor, state: ApplicationState, ends: ApplicationState
) -> None:
    made, notice, received = late(unit, state)
    objection = register(made, notice, clerk, received_at=received)
    actor = (
        factories.actor(Role.SUPERIOR, unit=made.route[0].unit)
        if state is ApplicationState.AT_SUPERIOR
        else factories.actor(Role.OFFICE, committee=made.committee)
    )

    fire(objection, "uphold_end", actor, opinion=UPHELD)

    assert (made.state, objection.state) == (ends, ObjectionState.UPHELD)


def test_case_at_a_superior_can_be_returned(unit: Unit, clerk: Actor) -> None:
    made, notice, received = late(unit, ApplicationState.AT_SUPERIOR)
    objection = register(made, notice, clerk, received_at=received)
    chief = factories.actor(Role.SUPERIOR, unit=made.route[0].unit)

    fire(objection, "uphold_return", chief, opinion="第二篇论文署名不实，请删去")

    assert made.state is ApplicationState.RETURNED


@pytest.mark.parametrize(
    ("state", "role", "said"),
    [
        (ApplicationState.IN_REVIEW, Role.OFFICE, "being judged"),
        (ApplicationState.CERTIFIED, Role.HRSS, "Revoke it first"),
    ],
)
def test_what_must_come_first_is_said(
    unit: Unit, clerk: Actor, authority: Actor, state: ApplicationState, role: Role, said: str
) -> None:
    made, notice, received = late(unit, state)
    objection = register(made, notice, clerk, received_at=received)
    office = factories.actor(Role.OFFICE, committee=made.committee)

    with pytest.raises(Refused, match=said):
        fire(objection, "uphold_end", authority if role is Role.HRSS else office, opinion=UPHELD)

    assert (made.state, objection.state) == (state, ObjectionState.OPEN)


def test_late_objection_at_the_filing_cancels_one_person(
    unit: Unit, clerk: Actor, authority: Actor
) -> None:
    made, notice, received = late(unit, ApplicationState.IN_FILING)
    objection = register(made, notice, clerk, received_at=received)

    fire(objection, "uphold_end", authority, opinion=UPHELD)

    assert made.state is ApplicationState.CANCELLED
    assert made.person.banned_until is not None
