"""Papers through HTTP: rare characters are on them, and one without a font is a sentence, never a failure."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from app.enums import ApplicationState, PlanState, Role
from app.extensions import db
from app.ground.paths import APP
from app.models import Application
from tests.services import dossiers
from tests.services.dossier.test_submissions import hand_in, ready
from tests.support import factories, meetings
from tests.support.signing import english, signed_in

RARE, LACKING, CODE = "李𫖯①𰻝", "李\U00030041明", "U+30041"


def client_of(app: Flask, role: Role, **values: Any) -> FlaskClient:
    return english(signed_in(app.test_client(), factories.position(role, **values)))


def certificate(app: Flask, name: str) -> Any:
    made = meetings.certified()
    made.name = name
    db.session.commit()
    holder = client_of(app, Role.APPLICANT, person=made.person)
    return holder.get(f"/g/1.7.1/{made.id}/certificate.pdf")


def own_review_form(app: Flask, name: str) -> Any:
    application = factories.application()
    dossiers.fill(application, summary=[{"text": name}], basic=[{"nation": "01"}])
    application.name = name
    db.session.commit()
    holder = client_of(app, Role.APPLICANT, person=application.person)
    return holder.get(f"/me/application/{application.id}/form.pdf")


def result_sheet(app: Flask, name: str) -> Any:
    plan = factories.plan(state=PlanState.ENTERED, members=25, present=22)
    row = factories.result(plan, factories.application(ApplicationState.IN_REVIEW, plan=plan))
    row.application.name = name
    db.session.commit()
    office = client_of(app, Role.OFFICE, committee=plan.committee)
    return office.get(f"/g/1.2.5/{plan.id}/sheet.pdf")


def notice_sheet(app: Flask, name: str) -> Any:
    unit = factories.unit()
    record = factories.application(ApplicationState.IN_NOTICE, unit=unit)
    record.name = name
    notice = factories.notice([record])
    db.session.commit()
    return client_of(app, Role.UNIT, unit=unit).get(f"/g/1.1.1/{notice.id}/sheet")


def summary(app: Flask, name: str) -> Any:
    unit = factories.unit()
    factories.application(ApplicationState.AT_OFFICE, unit=unit).name = name
    db.session.commit()
    return client_of(app, Role.UNIT, unit=unit).get("/g/1.1.2/summary")


def receipt(app: Flask, name: str) -> Any:
    application: Application = ready()
    hand_in(application)
    application.unit.name = name
    db.session.commit()
    holder = client_of(app, Role.APPLICANT, person=application.person)
    return holder.get(f"/me/application/{application.id}/receipt")


SCREENS = {"statistics.html"}
"""Pages for the screen that may be printed; a character without a font must not keep anybody from them."""
PAPERS = [certificate, own_review_form, result_sheet, notice_sheet, summary, receipt]


def text_of(answer: Any) -> str:
    if answer.mimetype != "application/pdf":
        return str(answer.text)
    pages = PdfReader(io.BytesIO(answer.data)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize("paper", PAPERS)
def test_rare_characters_are_on_the_paper(app: Flask, paper: Any) -> None:
    answer = paper(app, RARE)

    assert answer.status_code == 200
    assert RARE in text_of(answer)


@pytest.mark.parametrize("paper", PAPERS)
def test_a_character_without_a_font_is_answered_by_a_sentence(app: Flask, paper: Any) -> None:
    answer = paper(app, LACKING)

    assert answer.status_code == 422
    for part in ("The paper was not printed", CODE, LACKING, "ask the system administrator"):
        assert part in answer.text


def test_every_paper_with_a_print_button_is_a_checked_sheet() -> None:
    """A paper prints only through print/sheet.html, which refuses what no font draws."""
    templates = {path: path.read_text("utf-8") for path in Path(APP / "templates").rglob("*.html")}

    printing = {path.name for path, text in templates.items() if "data-print" in text}
    sheet = templates[APP / "templates" / "print" / "sheet.html"]
    others = [p for p in templates if p.parent.name == "print" and p.name != "sheet.html"]

    assert printing == {"sheet.html", *SCREENS}
    assert "{% filter drawable %}{% block sheet %}{% endblock %}{% endfilter %}" in sheet
    assert len(others) >= 5
    assert all("{% extends 'print/sheet.html' %}" in templates[path] for path in others)
