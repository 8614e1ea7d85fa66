"""The integrity file: three years at least, entered with the act that takes a result or a title away."""

from typing import Any

import pytest

from app import settings
from app.engine import Refused
from app.enums import ApplicationState, IntegrityGround, ObjectionState, Role
from app.extensions import db
from app.ground import clock
from app.models import IntegrityRecord, Objection
from app.models.settings import Setting
from app.services.registers import integrity
from app.services.review import objections
from app.validators import Invalid
from tests.support import factories, meetings
from tests.support.acting import fire

REASON = "经查实，代表作与他人论文雷同"
PASSED = [
    ApplicationState.PASSED,
    ApplicationState.IN_RESULT_NOTICE,
    ApplicationState.RESULT_CLEAR,
]


@pytest.mark.parametrize("years", ["0", "1", "2"])
def test_bar_is_never_shorter_than_three_years(app: Any, years: str) -> None:
    with pytest.raises(Invalid):
        settings.store_value("ban_years", years)

    db.session.add(Setting(key="ban_years", value=years))
    db.session.flush()
    assert settings.get("ban_years") == 3


def objected(state: ApplicationState, **values: Any) -> tuple[Objection, Any]:
    """Register an objection against a passed application at its committee's office; return it and the clerk."""
    factories.work_days()
    plan = meetings.offline()
    case = factories.application(state, plan=plan, **values)
    notice = factories.notice(
        [case], kind="result", unit_id=plan.committee.unit_id, plan_id=plan.id,
        starts_on=factories.in_days(-2),
    )  # fmt: skip
    clerk = meetings.office(plan)
    made = objections.draft(
        notice=notice, application_id=case.id, content="论文雷同", received_at=clock.now()
    )
    fire(made, "register", clerk)
    return made, clerk


@pytest.mark.parametrize("state", PASSED)
def test_upheld_objection_at_the_result_enters_the_file_and_bars(
    app: Any, state: ApplicationState
) -> None:
    made, clerk = objected(state)

    fire(made, "uphold_end", clerk, opinion=REASON)

    case = made.application
    [entry] = db.session.query(IntegrityRecord)
    until = integrity.years_after(factories.today(), 3)
    assert (case.state, made.state) == (ApplicationState.CANCELLED, ObjectionState.UPHELD)
    assert (entry.person_id, entry.application_id) == (case.person_id, case.id)
    assert (entry.ground, entry.reason) == (IntegrityGround.CANCELLED, REASON)
    assert (entry.from_on, entry.until_on) == (factories.today(), until)
    assert (case.person.banned_until, case.person.ban_reason) == (until, REASON)


def test_refused_decision_leaves_no_entry(app: Any) -> None:
    made, clerk = objected(ApplicationState.IN_RESULT_NOTICE)

    with pytest.raises(Refused):
        fire(made, "uphold_end", clerk, opinion="无")
    db.session.rollback()

    assert db.session.query(IntegrityRecord).count() == 0


def test_rejected_objection_bars_nobody(app: Any) -> None:
    made, clerk = objected(ApplicationState.IN_RESULT_NOTICE)

    fire(made, "reject", clerk, opinion="经核查，论文系本人独立完成")

    assert db.session.query(IntegrityRecord).count() == 0
    assert made.application.person.banned_until is None


def test_objection_about_the_office_bars_nobody_when_upheld(app: Any) -> None:
    made, _clerk = objected(ApplicationState.IN_RESULT_NOTICE)
    made.is_about_staff = True
    authority = meetings.authority()
    fire(made, "take_over", authority, opinion="反映评委会办公室违反程序，由本局核查")

    fire(made, "uphold_end", authority, opinion="评审程序违反规定，结果取消")

    assert made.application.state is ApplicationState.CANCELLED
    assert db.session.query(IntegrityRecord).count() == 0


def test_revoked_title_is_entered_with_its_decision(app: Any) -> None:
    certificate = meetings.certified()
    authority = meetings.authority()

    fire(
        certificate, "revoke", authority, opinion=REASON,
        details={"decision_number": "湘人社决〔2026〕2号"},
    )  # fmt: skip

    [entry] = db.session.query(IntegrityRecord)
    assert entry.ground is IntegrityGround.REVOKED
    assert entry.decision_number == "湘人社决〔2026〕2号"
    assert entry.recorded_by == authority.user_id


def test_only_authority_and_office_and_the_person_see_entries(app: Any, client: Any) -> None:
    from tests.support.signing import signed_in

    made, clerk = objected(ApplicationState.IN_RESULT_NOTICE)
    fire(made, "uphold_end", clerk, opinion=REASON)
    db.session.commit()
    office = factories.position(Role.OFFICE, committee=made.application.committee)

    page = signed_in(client, office).get("/g/1.7.1/integrity/")
    unit = factories.position(Role.UNIT, unit=made.application.unit)
    other = signed_in(app.test_client(), unit).get("/g/1.7.1/integrity/")

    assert page.status_code == 200
    assert made.application.number in page.text
    assert other.status_code == 403
