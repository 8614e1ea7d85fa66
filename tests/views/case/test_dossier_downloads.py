"""The printed form and the workbook: for the applicant and for those who may see the application."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader

from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.models import Application, AuditLog
from app.services.exports import workbook
from tests.services import dossiers
from tests.support import factories, signing

PAPERS = {"form.pdf": "application/pdf", "dossier.xlsx": workbook.XLSX}


@pytest.fixture
def filled(app: Flask) -> Application:
    application = factories.application(person=factories.person(unit=factories.unit()))
    dossiers.fill(application, **dossiers.MORE)
    return application


def applicant(client: FlaskClient, application: Application) -> FlaskClient:
    user = factories.user(person=application.person)
    return signing.signed_in(client, factories.position(Role.APPLICANT, user=user))


def clerk(client: FlaskClient, application: Application) -> FlaskClient:
    position = factories.position(Role.UNIT, unit=application.unit)
    return signing.signed_in(client, position)


def pdf_text(answer: Any) -> str:
    pages = PdfReader(io.BytesIO(answer.data)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize("base", ["/me", "/m"])
@pytest.mark.parametrize("name", PAPERS)
def test_an_applicant_takes_the_own_dossier_along(
    client: FlaskClient, filled: Application, base: str, name: str
) -> None:
    me = applicant(client, filled)

    page = me.get(f"{base}/application/{filled.id}/")
    answer = me.get(f"{base}/application/{filled.id}/{name}")

    assert f"{base}/application/{filled.id}/{name}" in page.text
    assert (answer.status_code, answer.mimetype) == (200, PAPERS[name])
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_own_form_is_in_chinese_and_complete(client: FlaskClient, filled: Application) -> None:
    text = pdf_text(applicant(client, filled).get(f"/me/application/{filled.id}/form.pdf"))

    assert "专业技术职称评审表" in text
    for value in (
        "湘江大桥加固",
        "碳纤维布加固梁桥的试验研究",
        "桥梁养护手册",
        "任职以来考核信息",
    ):
        assert value in text


@pytest.mark.parametrize("name", PAPERS)
def test_somebody_elses_dossier_does_not_exist(
    client: FlaskClient, filled: Application, name: str
) -> None:
    other = factories.application(person=factories.person(unit=factories.unit()))
    me = applicant(client, other)

    assert me.get(f"/me/application/{filled.id}/{name}").status_code == 404


@pytest.mark.parametrize("name", PAPERS)
def test_the_unit_finds_both_beside_the_case(
    client: FlaskClient, filled: Application, name: str
) -> None:
    filled.state = ApplicationState.AT_UNIT
    me = clerk(client, filled)

    page = me.get(f"/g/1.1.4/{filled.id}")
    answer = me.get(f"/g/1.1.4/{filled.id}/{name}")

    assert f"/g/1.1.4/{filled.id}/{name}" in page.text
    assert (answer.status_code, answer.mimetype) == (200, PAPERS[name])


@pytest.mark.parametrize("name", PAPERS)
def test_another_unit_does_not_see_it(client: FlaskClient, filled: Application, name: str) -> None:
    filled.state = ApplicationState.AT_UNIT
    other = factories.application(ApplicationState.AT_UNIT)

    assert clerk(client, other).get(f"/g/1.1.4/{filled.id}/{name}").status_code == 404


def test_a_case_without_sign_in_asks_for_it(client: FlaskClient, filled: Application) -> None:
    assert client.get(f"/g/1.1.4/{filled.id}/form.pdf").status_code == 302


def test_the_workbook_of_the_unit_holds_no_number_of_the_person(
    client: FlaskClient, filled: Application
) -> None:
    filled.state = ApplicationState.AT_UNIT

    answer = clerk(client, filled).get(f"/g/1.1.4/{filled.id}/dossier.xlsx")

    cells = str([list(sheet.values) for sheet in load_workbook(io.BytesIO(answer.data))])
    assert filled.name in cells
    assert filled.person.id_number not in cells
    assert str(filled.person.phone) not in cells


def decided(filled: Application) -> Application:
    """Let the committee have passed the case; the office has it in hand."""
    plan = factories.plan(
        batch=filled.batch, state="concluded", members=25, present=23, voted_on=factories.today()
    )
    filled.plan_id, filled.state = plan.id, ApplicationState.PASSED
    filled.holder_id, filled.office_at = plan.committee.unit_id, clock.now()
    factories.result(plan, filled, yes=19, no=3, abstain=1)
    return filled


def reader(client: FlaskClient, filled: Application, role: Role) -> FlaskClient:
    """Sign somebody in who may see the case in this role."""
    where = {
        Role.UNIT: {"unit": filled.unit},
        Role.OFFICE: {"committee": filled.committee},
        Role.HRSS: {"unit": factories.unit(region_code="430000")},
    }[role]
    return signing.signed_in(client, factories.position(role, **where))


PAGES = {Role.UNIT: "1.1.4", Role.OFFICE: "1.2.1/all", Role.HRSS: "1.1.4"}


@pytest.mark.parametrize(
    ("role", "holder", "is_full"),
    [
        (Role.OFFICE, "office", True),
        (Role.OFFICE, "authority", False),
        (Role.OFFICE, "nobody", True),
        (Role.UNIT, "office", False),
        (Role.UNIT, "unit", True),
        (Role.UNIT, "nobody", True),
        (Role.UNIT, "applicant", False),
        (Role.HRSS, "office", False),
        (Role.HRSS, "nobody", False),
    ],
)
def test_full_numbers_are_printed_for_who_has_the_case_in_hand(
    client: FlaskClient, filled: Application, role: Role, holder: str, is_full: bool
) -> None:
    case = decided(filled)
    holders = {
        "office": case.committee.unit_id,
        "unit": case.unit_id,
        "authority": factories.unit().id,
    }
    case.holder_id = holders.get(holder)
    case.held_since = None if holder == "nobody" else clock.now()

    text = pdf_text(reader(client, case, role).get(f"/g/{PAGES[role]}/{case.id}/form.pdf"))

    numbers = (str(case.person.id_number), str(case.person.phone))
    assert [number in text for number in numbers] == [is_full] * 2
    printed = db.session.query(AuditLog).filter_by(kind="full_form").all()
    assert [one.subject for one in printed] == [f"application:{case.id}"] * is_full


def test_who_handles_the_own_case_in_another_position_gets_it_masked(
    client: FlaskClient, filled: Application
) -> None:
    filled.state, filled.holder_id = ApplicationState.AT_UNIT, filled.unit_id
    user = factories.user(person=filled.person)
    position = factories.position(Role.UNIT, unit=filled.unit, user=user)

    answer = signing.signed_in(client, position).get(f"/g/1.1.4/{filled.id}/form.pdf")

    assert str(filled.person.id_number) not in pdf_text(answer)


@pytest.mark.parametrize("role", [Role.UNIT, Role.OFFICE, Role.HRSS, Role.APPLICANT])
def test_decided_case_is_printed_with_its_vote_for_everybody_who_may_see_it(
    client: FlaskClient, filled: Application, role: Role
) -> None:
    case = decided(filled)
    if role is Role.APPLICANT:
        answer = applicant(client, case).get(f"/me/application/{case.id}/form.pdf")
    else:
        answer = reader(client, case, role).get(f"/g/{PAGES[role]}/{case.id}/form.pdf")

    text = pdf_text(answer)
    assert "2523" in text
    assert "1931" in text
    assert f"{case.committee.name}{factories.today()}" in text


def test_applicant_sees_no_vote_while_the_result_is_not_confirmed(
    client: FlaskClient, filled: Application
) -> None:
    decided(filled).state = ApplicationState.IN_REVIEW

    assert "1931" not in pdf_text(
        applicant(client, filled).get(f"/me/application/{filled.id}/form.pdf")
    )
