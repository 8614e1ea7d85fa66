"""Rows in forms: the headings stand above their own fields, also when choices are set for one page."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, Role
from app.forms.base import base
from app.models import Application, Batch
from tests.support import factories, row_tables
from tests.support.signing import client_of


@pytest.fixture
def batch(app: Flask) -> Batch:
    factories.work_days()
    return factories.batch()


@pytest.mark.parametrize("name", ["place", "words", "count"])
def test_a_field_with_late_choices_keeps_its_place(app: Flask, name: str) -> None:
    class Row(base.RowForm):
        place = base.choice("Place", [], required=False)
        words = base.text("Words", 10, required=False)
        count = base.integer("Count", 0, 9, required=False)

    class Rows(base.Form):
        rows = base.rows("Rows", Row, min_rows=1)

    with app.test_request_context():
        form = Rows()
        given = [field.short_name for field in form["rows"].entries[0].form]
        base.offer_in_rows(form["rows"], Row, name, "Label", [("a", "A")])
        form["rows"].append_entry()

        added = [field.short_name for field in form["rows"].entries[1].form]

    assert added == given == ["place", "words", "count"]


def office(app: Flask, batch: Batch) -> tuple[FlaskClient, str]:
    case = factories.application(ApplicationState.AT_OFFICE, batch=batch)
    client = client_of(app, factories.position(Role.OFFICE, committee=batch.committee))
    return client, f"/g/1.2.1/{case.id}"


def superior(app: Flask, batch: Batch) -> tuple[FlaskClient, str]:
    above = factories.unit()
    case: Application = factories.application(
        ApplicationState.AT_SUPERIOR, batch=batch, superiors=(above,)
    )
    client = client_of(app, factories.position(Role.SUPERIOR, unit=above))
    return client, f"/g/1.1.3/{case.id}"


def objection(app: Flask, batch: Batch) -> tuple[FlaskClient, str]:
    case = factories.application(ApplicationState.DISPUTED, batch=batch)
    raised = factories.objection(factories.notice([case]), case)
    client = client_of(app, factories.position(Role.UNIT, unit=case.unit))
    return client, f"/g/1.1.1/objections/{raised.id}"


def plan(app: Flask, batch: Batch) -> tuple[FlaskClient, str]:
    client = client_of(app, factories.position(Role.OFFICE, committee=batch.committee))
    return client, "/g/1.2.2/add"


@pytest.mark.parametrize("page", [office, superior, objection, plan])
def test_headings_stand_above_their_own_fields(app: Flask, batch: Batch, page: Any) -> None:
    client, url = page(app, batch)

    answer = client.get(url)
    found = list(row_tables.tables(answer.text))

    assert answer.status_code == 200
    assert found
    for headings, rows in found:
        assert rows
        assert all(labels == headings for labels in rows), (headings, rows)


REASON = "请补充证明材料"


@pytest.mark.parametrize(
    ("page", "typed"),
    [
        (superior, {"decision": "refuse", "reasons-0-reason": REASON}),
        (office, {"decision": "ask_correction", "items-0-text": REASON}),
    ],
)
def test_headings_stand_above_what_was_typed_and_refused(
    app: Flask, batch: Batch, page: Any, typed: dict[str, str]
) -> None:
    client, url = page(app, batch)
    base_url, _slash, pk = url.rpartition("/")

    answer = client.post(f"{base_url}/act/audit", data=typed | {"row": f"{pk}:1"})
    (headings, rows), *_others = row_tables.tables(answer.text)

    assert answer.status_code == 422
    assert REASON in answer.text
    assert len(rows) == 2
    assert all(labels == headings for labels in rows), (headings, rows)
