"""The printed form and the workbook: for the applicant and for those who may see the application."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader

from app.enums import ApplicationState, Role
from app.models import Application
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
