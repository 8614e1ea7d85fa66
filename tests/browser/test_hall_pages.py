"""The hall and the phone's pages in Chromium: nothing serious by axe, light enough for a slow line, installable."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import select

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Application, Batch, Person, User
from app.services.dossier import dossier
from tests.browser.chromium import DESKTOP, PHONE, ChromiumHand
from tests.support import factories, signing

SERIOUS = ("serious", "critical")
HEAVIEST = 150 * 1024
"""Bytes over the line for a first visit of a page, pictures apart."""
OUTSIDE = ("/login/", "/public/notices/", "/public/certificates/", "/m/app/offline")
EVERYBODYS = ("/me/data/", "/me/certificates/", "/messages/")
OWN = ("", "apply", "application/{id}/", "application/{id}/materials", "application/{id}/submit")
STATES = (
    ApplicationState.DRAFT,
    ApplicationState.RETURNED,
    ApplicationState.IN_CORRECTION,
    ApplicationState.CERTIFIED,
)


def applicant_in(state: ApplicationState) -> tuple[str, Application]:
    """Return the account and the application of a demonstration person whose application is in `state`."""
    query = (
        select(User.username, Application)
        .join(Person, Person.user_id == User.id)
        .join(Application, Application.person_id == Person.id)
        .where(Application.state == state, User.is_demo.is_(True))
        .order_by(Application.id)
    )
    username, application = db.session.execute(query).first() or pytest.fail(f"nobody is {state}")
    return username, application


def sign_in(hand: ChromiumHand, username: str) -> None:
    hand.sign_in(username)


def pages_of(hall: str, application: Application) -> Iterator[str]:
    """Yield every page of the hall that concerns an application."""
    for path in OWN:
        yield f"{hall}/{path.format(id=application.id)}"
    for section in dossier.form_of(application).sections:
        yield f"{hall}/application/{application.id}/section/{section.key}"
    batch = db.session.scalars(select(Batch).order_by(Batch.id)).first()
    yield f"{hall}/apply?batch={batch.id if batch else 0}&mode=normal&level={application.level.value}"


def findings(page: Page) -> list[str]:
    """Return what axe finds serious on the page that is open."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {one['id']} {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in SERIOUS
    ]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("hall", "size"), [("/me", DESKTOP), ("/m", PHONE)])
@pytest.mark.usefixtures("accounts")
def test_axe_finds_nothing_serious_in_the_hall(
    new_hand: Any, hall: str, size: tuple[int, int], state: ApplicationState
) -> None:
    username, application = applicant_in(state)
    pages = list(pages_of(hall, application))
    db.session.commit()
    hand = new_hand(size)
    sign_in(hand, username)
    faults: list[str] = []

    # the first one, a draft, has every page; the others show what differs by state
    for address in [*pages, *EVERYBODYS] if state is STATES[0] else pages[:7]:
        hand.open(address)
        faults += findings(hand.screen)

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_axe_finds_nothing_serious_before_the_sign_in(new_hand: Any, size: tuple[int, int]) -> None:
    hand = new_hand(size)
    faults: list[str] = []

    for address in OUTSIDE:
        hand.open(address)
        faults += findings(hand.screen)

    assert not faults, "\n".join(faults)


def weigh(hand: ChromiumHand, address: str) -> int:
    """Return the bytes a first visit of a page takes over the line, pictures apart."""
    line = hand.context.new_cdp_session(hand.screen)
    sizes: dict[str, int] = {}
    pictures: set[str] = set()

    def note(event: dict[str, Any]) -> None:
        if event["type"] == "Image":
            pictures.add(event["requestId"])

    line.on("Network.responseReceived", note)
    line.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])}),
    )
    line.send("Network.enable")
    line.send("Network.clearBrowserCache")
    line.send("Network.setBypassServiceWorker", {"bypass": True})
    hand.screen.goto(address, wait_until="networkidle")
    line.detach()
    return sum(size for key, size in sizes.items() if key not in pictures)


@pytest.mark.usefixtures("accounts")
def test_no_page_of_the_phone_is_heavier_than_a_slow_line_bears(new_hand: Any) -> None:
    username, application = applicant_in(ApplicationState.DRAFT)
    addresses = list(pages_of("/m", application))
    db.session.commit()
    hand = new_hand(PHONE)
    sign_in(hand, username)

    weights = {address: weigh(hand, address) for address in addresses}

    print(json.dumps(weights, indent=1))
    assert {a: w for a, w in weights.items() if w > HEAVIEST} == {}


def newcomer() -> str:
    """Return the account of somebody who has not applied yet."""
    position = factories.position(Role.APPLICANT, person=factories.person())
    username = position.user.username
    signing.give_password(position.user)
    return username


@pytest.mark.usefixtures("app")
def test_phone_can_be_installed_and_says_so_without_a_network(new_hand: Any) -> None:
    username = newcomer()
    hand = new_hand(PHONE)
    sign_in(hand, username)
    hand.open("/m/")
    hand.screen.evaluate("navigator.serviceWorker.ready.then(() => true)")
    line = hand.context.new_cdp_session(hand.screen)

    manifest = line.send("Page.getAppManifest")
    faults = line.send("Page.getInstallabilityErrors")["installabilityErrors"]
    hand.open("/m/")  # now through the worker
    hand.context.set_offline(True)
    hand.screen.goto("/m/titles/")
    offline = hand.text
    hand.context.set_offline(False)
    hand.watch.faults.clear()  # the console notes every request that had no network
    hand.press("再试一次")

    assert manifest["errors"] == []
    assert json.loads(manifest["data"])["start_url"] == "/m/"
    assert [fault for fault in faults if fault["errorId"] != "in-incognito"] == []
    assert "没有网络" in offline
    assert "人才人事" in hand.text


@pytest.mark.usefixtures("app")
def test_phone_follows_the_guides_path(new_hand: Any) -> None:
    username = newcomer()
    hand = new_hand(PHONE)
    sign_in(hand, username)

    hand.open("/m/")
    hand.press("人才人事")
    hand.press("职称申报")

    crumbs = hand.screen.locator("nav.crumb, ol.crumb, .crumb").first.inner_text().split()
    assert [word for word in crumbs if len(word) > 1] == ["首页", "人才人事", "职称申报"]
