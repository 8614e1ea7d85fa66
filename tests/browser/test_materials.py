"""Material in Chromium: progress, going on after a lost line and a reloaded page, previews, the phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, FilePayload, Page, Route, expect
from sqlalchemy import select

from app.enums import Role, Sex
from app.extensions import db
from app.models import Application, Attachment
from tests.browser.chromium import DESKTOP, PHONE, ChromiumHand
from tests.hostile.benign import scan, written
from tests.hostile.pdfs import PLAIN, pdf_of, stream
from tests.services.dossiers import pdf
from tests.support import factories
from tests.support.signing import PASSWORD, give_password

LARGE = 3 * 1024 * 1024


def large(name: str = "论文《一》.pdf") -> FilePayload:
    content = pdf_of({**PLAIN, 9: stream(b"0" * LARGE)})
    return FilePayload(name=name, mimeType="application/pdf", buffer=content)


def small(name: str = "论文.pdf", pages: int = 1) -> FilePayload:
    return FilePayload(name=name, mimeType="application/pdf", buffer=written(pages))


@pytest.fixture
def mine(app: Flask) -> Application:
    person = factories.person(unit=factories.unit(), sex=Sex.MALE)
    user = give_password(factories.user(person=person))
    factories.position(Role.APPLICANT, user=user)
    made = factories.application(person=person)
    factories.route(made.committee, made.unit)
    db.session.commit()
    return made


def enter(hand: ChromiumHand, mine: Application, hall: str = "/me") -> Page:
    username, key = mine.person.user.username, mine.id
    db.session.commit()
    hand.sign_in(username)
    hand.open(f"{hall}/application/{key}/materials")
    return hand.screen


@pytest.fixture
def desk(address: str, chromium: Browser) -> Iterator[ChromiumHand]:
    hand = ChromiumHand(chromium, address, DESKTOP)
    yield hand
    hand.close()


@pytest.fixture
def phone(address: str, chromium: Browser) -> Iterator[ChromiumHand]:
    hand = ChromiumHand(chromium, address, PHONE)
    yield hand
    hand.close()


def send(page: Page, kind: str, *files: FilePayload, is_ticked: bool = True) -> None:
    card = page.locator(f"#kind-{kind}")
    unfold(page)
    card.locator(f"#f-{kind}").set_input_files(list(files))
    tick = card.locator('input[type="checkbox"][name="secret"]')
    if tick.count() and tick.is_visible():
        tick.set_checked(is_ticked)
    card.get_by_role("button", name="上传", exact=True).click()


def unfold(page: Page) -> None:
    """Show the optional kinds."""
    fold = page.locator("details.optional:not([open]) > summary")
    if fold.count():
        fold.click()


def names(kind: str = "paper") -> list[str]:
    db.session.rollback()
    query = select(Attachment.name).where(Attachment.kind == kind, Attachment.removed_at.is_(None))
    found = list(db.session.scalars(query.order_by(Attachment.order, Attachment.id)))
    # the program in the browser must be able to write
    db.session.rollback()
    return found


def test_several_files_are_sent_one_after_the_other(desk: ChromiumHand, mine: Application) -> None:
    page = enter(desk, mine)

    send(page, "paper", large(), small("第二 篇·𠮷.pdf", 2))

    expect(page.locator("#kind-paper .paper")).to_have_count(2)
    expect(page.locator("#kind-paper [data-uploads] li").first).to_contain_text("已上传")
    assert names() == ["论文《一》.pdf", "第二 篇·𠮷.pdf"]
    desk.watch.look_at(page)


def test_progress_is_shown_and_held(desk: ChromiumHand, mine: Application) -> None:
    page = enter(desk, mine)
    waiting: list[Route] = []

    def hold_second(route: Route) -> None:
        if route.request.headers.get("upload-offset", "0") == "0":
            route.continue_()
        else:
            waiting.append(route)

    page.route("**/uploads/*/piece", hold_second)

    send(page, "paper", large())
    line = page.locator("#kind-paper [data-uploads] li")
    expect(line).to_contain_text(re.compile(r"\d+% · .*秒"))
    line.get_by_role("button", name="暂停").click()
    expect(line).to_contain_text("已暂停")
    page.unroute("**/uploads/*/piece")
    line.get_by_role("button", name="继续").click()

    expect(page.locator("#kind-paper .paper")).to_have_count(1)
    assert names() == ["论文《一》.pdf"]


def test_an_upload_goes_on_after_the_line_was_lost(desk: ChromiumHand, mine: Application) -> None:
    page = enter(desk, mine)
    sent: list[str] = []

    def lose_third(route: Route) -> None:
        offset = route.request.headers.get("upload-offset", "")
        sent.append(offset)
        if offset and len([one for one in sent if one]) == 3:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/uploads/*/piece", lose_third)

    send(page, "paper", large())

    expect(page.locator("#kind-paper .paper")).to_have_count(1)
    offsets = [int(one) for one in sent if one]
    assert offsets[3] == offsets[2] > 0
    assert names() == ["论文《一》.pdf"]
    desk.watch.faults.clear()


def test_an_upload_goes_on_after_the_page_was_loaded_anew(
    desk: ChromiumHand, mine: Application
) -> None:
    page = enter(desk, mine)
    sent: list[int] = []

    def stop_later(route: Route) -> None:
        if int(route.request.headers.get("upload-offset", "0")) > 600_000:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/uploads/*/piece", stop_later)
    send(page, "paper", large())
    expect(page.locator("#kind-paper [data-uploads] li")).to_contain_text("网络中断")
    page.unroute("**/uploads/*/piece")
    page.evaluate("indexedDB.deleteDatabase('uploads')")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#kind-paper [data-uploads] li")).to_contain_text("请重新选择同一文件")
    page.on(
        "request",
        lambda request: sent.append(int(request.headers.get("upload-offset", "-1"))),
    )

    send(page, "paper", large())

    expect(page.locator("#kind-paper .paper")).to_have_count(1)
    assert min(one for one in sent if one >= 0) > 0
    assert names() == ["论文《一》.pdf"]
    desk.watch.faults.clear()


def test_files_that_wait_survive_leaving_the_page(desk: ChromiumHand, mine: Application) -> None:
    page = enter(desk, mine)
    address = page.url
    page.route("**/uploads/*/piece", lambda route: route.abort("internetdisconnected"))
    send(page, "paper", large(), small("第二篇.pdf"))
    expect(page.locator("#kind-paper [data-uploads] li").first).to_contain_text("网络中断")
    page.goto("about:blank")
    page.unroute("**/uploads/*/piece")
    desk.watch.faults.clear()

    page.goto(address)

    expect(page.locator("#kind-paper .paper")).to_have_count(2)
    assert sorted(names()) == sorted(["论文《一》.pdf", "第二篇.pdf"])
    page.reload()
    expect(page.locator("#kind-paper [data-uploads] li")).to_have_count(0)
    desk.watch.faults.clear()


def test_files_that_cannot_be_kept_are_named_on_return(
    desk: ChromiumHand, mine: Application
) -> None:
    page = enter(desk, mine)
    page.add_init_script("delete Object.getPrototypeOf(window).indexedDB; delete window.indexedDB")
    page.reload()
    page.route("**/uploads/**", lambda route: route.abort("internetdisconnected"))
    page.route("**/uploads", lambda route: route.abort("internetdisconnected"))
    page.on("dialog", lambda dialog: dialog.accept())
    send(page, "paper", small("未发出.pdf"))
    expect(page.locator("#kind-paper [data-uploads] li")).to_contain_text("网络中断")

    page.reload()

    expect(page.locator("#kind-paper [data-uploads] li")).to_contain_text("“未发出.pdf”尚未上传")
    desk.watch.faults.clear()


def test_nothing_secret_is_declared_once_a_visit(desk: ChromiumHand, mine: Application) -> None:
    page = enter(desk, mine)
    ticks = page.locator('input[type="checkbox"][name="secret"]')
    assert ticks.count() > 1

    send(page, "paper", small())
    expect(page.locator("#kind-paper .paper")).to_have_count(1)

    assert not [one for one in ticks.all() if one.is_visible()]
    page.reload()
    expect(ticks).to_have_count(0)
    expect(page.get_by_text("您已声明本次上传的文件不含涉密内容")).to_be_visible()


def test_what_is_missing_comes_first_and_the_optional_is_folded(
    phone: ChromiumHand, mine: Application
) -> None:
    page = enter(phone, mine, "/m")
    shown = page.locator("main > section[data-kind]")

    assert shown.count()
    assert all("必传" in one.inner_text() for one in shown.all())
    folded = page.locator("details.optional section[data-kind]")
    assert folded.count()
    assert not folded.first.is_visible()


def test_what_cannot_be_taken_is_said_before_it_is_sent(
    desk: ChromiumHand, mine: Application
) -> None:
    page = enter(desk, mine)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    heic = FilePayload(name="IMG_1.HEIC", mimeType="image/heic", buffer=b"x" * 100)
    heavy = FilePayload(name="大.pdf", mimeType="application/pdf", buffer=b"%PDF-" + bytes(6 << 20))

    send(page, "paper", small(), is_ticked=False)
    expect(page.locator("#e-paper")).to_contain_text("请先勾选")
    send(page, "paper", heic, heavy)

    lines = page.locator("#kind-paper [data-uploads] li")
    expect(lines.nth(0)).to_contain_text("HEIC")
    expect(lines.nth(1)).to_contain_text("5")
    assert not [url for url in asked if "/uploads" in url]


def test_what_the_server_refuses_is_said_at_the_file(desk: ChromiumHand, mine: Application) -> None:
    page = enter(desk, mine)
    broken = FilePayload(name="坏.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7 nothing")

    send(page, "paper", broken, small("好.pdf"))

    expect(page.locator("#kind-paper [data-uploads] li").first).to_contain_text("损坏")
    expect(page.locator("#kind-paper .paper")).to_have_count(1)
    assert names() == ["好.pdf"]


def test_pages_are_turned_and_enlarged(desk: ChromiumHand, mine: Application) -> None:
    page = enter(desk, mine)
    send(page, "paper", small(pages=3))
    expect(page.locator("#kind-paper .paper")).to_have_count(1)
    opener = page.locator("#kind-paper [data-view]")

    opener.focus()
    page.keyboard.press("Enter")

    viewer, image = page.locator("#viewer"), page.locator("#viewer img")
    expect(viewer).to_contain_text("第1页，共3页")
    expect(image).to_have_js_property("naturalWidth", 900)
    page.keyboard.press("ArrowRight")
    expect(viewer).to_contain_text("第2页，共3页")
    viewer.get_by_role("button", name="放大").click()
    expect(image).to_have_js_property("naturalWidth", 1800)
    page.keyboard.press("End")
    expect(viewer.get_by_role("button", name="下一页")).to_be_disabled()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#viewer') !== null")
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(opener).to_be_focused()
    desk.watch.look_at(page)


def test_a_photo_that_is_too_large_is_reduced_on_the_phone(
    phone: ChromiumHand, mine: Application, tmp_path: Path
) -> None:
    page = enter(phone, mine, "/m")
    path = tmp_path / "手机照片.jpg"
    scan((4200, 3100), "RGB").save(path, "JPEG", quality=99, subsampling=0)
    assert path.stat().st_size > 5 * 1024 * 1024
    unfold(page)
    card = page.locator("#kind-paper")
    expect(card.get_by_text("拍照", exact=True)).to_be_visible()

    card.locator("#c-paper").set_input_files(path)
    card.locator('input[name="secret"]').check()
    card.get_by_role("button", name="上传", exact=True).click()

    expect(card.locator(".paper")).to_have_count(1)
    expect(card.locator("[data-uploads] li")).to_contain_text("图片已由")
    assert names() == ["手机照片.jpg"]
    phone.watch.look_at(page)
    card.locator("[data-view]").click()
    expect(page.locator("#viewer")).to_contain_text("第1页，共1页")
    phone.watch.look_at(page)


def test_a_removal_is_undone(desk: ChromiumHand, mine: Application) -> None:
    page = enter(desk, mine)
    send(page, "paper", small())
    expect(page.locator("#kind-paper .paper")).to_have_count(1)

    desk.press("移除", within="kind-paper")
    assert names() == []
    desk.press("撤销移除")

    assert names() == ["论文.pdf"]


def test_the_plain_form_works_without_scripts(
    mine: Application, address: str, chromium: Browser
) -> None:
    username, key = mine.person.user.username, mine.id
    db.session.commit()
    context = chromium.new_context(base_url=address, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/login/")
    page.fill('[name="username"]', username)
    page.fill('[name="password"]', PASSWORD)
    page.click('main form button:not([type="button"])')
    page.goto(f"/me/application/{key}/materials")

    page.set_input_files(
        "#f-paper", FilePayload(name="甲.pdf", mimeType="application/pdf", buffer=pdf())
    )
    unfold(page)
    page.check('#kind-paper input[name="secret"]')
    page.click("#kind-paper button.go")

    expect(page.locator("#kind-paper .paper")).to_have_count(1)
    context.close()
    assert names() == ["甲.pdf"]
