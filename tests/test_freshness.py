"""Bringing texts into the catalogue: what is known keeps its Chinese, and a second run changes nothing."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tests import freshness

PRESENT = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Refuse"
msgstr "不通过"

msgid "Left the code"
msgstr "已不再使用"
"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    place = tmp_path / "zh_Hans_CN/LC_MESSAGES/messages.po"
    place.parent.mkdir(parents=True)
    place.write_text(PRESENT, encoding="utf-8")
    return place


@pytest.fixture
def texts() -> Catalog:
    found = Catalog()
    for text in ("Refuse", "New in the code"):
        found.add(text)
    return found


def test_update_adds_and_drops_and_keeps_what_is_translated(target: Path, texts: Catalog) -> None:
    freshness.update(texts, target)

    written = target.read_text(encoding="utf-8")
    assert 'msgid "Refuse"\nmsgstr "不通过"' in written
    assert 'msgid "New in the code"\nmsgstr ""' in written
    assert "Left the code" not in written
    assert "不通过".encode() in target.with_suffix(".mo").read_bytes()


def test_second_update_changes_nothing_and_names_no_day(target: Path, texts: Catalog) -> None:
    freshness.update(texts, target)
    first = target.read_bytes()

    freshness.update(texts, target)

    assert target.read_bytes() == first
    assert b"Date: 2" not in first
