"""A new notice takes place, contact and telephone from the unit's last one."""

from flask import Flask

from app.enums import NoticeKind, Role
from tests.support import factories
from tests.support.signing import client_of, english

NEW = "/g/1.1.1/add"


def test_new_notice_takes_over_what_the_last_one_had(app: Flask) -> None:
    unit = factories.unit()
    factories.notice(unit=unit, title="第一次公示", place="旧公告栏")
    factories.notice(unit=unit, title="第二次公示", place="办公楼大厅", contact="李红")
    factories.notice(title="别人的公示", place="别人的公告栏")
    clerk = english(client_of(app, factories.position(Role.UNIT, unit=unit)))

    page = clerk.get(NEW).text

    assert 'value="办公楼大厅"' in page
    assert 'value="李红"' in page
    assert (
        "Taken over from “第二次公示”: Place of the notice, Contact for objections, Telephone."
        in page
    )
    assert "旧公告栏" not in page
    assert "别人的公告栏" not in page


def test_first_notice_of_a_unit_is_empty(app: Flask) -> None:
    clerk = english(client_of(app, factories.position(Role.UNIT, unit=factories.unit())))

    assert "Taken over from" not in clerk.get(NEW).text


def test_refused_form_keeps_what_was_typed_instead_of_the_last_notice(app: Flask) -> None:
    unit = factories.unit()
    factories.notice(unit=unit, place="办公楼大厅")
    clerk = english(client_of(app, factories.position(Role.UNIT, unit=unit)))

    answer = clerk.post(NEW, data={"place": "", "contact": "赵强"})

    assert answer.status_code == 422
    assert 'value="赵强"' in answer.text
    assert "办公楼大厅" not in answer.text


def test_new_result_notice_takes_over_the_last_one_of_the_committee(app: Flask) -> None:
    plan = factories.plan()
    factories.notice(
        unit=plan.committee.unit,
        plan=plan,
        kind=NoticeKind.RESULT,
        place="长沙市政务网",
        contact="周敏",
    )
    office = english(client_of(app, factories.position(Role.OFFICE, committee=plan.committee)))

    page = office.get("/g/1.2.6/add").text

    assert 'value="长沙市政务网"' in page
    assert 'value="周敏"' in page
    assert page.count("Taken over</span>") == 3
