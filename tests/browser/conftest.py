"""Chromium, and the program served to it from the test's own process so that its clock can be set."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from app import demo
from app.enums import Role
from app.extensions import db
from app.ground import clock
from tests.browser.chromium import DESKTOP, EXECUTABLES, FLAGS, ChromiumHand
from tests.signing import PASSWORD


class Silent(WSGIRequestHandler):
    """Keeps connections open, as the real server does, and says nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the base class says so
        pass


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    executable = next(path for path in EXECUTABLES if os.path.exists(path))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
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
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def accounts(app: Flask) -> dict[Role, str]:
    """The demonstration is loaded; the first account of every role."""
    app.config["DEMO_PASSWORD"] = PASSWORD
    demo.load(db.session(), clock.now())
    db.session.commit()
    first: dict[Role, str] = {}
    for username, facts in demo.accounts().items():
        for position in facts["positions"][:1]:
            first.setdefault(Role(position["role"]), username)
    db.session.commit()
    return first


@pytest.fixture
def new_hand(address: str, chromium: Browser) -> Iterator[Any]:
    hands: list[ChromiumHand] = []

    def make(size: tuple[int, int] = DESKTOP) -> ChromiumHand:
        hands.append(ChromiumHand(chromium, address, size))
        return hands[-1]

    yield make
    for hand in hands:
        hand.close()
