"""Form, conditions, materials, messages and phrases changed in Chromium by those who may, each undone at the end."""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.enums import ApplicationState, ApplyMode, Role
from app.extensions import db
from app.models import (
    Application,
    DictItem,
    EligibilityRule,
    MaterialKind,
    MessageTemplate,
    Phrase,
    Position,
)
from app.services.form import form_versions
from app.services.messages import templates
from tests.browser.chromium import PHONE, ChromiumHand
from tests.browser.measure import Measure, task
from tests.support import factories, signing

KEY = "application.superior_end"


@pytest.fixture
def hand(app: Flask, new_hand: Any) -> ChromiumHand:
    """A system administrator, signed in."""
    return enter(new_hand, factories.position(Role.SYSADMIN))


def enter(new_hand: Any, position: Position, **size: Any) -> ChromiumHand:
    signing.give_password(position.user)
    username = position.user.username
    db.session.commit()
    hand: ChromiumHand = new_hand(**size)
    hand.sign_in(username)
    return hand


def applicant(series: str = "") -> tuple[Position, int]:
    """Return an applicant's position and the id of a draft that begins with the version in use now."""
    person = factories.person(unit=factories.unit())
    position = factories.position(Role.APPLICANT, person=person)
    made = factories.application(ApplicationState.DRAFT, person=person, unit=person.unit)
    if series:
        made.series_code = series
    db.session.flush()
    number = made.id
    db.session.commit()
    return position, number


def begin_draft(hand: ChromiumHand) -> str:
    hand.open("/g/form/")
    hand.press("新建草稿")
    return hand.path


def publish(hand: ChromiumHand, draft: str) -> None:
    hand.open(draft)
    hand.press("发布…")
    hand.press("发布")


def take_back(hand: ChromiumHand) -> None:
    hand.open("/g/form/")
    hand.screen.get_by_role("button", name="收回").click()
    hand.follow("#ask[open] button[value=yes]")
    expect(hand.screen.locator(".flash, .note.ok").first).to_contain_text("已收回")


def fresh(model: Any, **facts: Any) -> Any:
    """Return the row as it is stored now; the test holds no transaction that the program would wait for."""
    db.session.rollback()
    found = db.session.scalars(select(model).filter_by(**facts)).one()
    db.session.expunge(found)
    db.session.commit()
    return found


@task("add-a-field", 10)
def test_required_field_with_a_new_dictionary_is_published_seen_and_taken_back(
    hand: ChromiumHand, new_hand: Any, measured: Measure
) -> None:
    former = form_versions.in_force().form_version
    db.session.commit()
    with measured(hand):
        hand.go("申报表单")
        hand.press("新建草稿")
        hand.follow("#papers a[href$='/field']")
        hand.fill({"label": "收录平台", "kind": "choice", "dictionary": "+", "is_required": True})
        hand.fill({"new_name": "论文收录平台", "new_values": "知网\n万方\n维普"})
        hand.picture(
            "add-a-field", "main form .card", pressed=hand.screen.locator("#dictionary"), tall=520
        )
        hand.press("保存")
        hand.press("发布…")
        hand.picture("add-a-field-2", "main .card", tall=360)
        hand.press("发布")

    position, number = applicant()
    reader = enter(new_hand, position, size=PHONE)
    reader.open(f"/me/application/{number}/section/papers")
    shown = reader.screen.content()
    assert shown.index("收录平台") < shown.index(">知网<") < shown.index(">万方<")

    take_back(hand)

    assert form_versions.in_force().form_version == former
    db.session.commit()
    position, number = applicant()
    other = enter(new_hand, position)
    other.open(f"/me/application/{number}/section/papers")
    assert "收录平台" not in other.screen.content()
    assert len(db.session.scalars(select(DictItem).filter_by(label="维普")).all()) == 1


def test_new_dictionary_of_a_field_is_asked_for_where_it_is_refused(hand: ChromiumHand) -> None:
    draft = begin_draft(hand)
    hand.open(f"{draft}section/papers/field")
    screen = hand.screen
    expect(screen.locator("#new_name")).to_be_hidden()
    hand.fill({"label": "收录平台", "kind": "choice", "dictionary": "+"})
    expect(screen.locator("#new_name")).to_be_visible()
    hand.press("保存")
    assert screen.locator("#new_name-error").inner_text()
    hand.fill({"new_name": "论文收录平台", "new_values": "知网\n万方\n知网"})
    hand.press("保存")
    expect(screen.locator("#new_values-error")).to_contain_text("知网")


