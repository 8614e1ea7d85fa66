"""Numbers by the day and the working calendar in Chromium: each task done and undone, as an administrator does it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from app.enums import Role
from app.ground import clock
from tests.browser.chromium import DESKTOP, PHONE, follow
from tests.browser.measure import Measure, task
from tests.browser.test_hall_pages import findings, sign_in
from tests.support.holiday_notices import NOTICES

YEAR = "/g/work-calendar/draft/2027"
NEXT_YEAR = "2027-01-01"


def administrator(new_hand: Any, accounts: dict[Role, str], size: tuple[int, int]) -> Any:
    hand = new_hand(size)
    sign_in(hand, accounts[Role.SYSADMIN])
    return hand


def faults(hand: Any, width: int) -> list[str]:
    wide = hand.screen.evaluate("document.scrollingElement.scrollWidth")
    return [*findings(hand.screen), *([f"{wide} px wide"] if wide > width else [])]


def answered(screen: Page) -> None:
    screen.on("dialog", lambda dialog: dialog.accept())


def pressed(screen: Page, label: str) -> str:
    with screen.expect_navigation(wait_until="load"):
        screen.get_by_role("main").get_by_role("button", name=label, exact=True).first.click()
        confirm(screen)
    return screen.locator(".note.ok").first.inner_text()


def confirm(screen: Page) -> None:
    """Agree where the page asks in a dialog of its own."""
    dialog = screen.locator("dialog[open] .btn.go, dialog[open] button.go")
    if dialog.count():
        dialog.first.click()


@pytest.mark.parametrize(
    ("key", "value", "before", "picture"),
    [
        pytest.param("notice_days", "7", "5", "notice-days", marks=task("notice-days", 5)),
        pytest.param("senior_cap_percent", "35", "40", "pass-cap", marks=task("pass-cap", 5)),
    ],
)
def test_a_number_from_next_month_on_is_set_and_cancelled(
    new_hand: Any,
    accounts: dict[Role, str],
    measured: Measure,
    key: str,
    value: str,
    before: str,
    picture: str,
) -> None:
    hand = administrator(new_hand, accounts, DESKTOP)
    screen, today = hand.screen, clock.local_date(clock.now())
    begins = (today.replace(day=1) + timedelta(days=32)).replace(day=1).isoformat()
    with measured(hand):
        hand.go("参数设置")
        hand.follow(f'a[href$="/g/parameters/{key}"]')
        hand.fill({"value": value, "valid_from": begins, "remark": "湘人社发〔2026〕88号"})
        hand.picture(
            picture, "main form .card", pressed=screen.get_by_role("button", name="查看影响")
        )
        hand.press("查看影响")
        touched = hand.text
        hand.press("保存")
    saved = screen.locator(".note.ok").first.inner_text()
    hand.press("取消")

    assert "保持不变" in touched
    assert f"自 {begins} 起为 {value}" in saved
    assert f"仍为 {before}" in screen.locator(".note.ok").first.inner_text()


def test_pages_of_a_number_read_well_on_a_phone(new_hand: Any, accounts: dict[Role, str]) -> None:
    hand = administrator(new_hand, accounts, PHONE)
    screen = hand.screen
    answered(screen)
    hand.open("/g/parameters/")
    found = faults(hand, PHONE[0])
    screen.locator('a[href$="/g/parameters/notice_days"]').first.click()
    screen.get_by_label("新值").fill("7")
    screen.locator("[name=valid_from]").fill(NEXT_YEAR)
    screen.get_by_role("button", name="查看影响").click()
    screen.get_by_role("button", name="保存").wait_for()
    found += faults(hand, PHONE[0])

    saved = pressed(screen, "保存")
    found += faults(hand, PHONE[0])

    assert f"自 {NEXT_YEAR} 起为 7" in saved
    assert not found, "\n".join(found)


def test_a_number_changed_at_once_is_undone_with_one_press(
    new_hand: Any, accounts: dict[Role, str]
) -> None:
    hand = administrator(new_hand, accounts, DESKTOP)
    screen = hand.screen
    answered(screen)
    hand.open("/g/parameters/objection_days")
    screen.get_by_label("新值").fill("9")
    screen.get_by_role("button", name="查看影响").click()

    saved = pressed(screen, "保存")
    undone = pressed(screen, "撤销")

    assert "现为 9，原为 5" in saved
    assert "恢复为 5" in undone


@task("next-years-calendar", 6)
def test_next_years_calendar_is_pasted_published_and_undone(
    new_hand: Any, accounts: dict[Role, str], measured: Measure
) -> None:
    hand = administrator(new_hand, accounts, DESKTOP)
    with measured(hand):
        hand.go("工作日历")
        hand.press("导入年度安排")
        hand.fill({"text": NOTICES[2027]})
        hand.press("显示年历")
        hand.picture("next-years-calendar", ".title", "main .card", tall=560)
        hand.press("发布")
    published = hand.screen.locator(".note.ok").first.inner_text()
    hand.press("撤销 2027")

    written = re.search(r"2027 年已发布，写入 (\d+) 天", published)
    assert written is not None
    assert f"{written[1]} 天恢复原样" in hand.screen.locator(".note.ok").first.inner_text()


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_next_years_calendar_is_pasted_corrected_published_and_undone(
    new_hand: Any, accounts: dict[Role, str], size: tuple[int, int]
) -> None:
    hand = administrator(new_hand, accounts, size)
    screen = hand.screen
    answered(screen)
    hand.open("/g/work-calendar/")
    found = faults(hand, size[0])
    screen.get_by_role("link", name="导入年度安排").click()
    screen.locator("[name=text]").fill(NOTICES[2027])
    read = pressed(screen, "显示年历")
    found += faults(hand, size[0])
    follow(screen, screen.locator('button[value="2027-02-13"]'))
    turned = screen.locator('button[value="2027-02-13"]').inner_text()

    published = pressed(screen, "发布")
    found += faults(hand, size[0])
    undone = pressed(screen, "撤销 2027")

    assert "放假 28 天，调休上班 5 天" in read
    assert "班" in turned
    written = re.search(r"2027 年已发布，写入 (\d+) 天", published)
    assert written is not None
    assert f"{written[1]} 天恢复原样" in undone
    assert not found, "\n".join(found)
