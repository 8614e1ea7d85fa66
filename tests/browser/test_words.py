"""A button is reworded by pointing at it, in Chromium, and gets its word back when the set is undone."""

from typing import Any

import pytest

from app.enums import Role
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.measure import Measure, task
from tests.browser.test_hall_pages import findings

LIST = "/g/units/"


@task("reword-a-button", 7)
def test_button_is_reworded_by_pointing_and_undone(
    new_hand: Any, accounts: dict[Role, str], measured: Measure
) -> None:
    hand, reader = new_hand(DESKTOP), new_hand(DESKTOP)
    for one in (hand, reader):
        one.sign_in(accounts[Role.SYSADMIN])
    page = hand.screen

    with measured(hand):
        hand.go("定制")
        hand.press("指认文字")
        menus = page.get_by_role("main")
        menus.get_by_role("link", name="单位管理", exact=True).click(modifiers=["Alt"])
        page.wait_for_url(f"**{LIST}")
        pointed = page.get_by_text("树形查看").first
        hand.picture("reword-a-button", ".title", "#rows .bar", pressed=pointed)
        pointed.click()
        page.wait_for_url("**/g/words/**")
        page.get_by_label("中文").first.fill("按树查看")
        hand.picture(
            "reword-a-button-2",
            "main form[method=post]",
            pressed=page.get_by_label("中文").first,
            tall=300,
        )
        hand.press("收进草稿并查看差别")
        hand.press("发布")
    reader.open(LIST)
    shown = reader.screen.inner_text("main")

    page.get_by_role("button", name="结束指认").click()
    page.get_by_role("link", name="撤销").click()
    page.get_by_role("button", name="撤销").click()
    page.wait_for_url("**/g/permission-changes/*")
    reader.open(LIST)

    assert "按树查看" in shown
    assert "树形查看" not in shown
    assert "树形查看" in reader.screen.inner_text("main")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_axe_finds_nothing_serious_on_the_page_of_texts(
    new_hand: Any, accounts: dict[Role, str], size: tuple[int, int]
) -> None:
    hand = new_hand(size)
    hand.sign_in(accounts[Role.SYSADMIN])
    hand.open("/g/words/?q=上报")

    assert not findings(hand.screen)
    assert hand.screen.evaluate("document.scrollingElement.scrollWidth") <= size[0]
