"""The desk: an act beside its case, refusals that stay there, and the next case of the queue."""

import html
import itertools
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, Role
from app.ground import clock
from app.models import Application, Batch
from tests.support import factories as f
from tests.support.pressing import LEADER, check_pass, returned
from tests.support.signing import client_of

WHY = "学历证书扫描件不清楚，请重新上传"


@pytest.fixture
def batch(app: Flask) -> Batch:
    f.work_days()
    return f.batch()


@pytest.fixture
def office(app: Flask, batch: Batch) -> FlaskClient:
    return client_of(app, f.position(Role.OFFICE, committee=batch.committee))


def waiting(batch: Batch, *, due: int | None, arrived: int = 0) -> Application:
    """Make a case at the office: due in so many days, arrived so many hours ago."""
    now = clock.now().replace(minute=0, second=0, microsecond=0)
    return f.application(
        ApplicationState.AT_OFFICE,
        batch=batch,
        due_at=None if due is None else now + timedelta(days=due),
        held_since=now - timedelta(hours=arrived),
    )


def press(client: FlaskClient, menu: str, record: Application, **typed: Any) -> Any:
    row = f"{record.id}:{record.version}"
    return client.post(f"/g/{menu}/act/audit", data={"desk": "1", "row": row} | LEADER | typed)


def links(page: str) -> dict[str, str]:
    """Return the addresses of the keys J and K of a case page."""
    parts = page.split('data-key="')
    ends = itertools.pairwise(parts)
    return {after[0]: text.rpartition('href="')[2].partition('"')[0] for text, after in ends}


def test_audit_in_a_row_opens_the_case_with_its_panel(
    app: Flask, office: FlaskClient, batch: Batch
) -> None:
    unit, above = f.unit(), f.unit()
    clients = {
        "1.2.1": office,
        "1.1.1/check": client_of(app, f.position(Role.UNIT, unit=unit)),
        "1.1.2": client_of(app, f.position(Role.UNIT, unit=unit)),
        "1.1.3": client_of(app, f.position(Role.SUPERIOR, unit=above)),
    }
    cases = {
        "1.2.1": waiting(batch, due=3),
        "1.1.1/check": f.application(ApplicationState.AT_UNIT, unit=unit),
        "1.1.2": f.application(ApplicationState.NOTICE_OVER, unit=unit),
        "1.1.3": f.application(ApplicationState.AT_SUPERIOR, unit=unit, superiors=(above,)),
    }

    for menu, client in clients.items():
        act = "report" if menu == "1.1.2" else "audit"
        desk = f"/g/{menu}/{cases[menu].id}"

        assert f'href="{desk}#act-{act}"' in client.get(f"/g/{menu}/").text
        assert f'<details id="act-{act}" open' in client.get(desk).text


def test_no_field_beside_a_case_has_the_id_of_another(office: FlaskClient, batch: Batch) -> None:
    page = office.get(f"/g/1.2.1/{waiting(batch, due=3).id}").text

    ids = re.findall(r'<(?:textarea|select|input)[^>]* id="([^"]+)"', page)

    assert "opinion" in ids
    assert "note-to-colleague" in ids
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)


def test_next_case_comes_by_deadline_then_arrival_then_from_the_front(
    office: FlaskClient, batch: Batch
) -> None:
    undated = waiting(batch, due=None)
    late, early = waiting(batch, due=5, arrived=1), waiting(batch, due=5, arrived=9)
    first = waiting(batch, due=2)
    assert links(office.get(f"/g/1.2.1/{early.id}").text) == {
        "k": f"/g/1.2.1/{first.id}",
        "j": f"/g/1.2.1/{late.id}",
    }

    way = [
        press(office, "1.2.1", case, decision="office_pass").location
        for case in (early, late, undated, first)
    ]

    assert way == [f"/g/1.2.1/{one.id}" for one in (late, undated, first)] + ["/g/1.2.1/"]


def test_message_says_how_many_more_wait(office: FlaskClient, batch: Batch) -> None:
    case, other = waiting(batch, due=1), waiting(batch, due=2)

    press(office, "1.2.1", case, decision="office_pass")
    told = office.get(f"/g/1.2.1/{other.id}").text
    press(office, "1.2.1", other, decision="office_pass")

    assert "1 more wait; this is the next one." in told
    assert "Nothing more waits in this list." in office.get("/g/1.2.1/").text


