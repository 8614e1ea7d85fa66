"""A ballot in Chromium: sealed in the page with HPKE, posted without a choice, opened and counted by the program."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.enums import KeyRole
from app.extensions import db
from app.models import Round
from app.services.voting import ballots
from tests.browser.chromium import ChromiumHand
from tests.support import meetings, signing

Room = tuple[Any, Any, Any, int]


@pytest.fixture
def room(app: Flask) -> Room:
    plan, judges, holders = meetings.ready()
    record = meetings.freeze(plan, holders[KeyRole.OFFICE][0])
    meetings.fire(record, "open", holders[KeyRole.CHAIR][0])
    db.session.commit()
    return plan, judges, holders, record.id


@pytest.fixture
def page(new_hand: Any, room: Room) -> Page:
    """The browser of a judge on the roll."""
    username = signing.give_password(room[1][1][0].user).username
    db.session.commit()
    hand: ChromiumHand = new_hand()
    hand.sign_in(username)
    return hand.screen


def choose_and_cast(page: Page) -> None:
    for place, letter in enumerate("yna", start=1):
        page.locator(f"#choice-{place}-{letter}").check()
    page.locator("[data-ballot] button.go").click()
    page.locator("#ask button").last.click()
    page.wait_for_url("**/receipt")


def posted(page: Page) -> list[dict[str, list[str]]]:
    sent: list[dict[str, list[str]]] = []

    def note(request: Any) -> None:
        if request.method == "POST":
            sent.append(parse_qs(request.post_data or ""))

    page.on("request", note)
    return sent


@pytest.mark.parametrize("has_library", [True, False])
def test_ballot_is_sealed_in_the_browser_where_it_can(
    page: Page, address: str, room: Room, has_library: bool
) -> None:
    _plan, _judges, holders, key = room
    sent = posted(page)
    if not has_library:
        page.route("**/hpke.js*", lambda route: route.abort())
    db.session.commit()

    page.goto(f"{address}/g/1.3.4/round/{key}")
    said = page.locator("[data-said]")
    expect(said).to_contain_text("在本浏览器" if has_library else "在此不能密封")
    choose_and_cast(page)

    form = sent[-1]
    assert bool(form.get("sealed")) is has_library
    assert any(name.startswith("choice-") for name in form) is not has_library
    record = db.session.get_one(Round, key)
    meetings.count(record, holders)
    counts = [(one.yes, one.no, one.abstain) for one in ballots.candidates(db.session(), record)]
    assert (record.invalid, counts) == (0, [(1, 0, 0), (0, 1, 0), (0, 0, 1)])
