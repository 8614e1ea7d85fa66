"""Dictionaries in Chromium: a value added and one retired, both undone; cells, order by mouse and keyboard; a merge."""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.enums import Role
from app.extensions import db
from app.models import DictItem
from tests.browser.chromium import PHONE, ChromiumHand
from tests.browser.measure import Measure, task
from tests.browser.test_hall_pages import findings
from tests.services import dossiers
from tests.support import factories, signing

NATIONS = "/console/dict-item/?kind=nation"


@pytest.fixture
def number(app: Flask) -> str:
    """The number of an application whose person is of the nation 56."""
    case = factories.application()
    dossiers.fill(case, basic=[{"nation": "56"}])
    number = case.number
    db.session.commit()
    return number


@pytest.fixture
def hand(app: Flask, number: str, new_hand: Any) -> ChromiumHand:
    """A system administrator, signed in."""
    clerk = factories.position(Role.SYSADMIN)
    signing.give_password(clerk.user)
    username = clerk.user.username
    db.session.commit()
    hand: ChromiumHand = new_hand()
    hand.sign_in(username)
    return hand


@pytest.fixture
def screen(hand: ChromiumHand) -> Page:
    return hand.screen


def row(screen: Page, words: str) -> Any:
    return screen.locator("tbody tr", has_text=words)


def press(screen: Page, name: str) -> None:
    screen.get_by_role("button", name=name, exact=True).click()


@task("add-and-retire-a-value", 7)
def test_a_value_is_added_and_one_retired_and_both_are_undone(
    hand: ChromiumHand, screen: Page, measured: Measure
) -> None:
    with measured(hand):
        hand.go("字典管理")
        hand.follow(row(screen, "民族").get_by_role("link", name="58 个值"))
        hand.press("新增")
        hand.fill({"label": "其他民族", "code": "99"})
        hand.picture("add-and-retire-a-value", "main form")
        hand.press("保存")
        expect(screen.locator("body")).to_contain_text(
            "“个人基本信息”栏目的“民族”（必填）中选择；目前有 1 份申报正在填写"
        )
        hand.follow(row(screen, "基诺族").get_by_role("link", name="停用"))
        expect(screen.locator("main")).to_contain_text("1 份申报已填写该值")
        stop = screen.get_by_role("button", name="停用", exact=True)
        hand.picture("add-and-retire-a-value-2", ".title", "main form", pressed=stop)
        hand.press("停用")
    expect(row(screen, "基诺族")).to_contain_text("否")

    row(screen, "基诺族").get_by_role("link", name="恢复使用").click()
    press(screen, "恢复使用")
    expect(row(screen, "基诺族")).to_contain_text("是")
    row(screen, "其他民族").get_by_role("link", name="停用").click()
    press(screen, "停用")
    expect(row(screen, "其他民族")).to_contain_text("否")


def test_needed_value_is_refused_with_its_places(screen: Page) -> None:
    screen.goto("/console/dict-item/?kind=punishment")
    row(screen, "降低岗位等级").get_by_role("link", name="停用").click()

    expect(screen.get_by_role("alert")).to_contain_text("申报条件“")
    expect(screen.get_by_role("button", name="停用")).to_have_count(0)


def test_cells_are_edited_in_place_and_a_refusal_keeps_what_was_typed(screen: Page) -> None:
    screen.goto(NATIONS)
    row(screen, "基诺族").get_by_role("button", name="名称").click()
    typed = screen.locator(".cell-edit input")
    typed.fill("<b>")
    typed.press("Enter")
    expect(screen.locator(".cell-edit .error")).to_be_visible()
    expect(typed).to_have_value("<b>")

    typed.fill("基诺族（新）")
    typed.press("Enter")
    expect(row(screen, "基诺族（新）").get_by_role("button", name="名称")).to_be_focused()
    screen.reload()
    expect(row(screen, "基诺族（新）")).to_be_visible()

    row(screen, "基诺族（新）").get_by_role("button", name="名称").press("Enter")
    screen.locator(".cell-edit input").fill("不要")
    screen.locator(".cell-edit input").press("Escape")
    expect(row(screen, "基诺族（新）")).to_be_visible()


def shown(screen: Page, column: str) -> list[str]:
    cells = screen.locator(f'tbody [data-column="{column}"]')
    return [words.strip() for words in cells.all_inner_texts()]


def line(screen: Page, label: str) -> Locator:
    """Return the row of a value whose label is part of another one's."""
    down = screen.get_by_role("button", name=f"下移 {label}", exact=True)
    return screen.locator("tbody tr").filter(has=down)


@pytest.mark.parametrize(
    ("path", "column"), [("dict-item/?kind=degree", "label"), ("material-kind/", "name")]
)
def test_order_is_changed_by_keyboard_and_by_dragging(screen: Page, path: str, column: str) -> None:
    screen.goto(f"/console/{path}")
    before = shown(screen, column)

    up = screen.get_by_role("button", name=f"上移 {before[1]}", exact=True)
    with screen.expect_response("**/order/"):
        up.press("Enter")
    expect(screen.locator("[data-say]")).to_contain_text("顺序已保存")
    expect(up).to_be_focused()
    moved = [before[1], before[0], *before[2:]]
    assert shown(screen, column) == moved

    with screen.expect_response("**/order/"):
        line(screen, before[2]).locator(".grip").drag_to(
            line(screen, before[1]), target_position={"x": 60, "y": 4}
        )
    screen.reload()
    assert shown(screen, column) == [before[2], *moved[:2], *moved[3:]]


def test_merge_changes_what_the_case_shows(screen: Page, number: str, app: Flask) -> None:
    screen.goto(NATIONS)
    row(screen, "基诺族").get_by_role("link", name="合并").click()
    expect(screen.locator("main")).to_contain_text("有 1 份申报填写的是“基诺族”")
    screen.get_by_label("保留的值").select_option(label="土家族（15）")
    press(screen, "合并")
    screen.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(screen.locator("body")).to_contain_text("“基诺族”已合并到“土家族”并停用：改了 1 份申报")
    db.session.rollback()
    assert (
        db.session.scalar(select(DictItem.merged_into).filter_by(kind="nation", code="56")) == "15"
    )
    db.session.commit()


def test_pages_fit_a_phone_and_read_well(screen: Page) -> None:
    screen.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    for address in (
        "/console/dictionary/", NATIONS, "/console/dict-item/import/?kind=nation", "/console/material-kind/",
    ):  # fmt: skip
        screen.goto(address)
        assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert findings(screen) == [], address