def test_case_of_another_committee_never_comes_next(office: FlaskClient, batch: Batch) -> None:
    case = waiting(batch, due=1)
    f.application(ApplicationState.AT_OFFICE)

    assert press(office, "1.2.1", case, decision="office_pass").location == "/g/1.2.1/"


def test_refusal_stays_at_the_desk_with_everything_typed(
    app: Flask, office: FlaskClient, batch: Batch
) -> None:
    case = waiting(batch, due=3)
    refused = {
        "decision": "ask_correction",
        "opinion": WHY,
        "leader": "某负责人",
        "items-0-section": "",
        "items-0-text": "请补学位证",
    }

    answer = press(office, "1.2.1", case, **refused)

    assert answer.status_code == 422
    assert 'class="toc' in answer.text
    assert 'id="act-form-audit"' in answer.text
    assert all(text in answer.text for text in (WHY, "某负责人", "请补学位证"))
    assert case.state is ApplicationState.AT_OFFICE


def test_first_check_refused_at_the_desk_keeps_its_ticks(app: Flask) -> None:
    unit = f.unit()
    clerk = client_of(app, f.position(Role.UNIT, unit=unit))
    case = f.application(ApplicationState.AT_UNIT, unit=unit)
    typed = check_pass(case)
    del typed["checks-1-is_checked"]

    answer = press(clerk, "1.1.1/check", case, **typed)

    assert answer.status_code == 422
    assert "Not checked yet: 1 sections" in answer.text
    boxes = [one.split(">")[0] for one in answer.text.split("<input")]
    ticked = {one.split('name="')[1].split('"')[0] for one in boxes if "checked" in one.split()}
    assert {name for name in typed if name.endswith("is_checked")} <= ticked
    assert "checks-1-is_checked" not in ticked


def test_slower_clerk_is_told_at_the_desk_and_keeps_what_was_typed(
    office: FlaskClient, batch: Batch
) -> None:
    case = waiting(batch, due=3)
    row = f"{case.id}:{case.version}"
    press(office, "1.2.1", case, decision="office_pass")

    answer = office.post(
        "/g/1.2.1/act/audit",
        data={"desk": "1", "row": row, "decision": "office_refuse", "opinion": WHY, **LEADER},
    )

    assert answer.status_code == 422
    assert "Already dealt with by" in answer.text
    assert WHY in answer.text
    assert case.state is ApplicationState.QUALIFIED


@pytest.mark.parametrize("rows", [[], ["1:x"], ["0:0"], ["999999:1"], ["1:1", "2:1"]])
def test_odd_rows_from_the_desk_move_nothing(
    office: FlaskClient, batch: Batch, rows: list[str]
) -> None:
    case = waiting(batch, due=3)

    answer = office.post(
        "/g/1.2.1/act/audit", data={"desk": "1", "row": rows, "decision": "office_pass", **LEADER}
    )

    assert answer.status_code in (302, 303, 400, 404)
    assert case.state is ApplicationState.AT_OFFICE


# what ends something asks once


def asked(page: str) -> dict[str, str]:
    """Return the questions of a page by the act they stand before."""
    found = re.search(r"data-asks='([^']*)'", page)
    assert found is not None
    questions: dict[str, str] = json.loads(html.unescape(found[1]))
    return questions


def test_question_names_person_decision_and_consequence(office: FlaskClient, batch: Batch) -> None:
    case = waiting(batch, due=3)
    desk, form = (
        office.get(path).text
        for path in (f"/g/1.2.1/{case.id}", f"/g/1.2.1/act/audit?pk={case.id}")
    )

    for page in (desk, form):
        assert asked(page) == {
            "office_refuse": "{names}: “Audit not passed”. The application ends for this year and the "
            "applicant is told at once. Go on?"
        }
        assert f'data-name="{case.name}"' in page


def test_units_above_and_below_are_asked_the_same_way(app: Flask) -> None:
    unit, above = f.unit(), f.unit()
    held = f.application(ApplicationState.AT_UNIT, unit=unit)
    passed_on = f.application(ApplicationState.AT_SUPERIOR, unit=unit, superiors=(above,))
    pages = {
        "check_end": client_of(app, f.position(Role.UNIT, unit=unit)).get(
            f"/g/1.1.1/check/{held.id}"
        ),
        "superior_end": client_of(app, f.position(Role.SUPERIOR, unit=above)).get(
            f"/g/1.1.3/{passed_on.id}"
        ),
    }

    assert {event: set(asked(page.text)) for event, page in pages.items()} == {
        event: {event} for event in pages
    }


