"""One person from 注册新账号 to the receipt, begun at a desk, gone on with on the phone; its keystrokes are counted."""

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Browser

from app.enums import Employment, Role
from app.extensions import db
from app.ground import clock
from app.models import Application, Person, Unit, User
from app.services.accounts import claims
from tests.browser.chromium import DESKTOP, PHONE, ChromiumHand
from tests.browser.test_registration import AGENT, TYPED, let_in, shows_code
from tests.journeys import hall, one_level, stage
from tests.journeys.hands import Found, PaperHand
from tests.journeys.stage import Somebody, World
from tests.support import factories

UNIT = "长沙机械研究所"
CHOSEN = ("select-one", "radio", "checkbox")


class CountingHand(ChromiumHand):
    """A hand that counts what a person does: characters typed, and presses of buttons, ticks and choices."""

    typed = 0
    presses = 0

    def _answer(self, name: str, value: Any, facts: dict[str, Any]) -> None:
        if isinstance(value, Found):
            self.typed += len(value.text)
            self.presses += 1
        elif isinstance(value, str) and facts["kind"] not in CHOSEN:
            self.typed += len(value)
        else:
            self.presses += 1
        super()._answer(name, value, facts)

    def press(self, label: str, *, within: str = "") -> None:
        self.presses += 1
        super().press(label, within=within)


@pytest.fixture
def hands(address: str, chromium: Browser) -> Iterator[tuple[CountingHand, CountingHand]]:
    both = (
        CountingHand(chromium, address, DESKTOP),
        CountingHand(chromium, address, PHONE, AGENT),
    )
    yield both
    for hand in both:
        hand.close()


def known_to_the_unit() -> tuple[int, str]:
    """Return the key of the record that the unit imported, and the claim code it handed over."""
    works = db.session.query(Unit).filter_by(name=UNIT).one()
    person = factories.person(
        TYPED["name"],
        unit=works,
        id_number=TYPED["id_number"].upper(),
        employment=Employment.PUBLIC_POST,
    )
    code = claims.hand_over(factories.actor(Role.UNIT, unit=works), person, at=clock.now())
    key = person.id
    db.session.commit()
    return key, code


def test_person_registers_fills_in_and_hands_in(
    app: Flask, hands: tuple[CountingHand, CountingHand]
) -> None:
    desk, phone = hands
    with time_machine.travel(stage.moment(stage.BEGIN), tick=True) as traveller:
        paper = World(
            new_hand=lambda: PaperHand(app.test_client()),
            new_extra=lambda: PaperHand(app.test_client()),
            clock=traveller,
            run_due=lambda: stage.run_due(app),
        )
        one_level.set_up(one_level.Cast(paper))
        record, code = known_to_the_unit()
        began = time.perf_counter()

        phone.open(urlsplit(shows_code(desk)).path)
        phone.fill(TYPED)
        phone.press("注册")
        phone.fill({"proof": code})
        phone.press("注册")
        desk.screen.wait_for_selector(".check")
        let_in(desk, phone)
        desk.screen.wait_for_url("**/me/")
        at_desk, on_phone = Somebody("", desk), Somebody("", phone, is_on_phone=True)
        home = hall.begin(at_desk, level="2", title="高级工程师", specialty="机械", unit=UNIT)
        sections = hall.dossier(held=("3", "工程师"), employer=UNIT)
        half = len(sections) // 2
        first, second = list(sections.items())[:half], list(sections.items())[half:]
        hall.fill_sections(at_desk, home, dict(first))
        home = home.replace("/me/", "/m/")
        hall.fill_sections(on_phone, home, dict(second))
        hall.upload_materials(on_phone, home)
        receipt = hall.hand_in(on_phone, home)

        seconds = time.perf_counter() - began
        desk.open("/me/")

    person = db.session.get_one(Person, record)
    application = db.session.query(Application).filter_by(person_id=person.id).one()
    typed, presses = desk.typed + phone.typed, desk.presses + phone.presses
    print(f"typed {typed} characters, pressed {presses} times, {seconds:.0f} seconds; {receipt}")
    assert db.session.get_one(User, person.user_id).real_name == TYPED["name"]
    assert receipt in phone.text
    assert application.number in desk.text
    assert "待单位初审" in desk.text
