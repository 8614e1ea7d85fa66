"""The page on which office and chair try other lines of a meeting, and the report of what they tried."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import (
    ApplicationState,
    Level,
    PlanChangeState,
    PlanState,
    RecusalState,
    Role,
    SeatRole,
)
from app.extensions import db
from app.models import Application, Plan, PlanChange, TransitionLog
from tests.bad_input import desk
from tests.support import factories, meetings
from tests.support.counting import count, statements_of

MOST_STATEMENTS = 14
WHY = "省厅核定本年度正高通过率调整为百分之六十"


@pytest.fixture
def plan(app: Flask) -> Plan:
    plan = meetings.online(count=5, level=Level.SENIOR, senior_cap=40)
    plan.batch.senior_cap = 60
    meetings.vote(plan, 25, 24, 23, 22, 10)
    return plan


def url(plan: Plan) -> str:
    return f"/g/meeting/{plan.id}/trial/"


def office(app: Flask, plan: Plan) -> FlaskClient:
    client = desk.clerk(app, Role.OFFICE, committee=plan.committee)
    db.session.commit()
    return client


def chair(app: Flask, plan: Plan) -> FlaskClient:
    client = desk.at(app, meetings.judge(plan, SeatRole.CHAIR)[0])
    db.session.commit()
    return client


def section(page: str, key: str) -> str:
    return page.partition(f'id="s-{key}"')[2].partition("</section>")[0]


def typed(**values: Any) -> dict[str, Any]:
    lines = {
        "pass_line": "2/3", "denominator": "present", "senior_cap": 40, "associate_cap": 55,
        "over_cap": "rank", "aggregation": "mean", "trim_from": 5, "material_share": 50,
    }  # fmt: skip
    return lines | values


def test_office_and_chair_try_and_nothing_is_written(app: Flask, plan: Plan) -> None:
    third = meetings.candidates(plan)[2]
    facts = third.name, third.number, third.unit.name
    for client in (office(app, plan), chair(app, plan)):
        before = count(TransitionLog), count(PlanChange), plan.senior_cap
        page = client.get(url(plan) + "?senior_cap=60")
        assert page.status_code == 200
        assert all(one in section(page.text, "moves") for one in facts)
        assert facts[2] in section(page.text, "units")
        assert "2 → 3" in section(page.text, "levels")
        db.session.expire_all()
        assert (count(TransitionLog), count(PlanChange), plan.senior_cap) == before
        assert client.get(url(plan)).status_code == 200


def test_nobody_else_and_only_before_the_result(app: Flask, plan: Plan) -> None:
    others = [
        desk.at(app, meetings.judge(plan)[0]),
        desk.at(app, meetings.supervisor(plan)),
        desk.clerk(app, Role.OFFICE, committee=factories.committee()),
        desk.clerk(app, Role.HRSS, unit=factories.unit(kind="authority", region_code="430000")),
        desk.clerk(app, Role.APPLICANT, person=factories.person()),
        desk.clerk(app, Role.UNIT, unit=factories.unit()),
    ]
    db.session.commit()
    assert [one.get(url(plan)).status_code for one in others] == [404] * len(others)
    assert others[0].post(url(plan), data=typed(senior_cap=60)).status_code in (400, 404)
    assert app.test_client().get(url(plan)).status_code == 302
    client = office(app, plan)
    for state, answer in (
        (PlanState.ENTERED, 200),
        (PlanState.CONCLUDED, 404),
        (PlanState.REPORTED, 404),
    ):
        plan = db.session.get_one(Plan, plan.id)
        plan.state = state
        db.session.commit()
        assert client.get(url(plan)).status_code == answer
        if state is PlanState.CONCLUDED:
            break
    assert client.get("/g/meeting/99999999/trial/").status_code == 404


def test_wrong_lines_are_named_and_kept(app: Flask, plan: Plan) -> None:
    plan.steps = ["material_score", "interview", "opinion", "vote"]
    client = office(app, plan)
    for wrong in ("senior_cap=101", "senior_cap=x", "over_cap=none", "trim_from=1", "pass_line=9/8", "material_share="):  # fmt: skip
        page = client.get(f"{url(plan)}?{wrong}&associate_cap=33")
        assert page.status_code == 400, wrong
        assert "data-summary" in page.text, wrong
        assert 'value="33"' in page.text


def test_the_chair_sees_no_name_of_whom_the_chair_is_recused_from(app: Flask, plan: Plan) -> None:
    position, seat = meetings.judge(plan, SeatRole.CHAIR)
    third = meetings.candidates(plan)[2]
    factories.recusal(third, position.user, plan_id=plan.id, state=RecusalState.IN_FORCE)
    client = desk.at(app, position)
    name, number = third.name, third.number
    db.session.commit()
    page = client.get(url(plan) + "?senior_cap=60").text
    assert name not in page
    assert number not in page
    assert "2 → 3" in section(page, "levels")
    assert seat is not None


def test_what_was_tried_is_reported_agreed_and_shown(app: Flask, plan: Plan) -> None:
    client = office(app, plan)
    key = plan.id
    assert "上报人社部门" in client.get(url(plan) + "?senior_cap=60").text
    assert "上报人社部门" not in client.get(url(plan) + "?over_cap=second_round").text

    silent = client.post(url(plan), data=typed(senior_cap=60, opinion=""))
    assert (silent.status_code, count(PlanChange)) == (422, 0)
    too_high = client.post(url(plan), data=typed(senior_cap=70, opinion=WHY))
    assert too_high.status_code == 422
    assert WHY in too_high.text
    assert 'value="70"' in too_high.text
    done = client.post(url(plan), data=typed(senior_cap=60, opinion=WHY))
    assert done.status_code == 303
    page = client.get(done.location).text
    assert "40 → 60" in section(page, "changes")
    again = client.post(url(plan), data=typed(senior_cap=50, opinion=WHY))
    assert again.status_code == 422

    change = db.session.query(PlanChange).one()
    names = [one.name for one in meetings.candidates(db.session.get_one(Plan, key))]
    bureau = desk.clerk(app, Role.HRSS, unit=factories.unit(kind="authority", region_code="430000"))
    db.session.commit()
    shown = bureau.get(f"/g/1.2.2/lines/{change.id}").text
    first = re.findall(r"<tr>(.*?)</tr>", section(shown, "lines"))[1]
    assert "40" in first
    assert "60" in first
    assert "2 → 3" in shown
    assert not [name for name in names if name in shown], "the authority decides without names"
    assert "/g/1.2.2/lines/" in bureau.get("/").text
    pressed = bureau.post(
        "/g/1.2.2/lines/act/decide", data={"row": desk.row(change), "decision": "agree"}
    )
    assert pressed.status_code == 303
    db.session.expire_all()
    assert db.session.query(PlanChange).one().state is PlanChangeState.AGREED
    assert db.session.get_one(Plan, key).senior_cap == 60
    for address in (f"/g/meeting/{key}/", f"/g/1.2.5/{key}"):
        lines = section(client.get(address).text, "lines")
        assert "40 → 60" in lines
        assert WHY in lines


def test_only_the_office_reports(app: Flask, plan: Plan) -> None:
    client = chair(app, plan)
    page = client.get(url(plan) + "?senior_cap=60").text
    assert 'name="opinion"' not in page
    refused = client.post(url(plan), data=typed(senior_cap=60, opinion=WHY))
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert count(PlanChange) == 0


@pytest.mark.parametrize("lines", [{}, {"over_cap": "second_round"}, {"pass_line": None}])
def test_a_refused_report_says_why_and_keeps_the_reason(
    app: Flask, plan: Plan, lines: dict[str, Any]
) -> None:
    sent = {key: value for key, value in typed(**lines).items() if value is not None}
    refused = office(app, plan).post(url(plan), data=sent | {"opinion": WHY})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert WHY in refused.text
    assert count(PlanChange) == 0


def test_links_lead_there(app: Flask, plan: Plan) -> None:
    room = f"/g/meeting/{plan.id}/"
    assert url(plan) in office(app, plan).get(room).text
    assert url(plan) in chair(app, plan).get(room).text
    member = desk.at(app, meetings.judge(plan)[0])
    db.session.commit()
    assert url(plan) not in member.get(room).text


def test_before_the_vote_the_places_are_shown(app: Flask) -> None:
    plan = meetings.online(count=5, level=Level.SENIOR, senior_cap=40)
    page = office(app, plan).get(url(plan) + "?senior_cap=20").text
    assert "2 → 1" in section(page, "levels")
    assert not re.search("申报编号", section(page, "moves"))


def test_takes_the_same_statements_for_any_number_of_candidates(app: Flask) -> None:
    sizes = []
    for size in (3, 15):
        plan = meetings.online(count=size, level=Level.SENIOR, senior_cap=20)
        meetings.vote(plan, *([20] * size))
        client = office(app, plan)
        client.get(url(plan))
        sizes.append(statements_of(client, url(plan) + "?senior_cap=60"))
        assert count(Application, Application.state == ApplicationState.IN_REVIEW)
    assert sizes[0] == sizes[1] <= MOST_STATEMENTS
