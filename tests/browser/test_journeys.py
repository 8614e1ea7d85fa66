"""The two offline journeys by real clicks, everybody at a desk or everybody with a phone.

One width for each journey shows both; LONG=1 plays each of them at both.
"""

import os
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Browser

from tests.browser.chromium import DESKTOP, PHONE, ChromiumHand
from tests.journeys import one_level, online_meeting, stage, three_levels
from tests.journeys.hands import PaperHand
from tests.journeys.stage import World

BOTH = [DESKTOP, PHONE] if os.environ.get("LONG") else []


@pytest.fixture
def world(
    app: Flask, address: str, chromium: Browser, request: pytest.FixtureRequest
) -> Iterator[World]:
    hands: list[ChromiumHand] = []

    def new_hand() -> ChromiumHand:
        hands.append(ChromiumHand(chromium, address, request.param))
        return hands[-1]

    with time_machine.travel(stage.moment(stage.BEGIN), tick=True) as traveller:
        yield World(
            new_hand=new_hand,
            new_extra=lambda: PaperHand(app.test_client()),
            clock=traveller,
            run_due=lambda: stage.run_due(app),
            is_on_phone=request.param == PHONE,
            is_thorough=False,
        )
        for hand in hands:
            hand.close()


@pytest.mark.parametrize("world", BOTH or [DESKTOP], ids=str, indirect=True)
def test_offline_one_level_in_chromium(world: World) -> None:
    one_level.play(world)

    assert stage.states() == one_level.END


@pytest.mark.parametrize("world", BOTH or [PHONE], ids=str, indirect=True)
def test_offline_three_levels_in_chromium(world: World) -> None:
    three_levels.play(world)

    assert stage.states() == three_levels.END


@pytest.mark.parametrize("world", BOTH or [DESKTOP], ids=str, indirect=True)
def test_online_meeting_in_chromium(world: World) -> None:
    online_meeting.play(world)

    assert stage.states() == online_meeting.END
