"""Numbers by the day and the working calendar in Chromium: each task done and undone, as an administrator does it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from app.enums import Role
from tests.browser.chromium import DESKTOP, PHONE, follow
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


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
@pytest.mark.parametrize(
    ("key", "value", "before"), [("notice_days", "7", "5"), ("senior_cap_percent", "35", "40")]
)
def test_a_number_from_next_year_on_is_set_and_cancelled(
    new_hand: Any,
    accounts: dict[Role, str],
    size: tuple[int, int],
    key: str,
    value: str,
    before: str,
) -> None:
    hand = administrator(new_hand, accounts, size)
    screen = hand.screen
    answered(screen)
    hand.open("/g/parameters/")
    found = faults(hand, size[0])
    screen.locator(f'a[href$="/g/parameters/{key}"]').first.click()
    screen.get_by_label("新值").fill(value)
    screen.locator("[name=valid_from]").fill(NEXT_YEAR)
    screen.get_by_label("文号或备注").fill("湘人社发〔2026〕88号")
    screen.get_by_role("button", name="查看影响").click()
    screen.get_by_role("button", name="保存").wait_for()
    touched = screen.get_by_role("main").inner_text()
    found += faults(hand, size[0])

    saved = pressed(screen, "保存")
    found += faults(hand, size[0])
    cancelled = pressed(screen, "取消")

    assert "保持不变" in touched
    assert f"自 {NEXT_YEAR} 起为 {value}" in saved
    assert f"仍为 {before}" in cancelled
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
