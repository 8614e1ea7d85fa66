"""The countdown in Chromium: by the server's time, whatever the device believes; quiet until the last hour."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask, render_template
from playwright.sync_api import Browser, Page

from app.views.base import countdown

NOW = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)
SCRIPT = Path(__file__).parents[2] / "app" / "static" / "js" / "countdown.js"


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a device whose clock is seven years slow."""
    context = chromium.new_context()
    opened = context.new_page()
    opened.clock.install(time="2019-01-01T08:00:00")
    yield opened
    context.close()


def show(app: Flask, page: Page, left: timedelta) -> None:
    with app.test_request_context():
        drawn = render_template(
            "me/countdown.html", countdown=countdown.countdown_to(NOW + left, NOW)
        )
    page.set_content(drawn)
    page.add_script_tag(path=SCRIPT)


def said(page: Page) -> tuple[str, str]:
    timer = page.locator("[data-countdown]")
    return timer.inner_text(), timer.get_attribute("aria-live") or ""


def test_it_counts_by_the_servers_time(app: Flask, page: Page) -> None:
    show(app, page, timedelta(days=2, hours=3, minutes=1))
    at_once = said(page)

    page.clock.run_for(2 * 60 * 1000)
    later = said(page)

    assert at_once == ("还剩 2 天 3 小时", "off")
    assert later == ("还剩 2 天 2 小时", "off")


def test_it_is_read_aloud_in_the_last_hour_and_ends(app: Flask, page: Page) -> None:
    show(app, page, timedelta(minutes=61, seconds=30))
    before = said(page)

    page.clock.run_for(5 * 60 * 1000)
    last_hour = said(page)
    page.clock.run_for(57 * 60 * 1000)
    over = said(page)

    assert before == ("还剩 1 小时 1 分钟", "off")
    assert last_hour == ("还剩 56 分钟", "polite")
    assert over[0] == "已截止"


def test_a_device_put_aside_catches_up(app: Flask, page: Page) -> None:
    show(app, page, timedelta(hours=5))

    page.clock.fast_forward("02:00:00")
    page.clock.run_for(1000)

    assert said(page)[0] == "还剩 2 小时 59 分钟"
