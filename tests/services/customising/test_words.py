"""Texts of the program: which may take the place of which, how they are found, what an upgrade does to them."""

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app.engine import Refused
from app.ground.actor import Actor
from app.models import CustomValue
from app.services.customising import change_lines, change_sets, word_rules, word_search, words
from app.services.customising.words import CHINESE, ENGLISH, GUIDE, WORDS
from tests.support.words import author, cell, chinese, collected, published

COLLECTED = "%(num)s change collected in your draft; nothing holds yet."


@pytest.fixture
def admin(session: Session) -> Actor:
    return author()


def why_not(default: str, text: str) -> str:
    with force_locale("en"):
        return word_rules.why_not(default, text) or ""


def first(typed: str, **changed: list[str]) -> words.Word:
    return words.entries()[word_search.find(typed, {})[0]][0]


# what may be typed


def test_every_text_of_the_program_may_take_its_own_place(app: Flask) -> None:
    refused = {
        word.key: why
        for word in words.items().values()
        if (why := word_rules.why_not_forms(word.forms, word.forms))
    }

    assert len(words.items()) > 5000
    assert refused == {}


def test_keys_are_short_and_there_is_one_for_each_text(app: Flask) -> None:
    places = list(words.items())

    assert max(len(key) for _target, key in places) <= 100
    assert len({key for target, key in places if target == CHINESE}) == len(
        {key for target, key in places if target == ENGLISH}
    )


@pytest.mark.parametrize(
    ("default", "text", "said"),
    [
        ("%(count)s rows", "rows", "Keep %(count)s"),
        ("%(count)s rows", "%(count)d rows", "Keep %(count)s"),
        ("%(count)s rows", "%(count) rows", "Keep %(count)s"),
        ("%(count)s rows", "%(count)s of %(count)s rows", "no value for %(count)s"),
        ("%(count)s rows", "%(count)s of %(all)s rows", "no value for %(all)s"),
        ("%(count)s rows", "%(count)s rows, 5%", "Write ％"),
        ("Row {number} added.", "A row was added.", "Keep {number}"),
        ("Row {number} added.", "Row {number} {title} added.", "no value for {title}"),
        ("Row added.", "Row {0} added.", "no value for {0}"),
        ("Row added.", "Row } added.", "Write ％"),
        ("Row added.", "  \n ", "Type a text"),
        ("Row added.", "Row <b>added</b>.", "mark of a web page"),
        ("Row added.", "Row <script>alert(1)</script>", "mark of a web page"),
        ("Row added.", 'Row" onmouseover="alert(1)', "part of the web page"),
        ("Row added.", "Row &lt;added", "part of the web page"),
        ("Row added.", "Row \u202eadded.", "cannot be seen"),
        ("Row added.", "Row\x07 added.", "cannot be seen"),
        ("Row added.", "Row\nadded.", "cannot be seen"),
        ("Row added.", "字" * 10_000, "10000 characters"),
    ],
)
def test_text_is_refused_with_the_reason(app: Flask, default: str, text: str, said: str) -> None:
    assert said in why_not(default, text)


@pytest.mark.parametrize(
    ("default", "text"),
    [
        ("%(count)s rows", "行数：%(count)s"),
        ("%(percent)s%% of %(base)s", "%(base)s 的 %(percent)s%%"),
        ("Weight (%)", "Weight in %"),
        ("Report", "报送“材料”（全部）"),
        ("one\ntwo", "one\ntwo\nthree"),
    ],
)
def test_text_with_the_same_placeholders_is_accepted(app: Flask, default: str, text: str) -> None:
    assert why_not(default, text) == ""


def test_every_plural_form_is_asked_for(admin: Actor) -> None:
    item = words.items()[cell(COLLECTED)[:2]]

    with force_locale("en"):
        alone = WORDS.why_not(admin, item, "", "%(num)s collected.")
        lost = WORDS.why_not(admin, item, "", ["One collected.", "%(num)s collected."])
    both = WORDS.why_not(admin, item, "", ["%(num)s more.", "%(num)s more in all."])

    assert alone == "This text has 2 forms; type each of them."
    assert "Keep %(num)s" in str(lost)
    assert both is None


