"""Printed documents: readable text, a QR code, and no ID number."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from app.enums import ApplicationState, CertificateState, PlanState
from app.extensions import db
from app.models import Certificate, Plan
from app.services.certificates import certificate_pdf, certificates
from app.services.exports import pdf_drawing
from app.services.results import result_sheets, results
from tests.support import factories

URL = "http://localhost/public/certificates/token"


def text_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def unspaced(text: str) -> str:
    return "".join(text.split())


@pytest.fixture
def certificate(app: Any) -> Certificate:
    plan = factories.plan()
    unit = factories.unit("长沙市第一建筑设计研究院（集团）有限公司")
    person = factories.person("欧阳·Ana", unit=unit)
    return factories.certificate(
        factories.application(ApplicationState.CERTIFIED, plan=plan, person=person)
    )


def test_certificate_says_who_and_what(certificate: Certificate) -> None:
    shown = text_of(certificate_pdf.certificate_pdf(certificate, URL))

    for value in (
        "欧阳·Ana",
        "长沙市第一建筑设计研究院（集团）有限公司",
        certificate.title.name,
        certificate.committee.name,
        certificate.approval_number,
        certificates.grouped(certificate.number),
    ):
        assert unspaced(value) in shown


def test_certificate_carries_no_id_number(certificate: Certificate) -> None:
    content = certificate_pdf.certificate_pdf(certificate, URL)

    person = certificate.person
    assert person.id_number not in text_of(content)
    assert person.phone is not None
    assert person.phone not in text_of(content)
    facts = PdfReader(io.BytesIO(content)).metadata or {}
    assert certificate.name not in str(dict(facts))


def test_revoked_certificate_says_so_across_the_page(certificate: Certificate) -> None:
    certificate.state = CertificateState.REVOKED

    label = str(CertificateState.REVOKED.label)
    assert unspaced(label) in text_of(certificate_pdf.certificate_pdf(certificate, URL))


def test_documents_embed_every_font_they_draw_with(certificate: Certificate) -> None:
    page = PdfReader(io.BytesIO(certificate_pdf.certificate_pdf(certificate, URL))).pages[0]

    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    embedded = [font for font in fonts if "/FontFile2" in font.get("/FontDescriptor", {})]
    assert {font["/BaseFont"].split("+")[-1] for font in embedded} >= {
        "DroidSansFallback",
        "PaperLatin",
    }
    assert {font["/BaseFont"] for font in fonts if font not in embedded} <= {"/Helvetica"}


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("张A", [("Paper-base", "张"), ("Paper-latin", "A")]),
        ("Ⅰ级", [("Paper-enclosed", "Ⅰ"), ("Paper-base", "级")]),
        ("—·", [("Paper-latin", "—·")]),
        ("𠮷𪛟", [("Paper-han-b", "𠮷𪛟")]),
        ("李𫖯", [("Paper-base", "李"), ("Paper-han-newer", "𫖯")]),
        ("①≥1", [("Paper-enclosed", "①"), ("Paper-latin", "≥1")]),
        ("张\u200b\ufe00三\n", [("Paper-base", "张三"), ("Paper-latin", " ")]),
    ],
)
def test_every_run_is_drawn_with_a_font_that_has_it(
    text: str, drawn: list[tuple[str, str]]
) -> None:
    assert list(pdf_drawing.runs(text)) == drawn


@pytest.fixture
def plan(app: Any) -> Plan:
    made = factories.plan(
        state=PlanState.ENTERED, members=25, present=22, voted_on=factories.in_days(30)
    )
    for _count in range(40):
        factories.result(made, factories.application(ApplicationState.IN_REVIEW, plan=made))
    return made


def test_result_sheet_lists_every_candidate_with_the_votes(plan: Plan) -> None:
    rows = results.results_of_plan(db.session(), plan)

    content = result_sheets.result_sheet_pdf(plan, rows)

    shown = text_of(content)
    assert len(PdfReader(io.BytesIO(content)).pages) > 1
    assert all(row.application.number in shown for row in rows)
    assert unspaced(plan.committee.name) in shown
    assert factories.in_days(30).isoformat() in shown
    assert not any(row.application.person.id_number in shown for row in rows)


def test_result_sheet_names_who_lost_the_pass_since(plan: Plan) -> None:
    rows = results.results_of_plan(db.session(), plan)
    before = text_of(result_sheets.result_sheet_pdf(plan, rows))
    passed = [row for row in rows if row.is_passed]
    for row in passed[:2]:
        row.application.state = ApplicationState.CANCELLED

    after = text_of(result_sheets.result_sheet_pdf(plan, rows))

    assert unspaced("Passed the vote, cancelled afterwards") not in before
    said = after.partition(unspaced("Passed the vote, cancelled afterwards:"))[2]
    assert all(row.application.number in said for row in passed[:2])
    assert not any(row.application.number in said for row in passed[2:])


def test_result_sheet_of_an_empty_entry_is_drawn(app: Any) -> None:
    assert text_of(result_sheets.result_sheet_pdf(factories.plan(), []))
