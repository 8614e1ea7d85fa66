"""Reading what was typed: cleaned, or refused with a sentence; never anything else."""

import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.services.form import form_definition, section_checks, section_values
from app.services.form.form_parts import KINDS, Field, Offered, SectionDef
from app.validators import Invalid

OFFERED: Offered = {"d": {"x": "甲", "y": "乙"}}
TYPED = st.text(max_size=60) | st.text(alphabet="0123456789.-/+ ０１２。年月", max_size=14)
WITH_APP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def field(kind: str, **values: Any) -> Field:
    least, most = form_definition.LIMITS.get(kind, (0, 0))
    return Field("a", ("栏", ""), **({"kind": kind, "minimum": least, "maximum": most} | values))


def read(kind: str, typed: Any, **values: Any) -> Any:
    return section_values.read(field(kind, dictionary="d", **values), typed, OFFERED)


def section_of(*fields: Field) -> SectionDef:
    return SectionDef("s", ("节", ""), fields)


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("text", "　论文Ａ１  ", "论文A1"),
        ("text", "\U00020000\U0001f600厂", "\U00020000\U0001f600厂"),
        ("text", "x < 5 且 y > 3", "x < 5 且 y > 3"),
        ("text", "  ", None),
        ("area", "第一行\r\n第二行\t续", "第一行\n第二行 续"),
        ("area", "甲\u200b乙\ufeff丙\u2028丁", "甲乙丙\n丁"),
        ("area", "\u200b\ufeff", None),
        ("area", "致谢👨‍👩‍👧😀", "致谢👨👩👧😀"),
        ("name", "阿卜杜•买买提", "阿卜杜·买买提"),
        ("name", "阿卜杜・买买提", "阿卜杜·买买提"),
        ("name", "阿卜杜．买买提", "阿卜杜·买买提"),
        ("name", "张 三", "张三"),
        ("phone", "+86 138-0000-0000", "13800000000"),
        ("email", " Zhang@example.cn ", "Zhang@example.cn"),
        ("day", "2024/05/01", "2024-05-01"),
        ("month", "２０２４.05", "2024-05"),
        ("year", "２０２４", 2024),
        ("integer", "０１２", 12),
        ("decimal", "12.50", 12.5),
        ("decimal", "１２．０", 12),
        ("choice", "x", "x"),
        ("tick", "y", True),
        ("tick", "", False),
        ("tick", None, False),
    ],
)
def test_what_is_typed_is_stored_cleaned(app: Flask, kind: str, typed: Any, stored: Any) -> None:
    assert read(kind, typed) == stored


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        ("text", "长" * 201, "has 201 characters; at most 200"),
        ("area", "长" * 5001, "has 5001 characters; at most 2000"),
        ("text", "甲\u200b乙", r"Character 2 cannot be seen \(U\+200B\)"),
        ("text", "甲\x00", "cannot be seen"),
        ("area", "甲\u202e乙", "cannot be seen"),
        ("text", "<script>alert(1)</script>", "looks like a mark of a web page"),
        ("area", "<img src=x onerror=alert(1)>", "looks like a mark of a web page"),
        ("name", "张\u200b三", "cannot be seen"),
        ("name", "张3", "A name holds only letters"),
        ("phone", "12345", "A mobile number has 11 digits"),
        ("email", "nobody", "email address"),
        ("day", "2023-02-29", "is no day"),
        ("month", "2024-13", "is no month"),
        ("year", "1024", "from 1950 to 2100"),
        ("year", "去年", "is no whole number"),
        ("integer", "1.5", "is no whole number"),
        ("integer", "9" * 30, "is no whole number"),
        ("decimal", "1.234", "at most two after the point"),
        ("decimal", "NaN", "is no number"),
        ("decimal", "1e9", "is no number"),
        ("decimal", "-1", "from 0 to"),
        ("choice", "z", "not offered any more"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    app: Flask, kind: str, typed: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        read(kind, typed)


def test_five_thousand_characters_fit_and_one_more_is_counted(session: Session) -> None:
    form = form_definition.load(session, 2)
    summary = form.section("summary")
    assert summary is not None
    text = summary.field("text")

    fits = section_values.read(text, "述\U00020000" * 2500, {})
    with pytest.raises(Invalid, match="has 5001 characters; at most 5000 are allowed"):
        section_values.read(text, "述" * 5001, {})

    assert len(fits) == 5000


@WITH_APP
@given(kind=st.sampled_from(sorted(KINDS)), typed=TYPED | st.none() | st.booleans() | st.integers())
def test_whatever_is_typed_is_read_or_refused(app: Flask, kind: str, typed: Any) -> None:
    try:
        stored = read(kind, typed)
    except Invalid:
        return

    json.dumps(stored).encode()
    assert read(kind, stored) == stored
    is_nothing = stored is None or stored is False
    assert read(kind, "" if is_nothing else str(stored)) == stored


@WITH_APP
@given(data=st.data())
def test_whatever_stands_in_any_section_is_judged_without_an_error(
    app: Flask, session: Session, data: st.DataObject
) -> None:
    form = form_definition.load(session, 2)
    offered = form_definition.offered(session, form)
    section = data.draw(st.sampled_from(form.sections))
    values = {
        one.key: st.sampled_from(["", *offered.get(one.dictionary, {})]) | TYPED
        if one.kind == "choice"
        else TYPED | st.dates().map(str) | st.dates().map(lambda day: str(day)[:7]) | st.just("y")
        for one in section.typed_fields
    }
    typed = data.draw(st.lists(st.fixed_dictionaries(values), max_size=3))

    rows, faults = section_values.read_rows(section, typed, offered)
    day = data.draw(st.dates())
    found = [
        *section_checks.faults_of(section, rows, cutoff=day, today=day, since=day),
        *section_checks.hints_of(section, rows),
    ]

    assert all(isinstance(why, str) and why for why in faults.values())
    assert all(one.reason and -1 <= one.row < len(rows) for one in found)
    again, faults_again = section_values.read_rows(section, rows, offered)
    assert (again, faults_again) == (rows, {})


def test_a_field_that_does_not_appear_keeps_its_value_and_is_no_fault(app: Flask) -> None:
    section = section_of(
        field("tick"), Field("b", ("乙", ""), kind="day", visible_when={"a": ["y"]})
    )

    rows, faults = section_values.read_rows(
        section, [{"a": "", "b": "2020-01-01"}, {"a": "", "b": "?"}, {"a": "y", "b": "?"}], OFFERED
    )

    assert [row["b"] for row in rows] == ["2020-01-01", None, None]
    assert list(faults) == [(2, "b")]
    assert section_values.asked(section, rows[0]) == {"a": False, "b": None}


def test_a_zero_is_something_and_a_missing_tick_is_nothing(app: Flask) -> None:
    assert section_values.is_empty({"a": None, "b": False, "c": ""})
    assert not section_values.is_empty({"a": 0})
