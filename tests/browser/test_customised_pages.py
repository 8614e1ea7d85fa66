"""Pages of menus changed in Chromium without restart, by who administers the system, and undone at the end."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Locator

from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from tests.browser.chromium import ChromiumHand
from tests.browser.measure import Measure, task
from tests.support import factories, signing
from tests.support.dossier_lists import TITLE, declare

PAGE = "/g/screens/ApplicationQueryView"
LIST = "/g/1.1.4/"
HEADINGS = "() => [...document.querySelectorAll('th[data-key]')].map(one => one.innerText.replace(/[↑↓]/g, '').trim())"
CHARTS = (
    "() => [...document.querySelectorAll('main svg title[id^=t-]')].map(one => one.id.slice(2))"
)
MENU = """() => [...document.querySelectorAll('.side details')].map(one =>
    [one.dataset.chapter, [...one.querySelectorAll('li a span:last-of-type')].map(x => x.textContent)])"""


@dataclass(frozen=True)
class Scene:
    """A system administrator and a clerk with a case, each at a browser of the own."""

    administrator: ChromiumHand
    clerk: ChromiumHand

    def headings(self) -> list[str]:
        """Return the headings of the clerk's list at the next request."""
        self.clerk.open(LIST)
        return list(self.clerk.screen.evaluate(HEADINGS))

    def charts(self) -> list[str]:
        """Return the names of the charts of the clerk's start page at the next request."""
        self.clerk.open("/")
        return list(self.clerk.screen.evaluate(CHARTS))

    def open(self, menu: str) -> None:
        """Go from the start page to what of a menu can be changed."""
        self.administrator.go("页面定制")
        listed = self.administrator.screen.get_by_role("main")
        self.administrator.follow(listed.get_by_role("link", name=menu, exact=True))

    def publish(self) -> str:
        """Collect the page that is open, publish the draft; return the address of the set."""
        self.administrator.press("收进草稿")
        self.administrator.follow(".draft-bar a")
        self.administrator.press("发布")
        return self.administrator.path

    def undo(self, published: str) -> None:
        """Take back a set."""
        self.administrator.open(published)
        self.administrator.press("撤销")
        self.administrator.press("撤销")


@pytest.fixture
def scene(app: Flask, new_hand: Any) -> Scene:
    unit = factories.unit("桃源县桃溪中学")
    clerk = factories.position(Role.UNIT, unit=unit)
    administrator = factories.position(Role.SYSADMIN, user=factories.user("周全"))
    factories.application(ApplicationState.AT_UNIT, unit=unit)
    for one in (clerk, administrator):
        signing.give_password(one.user)
    names = administrator.user.username, clerk.user.username
    db.session.commit()
    hands = [new_hand(), new_hand()]
    for hand, name in zip(hands, names, strict=True):
        hand.sign_in(name)
    return Scene(*hands)


def field(hand: ChromiumHand, key: str) -> Locator:
    return hand.screen.locator(f'[name="v:{key}"]').first


def part(hand: ChromiumHand, key: str) -> Locator:
    """Return the card in which a field stands."""
    return hand.screen.locator("section.card").filter(has=field(hand, key))


@task("rename-a-column", 6)
def test_column_is_renamed_seen_before_and_brought_back(scene: Scene, measured: Measure) -> None:
    hand, before = scene.administrator, scene.headings()
    with measured(hand):
        scene.open("1.1.4 申报人员信息查询")
        field(hand, "column:number").fill("受理编号")
        hand.picture(
            "rename-a-column",
            part(hand, "column:number"),
            pressed=field(hand, "column:number"),
            tall=260,
        )
        hand.press("收进草稿")
        assert "受理编号" in hand.screen.locator("#sample").inner_text()
        assert scene.headings() == before
        hand.picture(
            "rename-a-column-2",
            ".draft-bar",
            "#sample",
            pressed=hand.screen.locator(".draft-bar a"),
        )
        hand.follow(".draft-bar a")
        hand.press("发布")
    published = hand.path

    assert scene.headings() == ["受理编号", *before[1:]]
    scene.undo(published)
    assert scene.headings() == before


def test_columns_change_places_by_the_arrows(scene: Scene) -> None:
    hand, before = scene.administrator, scene.headings()
    hand.open(PAGE)
    line = hand.screen.locator("li[data-line]").filter(has=hand.screen.locator('[name="v:columns"][value="name"]'))  # fmt: skip
    line.locator('[data-move="-1"]').click()
    published = scene.publish()

    assert scene.headings() == [before[1], before[0], *before[2:]]
    scene.undo(published)
    assert scene.headings() == before


@task("sort-a-list", 7)
def test_list_opens_sorted_as_set(scene: Scene, measured: Measure) -> None:
    hand = scene.administrator
    with measured(hand):
        scene.open("1.1.4 申报人员信息查询")
        field(hand, "sort").select_option("number asc")
        hand.picture("sort-a-list", part(hand, "sort"), pressed=field(hand, "sort"))
        published = scene.publish()

    scene.clerk.open(LIST)
    sorted_by = scene.clerk.screen.locator("th[aria-sort]")
    assert sorted_by.get_attribute("data-key") == "number"
    assert sorted_by.get_attribute("aria-sort") == "ascending"
    scene.undo(published)
    scene.clerk.open(LIST)
    assert scene.clerk.screen.locator('th[data-key="number"][aria-sort]').count() == 0


