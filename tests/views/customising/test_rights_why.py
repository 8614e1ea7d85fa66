"""The page that says why somebody can press a button, or what refuses first."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.enums import ApplicationState, Role
from app.models import AuditLog, Position
from tests.support import factories as make

PAGE = "/g/permissions-why/"


@pytest.fixture
def clerk(session: Session) -> Position:
    return make.position(Role.UNIT, unit=make.unit())


def ask(
    client: FlaskClient, account: object, right: str = "UnitReportView:can_report", record: str = ""
) -> TestResponse:
    return client.post(PAGE, data={"account": account, "right": right, "record": record})


def test_answer_for_a_menu_is_written_nowhere(
    secadmin: FlaskClient, clerk: Position, session: Session
) -> None:
    page = ask(secadmin, clerk.user_id)

    assert page.status_code == 200
    assert "Allowed." in page.text
    assert session.scalars(select(AuditLog).filter_by(kind="rights_question")).all() == []


def test_question_about_a_record_is_audited_and_answered_by_number(
    secadmin: FlaskClient, clerk: Position, session: Session
) -> None:
    record = make.application(unit=make.unit(), state=ApplicationState.NOTICE_OVER)

    page = ask(secadmin, clerk.user_id, record=record.number)

    row = session.scalars(select(AuditLog).filter_by(kind="rights_question")).one()
    assert "not among the rows" in page.text
    assert (row.subject, row.details["name"]) == (clerk.user.username, record.number)


def test_missing_tick_leads_to_the_matrix(secadmin: FlaskClient, session: Session) -> None:
    office = make.position(Role.OFFICE, unit=make.unit())

    page = ask(secadmin, office.user_id, "UnitReportView:can_list").text

    assert "/g/permissions/?q=1.1.2" in page
    assert "role=office" in page


@pytest.mark.parametrize(
    ("right", "record", "sentence"),
    [
        ("UnitReportView:can_report", "NO-SUCH-1", "There is no record “NO-SUCH-1”"),
        ("UnitReportView:can_report", "9" * 30, "There is no record"),
        ("VoteView:can_vote", "1", "Who judges what is confidential"),
        ("MeetingSeatView:can_list", "1", "Who judges what is confidential"),
        ("AccountView:can_list", "1", "has no records with states"),
        ("GrantView:can_list", "1", "has no records with states"),
        ("UnitReportView:can_fly", "", ""),
        ("", "", ""),
    ],
)
def test_what_cannot_be_asked_is_refused_calmly(
    right: str, record: str, sentence: str, secadmin: FlaskClient, clerk: Position
) -> None:
    page = ask(secadmin, clerk.user_id, right, record)

    assert page.status_code == 422
    assert sentence in page.text


@pytest.mark.parametrize("account", ["", "x", "999999999", "-1"])
def test_unknown_account_is_refused_calmly(account: str, secadmin: FlaskClient) -> None:
    assert ask(secadmin, account).status_code == 422


def test_page_is_for_the_security_administrator_alone(sysadmin: FlaskClient) -> None:
    assert sysadmin.get(PAGE).status_code == 403
