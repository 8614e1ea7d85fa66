"""The two offline journeys by real clicks, everybody at a desk or everybody with a phone."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Browser

from tests.browser.chromium import DESKTOP, PHONE, ChromiumHand
from tests.journeys import one_level, stage, three_levels
from tests.journeys.stage import World


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
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
            clock=traveller,
            run_due=lambda: stage.run_due(app),
            is_on_phone=request.param == PHONE,
            is_thorough=False,
        )
        for hand in hands:
            hand.close()


def test_offline_one_level_in_chromium(world: World) -> None:
    one_level.play(world)


def test_offline_three_levels_in_chromium(world: World) -> None:
    three_levels.play(world)
