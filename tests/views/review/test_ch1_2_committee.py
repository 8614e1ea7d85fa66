"""1.2.1–1.2.4 over HTTP: the office checks, reports a plan, and sees what is to be drawn and invited."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, MeetingMode, PlanState, ReviewStep, Role
from app.extensions import db
from app.models import Application, Batch, Correction, Plan
from tests.support import factories as f
from tests.support.counting import statements_of
from tests.support.pressing import LEADER
from tests.support.signing import client_of

REASON = "学历证书扫描件不清楚，请重新上传"
ONLINE = {
    "mode": MeetingMode.ONLINE,
    "steps": [ReviewStep.INTERVIEW.value, ReviewStep.OPINION.value, ReviewStep.VOTE.value],
    "score_items": [{"name": "答辩", "max": 100, "weight": 100, "step": "interview"}],
}


@pytest.fixture
def batch(app: Flask) -> Batch:
    f.work_days()
    return f.batch()


@pytest.fixture
def office(app: Flask, batch: Batch) -> FlaskClient:
    return client_of(app, f.position(Role.OFFICE, committee=batch.committee))


@pytest.fixture
def authority(app: Flask, batch: Batch) -> FlaskClient:
    return client_of(app, f.position(Role.HRSS, unit=f.unit(region_code="430000")))


def press(client: FlaskClient, guide: str, record: Any, **form: Any) -> Any:
    row = f"{record.id}:{record.version}"
    return client.post(f"/g/{guide}/act/audit", data={"row": row} | LEADER | form)


# 1.2.1


def test_office_passes_an_application(office: FlaskClient, batch: Batch) -> None:
    case = f.application(ApplicationState.AT_OFFICE, batch=batch)

    answer = press(office, "1.2.1", case, decision="office_pass")

    assert answer.status_code == 303
    assert db.session.get(Application, case.id).state is ApplicationState.QUALIFIED


def test_office_refuses_only_with_a_reason(office: FlaskClient, batch: Batch) -> None:
    case = f.application(ApplicationState.AT_OFFICE, batch=batch)

    refused = press(office, "1.2.1", case, decision="office_refuse")
    assert refused.status_code == 422
    assert db.session.get(Application, case.id).state is ApplicationState.AT_OFFICE
    done = press(office, "1.2.1", case, decision="office_refuse", opinion=REASON)

    assert done.status_code == 303
    assert db.session.get(Application, case.id).state is ApplicationState.ENDED


def test_office_asks_once_for_a_supplement(
    office: FlaskClient, batch: Batch, session: Session
) -> None:
    case = f.application(ApplicationState.AT_OFFICE, batch=batch)
    form = {"decision": "ask_correction", "opinion": REASON}

    empty = press(office, "1.2.1", case, **form)
    assert empty.status_code == 422
    assert "at least one item" in empty.text
    assert REASON in empty.text
    done = press(
        office, "1.2.1", case, **form, **{"items-0-section": "education", "items-0-text": REASON}
    )

    assert done.status_code == 303
    correction = session.scalars(select(Correction)).one()
    assert correction.items == [{"section": "education", "text": REASON}]
    shown = office.get(f"/g/1.2.1/{case.id}").text
    assert 'data-label="Section or kind of material">Education' in shown
    assert f'data-label="What is to be supplied">{REASON}' in shown


def test_application_of_another_committee_is_not_found(office: FlaskClient) -> None:
    foreign = f.application(ApplicationState.AT_OFFICE)

    answers = [
        office.get(f"/g/1.2.1/{foreign.id}"),
        office.get(f"/g/1.2.1/all/{foreign.id}"),
        press(office, "1.2.1", foreign, decision="office_pass"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert db.session.get(Application, foreign.id).state is ApplicationState.AT_OFFICE


def test_list_shows_what_waits_and_the_tab_everything(office: FlaskClient, batch: Batch) -> None:
    waiting = f.application(ApplicationState.AT_OFFICE, batch=batch)
    decided = f.application(ApplicationState.QUALIFIED, batch=batch)

    lists = [office.get(path).text for path in ("/g/1.2.1/", "/g/1.2.1/all/")]

    assert [waiting.number in page for page in lists] == [True, True]
    assert [decided.number in page for page in lists] == [False, True]


@pytest.mark.parametrize(
    "path", ["/g/1.2.1/", "/g/1.2.1/all/", "/g/1.2.2/", "/g/1.2.3/", "/g/1.2.4/"]
)
def test_unit_has_no_menu_of_the_office(app: Flask, path: str) -> None:
    clerk = client_of(app, f.position(Role.UNIT, unit=f.unit()))

    assert clerk.get(path).status_code == 403


def test_list_takes_as_many_statements_for_thirty_rows_as_for_one(
    office: FlaskClient, batch: Batch
) -> None:
    f.application(ApplicationState.AT_OFFICE, batch=batch)
    one = statements_of(office, "/g/1.2.1/")
    for _ in range(29):
        f.application(ApplicationState.AT_OFFICE, batch=batch)

    thirty = statements_of(office, "/g/1.2.1/")

    assert one == thirty


# 1.2.2


def typed(batch: Batch, **values: Any) -> dict[str, Any]:
    return {
        "batch_id": batch.id,
        "name": "高级评审会",
        "mode": "offline",
        "opens_on": f.in_days(60).isoformat(),
        "closes_on": f.in_days(62).isoformat(),
        "place": "长沙",
        "seats": "25",
        "steps": ["material_score", "opinion", "vote"],
        "score_items-0-name": "业绩成果",
        "score_items-0-max": "100",
        "score_items-0-weight": "60",
        "score_items-3-name": "论文著作",
        "score_items-3-max": "50",
        "score_items-3-weight": "40",
        "senior_cap": "40",
        "associate_cap": "55",
        "over_cap": "rank",
        "pick": "all",
    } | values


def test_plan_is_reported_returned_changed_and_agreed(
    office: FlaskClient, authority: FlaskClient, batch: Batch, session: Session
) -> None:
    case = f.application(ApplicationState.QUALIFIED, batch=batch)
    assert office.get("/g/1.2.2/add").status_code == 200

    reported = office.post("/g/1.2.2/add", data=typed(batch))
    assert reported.status_code == 303, reported.text
    plan = session.scalars(select(Plan)).one()
    assert [item["weight"] for item in plan.score_items] == [60, 40]
    returned = press(
        authority, "1.2.2/waiting", plan, decision="return", opinion="会议地点不明确，请补充"
    )
    assert returned.status_code == 303
    assert 'value="长沙"' in office.get(f"/g/1.2.2/{plan.id}/edit").text
    changed = office.post(
        f"/g/1.2.2/{plan.id}/edit", data=typed(batch, place="长沙市岳麓区", pick="keep")
    )
    assert changed.status_code == 303, changed.text
    session.expire_all()
    agreed = press(authority, "1.2.2", plan, decision="agree")

    assert agreed.status_code == 303
    session.expire_all()
    assert (plan.state, plan.place, case.state) == (
        PlanState.APPROVED,
        "长沙市岳麓区",
        ApplicationState.IN_REVIEW,
    )
    assert "lets nobody pass" in authority.get(f"/g/1.2.2/{plan.id}").text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"score_items-3-weight": "30"}, "add up to 90"),
        ({"seats": "26"}, "must be odd"),
        ({"opens_on": f.in_days(3).isoformat()}, "at the earliest"),
        ({"batch_id": "999999"}, "not offered any more"),
        ({"steps": ["dance"]}, "not offered any more"),
        ({"pick": "some"}, "Tick at least one level"),
        ({"associate_cap": "140"}, "from 0 to 100"),
    ],
)
def test_refused_plan_keeps_what_was_typed(
    office: FlaskClient, batch: Batch, session: Session, values: dict[str, Any], sentence: str
) -> None:
    f.application(ApplicationState.QUALIFIED, batch=batch)

    page = office.post("/g/1.2.2/add", data=typed(batch, **values))

    assert page.status_code == 422
    assert sentence in page.text
    assert 'value="高级评审会"' in page.text
    assert 'value="论文著作"' in page.text
    assert session.scalars(select(Plan)).all() == []


def test_plan_of_another_committee_is_neither_seen_nor_decided(
    office: FlaskClient, app: Flask, batch: Batch
) -> None:
    foreign = f.plan(state=PlanState.REPORTED)
    elsewhere = client_of(app, f.position(Role.HRSS, unit=f.unit(region_code="430700")))

    assert office.get(f"/g/1.2.2/{foreign.id}").status_code == 404
    assert press(elsewhere, "1.2.2", foreign, decision="agree").status_code == 404
    assert press(office, "1.2.2", foreign, decision="agree").status_code == 403


# 1.2.3 and 1.2.4


def test_draw_lists_agreed_online_plans(office: FlaskClient, batch: Batch) -> None:
    online = f.plan(batch=batch, name="线上会议", **ONLINE)
    f.plan(batch=batch, name="线下会议")
    f.plan(batch=batch, name="未同意的会议", state=PlanState.REPORTED, **ONLINE)

    page = office.get("/g/1.2.3/").text

    assert "线上会议" in page
    assert "线下会议" not in page
    assert "未同意的会议" not in page
    assert "Query the review plan" in page
    assert office.get(f"/g/1.2.3/{online.id}").status_code == 200


def test_supervisor_sees_the_plans_of_the_draw(app: Flask, batch: Batch) -> None:
    f.plan(batch=batch, name="线上会议", **ONLINE)
    supervisor = client_of(app, f.position(Role.SUPERVISOR, committee=batch.committee))

    assert "线上会议" in supervisor.get("/g/1.2.3/").text
    assert supervisor.get("/g/1.2.4/").status_code == 403