# what must be filled in is marked, and asked for once


def marked(page: str) -> set[str]:
    """Return the labels that have the star of a required field."""
    found = re.findall(r"<(?:label|legend)[^>]*>([^<]*)<span class=\"must\"", page)
    return {text.strip() for text in found}


def test_required_fields_are_marked_before_a_refusal(
    app: Flask, office: FlaskClient, batch: Batch
) -> None:
    unit, above = f.unit(), f.unit()
    clerk = client_of(app, f.position(Role.UNIT, unit=unit))
    superior = client_of(app, f.position(Role.SUPERIOR, unit=above))
    held = f.application(ApplicationState.AT_UNIT, unit=unit)
    due = f.application(ApplicationState.NOTICE_OVER, unit=unit)
    passed_on = f.application(ApplicationState.AT_SUPERIOR, unit=unit, superiors=(above,))
    usual = {"Decision", "Opinion", "Person responsible", "Who handles it"}

    assert marked(office.get(f"/g/1.2.1/{waiting(batch, due=1).id}").text) == {
        *usual, "Items to be supplied", "Back to",
    }  # fmt: skip
    assert marked(clerk.get(f"/g/1.1.1/check/{held.id}").text) == {*usual, "Way of refusing"}
    assert marked(superior.get(f"/g/1.1.3/{passed_on.id}").text) == {
        *usual, "Way of refusing", "Back to",
    }  # fmt: skip
    assert marked(clerk.get(f"/g/1.1.2/act/report?pk={due.id}").text) == {
        "Recommendation of the unit", "Proof of the notice", "Person responsible",
    }  # fmt: skip


def test_return_by_section_needs_no_second_opinion(
    app: Flask, office: FlaskClient, batch: Batch
) -> None:
    unit, above = f.unit(), f.unit()
    clerk = client_of(app, f.position(Role.UNIT, unit=unit))
    superior = client_of(app, f.position(Role.SUPERIOR, unit=above))
    held = f.application(ApplicationState.AT_UNIT, unit=unit)
    passed_on = f.application(ApplicationState.AT_SUPERIOR, unit=unit, superiors=(above,))
    at_office = waiting(batch, due=3)

    named = {"reasons-0-section": "papers", "reasons-0-reason": "缺刊号"}
    by_unit = press(clerk, "1.1.1/check", held, **returned(held, "work", "缺起止时间"))
    above_it = press(
        superior, "1.1.3", passed_on, decision="refuse", way="superior_return", **named
    )
    item = {"items-0-section": "education", "items-0-text": WHY}
    by_office = press(office, "1.2.1", at_office, decision="ask_correction", **item)

    assert [one.status_code for one in (by_unit, above_it, by_office)] == [303, 303, 303]
    assert held.returned_sections == {"work": "缺起止时间"}
    assert passed_on.returned_sections == {"papers": "缺刊号"}
    assert at_office.state is ApplicationState.IN_CORRECTION


def test_return_without_section_still_needs_an_opinion(app: Flask) -> None:
    unit, above = f.unit(), f.unit()
    superior = client_of(app, f.position(Role.SUPERIOR, unit=above))
    case = f.application(ApplicationState.AT_SUPERIOR, unit=unit, superiors=(above,))
    typed = {"decision": "refuse", "way": "superior_return"}

    answers = [press(superior, "1.1.3", case, **typed, opinion=one) for one in ("", "无", "……")]

    assert [one.status_code for one in answers] == [422, 422, 422]
    assert case.state is ApplicationState.AT_SUPERIOR
    assert press(superior, "1.1.3", case, **typed, opinion=WHY).status_code == 303
    assert case.returned_sections == {"": WHY}


def test_opinion_that_says_nothing_is_refused_beside_a_section(app: Flask) -> None:
    unit = f.unit()
    clerk = client_of(app, f.position(Role.UNIT, unit=unit))
    case = f.application(ApplicationState.AT_UNIT, unit=unit)

    answer = press(clerk, "1.1.1/check", case, opinion="无", **returned(case, "work", "缺起止时间"))

    assert answer.status_code == 422
    assert case.state is ApplicationState.AT_UNIT
