"""A clerk works a queue in Chromium by keys alone: presses per case, canned phrases, a case that is skipped."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app import engine
from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.models import Application, Unit, User
from tests.browser.chromium import DESKTOP, PHONE, ChromiumHand
from tests.browser.test_desk import COUNTS
from tests.browser.test_hall_pages import findings
from tests.support import factories, signing
from tests.support.pressing import EACH_CHECKED, LEADER

Open = Callable[..., Page]
CASES = 20
MOST_PRESSES = 26
"""Per case: one for each of its sections, a few for those taller than the screen, the decision, the press."""
QUEUE = "/g/1.1.1/check/"


@dataclass(frozen=True)
class Desk:
    """The unit of a clerk who has passed a case before, so that the person responsible is filled in."""

    unit: Unit
    username: str
    user_id: int


@pytest.fixture
def desk(app: Flask) -> Desk:
    factories.work_days()
    unit = factories.unit("桃源县桃溪中学")
    position = factories.position(Role.UNIT, unit=unit)
    signing.give_password(db.session.get_one(User, position.user_id))
    earlier = factories.application(ApplicationState.AT_UNIT, unit=unit)
    engine.fire(
        earlier,
        "check_pass",
        actor=factories.actor_of(position),
        at=clock.now(),
        details={**LEADER, **EACH_CHECKED},
    )
    return Desk(unit, position.user.username, position.user_id)


def arrive(desk: Desk, count: int) -> list[int]:
    """Let `count` cases arrive one after another; return their numbers in the order of the queue."""
    batch, now = factories.batch(), clock.now()
    made = [
        factories.application(
            ApplicationState.AT_UNIT,
            unit=desk.unit,
            batch=batch,
            held_since=now - timedelta(hours=count - place),
        )
        for place in range(count)
    ]
    keys = [one.id for one in made]
    db.session.commit()
    return keys


@pytest.fixture
def enter(new_hand: Any, desk: Desk) -> Open:
    """Sign the clerk in on a screen and open an address."""

    def open_at(address: str, **size: Any) -> Page:
        hand: ChromiumHand = new_hand(**size)
        hand.sign_in(desk.username)
        hand.open(address)
        return hand.screen

    return open_at


def states(keys: list[int]) -> list[ApplicationState]:
    db.session.rollback()
    found = dict(
        db.session.query(Application.id, Application.state).filter(Application.id.in_(keys)).all()
    )
    db.session.commit()
    return [found[key] for key in keys]


def tick_every_section(page: Page) -> None:
    unticked = page.locator(".check-line input[type=checkbox]:not(:checked)")
    while unticked.count():
        page.keyboard.press("s")


def test_twenty_cases_by_keys_alone(enter: Open, desk: Desk, capsys: Any) -> None:
    keys = arrive(desk, CASES)
    page = enter(QUEUE)
    page.context.add_init_script(f"({COUNTS})()")
    page.goto(f"{QUEUE}{keys[0]}")
    page.evaluate("sessionStorage.clear()")

    for key in keys:
        assert page.url.endswith(f"{QUEUE}{key}")
        tick_every_section(page)
        page.keyboard.press("a")
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")

    clicks, presses = page.evaluate(
        "['clicks', 'keys'].map(name => Number(sessionStorage.getItem(name) || 0))"
    )
    with capsys.disabled():
        print(f"\npresses per case of the unit's desk: {presses / CASES:.1f} keys, {clicks} clicks")
    assert states(keys) == [ApplicationState.CHECKED] * CASES
    assert clicks == 0
    assert presses <= CASES * MOST_PRESSES


def test_what_is_not_ticked_is_named_and_a_press_is_refused_at_the_desk(
    enter: Open, desk: Desk
) -> None:
    (key,) = arrive(desk, 1)
    page = enter(f"{QUEUE}{key}")
    line = page.locator("[data-unticked]")
    count = page.locator(".check-line input[type=checkbox]").count()

    expect(line).to_contain_text(f"未核对（{count}项）")
    page.keyboard.press("s")
    page.keyboard.press("s")
    expect(line.locator("a")).to_have_count(count - 1)
    page.keyboard.press("a")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    expect(page.locator("[data-summary]")).to_be_visible()
    expect(page.locator(".check-line input[type=checkbox]:checked")).to_have_count(1)
    assert states([key]) == [ApplicationState.AT_UNIT]


def test_phrases_are_inserted_by_keys_and_by_a_click(enter: Open, desk: Desk) -> None:
    (key,) = arrive(desk, 1)
    factories.phrase("请补充起止时间。", user_id=desk.user_id)
    factories.phrase("请重新扫描。", user_id=desk.user_id, order=1)
    db.session.commit()
    page = enter(f"{QUEUE}{key}")
    opinion, reason = page.locator("#opinion"), page.locator("input[name=checks-0-reason]")

    opinion.focus()
    page.keyboard.press("/")
    expect(page.locator("#phrases-list")).to_be_visible()
    page.keyboard.press("2")
    expect(opinion).to_have_value("请重新扫描。")
    page.keyboard.press("Alt+1")
    expect(opinion).to_have_value("请重新扫描。请补充起止时间。")
    reason.focus()
    page.keyboard.press("Alt+0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(reason).to_have_value("请重新扫描。")
    page.locator("#opinion + .phrases-open").click()
    page.locator("#phrases-list li", has_text="请补充起止时间。").click()
    expect(opinion).to_have_value("请重新扫描。请补充起止时间。请补充起止时间。")
    expect(page.locator("#phrases-list")).to_have_count(0)
    opinion.fill("")
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    page.keyboard.type("a/b")
    expect(opinion).to_have_value("a/b")


def test_skipped_case_stays_in_the_queue(enter: Open, desk: Desk) -> None:
    keys = arrive(desk, 3)
    page = enter(f"{QUEUE}{keys[0]}")

    with page.expect_navigation():
        page.keyboard.press("j")
    tick_every_section(page)
    page.keyboard.press("a")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    assert page.url.endswith(f"{QUEUE}{keys[2]}")
    assert states(keys) == [
        ApplicationState.AT_UNIT, ApplicationState.CHECKED, ApplicationState.AT_UNIT,
    ]  # fmt: skip


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_axe_finds_nothing_serious_while_phrases_are_open(
    enter: Open, desk: Desk, size: tuple[int, int]
) -> None:
    (key,) = arrive(desk, 1)
    page = enter(f"{QUEUE}{key}", size=size)

    page.locator("#opinion + .phrases-open").click()
    expect(page.locator("#phrases-list")).to_be_visible()
    faults = findings(page)
    page.goto("/g/own-phrases/")
    faults += findings(page)

    assert not faults, "\n".join(faults)
