"""The banner of a rehearsal in Chromium: on every page, in both sizes, also on paper, with colours that can be read."""

from typing import Any

import pytest
from flask import Flask

from app.enums import Role
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.test_hall_pages import findings

BANNER = "演练环境 · 使用本年度配置和虚构人员 · 数据随时清除"


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_banner_stands_on_every_page_and_axe_finds_nothing_serious(
    app: Flask, new_hand: Any, accounts: dict[Role, str], size: tuple[int, int]
) -> None:
    app.config["REHEARSAL"] = True
    hand = new_hand(size)
    page = hand.screen
    seen = []

    hand.open("/login/")
    seen.append(page.locator(".rehearsal").inner_text())
    hand.sign_in(accounts[Role.OFFICE])
    for path in ("/", "/g/1.2.1/", "/nowhere"):
        hand.open(path)
        seen.append(page.locator(".rehearsal").inner_text())
        assert not findings(page)
        assert page.title().startswith("【演练】")
        assert page.evaluate("document.scrollingElement.scrollWidth") <= size[0]
    page.emulate_media(media="print")

    assert seen == [BANNER] * 4
    assert page.locator(".rehearsal").is_visible()
    assert page.locator(".demo").count() == 0