def test_blanks_at_both_ends_are_those_of_the_text_it_replaces() -> None:
    assert word_rules.cleaned(" or ", "也\r\n") == " 也 "
    assert word_rules.cleaned("Report", "  报送　") == "报送"


# how texts are found


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("draft: 12 changes", "Draft: %(count)s changes"),
        ("已收进草稿 3 项，尚未生效。", COLLECTED),
        ("3 changes collected in your draft; nothing holds yet.", COLLECTED),
        ("基础数据和字典", "Registers and code tables"),
        ("Ｒegisters　ＡＮＤ code tables", "Registers and code tables"),
    ],
)
def test_text_is_found_by_what_one_sees(app: Flask, typed: str, text: str) -> None:
    assert first(typed).text == text


def test_text_is_found_by_what_was_put_in_its_place_and_by_its_own(app: Flask) -> None:
    place = chinese("Registers and code tables", "place")[:2]
    found = [
        word_search.find(typed, {place: ["给大家看的"]})[0]
        for typed in ("给大家看", "基础数据和字典")
    ]

    assert found == [place[1]] * 2


def test_sentence_put_together_of_two_texts_leads_to_both(app: Flask) -> None:
    found = [words.entries()[key][0].text for key in word_search.find("公开页面 · 打印页", {})]

    assert {"Public pages", "Printed sheets"} <= set(found)


def test_what_no_text_says_is_not_found(app: Flask) -> None:
    assert word_search.find("qqzzqq", {}) == []


def test_line_of_the_guide_is_found(app: Flask) -> None:
    word = first("点击【上报】，申报上报成功。")

    assert word.target == GUIDE
    assert word.key.endswith(" steps")


# drafts


def test_draft_says_the_language_and_both_texts(admin: Actor) -> None:
    draft = collected(admin, {chinese("Public pages"): "公示页面"})

    with force_locale("en"):
        line = str(change_lines.lines(draft)[0])

    assert line == "Everybody · Chinese · 公开页面: 公开页面 → 公示页面"


def test_colleagues_draft_is_named_with_the_place(admin: Actor, session: Session) -> None:
    place = chinese("Public pages")
    collected(author("吴语"), {place: "公示页面"})

    with force_locale("en"), pytest.raises(Refused) as refused:
        collected(admin, {place: "对外页面"})

    assert "吴语 changes this already" in refused.value.sentence
    assert refused.value.field == " ".join(place[:2])


def test_undoing_brings_the_text_back_and_leaves_no_value(admin: Actor, session: Session) -> None:
    done = published(admin, {chinese("Public pages"): "公示页面"})
    held = [(one.area, one.value) for one in session.query(CustomValue)]

    change_sets.undo(admin, done, at=done.published_at)  # type: ignore[arg-type]  # it was published

    assert held == [("words", "公示页面")]
    assert session.query(CustomValue).count() == 0


def test_text_that_an_upgrade_took_away_is_named_and_not_applied(
    admin: Actor, session: Session
) -> None:
    done = published(admin, {chinese("Public pages"): "公示页面"})
    gone = (CHINESE, "An older text #0123456789ab", "")
    for row in (*done.overrides, *session.query(CustomValue)):
        row.key = gone[1]
    session.commit()

    assert change_sets.orphans() == ["zh_Hans_CN An older text #0123456789ab"]
    assert words.changed_messages({gone: "公示页面"}, CHINESE) == {}


def test_stored_text_that_would_break_a_page_is_not_applied(app: Flask) -> None:
    place = chinese("Draft: %(count)s changes")

    assert words.changed_messages({place: "草稿 %(nosuch)s"}, CHINESE) == {}
    assert words.changed_messages({place: ["草稿", "%(count)s"]}, CHINESE) == {}
    assert words.changed_messages({place: None}, CHINESE) == {}
