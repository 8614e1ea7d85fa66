"""Filling in with Chromium: saved by itself, without a line, on two devices, after the sign-in ended; rows."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, Response, request, request_finished
from playwright.sync_api import Page, expect

from app.enums import Role, Sex
from app.extensions import db
from app.ground import clock
from app.models import Application, LoginSession
from app.services.credentials import sessions
from app.services.dossier import dossier
from tests.browser.chromium import PATIENCE, PHONE, WIDE, ChromiumHand
from tests.services.dossiers import owner_of
from tests.support import factories, signing

Enter = Callable[..., Page]
SAVED = re.compile(r"\d\d:\d\d:\d\d 已?自动保存|已于 \d\d:\d\d:\d\d 自动保存")
AUTOSAVED = "[data-autosaved]"


@pytest.fixture
def draft(app: Flask) -> Application:
    person = factories.person("李文华", unit=factories.unit(), sex=Sex.MALE)
    factories.position(Role.APPLICANT, user=factories.user(person=person))
    application = factories.application(person=person)
    signing.give_password(person.user)
    db.session.commit()
    return application


@pytest.fixture
def enter(new_hand: Any, draft: Application) -> Enter:
    """Sign in on a device of its own and open a section."""
    username, number = draft.person.user.username, draft.id
    db.session.commit()

    def open_section(key: str = "work", hall: str = "/me", **size: Any) -> Page:
        hand: ChromiumHand = new_hand(**size)
        hand.sign_in(username)
        hand.open(f"{hall}/application/{number}/section/{key}")
        return hand.screen

    return open_section


def stored(application: Application, key: str = "work") -> list[dict[str, Any]]:
    """Return the rows of a section; the test holds no transaction that the program would wait for."""
    found = dossier.stored(application).get(key)
    rows = list(found.rows) if found else []
    db.session.commit()
    return rows


def units(application: Application) -> list[Any]:
    return [row["unit"] for row in stored(application)]


def is_saved(page: Page) -> None:
    expect(page.locator(AUTOSAVED)).to_have_text(SAVED)


def autosaves(page: Page) -> list[Any]:
    sent: list[Any] = []
    page.on(
        "request",
        lambda request: (
            sent.append(request) if "json" in request.headers.get("content-type", "") else None
        ),
    )
    return sent


def kept_here(page: Page) -> str:
    return str(
        page.evaluate(
            "JSON.stringify(Object.entries(localStorage).filter(one => one[0].startsWith('draft:')))"
        )
    )


def test_a_pause_in_typing_saves(enter: Enter, draft: Application) -> None:
    page = enter()
    sent = autosaves(page)

    page.fill("#rows-0-unit", " 湖南省交通设计院 ")
    is_saved(page)

    assert units(draft) == ["湖南省交通设计院"]
    assert len(sent) == 1
    assert len(sent[0].post_data_buffer) < 200
    page.locator("#rows-0-unit").blur()
    expect(page.locator("#rows-0-unit")).to_have_value("湖南省交通设计院")
    expect(page.locator("#rows-0-unit")).to_have_js_property("selectionStart", 8)
    assert kept_here(page) == "[]"


def test_only_what_changed_is_sent_again(enter: Enter, draft: Application) -> None:
    page = enter()
    page.fill("#rows-0-unit", "湖南省交通设计院")
    is_saved(page)
    sent = autosaves(page)

    page.fill("#rows-0-duty", "总工")
    expect(page.locator("[name=revision]")).to_have_value("2")

    [row] = sent[0].post_data_json["set"].values()
    assert row == {"duty": ["", "总工"]}


@contextmanager
def saved_by_itself(app: Flask) -> Iterator[None]:
    """Wait until the program has answered what a page sends on its way out."""
    answered = threading.Event()

    def note(_program: Flask, response: Response, **_more: Any) -> None:
        if request.is_json and response.status_code == 200:
            answered.set()

    with request_finished.connected_to(note, app):
        yield
        assert answered.wait(PATIENCE / 1000)


def test_leaving_the_page_saves(app: Flask, enter: Enter, draft: Application) -> None:
    page = enter()
    address = page.url
    page.fill("#rows-0-unit", "走之前")

    with saved_by_itself(app):
        page.goto("/me/")
    page.goto(address)

    expect(page.locator("#rows-0-unit")).to_have_value("走之前")
    expect(page.locator(".note.restored")).to_have_count(0)
    assert units(draft) == ["走之前"]


def test_next_and_previous_save(enter: Enter, draft: Application) -> None:
    page = enter()
    address = page.url
    page.fill("#rows-0-unit", "甲厂")

    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/section/training")

    assert units(draft) == ["甲厂"]
    page.goto(address)
    page.fill("#rows-0-unit", "乙厂")
    page.get_by_role("button", name="上一步").click()
    page.wait_for_url("**/section/education")
    assert units(draft) == ["乙厂"]


def test_without_a_line_it_waits_on_this_device(enter: Enter, draft: Application) -> None:
    page = enter()
    page.context.set_offline(True)
    page.fill("#rows-0-unit", "断网时填写")
    expect(page.locator(AUTOSAVED)).to_contain_text("网络断开，内容保存在本机")
    assert "断网时填写" in kept_here(page)
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("#rows-0-unit")).to_have_value("断网时填写")
    assert units(draft) == []

    page.context.set_offline(False)
    page.wait_for_url("**/section/**") if "training" in page.url else is_saved(page)

    assert units(draft) == ["断网时填写"]


def test_what_did_not_go_up_is_there_when_the_page_is_opened_again(
    enter: Enter, draft: Application
) -> None:
    page = enter()
    address, context = page.url, page.context
    # not merely offline: a browser may send again by itself what it was sending when the line came back
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('no line')); }")
    page.fill("#rows-0-unit", "没有上传的内容")
    expect(page.locator(AUTOSAVED)).to_contain_text("网络断开")
    page.close()

    page = context.new_page()
    page.goto(address)

    expect(page.locator("#rows-0-unit")).to_have_value("没有上传的内容")
    expect(page.locator(".note.restored")).to_contain_text("已从本机恢复")
    is_saved(page)
    assert units(draft) == ["没有上传的内容"]


def test_what_is_kept_here_goes_at_sign_out_and_belongs_to_nobody_else(
    enter: Enter, draft: Application
) -> None:
    page = enter()
    page.evaluate(
        "localStorage.setItem('draft:999:1:work', JSON.stringify({at: Date.now(), patch: {add: {n1: {unit: '别人的'}}}}))"
    )
    page.reload()
    expect(page.locator("#rows-0-unit")).to_have_value("")
    expect(page.locator(".note.restored")).to_have_count(0)

    page.evaluate("document.querySelector('form[action$=\"/logout/\"]').requestSubmit()")
    page.wait_for_url("**/login/**")

    assert kept_here(page) == "[]"


def test_two_devices_compare_instead_of_overwriting(enter: Enter, draft: Application) -> None:
    web, phone = enter(), enter(hall="/m", size=PHONE)
    web.fill("#rows-0-unit", "共同的")
    is_saved(web)
    phone.reload()
    phone.fill("#rows-0-unit", "手机填写")
    is_saved(phone)

    web.fill("#rows-0-unit", "电脑填写")
    expect(web.locator(".note.conflict")).to_contain_text("电脑填写")
    expect(web.locator(".note.conflict")).to_contain_text("手机填写")
    assert units(draft) == ["手机填写"]
    web.get_by_role("button", name="对比并选择").click()
    web.get_by_role("button", name="全部采用本机").click()
    web.wait_for_url("**/section/work")

    assert units(draft) == ["电脑填写"]


def test_two_devices_in_other_fields_are_merged(enter: Enter, draft: Application) -> None:
    web, phone = enter(), enter(hall="/m", size=PHONE)
    web.fill("#rows-0-unit", "共同的")
    is_saved(web)
    phone.reload()
    phone.fill("#rows-0-duty", "总工")
    is_saved(phone)

    web.fill("#rows-0-department", "一分院")
    expect(web.locator(AUTOSAVED)).to_contain_text("另一处的修改已并入本页")

    expect(web.locator("#rows-0-duty")).to_have_value("总工")
    [row] = stored(draft)
    assert (row["duty"], row["department"]) == ("总工", "一分院")


def test_after_an_ended_sign_in_the_text_is_back_in_its_field(
    enter: Enter, draft: Application
) -> None:
    page, username = enter(), draft.person.user.username
    for one in db.session.query(LoginSession):
        sessions.end(one, "ended_by_owner", at=clock.now())
    db.session.commit()
    page.fill("#rows-0-duty", "打了很久")
    expect(page.locator(AUTOSAVED)).to_contain_text("登录已过期")
    assert units(draft) == []

    page.get_by_role("link", name="重新登录").click()
    page.fill("[name=username]", username)
    page.fill("[name=password]", signing.PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/section/work#rows-0-duty")

    expect(page.locator("#rows-0-duty")).to_have_value("打了很久")
    expect(page.locator("#rows-0-duty")).to_be_focused()
    is_saved(page)
    assert stored(draft)[0]["duty"] == "打了很久"


def test_what_cannot_be_read_is_said_at_its_field_and_the_rest_is_saved(
    enter: Enter, draft: Application
) -> None:
    page = enter("assessments")
    page.fill("#rows-0-year", "二〇二四年")
    page.fill("#rows-0-unit", "甲厂")

    expect(page.locator("#rows-0-year-error")).to_be_visible()

    expect(page.locator("#rows-0-unit")).to_be_focused()
    expect(page.locator("#rows-0-year")).to_have_value("二〇二四年")
    expect(page.locator("#rows-0-year")).to_have_attribute("aria-invalid", "true")
    assert stored(draft, "assessments")[0]["unit"] == "甲厂"
    page.fill("#rows-0-year", "2024")
    is_saved(page)
    expect(page.locator("#rows-0-year-error")).to_have_count(0)


def test_rows_are_moved_copied_removed_and_put_back_by_keyboard(
    enter: Enter, draft: Application
) -> None:
    page = enter()
    page.fill("#rows-0-unit", "甲")
    page.get_by_role("button", name="添加一行").press("Enter")
    expect(page.locator("#rows-1-started")).to_be_focused()
    page.fill("#rows-1-unit", "乙")
    page.locator("[data-row]").nth(1).get_by_role("button", name="上移").press("Enter")
    expect(page.locator("#rows-0-unit")).to_have_value("乙")
    expect(page.locator("[data-row-said]")).to_have_text("已移到第1行。")
    page.locator("[data-row]").nth(0).get_by_role("button", name="复制").press("Enter")
    is_saved(page)
    assert units(draft) == ["乙", "乙", "甲"]

    page.locator("[data-row]").nth(2).get_by_role("button", name="移除").press("Enter")
    expect(page.get_by_role("button", name="撤销")).to_be_focused()
    expect(page.locator("[name=revision]")).to_have_value("2")
    assert units(draft) == ["乙", "乙"]
    page.get_by_role("button", name="撤销").press("Enter")
    expect(page.locator("[name=revision]")).to_have_value("3")

    assert units(draft) == ["乙", "乙", "甲"]
    expect(page.locator("#rows-2-unit")).to_have_value("甲")


def test_on_the_phone_rows_fold_and_nothing_is_too_wide(enter: Enter, draft: Application) -> None:
    rows = [{"unit": f"湖南省交通规划勘察设计院有限公司第{number}分院"} for number in range(5)]
    dossier.save_section(
        draft, "work", rows, actor=owner_of(draft.person), at=clock.now(), seen_revision=0
    )
    db.session.commit()
    page = enter(hall="/m", size=PHONE)

    assert page.evaluate(WIDE, PHONE[0]) == ""
    assert page.locator("[data-row].folded").count() == 5
    page.get_by_role("button", name="展开").nth(1).click()
    expect(page.locator("#rows-1-unit")).to_be_visible()
    expect(page.locator("#rows-2-unit")).to_be_hidden()
    assert page.evaluate(WIDE, PHONE[0]) == ""


@pytest.mark.parametrize("typed", ["2015年9月", "2015.9", "２０１５／９", "201509"])
def test_a_month_is_typed_in_any_spelling_and_kept_in_one(
    enter: Enter, draft: Application, typed: str
) -> None:
    page = enter("education")
    month = page.locator('[data-date="month"]').first
    expect(month).to_have_attribute("placeholder", "2026-05")

    month.fill(typed)
    month.press("Tab")

    expect(month).to_have_value("2015-09")
    is_saved(page)
    assert "2015-09" in stored(draft, "education")[0].values()


def test_the_calendar_is_offered_where_the_browser_has_one(enter: Enter) -> None:
    page = enter("education")
    calendars = page.get_by_role("button", name=re.compile("^日历 · "))
    assert calendars.count() == page.locator("[data-date]:visible").count() > 0
    picker = page.locator(".picker").first

    picker.evaluate(
        "picker => { picker.value = '2011-07'; picker.dispatchEvent(new Event('change')) }"
    )

    expect(page.locator("[data-date]").first).to_have_value("2011-07")
    is_saved(page)
