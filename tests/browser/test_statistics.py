"""The figures in Chromium: nothing serious by axe, nothing wider than the screen."""

from typing import Any

import pytest

from app.enums import Role
from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.test_hall_pages import findings, sign_in

PAGES = ("charts", "units", "waiting", "")


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_axe_finds_nothing_serious_in_the_figures(
    new_hand: Any, accounts: dict[Role, str], size: tuple[int, int]
) -> None:
    hand = new_hand(size)
    sign_in(hand, accounts[Role.HRSS])
    faults: list[str] = []

    for page in PAGES:
        hand.open(f"/g/statistics/{page}")
        faults += findings(hand.screen)
        wide = hand.screen.evaluate("document.scrollingElement.scrollWidth")
        if wide > size[0]:
            faults.append(f"{page} is {wide} px wide")

    assert not faults, "\n".join(faults)
