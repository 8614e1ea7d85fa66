"""Rows 19, 21 to 24, 26 and 27: who handles an application, with which reason, after which notice, on which way."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import clock, settings
from app.enums import (
    BatchState,
    FilingState,
    NoticeState,
    PlanState,
    QuotaState,
    Role,
    RouteState,
    S,
    UnitKind,
)
from app.extensions import db
from app.models import Application, Notice, RouteNode, Unit
from app.services import due
from tests import factories, world
from tests.bad_input import desk
from tests.services.dossiers import fill, pdf
from tests.services.dossiers import upload as upload_all

REASON = "论文材料不完整，请补充封面"
NO_REASONS = ("", "   ", "\u3000", "无", "不同意", "。。。", "aaaa", "退回")
CHECK, SUPERIOR = "/g/1.1.1/check/act/audit", "/g/1.1.3/act/audit"
PASS = {"decision": "check_pass"}


@pytest.fixture
def unit(app: Flask) -> Unit:
    return factories.unit("长沙机床厂")


@pytest.fixture
def clerk(app: Flask, unit: Unit) -> FlaskClient:
    return desk.clerk(app, Role.UNIT, unit=unit)


def proof() -> tuple[BytesIO, str]:
    return BytesIO(pdf()), "公示证明.pdf"


def reporting(*records: Application, **typed: Any) -> dict[str, Any]:
    rows = [desk.row(one) for one in records]
    return {"row": rows, "recommendation": "业绩突出，同意推荐", "proof": proof()} | typed


# 19


def test_row_19_nobody_handles_the_own_application(app: Flask) -> None:
    unit = factories.unit()
    committee = factories.committee(unit=unit)
    batch = factories.batch(committee=committee)
    cases = {
        (Role.UNIT, S.AT_UNIT): (CHECK, PASS),
        (Role.UNIT, S.NOTICE_OVER): ("/g/1.1.2/act/report", {"recommendation": "同意推荐"}),
        (Role.SUPERIOR, S.AT_SUPERIOR): (SUPERIOR, {"decision": "superior_pass"}),
        (Role.OFFICE, S.AT_OFFICE): ("/g/1.2.1/act/audit", {"decision": "office_pass"}),
    }

    for (role, state), (url, typed) in cases.items():
        person = factories.person(unit=unit)
        me = factories.position(role, unit=unit, person=person)
        own = factories.application(state, unit=unit, person=person, batch=batch, superiors=(unit,))
        desk.refused(desk.at(app, me), url, typed | {"row": desk.row(own)}, own.number, "本人")


def test_row_19_own_application_is_not_put_into_notice(app: Flask, unit: Unit) -> None:
    person = factories.person(unit=unit)
    me = desk.at(app, factories.position(Role.UNIT, unit=unit, person=person))
    others = [factories.application(S.CHECKED, unit=unit, person=one) for one in (person, None)]

    desk.refused(me, "/g/1.1.1/add", notice_form(*others), "本人")


def test_row_19_program_cannot_either(app: Flask, unit: Unit) -> None:
    person = factories.person(unit=unit)
    me = factories.position(Role.UNIT, unit=unit, person=person)
    own, other = (factories.application(S.AT_UNIT, unit=unit, person=p) for p in (person, None))
    rows = [{"id": one.id, "version": one.version} for one in (other, own)]

    desk.refused_by_api(
        app.test_client(), world.token(factories.actor_of(me)), "FirstCheckView/act/audit",
        {"event": "check_pass", "rows": rows}, own.number, "本人",
    )  # fmt: skip


def test_row_19_applicant_does_not_become_the_units_clerk(app: Flask, unit: Unit) -> None:
    person = factories.person(unit=unit)
    account = factories.user(person=person)
    factories.application(S.AT_SUPERIOR, person=person, unit=unit, superiors=(factories.unit(),))
    grants = {"account": account.id, "role": "unit", "unit": unit.id}

    desk.refused(desk.clerk(app, Role.SECADMIN), "/g/positions/add", grants, unit.name)


# 21


def test_row_21_only_the_present_holder_acts(app: Flask, unit: Unit) -> None:
    county, city, stranger = (factories.unit(name) for name in ("县人社局", "市人社局", "外县人社局"))
    case = factories.application(S.AT_SUPERIOR, unit=unit, superiors=(county, city))
    at_county, at_city, outside = (
        desk.clerk(app, Role.SUPERIOR, unit=one) for one in (county, city, stranger)
    )
    old = desk.row(case)

    for client in (at_city, outside):
        desk.refused(client, SUPERIOR, {"row": old, "decision": "superior_pass"}, status=404)
    desk.refused(desk.clerk(app, Role.UNIT, unit=unit), SUPERIOR, {"row": old}, status=403)
    passed = at_county.post(SUPERIOR, data={"row": old, "decision": "superior_pass"})
    assert passed.status_code == 303
    for seen in (old, desk.row(case)):
        typed = {"row": seen, "decision": "refuse", "way": "superior_end", "opinion": REASON}
        desk.refused(at_county, SUPERIOR, typed)
    desk.refused(at_county, SUPERIOR, {"row": desk.row(case), "decision": "superior_pass"}, city.name)


def test_row_21_forged_rows_move_nothing(clerk: FlaskClient, unit: Unit) -> None:
    case = factories.application(S.AT_UNIT, unit=unit)
    old, new = desk.row(case), f"{case.id}:{case.version + 1}"

    desk.refused(clerk, CHECK, {"row": new, **PASS}, "待单位初审")
    desk.refused(clerk, CHECK, {"row": [old, "999999:0"], **PASS}, status=404)
    desk.refused(clerk, CHECK, {"row": "9" * 30, **PASS}, status=404)
    for forged in ("x:0", f"{case.id}:", f"{case.id}:x", "", ":", f"{case.id}"):
        desk.refused(clerk, CHECK, {"row": forged, **PASS}, status=400)
    for address in (CHECK, f"{CHECK}?pk={case.id}", f"{CHECK}?all=1"):
        desk.refused(clerk, address, PASS, status=302)
    for forged in ({"decision": "report"}, {"decision": "refuse", "way": "office_pass"}):
        desk.refused(clerk, CHECK, {"row": old, "opinion": REASON} | forged, status=400)
    desk.refused(clerk, "/g/1.1.1/check/act/report", {"row": old}, status=404)


def test_row_21_slower_of_two_is_told_who_was_faster(app: Flask, unit: Unit) -> None:
    case = factories.application(S.AT_UNIT, unit=unit)
    fast, slow = (factories.position(Role.UNIT, unit=unit) for _ in range(2))
    seen = {"row": desk.row(case), **PASS}

    assert desk.at(app, fast).post(CHECK, data=seen).status_code == 303
    desk.refused(desk.at(app, slow), CHECK, seen, fast.user.real_name)
    secret = world.token(factories.actor_of(slow))
    body = {"event": "check_pass", "rows": [{"id": case.id, "version": 0}]}
    desk.refused_by_api(app.test_client(), secret, "FirstCheckView/act/audit", body, fast.user.real_name)


# 22


def test_row_22_refusal_needs_a_reason_and_a_way(clerk: FlaskClient, unit: Unit) -> None:
    case = factories.application(S.AT_UNIT, unit=unit)
    back = {"row": desk.row(case), "decision": "refuse"}
    section = {"reasons-0-section": "papers", "reasons-0-reason": "第二篇缺刊号"}

    for way in ("check_return", "check_end"):
        for reason in NO_REASONS:
            desk.refused(clerk, CHECK, back | section | {"way": way, "opinion": reason})
    for way in ({}, {"way": ""}):
        desk.refused(clerk, CHECK, back | section | way | {"opinion": REASON}, "请选择")
    desk.refused(clerk, CHECK, {"row": desk.row(case)} | section | {"opinion": REASON})
    half = {"reasons-0-section": "papers", "reasons-0-reason": ""}
    desk.refused(clerk, CHECK, back | half | {"way": "check_return", "opinion": REASON})


def refusals(unit: Unit) -> list[tuple[Role, dict[str, Any], str, Any, dict[str, str]]]:
    """Return every other press that refuses: who, where they work, address, record, what is chosen."""
    bureau = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    committee = factories.committee(unit=bureau)
    batch = factories.batch(committee=committee, review_year=factories.today().year - 1)
    held = factories.application(S.AT_SUPERIOR, unit=unit, batch=batch, superiors=(bureau,))
    office = factories.application(S.AT_OFFICE, unit=unit, batch=batch)
    named = factories.application(S.DISPUTED, unit=unit, batch=batch)
    notice = factories.notice([factories.application(S.IN_NOTICE, unit=unit)])
    objection = factories.objection(factories.notice([named]), named)
    line = factories.quota(factories.unit(kind=UnitKind.PUBLIC), state=QuotaState.SUBMITTED)
    filing = factories.filing(
        factories.plan(batch=batch, state=PlanState.CONCLUDED), state=FilingState.REPORTED
    )
    waiting = factories.batch(committee=committee, state=BatchState.SUBMITTED)
    plan = factories.plan(batch=batch, state=PlanState.REPORTED)
    entered = factories.plan(batch=batch, state=PlanState.ENTERED, entered_by=factories.user().id)
    place = factories.route(committee, unit, state=RouteState.PENDING)
    own, hrss, desk_of = {"unit": unit}, {"unit": bureau}, {"committee": committee}
    refuse = {"decision": "refuse"}
    return [
        (Role.SUPERIOR, hrss, SUPERIOR, held, refuse | {"way": "superior_return"}),
        (Role.SUPERIOR, hrss, SUPERIOR, held, refuse | {"way": "superior_end"}),
        (Role.OFFICE, desk_of, "/g/1.2.1/act/audit", office, {"decision": "office_refuse"}),
        (Role.OFFICE, desk_of, "/g/1.2.1/act/audit", office, {"decision": "ask_correction"}),
        (Role.OFFICE, desk_of, "/g/1.2.5/act/confirm", entered, {"decision": "reopen"}),
        (Role.UNIT, own, "/g/1.1.1/act/cancel", notice, {}),
        (Role.UNIT, own, "/g/1.1.1/objections/act/settle", objection, {"decision": "reject"}),
        (Role.UNIT, own, "/g/1.1.1/objections/act/settle", objection, {"decision": "uphold_end"}),
        (Role.UNIT, own, "/g/1.6.2/act/confirm", place, {"decision": "dispute"}),
        (Role.HRSS, hrss, "/g/1.2.2/act/audit", plan, {"decision": "return"}),
        (Role.HRSS, hrss, "/g/1.2.7/act/audit", filing, {"decision": "return"}),
        (Role.HRSS, hrss, "/g/1.4.2/act/audit", waiting, {"decision": "return"}),
        (Role.HRSS, hrss, "/g/1.5.2/act/audit", line, {"decision": "refuse"}),
    ]


def test_row_22_every_refusal_needs_a_reason(app: Flask, unit: Unit) -> None:
    for role, place, url, record, chosen in refusals(unit):
        client = desk.clerk(app, role, **place)
        for reason in ("", "无"):
            desk.refused(client, url, {"row": desk.row(record), "opinion": reason} | chosen)


# 23


def notice_form(*chosen: Application, **typed: Any) -> dict[str, Any]:
    return {
        "title": "2026年职称申报公示",
        "application_ids": [str(one.id) for one in chosen],
        "place": "办公楼公告栏",
        "contact": "王芳",
        "phone": "0731-12345678",
        "starts_on": factories.today().isoformat(),
    } | typed


def test_row_23_notice_is_never_shorter(clerk: FlaskClient, unit: Unit) -> None:
    case = factories.application(S.CHECKED, unit=unit)

    for wrong in ("1999-12-31", factories.in_days(-1).isoformat(), "2026-02-30", "明天", "", "0"):
        desk.refused(clerk, "/g/1.1.1/add", notice_form(case, starts_on=wrong))
    answer = clerk.post("/g/1.1.1/add", data=notice_form(case, ends_on=factories.today().isoformat()))

    assert answer.status_code == 303
    notice = db.session.query(Notice).one()
    assert (notice.ends_on - notice.starts_on).days >= 5
    desk.refused_change(notice, ends_on=notice.starts_on)


def test_row_23_length_cannot_be_set_below_five_days(app: Flask) -> None:
    client = desk.clerk(app, Role.SYSADMIN)

    for key in ("notice_days", "result_notice_days"):
        for value in ("4", "0", "-5", "5.5", "五", "", "9" * 30):
            desk.refused(client, f"/g/parameters/{key}", {"value": value}, status=303)
        assert settings.get(key) == 5


def test_row_23_notice_ends_at_midnight_and_by_nobodys_press(app: Flask, unit: Unit) -> None:
    case = factories.application(S.IN_NOTICE, unit=unit)
    notice = factories.notice([case], ends_on=factories.today(), starts_on=factories.in_days(-8))
    position = factories.position(Role.UNIT, unit=unit)
    last = clock.end_of_day(notice.ends_on)
    clerk, secret = desk.at(app, position), world.token(factories.actor_of(position))
    rows = [{"id": notice.id, "version": 0}]

    desk.refused(clerk, "/g/1.1.1/act/close", {"row": desk.row(notice)}, status=404)
    desk.refused_by_api(app.test_client(), secret, "1.1.1/act/cancel", {"event": "close", "rows": rows})
    db.session.commit()
    early = due.run(last)["notices"]
    late = due.run(last + timedelta(microseconds=1))["notices"]

    assert (early, late) == (0, 1)
    assert (notice.state, case.state) == (NoticeState.OVER, S.NOTICE_OVER)


# 24


def test_row_24_report_only_after_a_quiet_notice(clerk: FlaskClient, unit: Unit) -> None:
    running = factories.application(S.IN_NOTICE, unit=unit)
    factories.notice([running])
    hanging, disputed, unseen = (
        factories.application(state, unit=unit) for state in (S.NOTICE_OVER, S.NOTICE_OVER, S.NOTICE_OVER)
    )
    factories.notice([hanging], ends_on=factories.today(), starts_on=factories.in_days(-8))
    over = factories.notice([disputed], ends_on=factories.in_days(-1), created_at=clock.now())
    factories.objection(over, disputed)
    factories.application(S.DISPUTED, unit=unit)

    desk.refused(clerk, "/g/1.1.2/act/report", reporting(running), "公示")
    desk.refused(clerk, "/g/1.1.2/act/report", reporting(hanging), str(factories.today()))
    desk.refused(clerk, "/g/1.1.2/act/report", reporting(disputed), "异议")
    desk.refused(clerk, "/g/1.1.2/act/report", reporting(unseen), "1.1.1")
    many = desk.refused(clerk, "/g/1.1.2/act/report", reporting(running, hanging, disputed))
    assert "3" in many


def ready(unit: Unit, **values: Any) -> Application:
    case = factories.application(
        S.NOTICE_OVER, unit=unit, submitted_at=clock.now() - timedelta(days=20), **values
    )
    factories.notice([case], ends_on=factories.in_days(-1))
    return case


def test_row_24_report_needs_recommendation_and_proof(clerk: FlaskClient, unit: Unit) -> None:
    case = ready(unit)

    for wrong in ({"recommendation": ""}, {"proof": (BytesIO(b""), "")}, {"proof": (BytesIO(b"MZ"), "a.pdf")}):
        desk.refused(clerk, "/g/1.1.2/act/report", reporting(case) | wrong)
    late = ready(unit, batch=factories.batch(**past_window()))
    desk.refused(clerk, "/g/1.1.2/act/report", reporting(late), str(late.batch.unit_end))


def past_window() -> dict[str, Any]:
    names = ("apply_start", "apply_end", "resubmit_end", "unit_end", "material_cutoff")
    return dict.fromkeys(names, factories.in_days(-1))


def test_row_24_objection_of_the_last_minute_stops_the_report(
    clerk: FlaskClient, unit: Unit
) -> None:
    case = ready(unit)
    yesterday = factories.in_days(-1).isoformat()
    typed = {
        "item_id": str(db.session.query(Notice).one().items[0].id),
        "content": "第二篇论文不是本人所写",
        "received_on": yesterday,
        "received_time": "23:59",
    }

    for wrong in (
        {"received_on": factories.today().isoformat(), "received_time": "00:00"},
        {"received_on": "1900-01-01"}, {"received_on": "2099-12-31"}, {"received_time": "24:00"},
        {"received_time": "9"}, {"item_id": "0"}, {"item_id": "999999"}, {"content": " "},
    ):  # fmt: skip
        desk.refused(clerk, "/g/1.1.1/objections/add", typed | wrong)
    assert clerk.post("/g/1.1.1/objections/add", data=typed).status_code == 303
    desk.refused(clerk, "/g/1.1.2/act/report", reporting(case))
    assert case.state is S.DISPUTED


# 26


def test_row_26_changed_material_needs_a_new_notice(app: Flask) -> None:
    unit, county = factories.unit(), factories.unit()
    person = factories.person(unit=unit, sex="1")
    case = factories.application(S.AT_SUPERIOR, person=person, unit=unit, superiors=(county,))
    factories.route(case.committee, unit, county)
    factories.route(case.committee, county)
    factories.notice([case], ends_on=factories.in_days(-1), created_at=clock.now() - timedelta(days=9))
    fill_all(case)
    clerk = desk.clerk(app, Role.UNIT, unit=unit)
    me = desk.clerk(app, Role.APPLICANT, person=person)

    returned = {"decision": "refuse", "way": "superior_return", "opinion": REASON}
    superior = desk.clerk(app, Role.SUPERIOR, unit=county)
    assert superior.post(SUPERIOR, data={"row": desk.row(case)} | returned).status_code == 303
    ticked = {"is_true": "y", "is_secret_free": "y"}
    answer = me.post(f"/me/application/{case.id}/submit", data=ticked)
    assert answer.status_code == 303, desk.sentences(desk.parse(answer.text))
    desk.refused(clerk, "/g/1.1.2/act/report", reporting(case), "待单位初审")
    assert clerk.post(CHECK, data={"row": desk.row(case)} | PASS).status_code == 303

    desk.refused(clerk, "/g/1.1.2/act/report", reporting(case), "待公示")
    case.state = S.NOTICE_OVER
    desk.refused(clerk, "/g/1.1.2/act/report", reporting(case), str(factories.today()), "1.1.1")


def fill_all(case: Application) -> None:
    state, case.state = case.state, S.DRAFT
    fill(case)
    upload_all(case)
    case.state = state
    db.session.flush()


# 27


def test_row_27_place_in_the_tree_must_lead_to_the_committee(app: Flask, unit: Unit) -> None:
    committee = factories.committee()
    upper, lower, homeless = (factories.unit(name) for name in ("上级", "下级", "无位置单位"))
    top = factories.route(committee, upper)
    factories.route(committee, lower, upper)
    office = desk.clerk(app, Role.OFFICE, committee=committee)
    place = {"committee_id": committee.id, "unit_id": unit.id, "levels": ["1", "2"]}

    for wrong, named in (
        ({"superior_id": unit.id}, "上级"),
        ({"superior_id": homeless.id}, homeless.name),
        ({"superior_id": "x"}, ""),
        ({"unit_id": lower.id}, lower.name),
        ({"unit_id": "长沙机床厂"}, ""),
        ({"levels": []}, ""),
        ({"levels": ["9"]}, ""),
        ({"committee_id": factories.committee().id}, ""),
    ):
        keeps = not {"unit_id", "committee_id", "levels"} & set(wrong) and wrong["superior_id"] != "x"
        desk.refused(office, "/g/1.6.1/add", place | wrong, named, keeps=keeps)
    circle = {"superior_id": lower.id, "levels": ["1"], "version": top.version}
    desk.refused(office, f"/g/1.6.1/{top.id}/edit", circle, upper.name)
    desk.refused(office, f"/g/1.6.1/{top.id}/edit", circle | {"version": 7})
    desk.refused_change(top, superior_id=upper.id)
    desk.refused_twin(top)


@pytest.mark.parametrize("state", [RouteState.PENDING, RouteState.DISPUTED, None])
def test_row_27_unconfirmed_way_takes_nothing(app: Flask, unit: Unit, state: RouteState | None) -> None:
    bureau = factories.unit("市教育局")
    person = factories.person(unit=unit, sex="1")
    case = factories.application(person=person, unit=unit)
    factories.route(case.committee, unit, bureau)
    if state:
        factories.route(case.committee, bureau, state=state)
    fill_all(case)
    me = desk.clerk(app, Role.APPLICANT, person=person)

    ticked = {"is_true": "y", "is_secret_free": "y"}
    desk.refused(me, f"/me/application/{case.id}/submit", ticked, bureau.name)


def test_row_27_place_of_another_unit_is_not_ones_own_to_confirm(app: Flask, unit: Unit) -> None:
    place = factories.route(factories.committee(), unit, state=RouteState.PENDING)
    stranger = desk.clerk(app, Role.UNIT, unit=factories.unit())
    own = desk.clerk(app, Role.UNIT, unit=unit)
    confirm = {"row": desk.row(place), "decision": "confirm"}

    desk.refused(stranger, "/g/1.6.2/act/confirm", confirm, status=404)
    assert own.post("/g/1.6.2/act/confirm", data=confirm).status_code == 303
    desk.refused(own, "/g/1.6.2/act/confirm", confirm)
    assert db.session.query(RouteNode).one().state is RouteState.CONFIRMED
