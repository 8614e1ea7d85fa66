"""The guide is a test: every numbered section is one menu with the title and the functions it prints."""

import pytest
from flask_babel import force_locale

from app.menu import MENU
from app.services.customising.words import guide

SECTIONS = {section["number"]: section for section in guide()["sections"]}
ACTS_OF_THE_MEETING = {"1.3.4"}
"""The ballot of the open round is one page over all candidates, no button over chosen rows."""
VERBS = {"上报", "审核", "备案", "确认", "打分", "评审意见"}


def view_of(number):
    found = [view for chapter in MENU for view in chapter.views if view.guide == number]
    assert len(found) == 1, f"{number}: {found}"
    return found[0]


def family(view):
    return (view, *view.tabs)


def functions(number):
    return [line.removeprefix("支持").rstrip("；。") for line in SECTIONS[number]["functions"]]


def test_guide_has_its_twenty_three_sections():
    assert len(SECTIONS) == 23


def test_menu_follows_the_guides_order():
    numbers = [view.guide for chapter in MENU for view in chapter.views if view.guide in SECTIONS]

    assert numbers == sorted(SECTIONS)


@pytest.mark.parametrize("number", SECTIONS)
def test_menu_title_is_the_guides_to_the_letter(app, number):
    with force_locale("zh_Hans_CN"):
        assert str(view_of(number).label) == SECTIONS[number]["title"]


@pytest.mark.parametrize("chapter", guide()["chapters"].items(), ids=lambda pair: pair[0])
def test_chapter_title_is_the_guides_to_the_letter(app, chapter):
    number, title = chapter

    with force_locale("zh_Hans_CN"):
        assert [str(one.label) for one in MENU if one.number == number] == [title]


@pytest.mark.parametrize("number", SECTIONS)
def test_query_is_supported_by_list_search_and_detail(app, number):
    view = view_of(number)

    assert "查询" in functions(number)
    assert {"list", "show"} <= set(view.permissions())
    assert view.search_columns


@pytest.mark.parametrize("number", [n for n in SECTIONS if "新增" in functions(n)])
def test_new_is_supported(app, number):
    view = view_of(number)

    with force_locale("zh_Hans_CN"):
        assert str(view.add.label) == "新增"


@pytest.mark.parametrize("number", sorted(set(SECTIONS) - ACTS_OF_THE_MEETING))
def test_buttons_have_the_guides_words(app, number):
    wanted = set(functions(number)) & VERBS

    with force_locale("zh_Hans_CN"):
        labels = {str(b.label) for view in family(view_of(number)) for b in view.buttons}
        labels |= {str(view.add.label) for view in family(view_of(number)) if view.add}

    assert wanted <= labels


@pytest.mark.parametrize(
    "number", [n for n in SECTIONS if "审核" in functions(n) and n not in ACTS_OF_THE_MEETING]
)
def test_audit_offers_passed_and_not_passed(app, number):
    with force_locale("zh_Hans_CN"):
        words = {
            str(word)
            for view in family(view_of(number))
            for button in view.buttons
            for word in (*button.events.values(), button.refusals)
        }

    assert {"审核通过", "审核不通过"} <= words


def test_vote_has_the_guides_word(app):
    with force_locale("zh_Hans_CN"):
        assert str(view_of("1.3.4").verb) == "投票"
