"""A button is reworded by pointing at it, in Chromium, and gets its word back when the set is undone."""

from typing import Any

import pytest

from app.enums import Role
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.test_hall_pages import findings

LIST = "/g/units/"


def test_button_is_reworded_by_pointing_and_undone(
    new_hand: Any, accounts: dict[Role, str]
) -> None:
    hand, reader = new_hand(DESKTOP), new_hand(DESKTOP)
    for one in (hand, reader):
        one.sign_in(accounts[Role.SYSADMIN])
    page = hand.screen

    hand.open("/g/customise/")
    page.get_by_role("button", name="指认文字").click()
    hand.open("/g/committees/")
    page.get_by_role("link", name="单位管理", exact=True).click(modifiers=["Alt"])
    page.wait_for_url(f"**{LIST}")
    page.get_by_text("树形查看").first.click()
    page.wait_for_url("**/g/words/**")
    page.get_by_label("中文").first.fill("按树查看")
    page.get_by_role("button", name="收进草稿并查看差别").click()
    page.get_by_role("button", name="发布").click()
    page.wait_for_url("**/g/permission-changes/*")
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
