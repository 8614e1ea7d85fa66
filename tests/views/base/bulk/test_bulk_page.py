"""Acts on all rows that match: counts before, changed rows skipped and named, a result after, a limit."""

import io
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from app import settings
from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Application, BulkAct, BulkSkip, TransitionLog, Unit
from app.views.base.bulk import bulk_page
from tests.support import factories, signing
from tests.support.counting import count, statements_of
from tests.support.pressing import LEADER

LIST, ACT = "/g/1.1.3/", "/g/1.1.3/act/audit"
PASS = {"decision": "superior_pass", **LEADER}
NAMES = ("王建国", "李娜", "王敏")
MOST_STATEMENTS = 15
"""With the one that reads who of the organisation handles the rows shown."""


@pytest.fixture
def superior(app: Flask) -> Unit:
    return factories.unit("常德市教育局")


@pytest.fixture
def schools(superior: Unit) -> list[Unit]:
    return [factories.unit(name, parent=superior) for name in ("第一中学", "第二中学")]


@pytest.fixture
def cases(superior: Unit, schools: list[Unit]) -> list[Application]:
    return [waiting(schools[at // 2], superior, name) for at, name in enumerate(NAMES)]


@pytest.fixture
def client(app: Flask, superior: Unit, cases: list[Application]) -> FlaskClient:
    return signing.client_of(app, factories.position(Role.SUPERIOR, unit=superior))


def waiting(unit: Unit, superior: Unit, name: str) -> Application:
    return factories.application(
        ApplicationState.AT_SUPERIOR, unit=unit, name=name, superiors=(superior,)
    )


def hidden(page: str, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return unescape(found[1])


def opened(client: FlaskClient, query: str = "") -> dict[str, Any]:
    """Open the page for all that match and return what its form sends."""
    page = client.get(f"{ACT}?all=1&{query}")
    assert page.status_code == 200
    return {**PASS, **{key: hidden(page.text, key) for key in ("back", "match", "rows_seen")}}


def states(cases: list[Application]) -> list[ApplicationState]:
    db.session.expire_all()
    return [one.state for one in cases]


def words(answer: TestResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_all_that_match_are_counted_by_unit_and_state_before(
    client: FlaskClient, schools: list[Unit]
) -> None:
    page = words(client.get(f"{ACT}?all=1"))

    assert "Sum 第一中学 2 2 第二中学 1 1 Sum 3 3" in page
    assert "All 3 rows that match: no filter" in page
    assert "All 1 rows that match: Unit: 第二中学" in words(
        client.get(f"{ACT}?all=1&q.unit={schools[1].id}")
    )


def test_all_that_match_are_done_and_no_other(
    client: FlaskClient, cases: list[Application]
) -> None:
    sent = opened(client, "q.name=王")

    led = client.post(ACT, data=sent)

    assert led.status_code == 303
    result = words(client.get(led.location))
    assert "2 of 2 rows done" in result
    assert "No row was skipped" in result
    after = states(cases)
    assert ApplicationState.AT_SUPERIOR not in (after[0], after[2])
    assert after[1] is ApplicationState.AT_SUPERIOR
    assert count(TransitionLog, TransitionLog.event == "superior_pass") == 2


def test_rows_changed_since_are_skipped_and_named(
    app: Flask, client: FlaskClient, superior: Unit, schools: list[Unit], cases: list[Application]
) -> None:
    sent = opened(client, "q.name=王")
    late = waiting(schools[0], superior, "王迟")
    colleague = signing.client_of(app, factories.position(Role.SUPERIOR, unit=superior))
    first = cases[0]
    key, version = first.id, first.version
    colleague.post(ACT, data={**PASS, "row": f"{key}:{version}"})
    db.session.get_one(Application, cases[2].id).name = "赵敏"
    db.session.commit()

    led = client.post(ACT, data=sent)

    result = words(client.get(led.location))
    assert "0 of 2 rows done" in result
    assert "Already dealt with by" in result
    assert "It no longer matches the search" in result
    assert states([late])[0] is ApplicationState.AT_SUPERIOR
    pk = int(re.findall(r"of=(\d+)", led.location)[0])
    book = load_workbook(io.BytesIO(client.get(f"{LIST}bulk.xlsx?of={pk}").data))
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    assert len(rows) == 1 + 1 + 2 + 1
    assert "0 of 2 done" in rows[0][0]
    assert colleague.get(f"{LIST}bulk?of={pk}").status_code == 404
    assert colleague.get(f"{LIST}bulk.xlsx?of={pk}").status_code == 404
    assert client.get(f"/g/1.1.4/bulk?of={pk}").status_code == 404
    assert client.get(f"{LIST}bulk?of=x").status_code == 404
    assert colleague.get(f"{LIST}bulk").location == LIST
    assert colleague.get(f"{LIST}bulk.xlsx").location == LIST


def test_a_row_of_another_unit_is_not_touched(
    client: FlaskClient, cases: list[Application]
) -> None:
    foreign_superior = factories.unit()
    foreign = waiting(factories.unit(parent=foreign_superior), foreign_superior, "王外")
    sent = opened(client)
    sent["rows_seen"] += f",{foreign.id}:{foreign.version}"

    led = client.post(ACT, data=sent)

    assert "3 of 4 rows done" in words(client.get(led.location))
    assert states([foreign])[0] is ApplicationState.AT_SUPERIOR
    assert db.session.query(BulkSkip).one().label == f"Record {foreign.id}"
    refused = client.post(ACT, data={**sent, "leader": ""})
    assert refused.status_code == 422
    assert "王外" not in refused.text


def test_too_many_rows_are_a_sentence(client: FlaskClient, cases: list[Application]) -> None:
    settings.store_value("bulk_max_rows", "2")
    db.session.commit()

    led = client.get(f"{ACT}?all=1&back={LIST}?q.any=")

    assert led.status_code == 302
    assert "More than 2 rows match" in words(client.get(led.location))
    seen = ",".join(f"{one.id}:{one.version}" for one in cases)
    assert client.post(ACT, data={**PASS, "match": "", "rows_seen": seen}).status_code == 400
    assert client.get(f"{ACT}?all=1&q.name=王").status_code == 200


def test_what_is_typed_wrongly_comes_back_and_nothing_moves(
    client: FlaskClient, cases: list[Application]
) -> None:
    sent = opened(client, "q.name=王") | {"leader": "不存在的人"}

    answer = client.post(ACT, data=sent)

    assert answer.status_code == 422
    assert 'value="不存在的人"' in answer.text
    assert hidden(answer.text, "rows_seen") == sent["rows_seen"]
    assert states(cases) == [ApplicationState.AT_SUPERIOR] * 3
    assert count(BulkAct) == 0


def test_a_long_act_goes_on_in_steps(
    client: FlaskClient, cases: list[Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_page, "STEP", 2)
    sent = opened(client)

    first = client.post(ACT, data=sent)
    assert first.status_code == 307
    assert "2 of 3 rows done" in words(client.get(f"{LIST}bulk"))
    assert "1 rows were not reached" in words(client.get(f"{LIST}bulk"))
    second = client.post(first.location, data=sent)

    assert second.status_code == 303
    assert "3 of 3 rows done" in words(client.get(second.location))
    assert count(BulkAct) == 1
    assert ApplicationState.AT_SUPERIOR not in states(cases)
    assert client.post(f"{ACT}?bulk=99", data=sent).status_code == 404


@pytest.mark.parametrize("seen", ["", "1", "1:x", "-1:2", f"{2**40}:1", "1:2:3"])
def test_a_tampered_form_is_refused(client: FlaskClient, seen: str) -> None:
    sent = {**PASS, "match": "", "rows_seen": seen}

    assert client.post(ACT, data=sent).status_code == 400


def test_the_same_press_twice_does_nothing_more(
    client: FlaskClient, cases: list[Application]
) -> None:
    sent = opened(client)

    client.post(ACT, data=sent)
    again = client.post(ACT, data=sent)

    assert "0 of 3 rows done" in words(client.get(again.location))
    assert count(TransitionLog, TransitionLog.event == "superior_pass") == 3


def test_the_wide_table_of_counts_is_reached_by_keyboard(client: FlaskClient) -> None:
    page = client.get(f"{ACT}?all=1").text
    assert '<div class="scroll" tabindex="0">' in page
    assert '<div class="scroll">' not in page


def test_the_page_before_takes_few_statements(
    client: FlaskClient, superior: Unit, schools: list[Unit]
) -> None:
    # the first page also reads the form's definition, once for the process
    client.get(f"{ACT}?all=1")
    few = statements_of(client, f"{ACT}?all=1")
    for _number in range(5):
        waiting(schools[0], superior, "王多")

    assert statements_of(client, f"{ACT}?all=1") == few
    assert few <= MOST_STATEMENTS
