"""Chromium, and the program served to it from the test's own process so that its clock can be set."""

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Browser, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from app import demo
from app.enums import Role
from app.extensions import db
from app.models import User
from tests.browser import measure
from tests.browser.chromium import DESKTOP, EXECUTABLES, FLAGS, PATIENCE, ChromiumHand
from tests.browser.measure import Measure, Record
from tests.support import demonstration
from tests.support.databases import Prepared
from tests.support.signing import give_password

expect.set_options(timeout=PATIENCE)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the presses of the tasks that were measured."""
    lines = measure.table(terminalreporter.stats.get("passed", []))
    if lines:
        terminalreporter.section("presses per task")
    for line in lines:
        terminalreporter.write_line(line)


class Silent(WSGIRequestHandler):
    """Keeps connections open, as the real server does, and says nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the base class says so
        pass


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of this folder; everybody in it has a profile of the own."""
    executable = next(path for path in EXECUTABLES if os.path.exists(path))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The address of the program, served by threads of this process, every form's token demanded."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    served = f"http://127.0.0.1:{server.server_port}"
    app.config |= {
        "WTF_CSRF_ENABLED": True,
        "WTF_CSRF_CHECK_DEFAULT": True,
        "PUBLIC_URL": served,
    }
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def accounts(app: Flask, prepared: Prepared) -> Iterator[dict[Role, str]]:
    """The demonstration is there, at its own moment; the first account of every role."""
    demonstration.bring(prepared)
    give_everybody_the_password()
    first: dict[Role, str] = {}
    for username, facts in demo.accounts().items():
        for position in facts["positions"][:1]:
            first.setdefault(Role(position["role"]), username)
    db.session.commit()
    with time_machine.travel(demonstration.AT, tick=True):
        yield first


def give_everybody_the_password() -> None:
    """Hash it once: what a hash costs is no subject of a page."""
    everybody = db.session.query(User).filter_by(is_demo=True)
    stored = give_password(everybody.order_by(User.id).first()).password
    everybody.update({"password": stored})
    db.session.commit()


@pytest.fixture
def measured(request: pytest.FixtureRequest, record_property: Record) -> Measure:
    """Return a context in which the presses of the given hands are counted, and no page is opened by its address."""

    def of(*hands: ChromiumHand) -> AbstractContextManager[None]:
        return measure.counting(request.node, record_property, hands)

    return of


@pytest.fixture
def new_hand(address: str, chromium: Browser) -> Iterator[Any]:
    hands: list[ChromiumHand] = []

    def make(size: tuple[int, int] = DESKTOP) -> ChromiumHand:
        hands.append(ChromiumHand(chromium, address, size))
        return hands[-1]

    try:
        yield make
    finally:
        for hand in hands:
            hand.close()
