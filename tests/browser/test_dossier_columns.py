"""A field of 论文 becomes a column of 1.1.4: declared, shown, sorted, searched and taken back, without a restart."""

from typing import Any

from flask import Flask
from playwright.sync_api import expect

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Position
from tests.browser.measure import Measure, task
from tests.support import factories, signing
from tests.support.dossier_lists import fill_in, run_clock


def _account(position: Position) -> str:
    signing.give_password(position.user)
    username: str = position.user.username
    return username


@task("show-a-field-in-a-list", 6)
def test_field_of_a_paper_is_declared_sorted_searched_and_taken_back(
    app: Flask, new_hand: Any, measured: Measure
) -> None:
    unit = factories.unit("岳麓区第一中学")
    for name, title in (("王甲", "乙类课题研究"), ("李乙", "ＢＩＭ在教学中的应用"), ("张丙", "")):
        case = factories.application(ApplicationState.AT_UNIT, unit=unit, name=name)
        if title:
            fill_in(case, papers=[{"title": title}])
    names = (
        _account(factories.position(Role.SYSADMIN, user=factories.user())),
        _account(factories.position(Role.UNIT, unit=unit)),
    )
    db.session.commit()
    administrator, clerk = new_hand(), new_hand()
    administrator.sign_in(names[0])
    clerk.sign_in(names[1])
    page, listed = administrator.screen, clerk.screen

    with measured(administrator):
        administrator.go("列表中的申报字段")
        administrator.fill({"q": "论文题目"})
        administrator.press("查询")
        chosen = page.get_by_label("论文 · 论文题目").first
        chosen.select_option(label="默认显示，可查询")
        administrator.picture(
            "show-a-field-in-a-list",
            "main form[method=post] .card, main form[method=post]",
            pressed=chosen,
        )
        administrator.press("收进草稿并查看差别")
        expect(page.locator("ins")).to_have_text("默认显示、可查询")
        administrator.press("发布")
    expect(page.get_by_text("已发布 1 项变更")).to_be_visible()
    run_clock()

    listed.goto("/g/1.1.4/")
    listed.get_by_role("link", name="论文 · 论文题目").click()
    rows = listed.locator("table.list tbody tr")
    expect(rows).to_contain_text(["李乙", "王甲", "张丙"])
    clerk.picture(
        "show-a-field-in-a-list-2",
        "table.list",
        pressed=listed.get_by_role("link", name="论文 · 论文题目"),
    )
    listed.get_by_role("button", name="展开").click()
    listed.get_by_role("textbox", name="论文 · 论文题目").fill("bim")
    listed.get_by_role("search", name="查询条件").get_by_role("button", name="查询").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("ＢＩＭ在教学中的应用")

    page.goto("/g/permission-changes/")
    page.get_by_role("link", name="查看").first.click()
    page.get_by_role("link", name="撤销").click()
    page.get_by_role("button", name="撤销第").click()
    expect(page.get_by_text("已撤销").first).to_be_visible()
    listed.goto("/g/1.1.4/")
    expect(rows).to_have_count(3)
    expect(listed.get_by_role("link", name="论文 · 论文题目")).to_have_count(0)
