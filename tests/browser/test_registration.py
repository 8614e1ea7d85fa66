"""Registration with two screens: the desk shows the QR code, the phone fills in the form, the desk is signed in by itself."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Browser

from app.extensions import db
from app.ground import clock
from app.models import Person, Ticket
from tests.browser.chromium import DESKTOP, PHONE, ChromiumHand

PASSWORD = "Correct-horse-9"
AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
TYPED = {
    "name": "向若溪",
    "id_number": "43009919920101105x",
    "phone": "13800000000",
    "password": PASSWORD,
    "again": PASSWORD,
    "consent": True,
}


@pytest.fixture
def hands(address: str, chromium: Browser) -> Iterator[tuple[ChromiumHand, ChromiumHand]]:
    both = (
        ChromiumHand(chromium, address, DESKTOP),
        ChromiumHand(chromium, address, PHONE, AGENT),
    )
    yield both
    for hand in both:
        hand.close()


def shows_code(desk: ChromiumHand) -> str:
    """Let the desk ask for a code and return the address in it."""
    desk.open("/login/")
    desk.press("注册新账号")
    desk.press("确定")
    return str(desk.screen.get_attribute(".address", "href"))


def let_in(desk: ChromiumHand, phone: ChromiumHand) -> None:
    """Enter the number that the desk shows on the phone that has registered."""
    number = desk.screen.inner_text(".check")
    phone.screen.fill("#number", number)
    phone.press("允许该网页登录")


def test_desk_is_signed_in_by_itself_when_the_phone_is_done(
    app: Flask, hands: tuple[ChromiumHand, ChromiumHand]
) -> None:
    desk, phone = hands
    address = shows_code(desk)

    phone.open(urlsplit(address).path)
    desk.screen.wait_for_selector("[data-say]:has-text('手机已打开')")
    assert not desk.screen.is_visible(".check")
    phone.fill(TYPED)
    phone.press("注册")
    desk.screen.wait_for_selector(".check")
    assert urlsplit(desk.screen.url).path == "/register/waiting"
    let_in(desk, phone)
    desk.screen.wait_for_url("**/me/")
    desk.watch.look_at(desk.screen)

    assert "向若溪" in desk.text
    assert "注册成功" in phone.text
    phone.press("继续")
    assert phone.path == "/m/"
    assert db.session.query(Person).one().id_number == "43009919920101105X"
    assert db.session.query(Ticket).one().used_at is not None


def test_desk_finishes_after_a_lost_connection(
    app: Flask, hands: tuple[ChromiumHand, ChromiumHand]
) -> None:
    desk, phone = hands
    address = shows_code(desk)
    desk.context.set_offline(True)
    desk.screen.wait_for_selector("[data-say]:has-text('网络暂时中断')")

    phone.open(urlsplit(address).path)
    phone.fill(TYPED)
    phone.press("注册")
    desk.context.set_offline(False)
    desk.screen.wait_for_selector(".check")
    let_in(desk, phone)

    desk.screen.wait_for_url("**/me/")


def test_code_counts_down_and_stops_when_it_expires(
    app: Flask, hands: tuple[ChromiumHand, ChromiumHand]
) -> None:
    desk, _phone = hands
    with time_machine.travel(clock.now(), tick=True) as traveller:
        first = shows_code(desk)
        assert desk.screen.inner_text("[data-countdown]")[:2] in ("5:", "4:")
        traveller.shift(timedelta(minutes=5))
        desk.screen.wait_for_selector("[data-over]:not([hidden])")
        assert not desk.screen.is_visible(".qr")
        desk.press("换一个二维码")

    assert desk.screen.get_attribute(".address", "href") != first
    assert desk.screen.is_visible(".qr")


def test_desk_without_scripts_presses_a_button(
    app: Flask, address: str, chromium: Browser, hands: tuple[ChromiumHand, ChromiumHand]
) -> None:
    phone = hands[1]
    context = chromium.new_context(base_url=address, java_script_enabled=False, locale="zh-CN")
    screen = context.new_page()
    screen.goto("/register/")
    screen.click("button:has-text('确定')")
    code = str(screen.get_attribute(".address", "href"))

    screen.click("text=我已在手机上完成")
    early = screen.inner_text("[role=alert]")
    phone.open(urlsplit(code).path)
    phone.fill(TYPED)
    phone.press("注册")
    screen.click("text=我已在手机上完成")
    phone.screen.fill("#number", screen.inner_text(".check"))
    phone.press("允许该网页登录")
    screen.click("text=我已在手机上完成")

    assert "尚未完成" in early
    assert urlsplit(screen.url).path == "/me/"
    context.close()


def test_form_on_a_phone_keeps_what_was_typed(
    app: Flask, hands: tuple[ChromiumHand, ChromiumHand]
) -> None:
    phone = hands[1]
    phone.open("/login/")
    phone.press("注册新账号")
    phone.press("确定")
    assert phone.path == "/r/"
    wrong: dict[str, Any] = TYPED | {"id_number": "430099199201011051"}

    phone.fill(wrong)
    phone.press("注册")

    assert "校验位不正确" in phone.text
    assert phone.screen.input_value("[name=name]") == "向若溪"
    assert phone.screen.input_value("[name=password]") == ""
