"""The office runs the online meeting from its page alone, from the agreed plan to the confirmed result.

`PAGES` is how many pages both clerks of the office open for it, eleven of them the page itself when they come to it anew.
Through the menus the same course takes `MENU_PAGES`: for each act the list of its menu, the form behind its button and
the list again, as the guide has it (counted in `journeys/online_meeting.py`, with what the others do there instead).
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Browser

from app.enums import PlanState
from app.extensions import db
from app.models import Plan
from tests.browser.chromium import DESKTOP, ChromiumHand
from tests.journeys import online_meeting, stage
from tests.journeys.hands import PaperHand
from tests.journeys.online_meeting import Cast, Room
from tests.journeys.stage import Somebody, World

COURSE, SEATS = "s-course", "s-sign_ins"
PAGES, MENU_PAGES = 53, 61
DEEPEST = 2
"""Presses start on the meeting's page, one behind it, or on the form of an act on rows ticked there."""


class Desk:
    """A clerk of the office at the meeting's page: follows its links, notes how far from it each press starts."""

    def __init__(self, who: Somebody, hand: ChromiumHand, plan_id: int) -> None:
        self.who, self.hand = Somebody(who.username, hand), hand
        self.page = f"/g/meeting/{plan_id}"
        self.depths = {self.page: 0}
        self.pages = self.deepest = 0

    def come(self) -> None:
        """Sign in at the beginning of a day, or look at the page anew."""
        self.who.go(self.page)
        self.pages += 1

    def press(self, label: str, within: str = "") -> None:
        self._note(lambda: self.hand.press(label, within=within))

    def press_at(self, name: str, label: str) -> None:
        """Press a link in the row of a judge."""
        row = self.hand.screen.locator(f"#{SEATS} tr", has_text=name)
        self._note(lambda: self._click(row.get_by_role("link", name=label, exact=True)))

    def do(self, label: str, button: str, within: str = COURSE, **answers: Any) -> None:
        """Press a button of the page, answer the form behind it, press there; this leads back to the page."""
        self.press(label, within)
        if answers:
            self.hand.fill(answers)
        self.press(button)
        self.is_back()

    def freeze(self) -> None:
        """Freeze the round although sheets are missing, about which the form asks."""
        self._note(lambda: online_meeting.freeze(self.hand))
        self.pages += 1
        self.is_back()

    def act_on(self, rows: list[str], button: str) -> None:
        """Tick rows of a list behind the page, or all, and act on them."""
        if rows:
            self.hand.tick_rows(rows)
        else:
            self.hand.screen.locator("[data-tick-all]").check()
        self.press(button)
        self.press(button)

    def is_back(self) -> None:
        assert self._path() == self.page, self.hand.text[:600]

    def _note(self, press: Any) -> None:
        depth = self.depths[self._path()]
        self.deepest = max(self.deepest, depth)
        press()
        self.pages += 1
        self.depths.setdefault(self._path(), depth + 1)

    def _path(self) -> str:
        return urlsplit(self.hand.path).path.rstrip("/")

    def _click(self, link: Any) -> None:
        self.hand.follow(link)


@pytest.fixture
def world(app: Flask, address: str) -> Iterator[World]:
    with time_machine.travel(stage.moment(stage.BEGIN), tick=True) as traveller:
        yield World(
            new_hand=lambda: PaperHand(app.test_client()),
            new_extra=lambda: PaperHand(app.test_client()),
            clock=traveller,
            run_due=lambda: stage.run_due(app),
            is_thorough=False,
        )


@pytest.fixture
def hands(chromium: Browser, address: str) -> Iterator[list[ChromiumHand]]:
    """The screens of two clerks; everybody else reads the markup."""
    both = [ChromiumHand(chromium, address, DESKTOP) for _clerk in range(2)]
    yield both
    for hand in both:
        hand.close()


def test_an_office_runs_the_meeting_from_its_page(world: World, hands: list[ChromiumHand]) -> None:
    cast = Cast(world)
    online_meeting.plan(cast)
    key = online_meeting.plan_id()
    office, second = Desk(cast.office, hands[0], key), Desk(cast.second, hands[1], key)

    plan_interviews(office)
    room = draw_judges(world, cast, office)
    hold_interviews(world, office, room)
    online_meeting.judge(world, cast, room)
    take_codes(cast, office, room)
    hold_round(office, room, online_meeting.first_letters)
    hold_round(office, room, online_meeting.second_letters)
    conclude(cast, office, second, room)

    plan = db.session.get_one(Plan, key)
    assert plan.state is PlanState.CONCLUDED
    assert stage.states() == online_meeting.END
    assert max(office.deepest, second.deepest) <= DEEPEST
    assert office.pages + second.pages == PAGES


def plan_interviews(office: Desk) -> None:
    """Slots are generated and all notices sent."""
    office.come()
    office.do(
        "生成", "生成", rooms="第一答辩室\n第二答辩室", first=online_meeting.MEETING.isoformat(),
        begins="09:00", ends="17:30", minutes="10", pause="0", is_sure=True,
    )  # fmt: skip
    office.press("发送", COURSE)
    office.act_on([], "发送")
    office.press("返回会议")
    office.is_back()


def draw_judges(world: World, cast: Cast, office: Desk) -> Room:
    """The office freezes the pool and holds its part of the draw; judges answer; it appoints the chair."""
    world.until(online_meeting.DRAW_DAY, 10)
    office.come()
    office.do("冻结专家库", "冻结专家库")
    for label in ("承诺", "揭示"):
        office.come()
        office.do(label, label)
        online_meeting.press_draw(cast.supervisor, label)
    room = online_meeting.take_seats(world, cast)
    office.come()
    office.press_at(room.seats[0].name, "任命")
    office.hand.fill({"role": "chair"})
    office.press("任命")
    office.is_back()
    return room


def hold_interviews(world: World, office: Desk, room: Room) -> None:
    """One candidate does not come, the others are heard."""
    online_meeting.attend(world, room)
    missing, *heard = reversed([one.name for one in online_meeting.cases()])
    world.until(online_meeting.MEETING, 17, 40)
    office.come()
    office.press("待登记是否到场", COURSE)
    office.act_on([missing], "缺席")
    office.act_on(heard, "已答辩")
    office.press("返回会议")


def take_codes(cast: Cast, office: Desk, room: Room) -> None:
    office.come()
    office.press("领取开箱码", COURSE)
    office.press("领取")
    room.codes["office"] = online_meeting.code_on(office.hand)
    office.press("我已抄下")
    office.is_back()
    for name, who in (("chair", room.chair), ("supervisor", cast.supervisor)):
        online_meeting.take_code(room, name, who)


def hold_round(office: Desk, room: Room, letters: Any) -> None:
    """The office freezes the round and, when it is closed, opens the box together with the chair."""
    office.come()
    office.press("冻结本轮", COURSE)
    office.freeze()
    key = online_meeting.vote(room, letters)
    office.come()
    office.do("开箱", "开箱", code=room.codes["office"])
    online_meeting.press_round(room.chair, key, "release", "开箱", code=room.codes["chair"])
    online_meeting.counted(key)


def conclude(cast: Cast, office: Desk, second: Desk, room: Room) -> None:
    """The office computes and minutes, chair and supervisor sign, a second clerk confirms."""
    office.come()
    office.do("汇总结果", "汇总结果")
    office.do("填写会议纪要", "会议纪要", minutes=online_meeting.MINUTES)
    online_meeting.sign(cast, room)
    second.come()
    second.do("复核", "复核", decision="confirm")
    second.press("结果与打印")
    assert second.hand.download("打印评审结果表").startswith(b"%PDF")
