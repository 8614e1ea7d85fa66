"""Cells as the imports take them: texts, ID numbers, days, choices in any language, names."""

from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from app.enums import Sex
from app.services.imports import cells, tables
from app.validators import Invalid
from app.validators.texts import folded
from tests.services.imports.importers import IMPORTERS


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""), (" 甲 ", "甲"), (13800000000.0, "13800000000"), (9.5, "9.5"), ("'=1+1", "=1+1"),
        ("'430099", "430099"), ("'引号'", "'引号'"), ("'", "'"),
    ],
)  # fmt: skip
def test_text_of_a_cell(app: Flask, value: Any, expected: str) -> None:
    assert cells.text(value) == expected


@pytest.mark.parametrize("value", [date(2026, 1, 2), datetime.fromisoformat("2026-01-02T09:00")])
def test_day_is_no_text(app: Flask, value: Any) -> None:
    with pytest.raises(Invalid, match="A date stands here"):
        cells.text(value)


@pytest.mark.parametrize("value", [4.30099198503071e17, 430099198503071010, -(10.0**15)])
def test_rounded_number_is_refused(app: Flask, value: Any) -> None:
    with pytest.raises(Invalid, match="rounded"):
        cells.exact_number(value)


@pytest.mark.parametrize(
    "value",
    [
        date(1985, 6, 1), datetime.fromisoformat("1985-06-01T09:30"), 19850601.0, "19850601", "1985/6/1", "1985.6.1", "1985年6月1日",
        "1985-06-01 00:00:00", "１９８５－６－１",
    ],
)  # fmt: skip
def test_day_of_a_cell(app: Flask, value: Any) -> None:
    assert cells.day(value) == date(1985, 6, 1)


def test_empty_cell_has_no_day_and_no_choice(app: Flask) -> None:
    assert (cells.day(None), cells.chosen(None, Sex)) == (None, None)


@pytest.mark.parametrize("word", ["Female", "female", "女", " 女 ", "2", 2.0, "Ｆemale"])
def test_choice_is_known_in_every_language(app: Flask, word: Any) -> None:
    assert cells.chosen(word, Sex) is Sex.FEMALE


def test_choice_that_is_not_offered_names_the_offer(app: Flask) -> None:
    with pytest.raises(Invalid, match="“女性” is none of: Male, Female"):
        cells.chosen("女性", Sex)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("张 三", "张三"), ("张\u3000三 ", "张三"), ("阿依古丽•买买提", "阿依古丽·买买提"), ("ANNA  MUSTER", "Anna Muster"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
    ],
)  # fmt: skip
def test_names_are_compared_without_padding(app: Flask, typed: str, name: str) -> None:
    assert cells.is_same_name(typed, name)
    assert not cells.is_same_name(typed + "x", name)
    assert not cells.is_same_name(None, name)


@pytest.mark.parametrize("kind", IMPORTERS)
def test_chinese_template_is_read_in_english(app: Flask, kind: str) -> None:
    with force_locale("zh_Hans_CN"):
        importer = IMPORTERS[kind](app)
    words = {"Audit not passed": "审核不通过", "Yes": "是"}
    for row in importer.draft.grid[2:]:
        row[:] = [words.get(cell, cell) for cell in row]

    assert importer.draft.name != importer.draft.name.isascii()
    assert importer.read(importer.draft.to_bytes()) == importer.expected


@pytest.mark.parametrize(
    "word", ["合计", "小计", "总 计", "共计", "累计：", "合计人数", "共计3人", "本页小计", "Total", "Sub total", "合计(3人)"]
)  # fmt: skip
def test_words_of_a_total(word: str) -> None:
    assert tables.TOTAL.fullmatch(folded(word))


@pytest.mark.parametrize("word", ["计小明", "合计明", "总", "小计划", "Totaro", "202600001"])
def test_words_that_are_no_total(word: str) -> None:
    assert not tables.TOTAL.fullmatch(folded(word))
