"""Series, titles, specialties, regions and kinds of material as workbooks: exported, compared, collected in the draft."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from app.enums import Role
from app.models import MaterialKind, Region, Series, Specialty, Title
from tests.support import factories, form_data, workbooks
from tests.support.world import enter

TABLES = {
    "series": (Series, ["99", "试行系列", "Yes"]),
    "title": (Title, ["99010101", "01", "Senior (full)", "试行职称", "No", "Yes"]),
    "specialty": (Specialty, ["990101", "01", "试行专业", "Yes"]),
    "region": (Region, ["439900", "试行市", "2", "430000", "No", "Yes"]),
    "material-kind": (
        MaterialKind,
        ["trial", "试行材料", "5", "2", "99", "No", "level=1; series=01", None, "试行", "Yes"],
    ),
}


@pytest.fixture
def administrator(app: Flask, session: Session) -> FlaskClient:
    return enter(app, factories.actor(Role.SYSADMIN))


def exported(client: FlaskClient, page: str) -> Any:
    return load_workbook(io.BytesIO(client.get(f"/console/{page}/sheet/").data))


def send(client: FlaskClient, page: str, book: Any) -> Any:
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)
    return workbooks.send(client, f"/console/{page}/import/", stream)


@pytest.mark.parametrize("page", TABLES)
def test_what_is_exported_comes_back_as_nothing_new(administrator: FlaskClient, page: str) -> None:
    answer = send(administrator, page, exported(administrator, page))

    assert answer.status_code == 200
    assert "The file holds what holds already." in answer.text
    assert "left out" not in answer.text
    assert "it stays" not in answer.text


@pytest.mark.parametrize("page", TABLES)
def test_new_row_is_compared_collected_and_published(
    administrator: FlaskClient, session: Session, page: str
) -> None:
    model, cells = TABLES[page]
    book = exported(administrator, page)
    book.active.append(cells)
    shown = send(administrator, page, book)
    sent = form_data.sent(shown.text[shown.text.index('action="/g/customise/collect"') - 80 :])
    collected = administrator.post("/g/customise/collect", data=sent)
    before = session.get(model, cells[0])
    administrator.post("/g/customise/publish", data={"note": ""})
    session.expire_all()
    made = session.get(model, cells[0])

    assert "1 changes can be collected in your draft" in shown.text, shown.text
    assert collected.location == "/g/customise/draft"
    assert before is None
    assert made is not None
    assert made.name.startswith("试行")
    if isinstance(made, MaterialKind):
        assert made.condition == {"level": ["1"], "series": ["01"]}


WRONG = [
    ("series", ["9 9", "甲", "Yes"], "cannot be a code here"),
    ("series", ["01", "甲", "Yes"], "The same code stands in a row above."),
    ("title", ["99010101", "01", "König", "甲", "No", "Yes"], "Level: "),
    ("region", ["439900", "甲", "zwei", "430000", "No", "Yes"], "A whole number is expected"),
]


@pytest.mark.parametrize(("page", "cells", "said"), WRONG)
def test_rows_that_cannot_be_read_are_named(
    administrator: FlaskClient, page: str, cells: list[str], said: str
) -> None:
    book = exported(administrator, page)
    book.active.append(cells)
    answer = send(administrator, page, book)

    assert answer.status_code == 422
    assert said in answer.text


UNMET = [
    ("specialty", ["990101", "98", "甲", "Yes"], "It names what is not here: Series 98"),
    ("region", ["439900", "甲", "4", "430000", "No", "Yes"], "Level: 1 to 3."),
    ("material-kind", ["trial", "甲", "99", "2", "9", "No", None, None, None, "Yes"], "1 to 50."),
    ("material-kind", ["trial", "甲", "5", "2", "9", "No", "weather=fine", None, None, "Yes"], "cannot ask"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "cells", "said"), UNMET)
def test_rows_that_no_page_would_take_are_left_out_with_their_reason(
    administrator: FlaskClient, page: str, cells: list[str], said: str
) -> None:
    book = exported(administrator, page)
    book.active.append(cells)
    answer = send(administrator, page, book)

    assert "May not be set, left out (1)" in answer.text
    assert said in answer.text


def test_file_of_another_table_is_refused(administrator: FlaskClient) -> None:
    answer = send(administrator, "series", exported(administrator, "specialty"))

    assert answer.status_code == 422
    assert "This is not the present template." in answer.text
