"""The configuration of one installation read in by a second, empty one, both in Chromium."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from app.enums import Role
from app.extensions import db
from config import ROOT
from tests.browser.chromium import DESKTOP, ChromiumHand
from tests.browser.measure import Measure, task
from tests.journeys.hands import File
from tests.support import children, factories, signing
from tests.support.databases import Database
from tests.support.programs import Served, free_port, kept_variables

FIRST_ACCOUNT = """
from app import create_app
from app.enums import Role
from tests.support import factories, signing

with create_app().app_context():
    factories.second_factor(is_on=False)
    signing.give_password(factories.position(Role.SYSADMIN, user=factories.user("周全", username="zhouquan")).user)
"""
PAGE = "/g/screens/ApplicationQueryView"
COLUMN = '[name="v:column:number"]'


@pytest.fixture
def second(database: Database, tmp_path: Path, chromium: Browser) -> Iterator[ChromiumHand]:
    """The administrator of an installation that has nothing but this account."""
    own = {"DATA_DIR": str(tmp_path / "second"), "PORT": str(free_port()), "DATABASE_URL": ""}
    if database.kind == "postgresql":
        own["DATABASE_URL"] = database.empty(tmp_path, "second")
    served = Served(kept_variables() | own | {"DEMO": "0", "WORKERS": "1", "THREADS": "2"})
    try:
        served.start()
        command = [sys.executable, "-c", FIRST_ACCOUNT]
        with children.started(command, cwd=ROOT, env=served.variables) as made:
            assert children.ended(made)[0][0] == 0
        hand = ChromiumHand(chromium, f"http://127.0.0.1:{served.port}", DESKTOP)
        yield hand
        hand.close()
    finally:
        served.close()


@pytest.fixture
def first(app: Flask, new_hand: Any) -> ChromiumHand:
    administrator = factories.position(
        Role.SYSADMIN, user=factories.user("周全", username="zhouquan")
    )
    signing.give_password(administrator.user)
    db.session.commit()
    hand: ChromiumHand = new_hand()
    hand.sign_in("zhouquan")
    return hand


def exported(hand: ChromiumHand) -> bytes:
    hand.open("/g/customise/")
    return hand.download("导出")


def saved(hand: ChromiumHand) -> bytes:
    """Press 【导出】 and return the file that the browser saves."""
    with hand.screen.expect_download() as got:
        hand.screen.get_by_role("main").get_by_role("link", name="导出", exact=True).click()
    return got.value.path().read_bytes()


@task("carry-over", 9)
def test_configuration_is_exported_read_in_by_a_second_installation_and_undone(
    first: ChromiumHand, second: ChromiumHand, measured: Measure
) -> None:
    first.open(PAGE)
    first.screen.locator(COLUMN).first.fill("受理编号")
    first.press("收进草稿")
    first.follow(".draft-bar a")
    first.press("发布")
    second.sign_in("zhouquan")
    before = exported(second)

    with measured(first, second):
        first.go("定制")
        file = saved(first)
        second.go("定制")
        second.press("导入文件")
        second.fill({"file": File("configuration.json", file)})
        second.press("查看将变更的内容")
        shown = second.text
        second.picture("carry-over", "main")
        second.press("收进草稿")
        second.press("发布")
    published = second.path
    after = exported(second)
    second.open(PAGE)
    renamed = second.screen.locator(COLUMN).first.input_value()
    second.open(published)
    second.press("撤销")
    second.press("撤销")

    assert "受理编号" in shown
    assert renamed == "受理编号"
    assert after == file
    assert exported(second) == before
