"""Menu 1.7.1 through HTTP: who sees which certificate, its PDF, its change."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from app.enums import ApplicationState, CertificateState, Role
from app.extensions import db
from app.models import Certificate
from app.services.certificates import certificates
from tests.support import factories, meetings
from tests.support.signing import english, signed_in


@pytest.fixture
def certificate(app: Any) -> Certificate:
    return meetings.certified()


def at(app: Any, role: Role, **values: Any) -> FlaskClient:
    return english(signed_in(app.test_client(), factories.position(role, **values)))


def authority(app: Any, region_code: str = "430000") -> FlaskClient:
    return at(app, Role.HRSS, unit=factories.unit(kind="authority", region_code=region_code))


def press(client: FlaskClient, button: str, certificate: Certificate, **changes: Any) -> Any:
    data = {
        "row": f"{certificate.id}:{certificate.version}",
        "decision_number": "湘人社决〔2026〕2号",
        "opinion": "论文系代写，查证属实",
    }
    return client.post(f"/g/1.7.1/act/{button}", data=data | changes)


def test_holder_sees_the_own_certificate_as_pdf(app: Any, certificate: Certificate) -> None:
    holder = at(app, Role.APPLICANT, person=certificate.person)

    listed = holder.get("/g/1.7.1/")
    shown = holder.get(f"/g/1.7.1/{certificate.id}")
    pdf = holder.get(f"/g/1.7.1/{certificate.id}/certificate.pdf")

    assert certificates.grouped(certificate.number) in listed.text
    assert certificate.person.id_number not in shown.text
    text = "".join(PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text().split())
    assert pdf.mimetype == "application/pdf"
    assert certificate.name in text
    assert certificate.person.id_number not in text


def test_staff_see_the_certificates_in_their_charge(app: Any, certificate: Certificate) -> None:
    clerks = (
        at(app, Role.UNIT, unit=certificate.unit),
        at(app, Role.OFFICE, committee=certificate.committee),
        authority(app),
    )

    for clerk in clerks:
        assert certificates.grouped(certificate.number) in clerk.get("/g/1.7.1/").text
        assert clerk.get(f"/g/1.7.1/{certificate.id}").status_code == 200


def test_others_find_nothing(app: Any, certificate: Certificate) -> None:
    strangers = (
        at(app, Role.APPLICANT, person=factories.person(unit=certificate.unit)),
        at(app, Role.UNIT, unit=factories.unit()),
        at(app, Role.SUPERIOR, unit=factories.unit()),
        at(app, Role.OFFICE, committee=factories.committee()),
        at(app, Role.JUDGE, unit=certificate.unit),
        authority(app, "430700"),
    )

    for stranger in strangers:
        assert stranger.get("/g/1.7.1/").status_code == 200
        assert stranger.get(f"/g/1.7.1/{certificate.id}").status_code == 404
        assert stranger.get(f"/g/1.7.1/{certificate.id}/certificate.pdf").status_code == 404


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_administrators_have_no_certificates(
    app: Any, certificate: Certificate, role: Role
) -> None:
    client = at(app, role)

    assert client.get("/g/1.7.1/").status_code == 403
    assert client.get(f"/g/1.7.1/{certificate.id}/certificate.pdf").status_code == 403


def test_authority_revokes(app: Any, certificate: Certificate) -> None:
    answer = press(authority(app), "revoke", certificate)

    assert answer.status_code == 303
    assert certificate.state is CertificateState.REVOKED
    assert certificate.person.banned_until is not None
    public = english(app.test_client()).get(f"/public/certificates/{certificate.token}")
    assert "Revoked" in public.text


def test_revocation_without_decision_or_reason_is_refused(
    app: Any, certificate: Certificate
) -> None:
    clerk = authority(app)

    without_number = press(clerk, "revoke", certificate, decision_number="")
    without_reason = press(clerk, "revoke", certificate, opinion="无")

    assert (without_number.status_code, without_reason.status_code) == (422, 422)
    assert "论文系代写，查证属实" in without_number.text
    assert certificate.state is CertificateState.VALID


def test_authority_corrects_one_at_a_time(app: Any, certificate: Certificate) -> None:
    clerk = authority(app)
    other = factories.certificate(factories.application(ApplicationState.CERTIFIED))
    rows = [f"{one.id}:{one.version}" for one in (certificate, other)]

    both = press(clerk, "correct", certificate, row=rows)
    one = press(clerk, "correct", certificate, name="张三丰")

    assert (both.status_code, one.status_code) == (422, 303)
    new = certificates.valid_replacement(db.session(), certificate)
    assert new is not None
    assert new.name == "张三丰"
    assert certificates.grouped(new.number) in clerk.get(f"/g/1.7.1/{certificate.id}").text


def test_only_the_authority_changes_certificates(app: Any, certificate: Certificate) -> None:
    unit, office = (
        at(app, Role.UNIT, unit=certificate.unit),
        at(app, Role.OFFICE, committee=certificate.committee),
    )

    codes = [press(client, "revoke", certificate).status_code for client in (unit, office)]

    assert codes == [403, 403]
    assert press(authority(app, "430700"), "revoke", certificate).status_code == 404
    assert certificate.state is CertificateState.VALID
