"""Rights changed in Chromium without restart, and undone: an own role, a right taken, a question answered."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Locator

from app.enums import ApplicationState, Role
from app.extensions import db
from tests.browser.chromium import PHONE, ChromiumHand
from tests.browser.measure import Measure, task
from tests.journeys.hands import Found
from tests.support import factories, signing

MENUS = "() => [...document.querySelectorAll('.side li a')].map(one => one.innerText.replace(/\\s+/g, ' ').trim())"
EXPORT = "ApplicationQueryView:can_export:unit"


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

    def may_export(self) -> bool:
        """Return whether the clerk may export a list at the next request."""
        self.clerk.open("/g/1.1.4/")
        return "导出" in self.clerk.text

    def menus(self) -> list[str]:
        """Return the menus of the clerk at the next request."""
        self.clerk.open("/")
        return list(self.clerk.screen.evaluate(MENUS))

    def box(self, cell: str) -> Locator:
        """Return a tick of the matrix that is open, with its chapter laid open."""
        box = self.administrator.screen.locator(f'input[name="cell"][value="{cell}"]')
        if not box.is_visible():
            box.locator("xpath=ancestor::details/summary").click()
        return box

    def show(self, words: str, role: str) -> None:
        """Go from the start page to a part of the matrix."""
        self.administrator.go("菜单权限")
        self.administrator.fill({"q": words, "role": role})
        self.administrator.press("查询")

    def publish(self) -> str:
        """Publish the ticks of the matrix; return the address of the set."""
        self.administrator.press("收进草稿并查看差别")
        self.administrator.press("发布")
        return self.administrator.path

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


@task("make-an-own-role", 15)
def test_own_role_with_two_menus_is_made_given_and_taken_back(
    scene: Scene, measured: Measure
) -> None:
    hand, whole = scene.administrator, scene.menus()
    with measured(hand):
        hand.go("自定义角色")
        hand.press("新增")
        hand.fill(
            {
                "name": "单位查询员",
                "name_en": "Unit viewer",
                "base": "用人单位经办",
                "start": "empty",
            }
        )
        hand.picture(
            "make-an-own-role", "main form .card", pressed=hand.screen.locator("[name=base]")
        )
        hand.press("保存")
        hand.press("勾选菜单和按钮")
        for menu in ("UnitReportView", "ApplicationQueryView"):
            scene.box(f"{menu}:can_list:own:unit-viewer").click()
        published = scene.publish()

        hand.go("岗位身份")
        hand.fill({"q.any": scene.username})
        hand.press("查询")
        row = hand.screen.locator("tbody tr").filter(has_text="桃源县桃溪中学")
        hand.follow(row.get_by_role("link", name="更换自定义角色"))
        hand.fill({"own_role": "单位查询员"})
        hand.picture(
            "make-an-own-role-2",
            ".title",
            "main form .card",
            pressed=hand.screen.locator("[name=own_role]"),
        )
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


@task("take-a-button-from-a-role", 6)
def test_export_is_taken_from_a_role_and_given_back(scene: Scene, measured: Measure) -> None:
    hand, before = scene.administrator, scene.may_export()
    with measured(hand):
        scene.show("1.1.4", "用人单位经办")
        scene.box(EXPORT).click()
        hand.picture(
            "take-a-button-from-a-role",
            "details.rights",
            pressed=scene.box(EXPORT).locator("xpath=ancestor::td"),
        )
        scene.publish()
    taken = scene.may_export()
    scene.undo()

    assert (before, taken, scene.may_export()) == (True, False, True)


@task("restore-the-rights-of-a-role", 7)
def test_rights_of_a_role_are_restored(scene: Scene, measured: Measure) -> None:
    hand = scene.administrator
    scene.show("1.1", "用人单位经办")
    ticks = (EXPORT, "UnitReportView:can_list:unit")
    for tick in ticks:
        scene.box(tick).click()
    scene.publish()
    changed = (scene.may_export(), len(scene.menus()))
    with measured(hand):
        scene.show("", "用人单位经办")
        restore = hand.screen.get_by_role("button", name="恢复默认（本页所示）")
        hand.picture(
            "restore-the-rights-of-a-role", "main form.card", "main form .bar", pressed=restore
        )
        hand.press("恢复默认（本页所示）")
        hand.follow(".draft-bar a")
        assert [one.inner_text() for one in hand.screen.locator("main table ins").all()] == [
            "允许",
            "允许",
        ]
        hand.press("发布")
    restored = (scene.may_export(), len(scene.menus()))
    scene.undo()

    assert restored == (True, changed[1] + 1)
    assert (scene.may_export(), len(scene.menus())) == changed


def test_export_is_taken_after_it_was_seen_without(scene: Scene) -> None:
    hand = scene.administrator
    scene.show("1.1.4", "用人单位经办")
    scene.box(EXPORT).click()
    hand.press("收进草稿并查看差别")
    hand.press("预览")
    hand.open("/g/1.1.4/")
    previewed = hand.text
    hand.follow(".view-bar button")
    not_yet = scene.may_export()
    hand.press("发布")
    taken = scene.may_export()
    scene.undo()

    assert "示例数据" in previewed
    assert scene.number not in previewed
    assert ("导出" in previewed, not_yet, taken, scene.may_export()) == (False, True, False, True)


@task("why-not", 5)
def test_why_a_clerk_cannot_report_a_case_is_answered(scene: Scene, measured: Measure) -> None:
    hand = scene.administrator
    with measured(hand):
        hand.go("能否办理查询")
        hand.fill(
            {
                "account": Found(scene.username),
                "right": "1.1.2 单位推荐上报 · 上报",
                "record": scene.number,
            }
        )
        hand.press("查询原因")
        hand.picture(
            "why-not",
            "main form .card",
            "#answers",
            pressed=hand.screen.locator("#answers .tag.stop"),
            tall=560,
        )

    assert "不能" in hand.text
    assert "此操作只在以下状态办理" in hand.text
    assert scene.name not in hand.text

    hand.press("以此身份查看")
    hand.press("开始")
    hand.picture("see-as-somebody", ".view-bar", pressed=hand.screen.locator(".view-bar button"))
    for width in (PHONE[0], 1366):
        hand.screen.set_viewport_size({"width": width, "height": 740})
        hand.open("/g/1.1.2/")
        assert "示例数据" in hand.text
        assert scene.name not in hand.text