def test_steps_go_back_and_forth_and_nothing_is_left_of_a_discarded_draft(
    hand: ChromiumHand,
) -> None:
    draft = begin_draft(hand)
    for label in ("甲平台", "乙平台"):
        hand.open(f"{draft}section/papers/field")
        hand.fill({"label": label, "kind": "choice", "dictionary": "+"})
        hand.fill({"new_name": f"{label}表", "new_values": "一\n二"})
        hand.press("保存")

    hand.press("撤销上一步")
    hand.press("撤销上一步")
    assert "甲平台" not in hand.text
    hand.press("重做")
    assert "甲平台" in hand.text
    assert "乙平台" not in hand.text
    hand.screen.locator("summary", has_text="修改步骤").click()
    hand.follow(hand.screen.locator("li", has_text="乙平台").get_by_role("button"))
    assert "乙平台" in hand.text
    hand.press("放弃草稿")
    hand.press("放弃草稿")

    assert db.session.scalars(select(DictItem).filter_by(label="二")).all() == []


@task("hide-a-field-for-a-series", 9)
def test_field_is_hidden_for_one_series(
    hand: ChromiumHand, new_hand: Any, measured: Measure
) -> None:
    _position, number = applicant()
    series = fresh(Application, id=number).series_code
    other = "05" if series != "05" else "02"
    with measured(hand):
        hand.go("申报表单")
        hand.press("新建草稿")
        draft = hand.path
        hand.follow("#papers-words a[href$='/field/words']")
        hand.screen.locator("fieldset#hidden_when summary").first.click()
        tick = hand.screen.locator(f"#hidden_when-series-{series}")
        tick.check()
        hand.picture("hide-a-field-for-a-series", "fieldset#hidden_when", pressed=tick, tall=360)
        hand.press("保存")
        hand.press("发布…")
        hand.press("发布")

    shown = []
    for code in (series, other):
        hand.open(f"{draft}preview?section=papers&series={code}")
        position, number = applicant(code)
        reader = enter(new_hand, position)
        reader.open(f"/me/application/{number}/section/papers")
        shown.append(
            (
                hand.screen.get_by_label("字数").count(),
                "字数" in reader.screen.locator("main").inner_html(),
            )
        )
    assert shown == [(0, False), (1, True)]

    take_back(hand)


def test_what_a_condition_reads_cannot_be_taken_out(hand: ChromiumHand) -> None:
    draft = begin_draft(hand)
    hand.open(f"{draft}remove/basic/insurance_unit")
    hand.press("移除")
    assert "申报条件“" in hand.text
    hand.open(f"{draft}publish")
    assert hand.screen.get_by_role("button", name="发布", exact=True).count() == 0

    hand.open(draft)
    hand.press("撤销上一步")
    assert "发布前需改正" not in hand.text


@task("edit-a-message", 7)
def test_message_is_worded_previewed_saved_and_restored(
    hand: ChromiumHand, measured: Measure
) -> None:
    screen: Page = hand.screen
    with measured(hand):
        hand.go("消息模板")
        screen.get_by_role("main").get_by_role("searchbox").or_(
            screen.locator("main [name=search]")
        ).first.fill("审核不通过")
        hand.press("查询")
        hand.follow("td.acts a")
        body = screen.locator("#body")
        body.fill(f"{body.input_value()} 联系人：")
        insert = screen.locator('[data-insert="{unit}"]')
        insert.click()
        assert body.input_value().endswith("联系人：{unit}")
        hand.press("预览")
        expect(screen.locator("#preview")).to_contain_text("联系人：常德市教育局")
        hand.picture(
            "edit-a-message",
            "#preview",
            pressed=screen.get_by_role("button", name="预览"),
            tall=560,
        )
        hand.press("保存")
    assert fresh(MessageTemplate, key=KEY).body.endswith("联系人：{unit}")

    hand.open(f"/console/message-template/edit/?id={fresh(MessageTemplate, key=KEY).id}")
    hand.press("恢复默认")

    stored = fresh(MessageTemplate, key=KEY)
    assert (stored.subject, stored.body) == templates.defaults()[KEY]


