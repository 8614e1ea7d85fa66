"""Lists in Chromium: acts in view, the place found again, columns and views by keyboard, acts on all that match."""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Unit
from app.views.base.bulk import bulk_page
from tests.browser.chromium import DESKTOP
from tests.support import factories, signing

NAMES = [f"王小{character}" for character in "一二三四五六七八九十"]
HIDDEN = """() => [...document.querySelectorAll('td.acts a')].filter(link => {
  link.scrollIntoView({ block: 'center', inline: 'end', behavior: 'instant' });
  link.closest('.scroll').scrollLeft = 0;
  const box = link.getBoundingClientRect();
  const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return box.right > innerWidth || !hit || hit.closest('a') !== link;
}).map(link => link.textContent)"""


@pytest.fixture
def superior(app: Flask) -> Unit:
    return factories.unit("常德市教育局")


@pytest.fixture
def screen(superior: Unit, new_hand: Any) -> Page:
    """A superior unit's clerk, signed in, with ten applications of a unit of a long name."""
    unit = factories.unit("湖南省常德市武陵区启明街道第一中心小学", parent=superior)
    for name in NAMES:
        factories.application(
            ApplicationState.AT_SUPERIOR, unit=unit, name=name, superiors=(superior,)
        )
    clerk = factories.position(Role.SUPERIOR, unit=superior)
    signing.give_password(clerk.user)
    username = clerk.user.username
    db.session.commit()
    hand = new_hand()
    hand.sign_in(username)
    page: Page = hand.screen
    return page


def test_the_place_is_found_again_and_acts_are_in_view(screen: Page) -> None:
    for width in (DESKTOP[0], 1000):
        screen.set_viewport_size({"width": width, "height": DESKTOP[1]})
        for address in ("/g/1.1.3/", "/g/1.1.4/"):
            screen.goto(address)
            assert screen.evaluate(HIDDEN) == [], (address, width)

    screen.set_viewport_size({"width": DESKTOP[0], "height": 400})
    screen.goto("/g/1.1.3/?q.any=%E7%8E%8B%E5%B0%8F&sort=number&dir=asc")
    listed = screen.url
    row = screen.locator("tbody tr").nth(7)
    row.evaluate("node => node.scrollIntoView({ block: 'center', behavior: 'instant' })")
    place = screen.evaluate("scrollY")
    assert place > 0
    row.locator("td.acts a").first.click()
    screen.locator("a", has_text="返回列表").click()

    assert screen.url == listed
    expect(row.locator("td.acts a").first).to_be_focused()
    assert abs(screen.evaluate("scrollY") - place) < 60


def test_case_opened_for_its_act_says_whose_it_is(screen: Page) -> None:
    screen.goto("/g/1.1.3/")
    screen.locator("td.acts a", has_text="审核").first.click()

    expect(screen.get_by_label("审核通过")).to_be_in_viewport()
    expect(screen.locator("h1")).to_be_in_viewport(ratio=1)
    assert screen.evaluate("scrollY") < 40


def test_pass_is_answered_by_enter_and_an_end_is_not(app: Flask, new_hand: Any) -> None:
    committee = factories.committee()
    case = factories.application(
        ApplicationState.AT_OFFICE, batch=factories.batch(committee=committee)
    )
    clerk = factories.position(Role.OFFICE, committee=committee)
    signing.give_password(clerk.user)
    username, address = clerk.user.username, f"/g/1.2.1/{case.id}"
    db.session.commit()
    hand = new_hand()
    hand.open("/login/")
    hand.fill({"username": username, "password": signing.PASSWORD})
    hand.press("登录")
    page: Page = hand.screen

    for key, button in (("a", "确定"), ("r", "取消")):
        page.goto(address)
        page.keyboard.press(key)
        page.keyboard.press("Control+Enter")
        expect(page.locator("#ask").get_by_role("button", name=button)).to_be_focused()


def test_columns_are_chosen_and_a_view_is_kept_by_keyboard(screen: Page) -> None:
    screen.goto("/g/1.1.4/")
    screen.get_by_role("button", name="显示列").press("Enter")
    number = screen.locator("[data-line]", has_text="申报编号")
    number.get_by_role("button", name="下移").press("Enter")
    expect(number.get_by_role("button", name="下移")).to_be_focused()
    screen.get_by_role("checkbox", name="级别").press("Space")
    screen.get_by_role("button", name="按所选列显示").press("Enter")

    headings = screen.locator("thead th[data-key]")
    expect(headings.nth(0)).to_have_text("姓名")
    expect(headings.last).to_have_text("级别")

    screen.get_by_role("button", name="我的视图").press("Enter")
    screen.get_by_role("link", name="保存、管理视图").press("Enter")
    screen.get_by_label("视图名称").fill("按姓名")
    screen.get_by_label("打开本列表时默认使用此视图").press("Space")
    screen.get_by_role("button", name="保存视图").press("Enter")
    screen.goto("/g/1.1.4/")

    expect(headings.nth(0)).to_have_text("姓名")
    screen.locator(".bar").get_by_role("link", name="显示全部").first.press("Enter")
    expect(headings.nth(0)).to_have_text("申报编号")


def test_all_that_match_are_done_in_steps(screen: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_page, "STEP", 4)
    screen.goto("/g/1.1.3/?size=3")
    screen.locator("[data-tick-all]").press("Space")
    screen.get_by_role("button", name="全部 10 条").press("Enter")
    screen.get_by_role("button", name="审核", exact=True).press("Enter")
    screen.get_by_label("审核通过").press("Space")
    screen.get_by_label("负责人").fill(factories.LEADER)
    screen.get_by_role("button", name="审核：全部 10 条").press("Enter")

    expect(screen.locator("h2")).to_contain_text("共 10 条，已办理 10 条")
    screen.get_by_role("link", name="返回列表").press("Enter")
    expect(screen.locator("tbody tr")).to_have_count(0)
