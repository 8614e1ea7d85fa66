"""Forms built from the definition: the right inputs, conditions in the row, the readers of saving."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.forms.base import builder
from app.services.form import form_definition, section_checks


@pytest.fixture(autouse=True)
def page(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"), force_locale("en"):
        yield


def form_of(key: str, rows: list[dict[str, Any]]) -> Any:
    form = form_definition.load(db.session(), 2)
    section = form.section(key)
    assert section is not None
    return builder.form_of(section, rows, form_definition.offered(db.session(), form))


def sent(row: dict[str, str]) -> MultiDict[str, str]:
    return MultiDict({f"rows-0-{name}": value for name, value in row.items()})


def fields(key: str, **row: Any) -> Any:
    return form_of(key, [row]).rows.entries[0].form


@pytest.mark.parametrize(
    ("section", "field", "marks"),
    [
        ("education", "graduated", ('data-date="month"', 'aria-required="true"')),
        ("titles", "obtained_on", ('data-date="day"',)),
        ("assessments", "year", ('type="text"', 'inputmode="numeric"')),
        ("achievements", "rank", ('type="text"', 'inputmode="numeric"')),
        ("achievements", "funds", ('type="text"', 'inputmode="decimal"', 'data-unit="10,000 yuan"')),
        ("basic", "email", ('type="email"', 'autocomplete="email"')),
        ("summary", "text", ('data-max="5000"',)),
        ("conduct", "penalty", ('data-show-when="has_penalty=yes"',)),
        ("education", "degree_on", ('data-show-when="degree=1,2,3,4"',)),
        ("education", "is_basis", ('type="checkbox"',)),
    ],
)  # fmt: skip
def test_a_field_is_typed_as_its_kind_asks(
    section: str, field: str, marks: tuple[str, ...]
) -> None:
    drawn = fields(section)[field]()

    assert all(mark in drawn for mark in marks), drawn


def test_what_was_typed_stays_in_the_field() -> None:
    row = fields("achievements", rank="第一", funds="十万")

    assert 'value="第一"' in row.rank()
    assert 'value="十万"' in row.funds()


def test_the_wrapper_of_a_field_carries_its_condition() -> None:
    template = "{% import 'macros/form.html' as m with context %}{{ m.field(f) }}"

    drawn = render_template_string(template, f=fields("conduct")["penalty_until"])

    assert '<div class="field" data-show-when="has_penalty=yes">' in drawn


def test_validating_reads_as_saving_does() -> None:
    row = fields("papers")
    row.process(
        sent(
            {
                "title": "论文Ａ ",
                "journal": "甲",
                "rank": "１",
                "published": "2024/05",
                "index": "core",
            }
        )
    )

    assert row.validate()
    assert (row.title.data, row.rank.data, row.published.data) == ("论文A", 1, "2024-05")


def test_validating_refuses_as_saving_does() -> None:
    row = fields("papers")
    row.process(sent({"rank": "0", "published": "去年", "index": "nature"}))

    assert not row.validate()
    assert set(row.errors) == {"rank", "published", "index"}


def test_a_row_of_every_section_is_drawn() -> None:
    form = form_definition.load(db.session(), 2)
    offered = form_definition.offered(db.session(), form)
    template = "{% import 'macros/form.html' as m with context %}{% for f in row %}{{ m.field(f) }}{% endfor %}"

    for section in form.sections:
        row = builder.form_of(section, [{}], offered)["rows"].entries[0].form
        drawn = render_template_string(template, row=row)
        assert drawn.count("<label") >= len(section.typed_fields), section.key
        assert " style=" not in drawn
        assert " on" + "click" not in drawn


def test_keys_with_digits_are_read_back() -> None:
    assert builder.typed_rows({"rows-0-field2": "x", "rows-0-2field": "y"}) == [{"field2": "x"}]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_form_and_saving_refuse_the_same(data: st.DataObject) -> None:
    form = form_definition.load(db.session(), 2)
    offered = form_definition.offered(db.session(), form)
    section = data.draw(st.sampled_from(form.sections))
    text = st.text(max_size=12) | st.sampled_from(["2024-05", "3", "1.5", "no", "y", "05"])
    typed = {one.key: data.draw(text) for one in section.typed_fields if one.kind != "tick"}

    row = builder.form_of(section, [{}], offered)["rows"].entries[0].form
    row.process(sent(typed))
    row.validate()

    faults = {}
    for one in section.typed_fields:
        try:
            section_checks.read(one, typed.get(one.key), offered)
        except ValueError as invalid:
            faults[one.key] = [str(invalid)]
    assert row.errors == faults
