"""The judge's desk in Chromium: how many presses a case takes, drafts on a broken line, keys, axe, no scripts."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.enums import ApplicationState, AssessmentState, OpinionState, ReviewStep
from app.extensions import db
from app.models import Application, Assessment, CaseNote, Opinion, Plan, StoredFile, User
from app.services.files import attached_files
from tests.browser.chromium import DESKTOP, PHONE, ChromiumHand, follow
from tests.browser.test_hall_pages import findings
from tests.services import dossiers
from tests.support import factories, signing
from tests.views import desk
from tests.views.desk import WORDING, Judge

Open = Callable[..., Page]
ITEMS = [
    {"name": "专业理论水平", "max": 30, "weight": 30},
    {"name": "业绩与贡献", "max": 50, "weight": 50},
    {"name": "论文著作", "max": 20, "weight": 20},
]
NAMES = ("向若溪", "陈立群", "欧阳明远", "周敏")
COUNTS = """() => {
  const count = name => sessionStorage.setItem(name, Number(sessionStorage.getItem(name) || 0) + 1);
  document.addEventListener('pointerdown', () => count('clicks'), true);
  document.addEventListener('keydown', event => { if (!event.repeat && event.key !== 'Control') count('keys'); }, true);
}"""
SAVED = re.compile(r"已保存 \d\d:\d\d:\d\d")


@pytest.fixture
def plan(app: Flask) -> Plan:
    return desk.plan(name="2026年度工程系列高级评审会议", score_items=ITEMS)


@pytest.fixture
def me(app: Flask, plan: Plan) -> Judge:
    judge = desk.judge(app, plan)
    signing.give_password(db.session.get_one(User, judge.seat.user_id))
    return judge


@dataclass(frozen=True)
class Case:
    """A candidate by number and name: the test holds no transaction that the program would wait for."""

    id: int
    name: str


@pytest.fixture
def cases(plan: Plan, me: Judge) -> list[Case]:
    # one content for all papers: what the program finds in a file is no subject of the desk
    paper = attached_files.store(BytesIO(dossiers.pdf(2)), "paper.pdf")
    db.session.flush()
    made = [dossier_of(plan, name, paper) for name in NAMES]
    for one in made:
        factories.assign(me.seat, one)
    known = [Case(one.id, one.name) for one in made]
    db.session.commit()
    return known


def dossier_of(plan: Plan, name: str, paper: StoredFile) -> Application:
    """Make a candidate with every section filled and papers that can be opened."""
    person = factories.person(name, unit=factories.unit("湖南省交通规划勘察设计院"))
    case = factories.application(ApplicationState.DRAFT, person=person, batch=plan.batch)
    dossiers.fill(case)
    for kind in ("education", "achievement", "paper", "assessment"):
        attached = factories.attachment(case, kind, name="证明材料.pdf")
        attached.file_id = paper.id
    case.state, case.plan_id = ApplicationState.IN_REVIEW, plan.id
    db.session.flush()
    return case


@pytest.fixture
def enter(new_hand: Any, me: Judge) -> Open:
    """Sign the judge in on a screen and open an address."""
    username = me.seat.user.username
    db.session.commit()

    def open_at(address: str, **size: Any) -> Page:
        hand: ChromiumHand = new_hand(**size)
        hand.sign_in(username)
        hand.open(address)
        return hand.screen

    return open_at


def stored(case: Case) -> Assessment | None:
    db.session.rollback()
    found = db.session.query(Assessment).filter_by(application_id=case.id).one_or_none()
    db.session.commit()
    return found


def submitted() -> list[int | None]:
    db.session.rollback()
    query = db.session.query(Assessment).filter_by(state=AssessmentState.SUBMITTED)
    found = [one.total for one in query.order_by(Assessment.id)]
    db.session.commit()
    return found


def lose_everything() -> None:
    """What a page sends on leaving may reach the server; on a device that is switched off it does not."""
    db.session.rollback()
    for model in (Assessment, CaseNote):
        db.session.query(model).delete()
    db.session.commit()


def test_case_takes_a_few_keys_and_no_click(enter: Open, cases: list[Case], capsys: Any) -> None:
    first = cases[0].id
    page = enter("/")
    page.context.add_init_script(f"({COUNTS})()")
    page.goto(f"/g/1.3.3/{first}")
    page.evaluate("sessionStorage.clear()")
    began = time.perf_counter()

    for case in cases:
        expect(page.locator("h1")).to_have_text(case.name)
        for points in ("25", "41", "18"):
            page.keyboard.type(points)
            page.keyboard.press("Enter")
        expect(page.locator("[data-total]")).to_have_text("84.00")
        with page.expect_navigation():
            page.keyboard.press("Control+Enter")

    seconds = (time.perf_counter() - began) / len(cases)
    clicks, keys = page.evaluate(
        "['clicks', 'keys'].map(name => sessionStorage.getItem(name) || '0')"
    )
    with capsys.disabled():
        print(
            f"\nclicks and seconds per case: {int(clicks) / len(cases):.1f} clicks, "
            f"{int(keys) / len(cases):.1f} keys, {seconds:.2f} s of the program"
        )
    assert submitted() == [8400] * 4
    assert clicks == "0"


def test_case_takes_one_click_with_the_mouse(enter: Open, cases: list[Case]) -> None:
    page = enter(f"/g/1.3.3/{cases[0].id}")
    page.keyboard.type("30")
    for place in (1, 2):
        page.locator(f"#score-{place}").fill("10")

    page.locator('[data-step="-1"][data-for="score-0"]').click()
    expect(page.locator("#score-0")).to_have_value("29")
    page.get_by_role("button", name="提交，下一个").click()
    page.wait_for_url(f"**/g/1.3.3/{cases[1].id}")

    expect(page.locator(".note.ok")).to_contain_text("49.00分")
    assert submitted() == [4900]


def test_draft_saves_itself_after_a_pause(enter: Open, cases: list[Case]) -> None:
    page = enter(f"/g/1.3.3/{cases[0].id}")

    page.fill("#score-0", "25")
    page.fill("#note", "论文待查")
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    expect(page.locator("[data-saved]")).not_to_have_class(re.compile("late"))
    page.reload()

    expect(page.locator("#score-0")).to_have_value("25")
    expect(page.locator("#note")).to_have_value("论文待查")
    sheet = stored(cases[0])
    assert sheet is not None
    assert sheet.scores == {"专业理论水平": 25}


def test_impossible_points_are_marked_where_they_stand(enter: Open, cases: list[Case]) -> None:
    page = enter(f"/g/1.3.3/{cases[0].id}")

    page.fill("#score-0", "31")
    expect(page.locator("#score-0-error")).to_contain_text("0到30的整数")
    expect(page.locator("#score-0")).to_have_attribute("aria-invalid", "true")
    page.fill("#score-0", "30")

    expect(page.locator("#score-0-error")).to_have_count(0)
    expect(page.locator("[data-saved]")).to_have_text(SAVED)


def test_draft_waits_for_the_line(enter: Open, cases: list[Case]) -> None:
    page = enter(f"/g/1.3.3/{cases[0].id}")

    page.context.set_offline(True)
    page.fill("#score-1", "44")
    expect(page.locator("[data-saved]")).to_contain_text("网络不通")
    page.context.set_offline(False)

    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    sheet = stored(cases[0])
    assert sheet is not None
    assert sheet.scores == {"业绩与贡献": 44}


def test_what_never_reached_the_server_is_back_on_this_device(
    enter: Open, cases: list[Case]
) -> None:
    page = enter(f"/g/1.3.3/{cases[0].id}")
    page.route("**/sheet", lambda route: route.abort())
    page.fill("#score-1", "44")
    page.fill("#note", "要问答辩组")
    expect(page.locator("[data-saved]")).to_contain_text("网络不通")

    page.goto(f"/g/1.3.3/{cases[1].id}")
    lose_everything()
    page.unroute("**/sheet")
    page.goto(f"/g/1.3.3/{cases[0].id}")

    expect(page.locator("#score-1")).to_have_value("44")
    expect(page.locator("#note")).to_have_value("要问答辩组")
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:'))") == []


def test_keys_move_between_cases_and_items(enter: Open, cases: list[Case]) -> None:
    page = enter(f"/g/1.3.3/{cases[1].id}")

    page.keyboard.press("Escape")
    page.keyboard.press("3")
    expect(page.locator("#score-2")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#score-2")).to_have_value("1")
    page.keyboard.press("n")
    expect(page.locator("#note")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.wait_for_url(f"**/g/1.3.3/{cases[0].id}")
    page.keyboard.press("j")
    page.wait_for_url(f"**/g/1.3.3/{cases[1].id}")

    expect(page.locator("#score-2")).to_have_value("1")


def test_review_is_decided_by_keys(enter: Open, cases: list[Case]) -> None:
    page = enter(f"/g/1.3.1/{cases[0].id}")

    page.keyboard.press("r")
    page.keyboard.press("Control+Enter")
    page.wait_for_load_state()
    expect(page.locator("#reason-error")).to_be_visible()
    page.fill("#reason", "代表作与申报专业不符，缺检索证明")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/g/1.3.1/{cases[1].id}")
    page.keyboard.press("a")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/g/1.3.1/{cases[2].id}")

    db.session.rollback()
    decided = db.session.query(Assessment.is_passed).order_by(Assessment.id).all()
    db.session.commit()
    assert [passed for (passed,) in decided] == [False, True]


def test_opinion_is_written_and_its_text_kept_on_the_device(enter: Open, cases: list[Case]) -> None:
    page = enter(f"/g/1.3.5/{cases[0].id}")

    page.fill("#text", WORDING)
    page.reload()
    expect(page.locator("#text")).to_have_value(WORDING)
    page.locator("#text").focus()
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    expect(page.locator("#acts .tag").first).to_have_text("已签 1 / 3")
    db.session.rollback()
    assert db.session.query(Opinion).one().state is OpinionState.DRAFT


def test_keys_press_the_form_they_are_pressed_in(
    enter: Open, app: Flask, plan: Plan, cases: list[Case]
) -> None:
    other = desk.judge(app, plan)
    factories.opinion(db.session.get_one(Application, cases[0].id), other.seat)
    db.session.commit()
    page = enter(f"/g/1.3.5/{cases[0].id}")

    page.locator("summary", has_text="修改意见").click()
    page.fill("#text", WORDING)
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    expect(page.locator(".opinion")).to_have_text(WORDING)
    expect(page.locator("#acts .tag").first).to_have_text("已签 1 / 3")


def test_paper_opens_beside_the_sheet(enter: Open, cases: list[Case]) -> None:
    page = enter(f"/g/1.3.3/{cases[0].id}")

    page.locator("#s-education [data-view]").first.click()
    expect(page.locator("#viewer")).to_be_visible()
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Escape")

    expect(page.locator("#viewer")).not_to_be_visible()
    assert submitted() == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_axe_finds_nothing_serious_at_the_desk(
    enter: Open, plan: Plan, me: Judge, cases: list[Case], size: tuple[int, int]
) -> None:
    one, other, locked = (db.session.get_one(Application, case.id) for case in cases[:3])
    factories.assessment(me.seat, locked, scores={item["name"]: 10 for item in ITEMS})
    factories.assessment(
        me.seat, locked, step=ReviewStep.MATERIAL_REVIEW, is_passed=False, total=None,
        reason="代表作与申报专业不符", scores={},
    )  # fmt: skip
    factories.opinion(other, me.seat)
    pages = [
        *(f"/g/{guide}/{path}" for guide in desk.LISTS for path in ("", one.id, locked.id)),
        f"/g/1.3.5/{other.id}", "/g/1.3.5/sign", f"/g/1.3.3/compare?a={one.id}&b={other.id}", "/g/1.3.3/upload",
    ]  # fmt: skip
    db.session.commit()
    page = enter("/", size=size)
    faults: list[str] = []

    for address in pages:
        page.goto(address)
        faults += findings(page)
        wide = page.evaluate("document.scrollingElement.scrollWidth")
        if wide > size[0]:
            faults.append(f"{address} is {wide} px wide")

    assert not faults, "\n".join(faults)


def test_desk_works_without_scripts(
    chromium: Browser, address: str, me: Judge, cases: list[Case]
) -> None:
    username = me.seat.user.username
    db.session.commit()
    context = chromium.new_context(base_url=address, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto("/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", signing.PASSWORD)
    follow(page, page.get_by_role("button", name="登录"))
    page.goto(f"/g/1.3.3/{cases[0].id}")

    page.fill("#score-0", "25")
    follow(page, page.get_by_role("button", name="保存草稿", exact=True).last)
    draft = page.locator("#score-0").input_value()
    for place, points in enumerate(("25", "41", "18")):
        page.fill(f"#score-{place}", points)
    follow(page, page.get_by_role("button", name="提交", exact=True))
    said = page.locator(".note.ok").inner_text()
    context.close()

    assert draft == "25"
    assert "84.00分" in said
    assert submitted() == [8400]
