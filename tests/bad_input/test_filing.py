"""Rows 51 to 54: the result notice, the filing, certificates and their revocation."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import (
    ApplicationState,
    CertificateState,
    FilingState,
    Level,
    NoticeState,
    PlanState,
    Role,
    UnitKind,
)
from app.extensions import db
from app.models import Certificate, Filing, Notice, Plan, Result
from app.services.certificates import certificates
from app.services.ground import numbering
from app.services.meeting import caps
from app.services.results import results
from tests.bad_input import desk
from tests.services.dossiers import pdf
from tests.support import factories, meetings, world
from tests.support.tampering import unsealed

AUDIT = "/g/1.2.7/act/audit"
NUMBER = {"approval_number": "湘职改办〔2026〕9号"}


def scan(name: str = "扫描件.pdf") -> tuple[BytesIO, str]:
    return BytesIO(pdf()), name


# 51


@pytest.fixture
def concluded(plan: Plan) -> Plan:
    """The meeting with its result confirmed: three passed."""
    return meetings.confirmed(plan)


def notice_form(plan: Plan, **typed: Any) -> dict[str, Any]:
    return {
        "plan_id": plan.id, "title": "2026年度评审结果公示", "place": "单位公告栏", "contact": "王芳",
        "phone": "0731-12345678", "starts_on": factories.today().isoformat(),
    } | typed  # fmt: skip


def filing_form(plan: Plan, **typed: Any) -> dict[str, Any]:
    return {
        "plan_id": plan.id, "document_number": "湘评〔2026〕3号", "summary": "会议情况良好",
        "minutes": scan("会议纪要.pdf"), "notice_proof": scan("公示证明.pdf"),
    } | typed  # fmt: skip


def test_row_51_result_notice_is_never_shorter(office: FlaskClient, concluded: Plan) -> None:
    for wrong in ("1999-12-31", factories.in_days(-1).isoformat(), "2026-02-30", "x", ""):
        desk.assert_refused(office, "/g/1.2.6/add", notice_form(concluded, starts_on=wrong))
    early = factories.plan(batch=concluded.batch, state=PlanState.ENTERED)
    for plan in (early, factories.plan(state=PlanState.CONCLUDED)):
        desk.assert_refused(office, "/g/1.2.6/add", notice_form(plan))
    desk.assert_refused(office, "/g/1.2.7/add", filing_form(concluded))
    answer = office.post(
        "/g/1.2.6/add", data=notice_form(concluded, ends_on=factories.today().isoformat())
    )

    assert answer.status_code == 303
    notice = db.session.query(Notice).one()
    assert (notice.ends_on - notice.starts_on).days >= 5
    desk.assert_refused(office, "/g/1.2.6/add", notice_form(concluded))
    desk.assert_refused(office, "/g/1.2.7/add", filing_form(concluded))
    desk.assert_refused(office, "/g/1.2.6/act/cancel", {"row": desk.row(notice)}, status=404)
    desk.assert_refused_change(notice, plan_id=None)


def test_row_51_filing_waits_for_every_objection(office: FlaskClient, concluded: Plan) -> None:
    people = results.candidates(db.session(), concluded)
    for item in people:
        item.state = ApplicationState.RESULT_CLEAR
    people[1].state = ApplicationState.RESULT_DISPUTED
    over = factories.notice(
        people,
        plan=concluded,
        starts_on=factories.in_days(-9),
        ends_on=factories.in_days(-1),
        state=NoticeState.OVER,
    )
    factories.objection(over, people[1])

    desk.assert_refused(office, "/g/1.2.7/add", filing_form(concluded), people[1].number, "异议")


# 52


@pytest.fixture
def filing(concluded: Plan) -> Filing:
    for item in results.candidates(db.session(), concluded):
        item.state = ApplicationState.IN_FILING
    return factories.filing(concluded)


def test_row_52_one_wrong_line_refuses_the_whole_filing(
    authority: FlaskClient, filing: Filing
) -> None:
    plan = filing.plan
    first, second, third = results.candidates(db.session(), plan)
    agree = {"row": desk.row(filing), "decision": "agree"} | NUMBER
    unit = factories.unit("长沙市第一中学", kind=UnitKind.PUBLIC)
    quota = factories.quota(unit, level=Level.MIDDLE, granted=1, used=1)
    stored = db.session.query(Result).filter_by(application_id=second.id).one()

    first.unit_id, second.unit_id = unit.id, unit.id
    desk.assert_refused(authority, AUDIT, agree, unit.name, quota.specialty.name)
    first.unit_id = second.unit_id = third.unit_id
    with unsealed():
        stored.yes, stored.no = 16, 8
    desk.assert_refused(authority, AUDIT, agree, second.number, second.name, "17")
    with unsealed():
        stored.yes, stored.no = 20, 4
    third.person.banned_until = factories.today()
    desk.assert_refused(authority, AUDIT, agree, third.number, third.name)
    third.person.banned_until, plan.present = None, 16
    desk.assert_refused(authority, AUDIT, agree, "17")
    plan.present = 25
    for number in ("", " ", "长" * 65):
        desk.assert_refused(authority, AUDIT, agree | {"approval_number": number})
    assert authority.post(AUDIT, data=agree).status_code == 303
    assert db.session.query(Certificate).count() == 3


def test_row_52_rate_is_computed_again(authority: FlaskClient, filing: Filing) -> None:
    for item in results.candidates(db.session(), filing.plan):
        item.level, item.title_code = Level.SENIOR, factories.title(Level.SENIOR).code
    allowed = caps.cap(3, 40)

    agree = {"row": desk.row(filing), "decision": "agree"} | NUMBER
    desk.assert_refused(authority, AUDIT, agree, "3", str(allowed))


def test_row_52_office_files_and_the_authority_decides(
    app: Flask, office: FlaskClient, authority: FlaskClient, filing: Filing
) -> None:
    agree = {"row": desk.row(filing), "decision": "agree"} | NUMBER
    county = desk.clerk(app, Role.HRSS, unit=factories.unit(region_code="430700"))
    body = {"event": "agree", "rows": [{"id": filing.id, "version": 0}], "details": NUMBER}

    desk.assert_refused(office, AUDIT, agree, status=403)
    desk.assert_refused(authority, "/g/1.2.7/add", filing_form(filing.plan), status=403)
    desk.assert_refused(county, AUDIT, agree, status=404)
    desk.assert_refused(office, "/g/1.2.7/add", filing_form(filing.plan))
    desk.assert_refused(office, f"/g/1.2.7/{filing.id}/edit", filing_form(filing.plan), status=302)
    secret = world.token(factories.actor(Role.OFFICE, committee=filing.plan.committee))
    desk.assert_refused_by_api(app.test_client(), secret, "1.2.7/act/audit", body)
    desk.assert_refused_twin(filing)


def test_row_52_filing_needs_its_papers(office: FlaskClient, concluded: Plan) -> None:
    people = results.candidates(db.session(), concluded)
    for item in people:
        item.state = ApplicationState.RESULT_CLEAR
    factories.notice(
        people,
        plan=concluded,
        starts_on=factories.in_days(-9),
        ends_on=factories.in_days(-1),
        state=NoticeState.OVER,
    )
    none = (BytesIO(b""), "")

    desk.assert_refused(
        office,
        "/g/1.2.7/add",
        filing_form(concluded, minutes=none, notice_proof=none),
        "纪要",
        "公示",
    )
    desk.assert_refused(
        office,
        "/g/1.2.7/add",
        filing_form(concluded, minutes=(BytesIO(b"MZ"), "纪要.pdf")),
        "纪要.pdf",
    )
    for wrong in ({"document_number": ""}, {"summary": "无"}, {"document_number": "湘\u200b评"}):
        desk.assert_refused(office, "/g/1.2.7/add", filing_form(concluded) | wrong)


# 53


@pytest.fixture
def certificate(concluded: Plan) -> Certificate:
    item = results.candidates(db.session(), concluded)[0]
    item.state = ApplicationState.CERTIFIED
    factories.filing(concluded, state=FilingState.AGREED, approval_number="湘职改办〔2026〕9号")
    return factories.certificate(item, name="欧阳春华")


def test_row_53_certificate_only_comes_from_a_filing(
    authority: FlaskClient, filing: Filing
) -> None:
    case = results.candidates(db.session(), filing.plan)[0]

    typed = {"application_id": case.id, "number": "43202605012300017K"}
    for url in ("/g/1.7.1/add", f"/g/1.7.1/{case.id}/edit"):
        desk.assert_refused(authority, url, typed, status=403)
    desk.assert_refused(authority, "/g/1.7.1/act/issue", {"row": desk.row(case)}, status=404)
    for address in ("/g/1.2.7/act/issue", "/g/1.2.7/act/certify"):
        desk.assert_refused(authority, address, {"row": desk.row(filing)}, status=404)


def test_row_53_number_and_token_are_given_once(certificate: Certificate) -> None:
    desk.assert_refused_twin(certificate, state="revoked", number="X")
    desk.assert_refused_twin(certificate, state="revoked", token="X")
    desk.assert_refused_twin(certificate, number="X", token="X")


def test_row_53_number_is_never_given_again(
    authority: FlaskClient, certificate: Certificate
) -> None:
    before = certificates.new_number(db.session(), certificate.application)
    typed = {
        "decision_number": "湘人社决〔2026〕2号",
        "opinion": "姓名录入有误，予以更正",
        "name": "欧阳春花",
    }
    old = desk.row(certificate)

    assert authority.post("/g/1.7.1/act/correct", data={"row": old} | typed).status_code == 303
    desk.assert_refused(authority, "/g/1.7.1/act/correct", {"row": desk.row(certificate)} | typed)

    new = db.session.query(Certificate).filter_by(state=CertificateState.VALID).one()
    assert len({certificate.number, before, new.number}) == 3
    assert numbering.next_number(db.session(), f"certificate:{new.number[:-6]}") == 3


# 54


def revoking(certificate: Certificate, **typed: Any) -> dict[str, Any]:
    return {
        "row": desk.row(certificate),
        "decision_number": "湘人社决〔2026〕2号",
        "opinion": "论文系代写，查证属实",
    } | typed


def test_row_54_revoked_certificate_says_so(
    app: Flask, authority: FlaskClient, certificate: Certificate
) -> None:
    for wrong in (
        {"decision_number": ""},
        {"decision_number": "号" * 65},
        {"opinion": "无"},
        {"opinion": ""},
    ):
        desk.assert_refused(authority, "/g/1.7.1/act/revoke", revoking(certificate, **wrong))
    revoked = authority.post("/g/1.7.1/act/revoke", data=revoking(certificate))
    assert revoked.status_code == 303
    visitor = app.test_client()

    scanned = visitor.get(f"/public/certificates/{certificate.token}")
    asked = visitor.post(
        "/public/certificates/", data={"number": certificate.number, "name": "欧阳春华"}
    )

    for page in (scanned, asked):
        assert page.status_code == 200
        assert "已撤销" in desk.parse(page.text).text
        assert certificate.person.id_number not in page.text
    desk.assert_refused(authority, "/g/1.7.1/act/revoke", revoking(certificate))


def test_row_54_guessing_finds_nothing_and_ends(app: Flask, certificate: Certificate) -> None:
    visitor = app.test_client()
    number, token = certificate.number, certificate.token
    guesses = [token[:-1], token.swapcase(), token + "0", "%", "' OR 1=1 --", "0" * 32, "证书"]

    for guess in guesses:
        assert visitor.get(f"/public/certificates/{guess}").status_code == 404
    for name in ("欧阳", "%", "欧阳春华%", "*"):
        page = visitor.post("/public/certificates/", data={"number": number, "name": name}).text
        assert certificates.grouped(number) not in page
    statuses = [
        visitor.post(
            "/public/certificates/", data={"number": f"{count}", "name": "张三"}
        ).status_code
        for count in range(31)
    ]
    assert statuses[-1] == 429
    desk.assert_answer(visitor, visitor.get(f"/public/certificates/{token}"), 429)