@task("move-a-menu", 7)
def test_menu_moves_to_another_chapter_and_back(scene: Scene, measured: Measure) -> None:
    hand = scene.administrator
    scene.clerk.open("/")
    before = scene.clerk.screen.evaluate(MENU)
    with measured(hand):
        scene.open("1.1.4 申报人员信息查询")
        field(hand, "chapter").select_option("1.5")
        field(hand, "place").fill("1")
        field(hand, "label").fill("全部申报")
        hand.picture("move-a-menu", part(hand, "chapter"), pressed=field(hand, "chapter"))
        published = scene.publish()

    scene.clerk.open("/")
    moved = dict(scene.clerk.screen.evaluate(MENU))
    assert moved["1.5"][0].strip() == "全部申报"
    assert not any("申报人员信息查询" in name for names in moved.values() for name in names)
    scene.undo(published)
    scene.clerk.open("/")
    assert scene.clerk.screen.evaluate(MENU) == before


@task("chart-on-the-home-page", 7)
def test_start_page_shows_one_more_chart(scene: Scene, measured: Measure) -> None:
    hand, before = scene.administrator, scene.charts()
    with measured(hand):
        scene.open("统计")
        more = hand.screen.locator('[name="v:home"][value="series"]')
        more.check()
        hand.picture("chart-on-the-home-page", part(hand, "home"), pressed=more)
        published = scene.publish()

    assert scene.charts() == [*before, "series"]
    scene.clerk.picture("chart-on-the-home-page-2", ".halves")
    scene.undo(published)
    assert scene.charts() == before


@task("undo-changes", 8)
def test_last_three_changes_are_undone_newest_first(scene: Scene, measured: Measure) -> None:
    hand, before, sets = scene.administrator, scene.headings(), []
    for word in ("一号", "二号", "三号"):
        hand.open(PAGE)
        field(hand, "column:number").fill(word)
        sets.append(scene.publish())
        assert scene.headings()[0] == word

    hand.open(sets[0])
    hand.press("撤销")
    assert "请先撤销" in hand.text
    with measured(hand):
        hand.go("变更记录")
        undo = hand.screen.locator("td.acts").get_by_role("link", name="撤销")
        hand.picture("undo-changes", "form#rows", pressed=undo.first)
        for _newest_first in sets:
            hand.follow(undo.first)
            hand.press("撤销")
    assert scene.headings() == before


@task("schedule-a-change", 10)
def test_change_is_scheduled_and_cancelled(scene: Scene, measured: Measure) -> None:
    hand, before = scene.administrator, scene.headings()
    tomorrow = clock.local_date(clock.now()) + timedelta(days=1)
    with measured(hand):
        scene.open("1.1.4 申报人员信息查询")
        field(hand, "column:number").fill("受理编号")
        hand.press("收进草稿")
        hand.follow(".draft-bar a")
        hand.fill({"effective_from": tomorrow.isoformat()})
        hand.picture(
            "schedule-a-change",
            "main form[data-guard]",
            pressed=hand.screen.locator("[name=effective_from]"),
        )
        hand.press("发布")
        assert f"{tomorrow}" in hand.text
        assert scene.headings() == before

        hand.picture(
            "schedule-a-change-2",
            ".title",
            "main .card",
            pressed=hand.screen.get_by_role("button", name="退回草稿"),
        )
        hand.press("退回草稿")
        hand.screen.get_by_role("button", name="放弃").first.click()
        hand.follow("#ask[open] button[value=yes]")
    assert scene.headings() == before
    assert hand.screen.locator(".draft-bar").count() == 0


def test_draft_is_looked_at_as_a_role_with_invented_rows(scene: Scene) -> None:
    hand = scene.administrator
    hand.open(PAGE)
    field(hand, "column:number").fill("受理编号")
    field(hand, "sort").select_option("number desc")
    hand.press("收进草稿")
    hand.follow(".draft-bar a")
    form = hand.screen.locator("form").filter(has=hand.screen.locator('select[name="role"]'))
    form.locator('select[name="role"]').select_option("unit")
    hand.follow(form.locator("button"))

    hand.open(LIST)
    rows = hand.screen.locator("table.list tbody tr")
    assert hand.screen.evaluate(HEADINGS)[0] == "受理编号"
    assert "示例数据" in hand.text
    assert [one.split()[0] for one in rows.all_inner_texts()] == ["示例3", "示例2", "示例1"]
    assert hand.screen.locator("table.list tbody a[href]").count() == 0
    rows.first.locator(".acts a").first.click(force=True)
    assert hand.path == LIST

    hand.follow(hand.screen.get_by_role("button", name="退出", exact=True).first)
    assert scene.headings()[0] != "受理编号"


def test_list_opens_sorted_by_a_field_of_the_dossier(scene: Scene) -> None:
    hand = scene.administrator
    declare(TITLE)
    db.session.commit()
    hand.open(PAGE)
    assert "论文题目，升序" in hand.screen.locator('[name="v:sort"]').inner_text()
    field(hand, "sort").select_option(f"d.{TITLE} desc")
    published = scene.publish()

    scene.clerk.open(LIST)
    sorted_by = scene.clerk.screen.locator("th[aria-sort]")
    assert sorted_by.get_attribute("data-key") == f"d.{TITLE}"
    hand.open("/g/dossier-columns/?q=论文题目")
    hand.screen.get_by_label("论文 · 论文题目").first.select_option(label="不作列")
    hand.press("收进草稿")
    assert "请先在页面定制中为该页面另选排序" in hand.text
    scene.undo(published)
