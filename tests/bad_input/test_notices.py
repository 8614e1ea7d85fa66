"""Rows 23, 24, 26 and 27: the unit notice, the report after it, the way up to the committee."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import settings
from app.enums import ApplicationState, NoticeState, Role, RouteState
from app.extensions import db
from app.ground import clock
from app.models import Application, Notice, RouteNode, Unit
from app.services.jobs import scheduled_jobs
from tests.bad_input import desk, forms
from tests.services.dossiers import fill, pdf
from tests.services.dossiers import upload as upload_all
from tests.support import factories, world
from tests.support.pressing import LEADER, check_pass

REASON = "论文材料不完整，请补充封面"
NO_REASONS = ("", "   ", "\u3000", "无", "不同意", "。。。", "aaaa", "退回")
CHECK, SUPERIOR = "/g/1.1.1/check/act/audit", "/g/1.1.3/act/audit"


def proof() -> tuple[BytesIO, str]:
    return BytesIO(pdf()), "公示证明.pdf"


def reporting(*records: Application, **typed: Any) -> dict[str, Any]:
    rows = [desk.row(one) for one in records]
    return {"row": rows, "recommendation": "业绩突出，同意推荐", "proof": proof(), **LEADER} | typed


# 23


def test_row_23_notice_is_never_shorter(clerk: FlaskClient, unit: Unit) -> None:
    case = factories.application(ApplicationState.CHECKED, unit=unit)

    for wrong in ("1999-12-31", factories.in_days(-1).isoformat(), "2026-02-30", "明天", "", "0"):
        desk.assert_refused(clerk, "/g/1.1.1/add", forms.notice(case, starts_on=wrong))
    answer = clerk.post(
        "/g/1.1.1/add", data=forms.notice(case, ends_on=factories.today().isoformat())
    )

    assert answer.status_code == 303
    notice = db.session.query(Notice).one()
    assert (notice.ends_on - notice.starts_on).days >= 5
    desk.assert_refused_change(notice, ends_on=notice.starts_on)


def test_row_23_length_cannot_be_set_below_five_days(app: Flask) -> None:
    client = desk.clerk(app, Role.SYSADMIN)

    for key in ("notice_days", "result_notice_days"):
        for value in ("4", "0", "-5", "5.5", "五", "", "9" * 30):
            desk.assert_refused(client, f"/g/parameters/{key}", {"value": value})
        assert settings.get(key) == 5


def test_row_23_notice_ends_at_midnight_and_by_nobodys_press(app: Flask, unit: Unit) -> None:
    case = factories.application(ApplicationState.IN_NOTICE, unit=unit)
    notice = factories.notice([case], ends_on=factories.today(), starts_on=factories.in_days(-8))
    position = factories.position(Role.UNIT, unit=unit)
    last = clock.end_of_day(notice.ends_on)
    clerk, secret = desk.at(app, position), world.token(factories.actor_of(position))
    rows = [{"id": notice.id, "version": 0}]

    desk.assert_refused(clerk, "/g/1.1.1/act/close", {"row": desk.row(notice)}, status=404)
    desk.assert_refused_by_api(
        app.test_client(), secret, "1.1.1/act/cancel", {"event": "close", "rows": rows}
    )
    db.session.commit()
    early = scheduled_jobs.run(last)["notices"]
    late = scheduled_jobs.run(last + timedelta(microseconds=1))["notices"]

    assert (early, late) == (0, 1)
    assert (notice.state, case.state) == (NoticeState.OVER, ApplicationState.NOTICE_OVER)


# 24


def test_row_24_report_only_after_a_quiet_notice(clerk: FlaskClient, unit: Unit) -> None:
    running = factories.application(ApplicationState.IN_NOTICE, unit=unit)
    factories.notice([running])
    hanging, disputed, unseen = (
        factories.application(state, unit=unit)
        for state in (
            ApplicationState.NOTICE_OVER,
            ApplicationState.NOTICE_OVER,
            ApplicationState.NOTICE_OVER,
        )
    )
    factories.notice([hanging], ends_on=factories.today(), starts_on=factories.in_days(-8))
    over = factories.notice([disputed], ends_on=factories.in_days(-1), created_at=clock.now())
    factories.objection(over, disputed)
    factories.application(ApplicationState.DISPUTED, unit=unit)

    desk.assert_refused(clerk, "/g/1.1.2/act/report", reporting(running), "公示")
    desk.assert_refused(clerk, "/g/1.1.2/act/report", reporting(hanging), str(factories.today()))
    desk.assert_refused(clerk, "/g/1.1.2/act/report", reporting(disputed), "异议")
    desk.assert_refused(clerk, "/g/1.1.2/act/report", reporting(unseen), "1.1.1")
    many = desk.assert_refused(clerk, "/g/1.1.2/act/report", reporting(running, hanging, disputed))
    assert "3" in many


def ready(unit: Unit, **values: Any) -> Application:
    case = factories.application(
        ApplicationState.NOTICE_OVER,
        unit=unit,
        submitted_at=clock.now() - timedelta(days=20),
        **values,
    )
    factories.notice([case], ends_on=factories.in_days(-1))
    return case


def test_row_24_report_needs_recommendation_and_proof(clerk: FlaskClient, unit: Unit) -> None:
    case = ready(unit)

    for wrong in (
        {"recommendation": ""},
        {"proof": (BytesIO(b""), "")},
        {"proof": (BytesIO(b"MZ"), "a.pdf")},
    ):
        desk.assert_refused(clerk, "/g/1.1.2/act/report", reporting(case) | wrong)
    late = ready(unit, batch=factories.batch(**past_window()))
    desk.assert_refused(clerk, "/g/1.1.2/act/report", reporting(late), str(late.batch.unit_end))


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
        {"received_on": "1900-01-01"}, {"received_on": "2099-12-31"}, {"received_time": "24:00"},
        {"received_time": "9"}, {"item_id": "0"}, {"item_id": "999999"}, {"content": " "},
    ):  # fmt: skip
        desk.assert_refused(clerk, "/g/1.1.1/objections/add", typed | wrong)
    assert clerk.post("/g/1.1.1/objections/add", data=typed).status_code == 303
    desk.assert_refused(clerk, "/g/1.1.2/act/report", reporting(case))
    assert case.state is ApplicationState.DISPUTED


# 26


def test_row_26_changed_material_needs_a_new_notice(app: Flask) -> None:
    unit, county = factories.unit(), factories.unit()
    person = factories.person(unit=unit, sex="1")
    case = factories.application(
        ApplicationState.AT_SUPERIOR, person=person, unit=unit, superiors=(county,)
    )
    factories.route(case.committee, unit, county)
    factories.route(case.committee, county)
    factories.notice(
        [case], ends_on=factories.in_days(-1), created_at=clock.now() - timedelta(days=9)
    )
    fill_all(case)
    clerk = desk.clerk(app, Role.UNIT, unit=unit)
    me = desk.clerk(app, Role.APPLICANT, person=person)

    returned = {"decision": "refuse", "way": "superior_return", "opinion": REASON, **LEADER}
    superior = desk.clerk(app, Role.SUPERIOR, unit=county)
    assert superior.post(SUPERIOR, data={"row": desk.row(case)} | returned).status_code == 303
    ticked = {"is_true": "y", "is_secret_free": "y"}
    answer = me.post(f"/me/application/{case.id}/submit", data=ticked)
    assert answer.status_code == 303, desk.sentences(desk.parse(answer.text))
    desk.assert_refused(clerk, "/g/1.1.2/act/report", reporting(case), "待单位初审")
    assert clerk.post(CHECK, data={"row": desk.row(case)} | check_pass(case)).status_code == 303

    desk.assert_refused(clerk, "/g/1.1.2/act/report", reporting(case), "待公示")
    case.state = ApplicationState.NOTICE_OVER
    desk.assert_refused(
        clerk, "/g/1.1.2/act/report", reporting(case), str(factories.today()), "1.1.1"
    )


def fill_all(case: Application) -> None:
    state, case.state = case.state, ApplicationState.DRAFT
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
        keeps = (
            not {"unit_id", "committee_id", "levels"} & set(wrong) and wrong["superior_id"] != "x"
        )
        desk.assert_refused(office, "/g/1.6.1/add", place | wrong, named, keeps=keeps)
    circle = {"superior_id": lower.id, "levels": ["1"], "version": top.version}
    desk.assert_refused(office, f"/g/1.6.1/{top.id}/edit", circle, upper.name)
    desk.assert_refused(office, f"/g/1.6.1/{top.id}/edit", circle | {"version": 7})
    desk.assert_refused_change(top, superior_id=upper.id)
    desk.assert_refused_twin(top)


@pytest.mark.parametrize("state", [RouteState.PENDING, RouteState.DISPUTED, None])
def test_row_27_unconfirmed_way_takes_nothing(
    app: Flask, unit: Unit, state: RouteState | None
) -> None:
    bureau = factories.unit("市教育局")
    person = factories.person(unit=unit, sex="1")
    case = factories.application(person=person, unit=unit)
    factories.route(case.committee, unit, bureau)
    if state:
        factories.route(case.committee, bureau, state=state)
    fill_all(case)
    me = desk.clerk(app, Role.APPLICANT, person=person)

    ticked = {"is_true": "y", "is_secret_free": "y"}
    desk.assert_refused(me, f"/me/application/{case.id}/submit", ticked, bureau.name)


def test_row_27_place_of_another_unit_is_not_ones_own_to_confirm(app: Flask, unit: Unit) -> None:
    place = factories.route(factories.committee(), unit, state=RouteState.PENDING)
    stranger = desk.clerk(app, Role.UNIT, unit=factories.unit())
    own = desk.clerk(app, Role.UNIT, unit=unit)
    confirm = {"row": desk.row(place), "decision": "confirm"}

    desk.assert_refused(stranger, "/g/1.6.2/act/confirm", confirm, status=404)
    assert own.post("/g/1.6.2/act/confirm", data=confirm).status_code == 303
    desk.assert_refused(own, "/g/1.6.2/act/confirm", confirm)
    assert db.session.query(RouteNode).one().state is RouteState.CONFIRMED
