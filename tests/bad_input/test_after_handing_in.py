"""Rows 20, 22, 25 and 31: two people answer for a step, reasons that say something, frozen material, one supplement."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, CorrectionState, Role
from app.extensions import db
from app.ground import clock
from app.models import Application, Committee, Correction, Objection, Unit
from app.services.jobs import scheduled_jobs
from tests.bad_input import desk
from tests.services.dossiers import picture
from tests.support import factories, meetings, world
from tests.support.pressing import LEADER, check_pass, returned

REASON = "论文材料不完整，请补充封面"
CHECK, OFFICE = "/g/1.1.1/check/act/audit", "/g/1.2.1/act/audit"
NOTHING = ("", "  ", "\u3000", "无", "……", "。。。", "aaaa", "退回", "\u200b")


# 20


@pytest.mark.parametrize("spelling", ["{}", " {} ", "{0[0]} {0[1]}", "{}\u3000"])
def test_row_20_clerk_does_not_answer_for_the_own_step(
    app: Flask, unit: Unit, spelling: str
) -> None:
    position = factories.position(Role.UNIT, unit=unit)
    clerk = desk.at(app, position)
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    name = spelling.format(position.user.real_name)

    typed = {"row": desk.row(case)} | check_pass(case) | {"leader": name}
    desk.assert_refused(clerk, CHECK, typed, "负责人")
    back = {"row": desk.row(case), "opinion": REASON} | returned(case, "papers", "第二篇缺刊号")
    desk.assert_refused(clerk, CHECK, back | {"leader": name}, "负责人")


def test_row_20_every_step_upwards_names_who_answers(
    app: Flask, unit: Unit, committee: Committee
) -> None:
    batch = factories.batch(committee=committee)
    above = factories.unit()
    held = factories.application(ApplicationState.AT_SUPERIOR, unit=unit, superiors=(above,))
    office = factories.application(ApplicationState.AT_OFFICE, unit=unit, batch=batch)
    over = factories.application(ApplicationState.NOTICE_OVER, unit=unit)
    presses: list[tuple[Role, dict[str, Any], str, Application, dict[str, str]]] = [
        (Role.SUPERIOR, {"unit": above}, "/g/1.1.3/act/audit", held, {"decision": "superior_pass"}),
        (Role.OFFICE, {"committee": committee}, OFFICE, office, {"decision": "office_pass"}),
        (Role.UNIT, {"unit": unit}, "/g/1.1.2/act/report", over, {"recommendation": "同意推荐"}),
    ]

    for role, place, url, case, typed in presses:
        position = factories.position(role, **place)
        client = desk.at(app, position)
        for leader in ("", "  ", position.user.real_name, case.name, "长" * 65, "<b>x</b>" * 20):
            desk.assert_refused(client, url, {"row": desk.row(case), "leader": leader} | typed)


def test_row_20_program_names_somebody_else_too(app: Flask, unit: Unit) -> None:
    position = factories.position(Role.UNIT, unit=unit)
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    secret = world.token(factories.actor_of(position))
    rows = [{"id": case.id, "version": case.version}]
    ticks = {k: v for k, v in check_pass(case).items() if k.startswith("checks")}

    for leader in ({}, {"leader": ""}, {"leader": position.user.real_name}):
        body = {"event": "check_pass", "rows": rows, "details": ticks | leader}
        desk.assert_refused_by_api(app.test_client(), secret, "FirstCheckView/act/audit", body)


# 22


@pytest.mark.parametrize("why", NOTHING)
def test_row_22_reason_at_a_section_says_something(
    clerk: FlaskClient, unit: Unit, why: str
) -> None:
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    back = {"row": desk.row(case), "opinion": REASON} | returned(case, "papers", why)

    desk.assert_refused(clerk, CHECK, back, keeps=bool(why.strip()) and why.isprintable())


def test_row_22_tampered_sections_and_fields_return_nothing(clerk: FlaskClient, unit: Unit) -> None:
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    base = {"row": desk.row(case), "decision": "refuse", "way": "check_return", **LEADER}
    foreign = {"checks-0-key": "nonsense", "checks-0-reason": "第二篇缺刊号", "opinion": REASON}

    desk.assert_refused(clerk, CHECK, base | foreign, keeps=False)
    field = returned(case, "papers", "第二篇缺刊号") | {"opinion": REASON}
    place = next(key for key in field if key.endswith("-reason")).replace("reason", "place")
    desk.assert_refused(clerk, CHECK, base | field | {place: "rows-99-<script>"}, keeps=False)


# 25


def test_row_25_returned_application_opens_named_sections_alone(app: Flask) -> None:
    person = factories.person(unit=factories.unit())
    me = desk.clerk(app, Role.APPLICANT, person=person)
    case = factories.application(
        ApplicationState.RETURNED,
        person=person,
        returned_sections={
            "work": {"reason": "请核对", "fields": {"rows-0-unit": "全称"}},
            "": "请核对",
        },
    )
    file = {"kind": "photo", "file": (BytesIO(picture()), "照片.png")}

    typed = {"rows-0-school": "湖南大学"}
    desk.assert_refused(
        me, f"/me/application/{case.id}/section/education", typed, "只能修改", keeps=False
    )
    desk.assert_refused(me, f"/me/application/{case.id}/materials", file, "只能修改")


@pytest.mark.parametrize(
    "state",
    [
        ApplicationState.DISCARDED,
        ApplicationState.AT_UNIT,
        ApplicationState.CHECKED,
        ApplicationState.ENDED,
        ApplicationState.WITHDRAWN,
    ],
)
def test_row_25_nothing_is_changed_in_a_closed_state(app: Flask, state: ApplicationState) -> None:
    person = factories.person(unit=factories.unit())
    me = desk.clerk(app, Role.APPLICANT, person=person)
    case = factories.application(state, person=person)

    typed = {"rows-0-school": "湖南大学"}
    desk.assert_refused(me, f"/me/application/{case.id}/section/education", typed, keeps=False)


# 31


@pytest.fixture
def asked(app: Flask, committee: Committee) -> Application:
    """An application whose office waits for one kind of material and for nothing else."""
    case = factories.application(
        ApplicationState.IN_CORRECTION,
        batch=factories.batch(committee=committee),
        returned_sections={"kind:education": "请重新上传"},
    )
    factories.add(
        Correction(
            application_id=case.id,
            items=[{"section": "kind:education", "text": "请重新上传"}],
            deadline=factories.in_days(5),
            asked_at=clock.now(),
        )
    )
    return case


def test_row_31_only_what_was_asked_for_is_open(app: Flask, asked: Application) -> None:
    me = desk.clerk(app, Role.APPLICANT, person=asked.person)
    material = f"/me/application/{asked.id}/materials"

    for kind in ("photo", "commitment", "paper"):
        file = {"kind": kind, "file": (BytesIO(picture()), "照片.png")}
        desk.assert_refused(me, material, file, keeps=False)
    for key in ("education", "work", "papers"):
        desk.assert_refused(
            me, f"/me/application/{asked.id}/section/{key}", {"rows-0-name": "甲"}, keeps=False
        )


def test_row_31_is_asked_for_once(app: Flask, committee: Committee) -> None:
    office = desk.clerk(app, Role.OFFICE, committee=committee)
    case = factories.application(
        ApplicationState.CORRECTED, batch=factories.batch(committee=committee)
    )
    factories.add(
        Correction(
            application_id=case.id,
            items=[{"section": "", "text": "请补充材料"}],
            deadline=factories.in_days(5),
            asked_at=clock.now(),
            state=CorrectionState.ANSWERED,
        )
    )
    again = {
        "row": desk.row(case), "decision": "ask_correction", "opinion": REASON, **LEADER,
        "items-0-section": "education", "items-0-text": "请再次补充",
    }  # fmt: skip

    desk.assert_refused(office, OFFICE, again, keeps=False)
    desk.assert_refused_twin(db.session.query(Correction).one())


def test_row_31_items_and_deadline_are_there(app: Flask, committee: Committee) -> None:
    office = desk.clerk(app, Role.OFFICE, committee=committee)
    case = factories.application(
        ApplicationState.AT_OFFICE, batch=factories.batch(committee=committee)
    )
    ask = {"row": desk.row(case), "decision": "ask_correction", "opinion": REASON, **LEADER}
    item = {"items-0-section": "kind:education", "items-0-text": "请重新上传学历证书"}

    desk.assert_refused(office, OFFICE, ask)
    for why in NOTHING[1:]:
        desk.assert_refused(office, OFFICE, ask | item | {"items-0-text": why}, keeps=False)
    desk.assert_refused(office, OFFICE, ask | item | {"items-0-section": "kind:nonsense"})
    for day in (factories.today(), factories.in_days(-1), factories.in_days(200)):
        desk.assert_refused(office, OFFICE, ask | item | {"deadline": day.isoformat()})


def test_row_31_missed_supplement_lapses_and_is_not_handed_in_late(
    app: Flask, asked: Application
) -> None:
    person = asked.person
    key = asked.id
    db.session.commit()

    with time_machine.travel(clock.now() + timedelta(days=6)):
        me = desk.clerk(app, Role.APPLICANT, person=person)
        ticked = {"is_true": "y", "is_secret_free": "y"}
        late = desk.assert_refused(me, f"/me/application/{key}/submit", ticked)
        scheduled_jobs.run(clock.now())

    assert late
    assert db.session.get_one(Application, key).state is ApplicationState.LAPSED


# 56


def test_row_56_unit_does_not_settle_a_complaint_about_its_head(app: Flask) -> None:
    above = factories.unit("市主管局")
    unit = factories.unit("长沙机床厂", parent=above)
    clerk = desk.clerk(app, Role.UNIT, unit=unit)
    superior = desk.clerk(app, Role.SUPERIOR, unit=above)
    named = factories.application(ApplicationState.DISPUTED, unit=unit)
    objection = factories.objection(
        factories.notice([named]), named, unit_id=above.id, handler_role=Role.SUPERIOR
    )
    settle = {"row": desk.row(objection), "decision": "reject", "opinion": "经核查不属实，不予采信"}

    desk.assert_refused(clerk, "/g/1.1.1/objections/act/settle", settle, "其他单位")
    hidden = clerk.get(f"/g/1.1.1/objections/{objection.id}").text
    shown = superior.get(f"/g/1.1.3/complaints/{objection.id}").text
    answer = superior.post("/g/1.1.3/complaints/act/settle", data=settle)

    assert "赵某" not in hidden
    assert "赵某" in shown
    assert answer.status_code == 303
    stranger = desk.clerk(app, Role.SUPERIOR, unit=factories.unit())
    assert stranger.get(f"/g/1.1.3/complaints/{objection.id}").status_code == 404


def test_row_56_accused_cannot_keep_a_complaint_about_themselves(app: Flask) -> None:
    factories.work_days()
    above = factories.unit("市主管局")
    unit = factories.unit("长沙机床厂", parent=above)
    factories.position(Role.SUPERIOR, unit=above)
    accused = factories.position(Role.UNIT, unit=unit)
    clerk = desk.clerk(app, Role.UNIT, unit=unit)
    named = factories.application(ApplicationState.IN_NOTICE, unit=unit)
    notice = factories.notice([named], starts_on=factories.in_days(-2))
    typed = {
        "item_id": str(notice.items[0].id), "content": f"反映 {accused.user.real_name} 收受礼金",
        "received_on": factories.in_days(-1).isoformat(), "received_time": "09:00",
    }  # fmt: skip

    page = clerk.get("/g/1.1.1/objections/add").text
    posted = clerk.post("/g/1.1.1/objections/add", data=typed | {"is_about_staff": ""})
    objection = db.session.query(Objection).one()

    assert "is_about_" not in page
    assert posted.status_code == 303
    assert (objection.handler_role, objection.unit_id) == (Role.SUPERIOR, above.id)
    settle = {"row": desk.row(objection), "decision": "reject", "opinion": "经核查不属实，不予采信"}
    desk.assert_refused(clerk, "/g/1.1.1/objections/act/settle", settle, "其他单位")


def test_row_56_authority_receives_a_complaint_about_an_office(app: Flask) -> None:
    factories.work_days()
    plan = meetings.offline()
    case = factories.application(ApplicationState.IN_RESULT_NOTICE, plan=plan)
    factories.notice(
        [case], kind="result", unit_id=plan.committee.unit_id, plan_id=plan.id,
        starts_on=factories.in_days(-2),
    )  # fmt: skip
    hrss = factories.unit("湖南省人社厅", kind="authority", region_code="430000")
    client = desk.clerk(app, Role.HRSS, unit=hrss)
    typed = {
        "number": case.number, "content": "评委会办公室更改票数", "is_about_staff": "y",
        "received_on": factories.in_days(-1).isoformat(), "received_time": "09:00",
    }  # fmt: skip

    for wrong in ({"number": ""}, {"number": "SB99999999"}, {"number": " "}, {"content": "无"}):
        desk.assert_refused(client, "/g/1.1.4/complaints/add", typed | wrong)
    answer = client.post("/g/1.1.4/complaints/add", data=typed)
    objection = db.session.query(Objection).one()
    office = desk.clerk(app, Role.OFFICE, committee=plan.committee)

    assert answer.status_code == 303
    assert (objection.handler_role, objection.unit_id) == (Role.HRSS, hrss.id)
    assert case.state is ApplicationState.RESULT_DISPUTED
    assert office.get(f"/g/1.2.6/objections/{objection.id}").status_code == 404
    assert objection.content in client.get(f"/g/1.1.4/complaints/{objection.id}").text
