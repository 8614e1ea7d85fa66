"""Rights changed in Chromium without restart, and undone: an own role, a right taken, a question answered."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app.enums import ApplicationState, Role
from app.extensions import db
from tests.browser.chromium import PHONE, ChromiumHand
from tests.journeys.hands import Found
from tests.support import factories, signing

MENUS = "() => [...document.querySelectorAll('.side li a')].map(one => one.innerText.replace(/\\s+/g, ' ').trim())"
FOLD = "node => { node.closest('details').open = true; }"


@dataclass(frozen=True)
class Scene:
    """A security administrator at work, a clerk's position, and a case that is not yet to be reported.

    Plain values: a test that reads from the database would keep the program from writing.
    """

    administrator: ChromiumHand
    clerk: ChromiumHand
    position: int
    username: str
    number: str
    name: str

    def menus(self) -> list[str]:
        """Return the menus of the clerk at the next request."""
        self.clerk.open("/")
        return list(self.clerk.screen.evaluate(MENUS))

    def toggle(self, *cells: str) -> None:
        """Press ticks of the matrix that is open, and publish them."""
        for cell in cells:
            box = self.administrator.screen.locator(f'input[name="cell"][value="{cell}"]')
            box.evaluate(FOLD)
            box.click()
        self.administrator.press("收进草稿并查看差别")
        self.administrator.press("发布")

    def undo(self) -> None:
        """Take back the set that was published last; its page is open."""
        self.administrator.press("撤销")
        self.administrator.press("撤销")


@pytest.fixture
def scene(app: Flask, new_hand: Any) -> Scene:
    unit = factories.unit("桃源县桃溪中学")
    position = factories.position(Role.UNIT, unit=unit)
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    administrator = factories.position(Role.SECADMIN, user=factories.user("周安"))
    for one in (position, administrator):
        signing.give_password(one.user)
    names = administrator.user.username, position.user.username
    facts = position.id, names[1], case.number, case.person.name
    db.session.commit()
    hands = [new_hand(), new_hand()]
    for hand, name in zip(hands, names, strict=True):
        hand.sign_in(name)
    return Scene(*hands, *facts)


def test_own_role_with_two_menus_is_made_given_and_taken_back(scene: Scene) -> None:
    hand, whole = scene.administrator, scene.menus()
    hand.open("/g/own-roles/add")
    hand.fill(
        {"name": "单位查询员", "name_en": "Unit viewer", "base": "用人单位经办", "start": "empty"}
    )
    hand.press("保存")
    hand.press("勾选菜单和按钮")
    own = "can_list:own:unit-viewer"
    scene.toggle(f"UnitReportView:{own}", f"ApplicationQueryView:{own}")
    published = hand.path

    hand.open(f"/g/positions/{scene.position}")
    hand.press("更换自定义角色")
    hand.fill({"own_role": "单位查询员"})
    hand.press("更换自定义角色")

    assert len(whole) > 2
    assert scene.menus() == ["1.1.2 单位推荐上报", "1.1.4 申报人员信息查询"]
    assert "单位查询员" in scene.clerk.screen.locator(".pill.me").inner_text()

    hand.open(f"/g/positions/{scene.position}/own-role")
    hand.fill({"own_role": ""})
    hand.press("更换自定义角色")
    hand.open(published)
    scene.undo()

    assert scene.menus() == whole
    assert "已撤销" in hand.text


def test_export_is_taken_from_a_role_seen_before_and_given_back(scene: Scene) -> None:
    hand, clerk = scene.administrator, scene.clerk
    clerk.open("/g/1.1.4/")
    assert "导出" in clerk.text
    hand.open("/g/permissions/?role=unit&q=1.1.4")
    box = hand.screen.locator('input[name="cell"][value="ApplicationQueryView:can_export:unit"]')
    box.click()
    hand.press("收进草稿并查看差别")
    hand.press("预览")
    hand.open("/g/1.1.4/")
    previewed = hand.text
    hand.follow(".view-bar button")
    clerk.open("/g/1.1.4/")
    not_yet = clerk.text
    hand.press("发布")
    clerk.open("/g/1.1.4/")
    taken = clerk.text
    scene.undo()
    clerk.open("/g/1.1.4/")

    assert "列表不显示记录" in previewed
    assert scene.number not in previewed
    assert ["导出" in text for text in (previewed, not_yet, taken, clerk.text)] == [
        False, True, False, True,
    ]  # fmt: skip


def test_why_a_clerk_cannot_report_a_case_is_answered(scene: Scene) -> None:
    hand = scene.administrator
    hand.open("/g/permissions-why/")
    hand.fill(
        {
            "account": Found(scene.username),
            "right": "1.1.2 单位推荐上报 · 上报",
            "record": scene.number,
        }
    )
    hand.press("查询原因")

    assert "不能" in hand.text
    assert "此操作只在以下状态办理" in hand.text
    assert scene.name not in hand.text

    hand.press("以此身份查看")
    hand.press("开始")
    for width in (PHONE[0], 1366):
        hand.screen.set_viewport_size({"width": width, "height": 740})
        hand.open("/g/1.1.2/")
        assert "列表不显示记录" in hand.text
        assert scene.name not in hand.text
