"""Rows 19, 21 and 22: who may handle an application, only while holding it, never without a reason."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.enums import (
    ApplicationState,
    BatchState,
    FilingState,
    PlanState,
    QuotaState,
    Role,
    RouteState,
    UnitKind,
)
from app.models import Unit
from tests.bad_input import desk, forms
from tests.support import factories, world
from tests.support.pressing import EACH_CHECKED, LEADER, check_pass, returned, ticks

REASON = "论文材料不完整，请补充封面"
NO_REASONS = ("", "   ", "\u3000", "无", "不同意", "。。。", "aaaa", "退回")
CHECK, SUPERIOR = "/g/1.1.1/check/act/audit", "/g/1.1.3/act/audit"
PASS = {"decision": "check_pass", **LEADER}


# 19


def test_row_19_nobody_handles_the_own_application(app: Flask) -> None:
    unit = factories.unit()
    committee = factories.committee(unit=unit)
    batch = factories.batch(committee=committee)
    cases = {
        (Role.UNIT, ApplicationState.AT_UNIT): (CHECK, PASS),
        (Role.UNIT, ApplicationState.NOTICE_OVER): (
            "/g/1.1.2/act/report",
            {"recommendation": "同意推荐", **LEADER},
        ),
        (Role.SUPERIOR, ApplicationState.AT_SUPERIOR): (
            SUPERIOR,
            {"decision": "superior_pass", **LEADER},
        ),
        (Role.OFFICE, ApplicationState.AT_OFFICE): (
            "/g/1.2.1/act/audit",
            {"decision": "office_pass", **LEADER},
        ),
    }

    for (role, state), (url, typed) in cases.items():
        person = factories.person(unit=unit)
        me = factories.position(role, unit=unit, person=person)
        own = factories.application(state, unit=unit, person=person, batch=batch, superiors=(unit,))
        desk.assert_refused(
            desk.at(app, me), url, typed | {"row": desk.row(own)}, own.number, "本人"
        )


def test_row_19_own_application_is_not_put_into_notice(app: Flask, unit: Unit) -> None:
    person = factories.person(unit=unit)
    me = desk.at(app, factories.position(Role.UNIT, unit=unit, person=person))
    others = [
        factories.application(ApplicationState.CHECKED, unit=unit, person=one)
        for one in (person, None)
    ]

    desk.assert_refused(me, "/g/1.1.1/add", forms.notice(*others), "本人")


def test_row_19_own_application_is_not_taken_out_of_notice(app: Flask, unit: Unit) -> None:
    person = factories.person(unit=unit)
    me = desk.at(app, factories.position(Role.UNIT, unit=unit, person=person))
    own, other = (
        factories.application(ApplicationState.IN_NOTICE, unit=unit, person=p)
        for p in (person, None)
    )
    cancel = {"row": desk.row(factories.notice([other, own])), "opinion": "名单有误，重新公示"}

    desk.assert_refused(me, "/g/1.1.1/act/cancel", cancel, own.number, "本人")


def test_row_19_program_cannot_either(app: Flask, unit: Unit) -> None:
    person = factories.person(unit=unit)
    me = factories.position(Role.UNIT, unit=unit, person=person)
    own, other = (
        factories.application(ApplicationState.AT_UNIT, unit=unit, person=p) for p in (person, None)
    )
    rows = [{"id": one.id, "version": one.version} for one in (other, own)]

    desk.assert_refused_by_api(
        app.test_client(), world.token(factories.actor_of(me)), "FirstCheckView/act/audit",
        {"event": "check_pass", "rows": rows, "details": LEADER | EACH_CHECKED}, own.number, "本人",
    )  # fmt: skip


def test_row_19_applicant_does_not_become_the_units_clerk(app: Flask, unit: Unit) -> None:
    person = factories.person(unit=unit)
    account = factories.user(person=person)
    factories.application(
        ApplicationState.AT_SUPERIOR, person=person, unit=unit, superiors=(factories.unit(),)
    )
    grants = {"account": account.id, "role": "unit", "unit": unit.id}

    desk.assert_refused(desk.clerk(app, Role.SECADMIN), "/g/positions/add", grants, unit.name)


# 21


def test_row_21_only_the_present_holder_acts(app: Flask, unit: Unit) -> None:
    county, city, stranger = (
        factories.unit(name) for name in ("县人社局", "市人社局", "外县人社局")
    )
    case = factories.application(ApplicationState.AT_SUPERIOR, unit=unit, superiors=(county, city))
    at_county, at_city, outside = (
        desk.clerk(app, Role.SUPERIOR, unit=one) for one in (county, city, stranger)
    )
    old = desk.row(case)

    for client in (at_city, outside):
        desk.assert_refused(
            client, SUPERIOR, {"row": old, "decision": "superior_pass", **LEADER}, status=404
        )
    desk.assert_refused(desk.clerk(app, Role.UNIT, unit=unit), SUPERIOR, {"row": old}, status=403)
    passed = at_county.post(SUPERIOR, data={"row": old, "decision": "superior_pass", **LEADER})
    assert passed.status_code == 303
    for seen in (old, desk.row(case)):
        typed = {
            "row": seen,
            "decision": "refuse",
            "way": "superior_end",
            "opinion": REASON,
            **LEADER,
        }
        desk.assert_refused(at_county, SUPERIOR, typed)
    desk.assert_refused(
        at_county,
        SUPERIOR,
        {"row": desk.row(case), "decision": "superior_pass", **LEADER},
        city.name,
    )


def test_row_21_forged_rows_move_nothing(clerk: FlaskClient, unit: Unit) -> None:
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    old, new = desk.row(case), f"{case.id}:{case.version + 1}"

    desk.assert_refused(clerk, CHECK, {"row": new, **PASS}, "待单位初审")
    desk.assert_refused(clerk, CHECK, {"row": [old, "999999:0"], **PASS}, status=404)
    desk.assert_refused(clerk, CHECK, {"row": "9" * 30, **PASS}, status=404)
    for forged in ("x:0", f"{case.id}:", f"{case.id}:x", "", ":", f"{case.id}"):
        desk.assert_refused(clerk, CHECK, {"row": forged, **PASS}, status=400)
    for address in (CHECK, f"{CHECK}?pk={case.id}", f"{CHECK}?all=1"):
        desk.assert_refused(clerk, address, PASS, status=302)
    for forged in ({"decision": "report"}, {"decision": "refuse", "way": "office_pass"}):
        desk.assert_refused(clerk, CHECK, {"row": old, "opinion": REASON} | forged, status=400)
    desk.assert_refused(clerk, "/g/1.1.1/check/act/report", {"row": old}, status=404)


def test_row_21_slower_of_two_is_told_who_was_faster(app: Flask, unit: Unit) -> None:
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    fast, slow = (factories.position(Role.UNIT, unit=unit) for _ in range(2))
    seen = {"row": desk.row(case), **check_pass(case)}

    assert desk.at(app, fast).post(CHECK, data=seen).status_code == 303
    desk.assert_refused(desk.at(app, slow), CHECK, seen, fast.user.real_name)
    secret = world.token(factories.actor_of(slow))
    rows = [{"id": case.id, "version": 0}]
    body = {"event": "check_pass", "rows": rows, "details": LEADER | ticks(case)}
    desk.assert_refused_by_api(
        app.test_client(), secret, "FirstCheckView/act/audit", body, fast.user.real_name
    )


# 22


def test_row_22_refusal_needs_a_reason_and_a_way(clerk: FlaskClient, unit: Unit) -> None:
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    section = returned(case, "papers", "第二篇缺刊号")
    back = {"row": desk.row(case), "decision": section.pop("decision")}
    del section["way"]

    for way in ("check_return", "check_end"):
        # where a section has its reason, no second one on the whole is asked for
        for reason in NO_REASONS if way == "check_end" else filter(str.strip, NO_REASONS):
            desk.assert_refused(clerk, CHECK, back | section | {"way": way, "opinion": reason})
    for way in ({}, {"way": ""}):
        desk.assert_refused(clerk, CHECK, back | section | way | {"opinion": REASON}, "请选择")
    desk.assert_refused(clerk, CHECK, {"row": desk.row(case)} | section | {"opinion": REASON})
    for empty in NO_REASONS:
        half = returned(case, "papers", empty) | {"opinion": REASON}
        desk.assert_refused(clerk, CHECK, back | half)


def refusals(unit: Unit) -> list[tuple[Role, dict[str, Any], str, Any, dict[str, str]]]:
    """Return every other press that refuses: who, where they work, address, record, what is chosen."""
    bureau = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    committee = factories.committee(unit=bureau)
    batch = factories.batch(committee=committee, review_year=factories.today().year - 1)
    held = factories.application(
        ApplicationState.AT_SUPERIOR, unit=unit, batch=batch, superiors=(bureau,)
    )
    office = factories.application(ApplicationState.AT_OFFICE, unit=unit, batch=batch)
    named = factories.application(ApplicationState.DISPUTED, unit=unit, batch=batch)
    notice = factories.notice([factories.application(ApplicationState.IN_NOTICE, unit=unit)])
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
    refuse = {"decision": "refuse", **LEADER}
    return [
        (Role.SUPERIOR, hrss, SUPERIOR, held, refuse | {"way": "superior_return"}),
        (Role.SUPERIOR, hrss, SUPERIOR, held, refuse | {"way": "superior_end"}),
        (
            Role.OFFICE,
            desk_of,
            "/g/1.2.1/act/audit",
            office,
            {"decision": "office_refuse", **LEADER},
        ),
        (
            Role.OFFICE,
            desk_of,
            "/g/1.2.1/act/audit",
            office,
            {"decision": "ask_correction", **LEADER},
        ),
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
            desk.assert_refused(client, url, {"row": desk.row(record), "opinion": reason} | chosen)
