"""By keys alone: the search across menus, and a tree whose levels are fetched when they are opened."""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.enums import Role
from app.extensions import db
from tests.support import factories, signing


@pytest.fixture
def screen(app: Flask, new_hand: Any) -> Page:
    """An office with a review tree of three levels, signed in."""
    committee = factories.committee()
    city, county, school = (factories.unit(name) for name in ("甲市局", "乙县局", "丙学校"))
    factories.route(committee, city)
    factories.route(committee, county, city)
    factories.route(committee, school, county)
    factories.plan(batch=factories.batch(committee=committee), name="丁系列评审会议")
    clerk = factories.position(Role.OFFICE, committee=committee)
    signing.give_password(clerk.user)
    username = clerk.user.username
    db.session.commit()
    hand = new_hand()
    hand.sign_in(username)
    page: Page = hand.screen
    return page


def test_both_keys_lead_to_the_box_and_enter_finds(screen: Page) -> None:
    screen.goto("/")
    for keys in ("/", "Control+k"):
        screen.keyboard.press("Escape")
        screen.locator("h1").click()
        screen.keyboard.press(keys)
        expect(screen.locator("#find input[type=search]")).to_be_focused()

    screen.keyboard.type("丁系列/")
    screen.keyboard.press("Backspace")
    screen.keyboard.press("Enter")

    expect(screen.locator("main")).to_contain_text("丁系列评审会议")


def test_tree_is_walked_by_arrows(screen: Page) -> None:
    screen.goto("/g/1.6.1/tree")
    tree = screen.get_by_role("tree")
    tree.get_by_role("treeitem", name="甲市局").focus()

    screen.keyboard.press("ArrowRight")
    expect(tree.get_by_role("treeitem", name="乙县局")).to_be_visible()
    screen.keyboard.press("ArrowRight")
    expect(tree.get_by_role("treeitem", name="乙县局")).to_be_focused()
    screen.keyboard.press("ArrowLeft")
    screen.keyboard.press("ArrowLeft")
    expect(tree.get_by_role("treeitem", name="乙县局")).to_be_hidden()
    screen.keyboard.press("ArrowRight")
    screen.keyboard.press("ArrowDown")
    screen.keyboard.press("Enter")

    expect(screen.locator("#below")).to_contain_text("乙县局")
    expect(screen.locator("#below")).to_contain_text("丙学校")
    expect(tree.get_by_role("treeitem", name="乙县局")).to_have_attribute("aria-selected", "true")
