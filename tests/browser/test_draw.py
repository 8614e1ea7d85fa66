"""The secret of a draw in Chromium: made and hashed in the page, posted as a digest only, found again to reveal."""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.enums import DrawState
from app.extensions import db
from app.models import Draw
from app.services.draw import draw_rules
from tests.browser.chromium import ChromiumHand, follow
from tests.support import drawing, signing
from tests.support.drawing import SUPERVISOR_SECRET, Meeting

DRAWS = "/g/1.2.3/draws"


@pytest.fixture
def made(app: Flask) -> Meeting:
    return drawing.meeting()


@pytest.fixture
def page(new_hand: Any, made: Meeting) -> Page:
    """The browser of the office."""
    username = signing.give_password(made.clerk.user).username
    db.session.commit()
    hand: ChromiumHand = new_hand()
    hand.sign_in(username)
    return hand.screen


def posted(page: Page) -> list[str]:
    """Note what the browser posts."""
    sent: list[str] = []
    page.on(
        "request", lambda one: sent.append(one.post_data or "") if one.method == "POST" else None
    )
    return sent


def test_secret_stays_in_the_browser_until_it_is_revealed(
    page: Page, address: str, made: Meeting
) -> None:
    draw = drawing.freeze(made)
    db.session.commit()
    sent, key = posted(page), draw.id
    db.session.commit()

    page.goto(f"{address}{DRAWS}/{key}")
    field = page.locator('#act-commit [name="secret"]')
    expect(page.locator('#act-commit [name="digest"]')).not_to_have_value("")
    secret = draw_rules.plain_secret(field.input_value())
    follow(page, page.locator("#act-commit button.btn"))
    committed = db.session.get_one(Draw, key)
    digest, pool_hash = committed.office_digest, committed.pool_hash
    drawing.fire(committed, "commit_supervisor", made.supervisor, secret=SUPERVISOR_SECRET)
    db.session.commit()
    page.goto(f"{address}{DRAWS}/{key}")
    found = draw_rules.plain_secret(page.locator('#act-reveal [name="secret"]').input_value())
    follow(page, page.locator("#act-reveal button.btn"))

    assert digest == draw_rules.commitment(pool_hash, "office", secret)
    assert secret not in draw_rules.plain_secret(sent[0])
    assert len(secret) == 32
    assert found == secret
    db.session.expire_all()
    assert db.session.get_one(Draw, key).state is DrawState.OPENING
