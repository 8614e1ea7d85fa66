"""Bringing texts into the catalogue: what is known keeps its Chinese, and a second run changes nothing."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

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


@pytest.mark.parametrize(
    ("translation", "is_whole"),
    [
        ("已有%(count)s人签名", True),
        ("已有%(count)人签名", False),
        ("已有%(number)s人签名", False),
        ("已签%(count)s人，占100%%", True),
        ("无人", True),
    ],
)
def test_cut_placeholder_of_a_translation_is_found(translation: str, is_whole: bool) -> None:
    message = Message("%(count)s signatures so far", flags=["python-format"])

    assert freshness.takes_values(translation, message) is is_whole


def test_every_translation_takes_the_values_of_its_text() -> None:
    with freshness.CATALOGUE.open("rb") as file:
        messages = [one for one in read_po(file) if one.id]

    assert [
        one.id
        for one in messages
        if not all(freshness.takes_values(text, one) for text in freshness.strings(one))
    ] == []
