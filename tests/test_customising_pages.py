"""The pages under docs/customise: each one in the table, named by a menu, and with its pictures."""

import re
from pathlib import Path
from statistics import median

import pytest
from flask import Flask

from app.ground.paths import ROOT
from app.menu import TREE
from app.views.frame import how_to_pages
from app.views.frame.how_to_pages import FOLDER, IMAGES
from tests.browser.measure import TASKS

TABLE = ROOT / "docs" / "customise.md"
PAGES = sorted(FOLDER.glob("*.md"))
BROWSER = ROOT / "tests" / "browser"
MEDIAN = 8
"""Most presses that the middle one of the tasks may take."""
MOST_BYTES = 2_000_000
"""All pictures together."""


def stated() -> list[tuple[str, int]]:
    """Return the tasks that tests in the browser play, with the presses that each states and is held to."""
    tests = (path.read_text(encoding="utf-8") for path in BROWSER.glob("test_*.py"))
    found = (re.findall(r'\btask\("([\w-]+)", (\d+)\)', text) for text in tests)
    return [(name, int(presses)) for each in found for name, presses in each]


def names(paths: list[Path]) -> set[str]:
    return {path.stem for path in paths}


def in_table() -> list[str]:
    return re.findall(r"\]\(customise/([\w-]+)\.md\)", TABLE.read_text(encoding="utf-8"))


def named_by_menus() -> set[str]:
    return {name for view in TREE.views() for name in getattr(view, "how_to", ())}


def test_every_page_stands_once_in_the_table() -> None:
    assert sorted(in_table()) == sorted(names(PAGES))


def test_every_page_is_named_by_a_menu_and_every_page_named_is_there(app: Flask) -> None:
    assert named_by_menus() == names(PAGES)


def test_every_picture_is_there_and_shown_by_a_page() -> None:
    shown = {name for path in PAGES for name in how_to_pages.page(path.stem).pictures}

    assert shown == {path.name for path in IMAGES.glob("*")}


def test_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in IMAGES.glob("*")) <= MOST_BYTES


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page_has_a_title_numbered_presses_and_a_way_back(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    page = how_to_pages.page(path.stem)

    assert page.title
    assert page.body.count("<ol>") == 1
    assert not re.search(r"<(?!/?(ol|ul|li|p|h2|code|em|strong|a|img)\b)", page.body), text
    assert re.findall(r"!\[\]\(", text) == []
    broken = [one for one in re.findall(r"\]\(([\w-]+\.md)\)", text) if not (FOLDER / one).exists()]
    assert broken == []


def test_each_task_of_the_measure_has_one_test_and_a_page() -> None:
    assert sorted(name for name, _presses in stated()) == sorted(TASKS)
    assert set(TASKS) <= names(PAGES)


def test_tasks_take_few_presses() -> None:
    assert median(presses for _name, presses in stated()) <= MEDIAN


def test_html_and_scripts_of_a_file_do_not_run() -> None:
    rendered = how_to_pages._markdown().render(
        '<script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src="y" onerror="z">'
    )

    assert "<script" not in rendered
    assert "<img" not in rendered
    assert "<a" not in rendered
