"""Exports hold the columns that are seen, or chosen ones with fields of the dossiers, masked and recorded."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.models import Application, AuditLog, Section, Submission, Unit
from tests.support import factories, signing
from tests.support.counting import statements

EXPORT, CHOOSE = "/g/1.1.4/export.xlsx", "/g/1.1.4/export"


@pytest.fixture
def school(app: Flask) -> Unit:
    return factories.unit("长沙市第一中学")


@pytest.fixture
def client(app: Flask, school: Unit) -> FlaskClient:
    return signing.client_of(app, factories.position(Role.UNIT, unit=school))


def filed(unit: Unit, name: str, state: ApplicationState = ApplicationState.AT_UNIT) -> Application:
    """Return an application with a post and two papers in its form."""
    case = factories.application(state, unit=unit, name=name)
    papers = [{"title": f"{name}论文一"}, {"title": f"{name}论文二"}]
    for key, rows in {"basic": [{"duty": "教师"}], "papers": papers}.items():
        factories.add(Section(application_id=case.id, key=key, rows=rows, saved_at=clock.now()))
    db.session.commit()
    return case


def table(client: FlaskClient, query: str) -> list[list[Any]]:
    answer = client.get(f"{EXPORT}?{query}")
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_an_export_has_the_columns_that_are_seen_in_their_order(
    client: FlaskClient, school: Unit
) -> None:
    cases = [filed(school, name) for name in ("王建国", "李娜")]

    rows = table(client, "cols=name,number&sort=number&dir=desc")

    assert rows == [
        ["Name", "Application number"],
        ["李娜", cases[1].number],
        ["王建国", cases[0].number],
    ]
    assert table(client, "col=name&q.name=李") == [["Name"], ["李娜"]]


def test_chosen_fields_of_the_dossier_are_masked_and_recorded(
    client: FlaskClient, school: Unit
) -> None:
    case = filed(school, "王建国")
    number = case.person.id_number
    fields = "field=papers.title&field=basic.id_number&field=applying.series"

    heading, row = table(client, f"cols=number&{fields}")

    assert len(heading) == len(row) == 4
    assert row[1] == "王建国论文一\n王建国论文二"
    assert row[2] != number
    assert "*" in row[2]
    assert row[3] == case.series.name
    kept = db.session.scalars(select(AuditLog).where(AuditLog.kind == "dossier_export")).one()
    assert kept.details == {
        "fields": ["papers.title", "basic.id_number", "applying.series"],
        "rows": 1,
    }
    table(client, "cols=number")
    assert db.session.query(AuditLog).filter_by(kind="dossier_export").count() == 1


def test_an_export_has_what_was_handed_in_not_what_is_being_changed(
    client: FlaskClient, school: Unit
) -> None:
    case = filed(school, "王建国", ApplicationState.RETURNED)
    handed_in = {"papers": [{"title": "已提交"}]}
    factories.add(
        Submission(
            application_id=case.id, event="submit", handed_in_at=clock.now(), sections=handed_in
        )
    )
    db.session.commit()

    assert table(client, "cols=number&field=papers.title")[1] == [case.number, "已提交"]


def test_an_unknown_field_is_named_and_the_rest_exported(client: FlaskClient, school: Unit) -> None:
    case = filed(school, "王建国")

    rows = table(client, "cols=number,person_id&field=person.phone&field=basic.duty")

    assert "no column person_id, person.phone" in rows[0][0]
    assert rows[2] == [case.number, "教师"]


def test_an_export_takes_the_same_statements_for_more_rows(
    client: FlaskClient, school: Unit
) -> None:
    query = f"{EXPORT}?cols=number,holder,id_number&field=papers.title&field=basic.unit_region"
    used = []
    # what a worker keeps between requests is there from the first one on
    client.get(query)
    for count in (1, 6):
        for _number in range(count):
            filed(school, "王建国")
        db.session.expire_all()
        with statements() as sent:
            assert client.get(query).status_code == 200
        used.append(len(sent))

    assert used[0] == used[1]


def test_the_choice_ticks_what_is_seen_and_offers_the_form(
    app: Flask, client: FlaskClient, school: Unit
) -> None:
    filed(school, "王建国")

    page = client.get(f"{CHOOSE}?q.name=王&cols=name,level").text

    assert page.count(" checked") == 2
    assert '<input type="hidden" name="q.name" value="王">' in page
    assert 'name="field" value="papers.title"' in page
    outsider = signing.client_of(app, factories.position(Role.JUDGE))
    assert outsider.get(CHOOSE).status_code == outsider.get(EXPORT).status_code == 403


def test_another_unit_is_not_exported(client: FlaskClient, school: Unit) -> None:
    filed(factories.unit(), "赵敏")

    assert table(client, "cols=name&field=papers.title")[1:] == []