def test_unknown_variable_of_a_message_is_refused_and_a_message_tried_out(
    hand: ChromiumHand,
) -> None:
    screen: Page = hand.screen
    hand.open(f"/console/message-template/edit/?id={fresh(MessageTemplate, key=KEY).id}")
    screen.locator("#body").click()
    screen.keyboard.press("Control+End")
    screen.keyboard.type(" 联系人：{nosuch}")
    hand.press("预览")
    expect(screen.locator("#body-error")).to_contain_text("{nosuch}")
    value = screen.locator("#body").input_value()
    screen.locator("#body").fill(value.replace("{nosuch}", "{unit}"))
    hand.press("发给自己试看")
    expect(screen.locator(".note.ok").first).to_be_visible()


@task("ask-for-a-material", 5)
def test_material_is_asked_for_in_exceptional_cases(hand: ChromiumHand, measured: Measure) -> None:
    kind = fresh(MaterialKind, code="award")
    exceptional = {"by": "applicant", "mode": ApplyMode.EXCEPTIONAL.value}
    assert not kind.must_be_there(exceptional)

    with measured(hand):
        hand.go("材料种类")
        row = hand.screen.locator("tbody tr").filter(has_text=kind.name)
        hand.follow(row.locator("td.acts a").first)
        tick = hand.screen.locator("#required_when-mode-exceptional")
        if not tick.is_visible():
            tick.locator("xpath=ancestor::details/summary").click()
        tick.check()
        hand.picture("ask-for-a-material", "#required_when", pressed=tick, tall=320)
        hand.press("保存")
    asked = fresh(MaterialKind, code="award")
    hand.open("/console/material-kind/edit/?id=award")
    hand.screen.locator("#required_when-mode-exceptional").set_checked(False)
    hand.press("保存")

    assert asked.must_be_there(exceptional)
    assert not asked.must_be_there({**exceptional, "mode": ApplyMode.NORMAL.value})
    assert not fresh(MaterialKind, code="award").must_be_there(exceptional)


@task("change-a-condition", 6)
def test_condition_for_applying_is_changed_and_changed_back(
    hand: ChromiumHand, measured: Measure
) -> None:
    rule = db.session.scalars(
        select(EligibilityRule).filter_by(kind="continuing_education")
    ).first()
    assert rule is not None
    number, name, before = rule.id, rule.name, rule.parameters["public"]
    db.session.commit()

    with measured(hand):
        hand.go("申报条件")
        hand.fill({"q.any": name})
        hand.press("查询")
        hand.press("查看")
        hand.press("修改")
        hand.fill({"number_public": str(before + 5)})
        hand.picture(
            "change-a-condition",
            "main form .card",
            pressed=hand.screen.locator("[name=number_public]"),
            tall=520,
        )
        hand.press("保存")
    assert fresh(EligibilityRule, id=number).parameters["public"] == before + 5

    hand.open(f"/g/eligibility-rules/{number}/change")
    hand.fill({"number_public": str(before)})
    hand.press("保存")
    assert fresh(EligibilityRule, id=number).parameters["public"] == before


@task("add-a-phrase", 3)
def test_phrase_of_ones_own_is_added_and_retired(
    app: Flask, new_hand: Any, measured: Measure
) -> None:
    clerk = enter(new_hand, factories.position(Role.UNIT, unit=factories.unit()))

    with measured(clerk):
        clerk.go("我的常用语")
        clerk.press("新增")
        clerk.fill({"text": "材料齐全，同意推荐。"})
        clerk.picture("add-a-phrase", ".title", "main form .card", "main .press-bar")
        clerk.press("保存")
    assert fresh(Phrase, text="材料齐全，同意推荐。").is_active

    clerk.open(f"/g/own-phrases/{fresh(Phrase, text='材料齐全，同意推荐。').id}/edit")
    clerk.fill({"is_active": False})
    clerk.press("保存")
    assert not fresh(Phrase, text="材料齐全，同意推荐。").is_active
