"""A chosen file in Chromium: it stays chosen when the form is refused, and a new choice takes its place."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, FilePayload, Page, expect

from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.models import Application, Attachment, Position
from tests.browser.chromium import DESKTOP, ChromiumHand, follow
from tests.services.dossiers import pdf
from tests.support import factories
from tests.support.signing import give_password


def paper(name: str, pages: int = 1) -> FilePayload:
    return FilePayload(name=name, mimeType="application/pdf", buffer=pdf(pages))


@pytest.fixture
def clerk(app: Flask) -> Position:
    position = factories.position(Role.UNIT, unit=factories.unit("长沙机床厂"))
    give_password(position.user)
    return position


@pytest.fixture
def record(clerk: Position) -> Application:
    """An application that its unit may report."""
    made = factories.application(
        ApplicationState.NOTICE_OVER, unit=clerk.unit, superiors=(factories.unit(),),
        submitted_at=clock.now(),
    )  # fmt: skip
    factories.notice([made], ends_on=factories.in_days(-1))
    db.session.commit()
    return made


@pytest.fixture
def page(address: str, chromium: Browser, clerk: Position, record: Application) -> Iterator[Page]:
    """The form for the report, opened by the clerk."""
    username, key = clerk.user.username, record.id
    db.session.commit()
    hand = ChromiumHand(chromium, address, DESKTOP)
    hand.sign_in(username)
    hand.open(f"/g/1.1.2/act/report?pk={key}")
    yield hand.screen
    hand.close()


def send(page: Page) -> None:
    follow(page, page.locator(".phone-bar button.go"))


def test_a_file_stays_chosen_and_goes_along_the_next_time(page: Page, record: Application) -> None:
    page.set_input_files("#proof", [paper("公示证明.pdf")])
    send(page)
    kept = page.locator(".kept input")
    expect(kept).to_be_checked()
    expect(page.locator(".kept")).to_contain_text("公示证明.pdf")

    page.fill("#recommendation", "业绩突出，同意推荐")
    page.fill("#leader", "陈为民")
    send(page)

    expect(page.locator(".note.ok, .flash.success, [role=status]").first).to_be_visible()
    db.session.expire_all()
    assert record.state is ApplicationState.AT_SUPERIOR
    assert [one.name for one in db.session.query(Attachment)] == ["公示证明.pdf"]


def test_a_new_choice_takes_the_tick_away(page: Page) -> None:
    page.set_input_files("#proof", [paper("公示证明.pdf")])
    send(page)
    expect(page.locator(".kept input")).to_be_checked()

    page.set_input_files("#proof", [paper("新证明.pdf", 2)])

    expect(page.locator(".kept input")).not_to_be_checked()
