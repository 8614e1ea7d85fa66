"""Fields store cleaned values, or say in one sentence what to do and keep what was typed."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale

from app.engine import Refused
from app.enums import Level
from app.extensions import db
from app.forms.base import base, builder
from app.services.form import form_definition
from app.validators import phone
from tests.support import factories


class Row(base.RowForm):
    name = base.text("Name", 5)
    since = base.month("Since", required=False)


class Everything(base.ActForm):
    title = base.text("Title", 5)
    mobile = base.text("Mobile", 30, required=False, check=phone)
    note = base.area("Note", 10, required=False)
    level = base.choice("Level", Level)
    way = base.radio("Way", [("a", "A"), ("b", "B")], required=False)
    kinds = base.many("Kinds", lambda: [("x", "X"), ("y", "Y")], required=False)
    day = base.day("Day")
    count = base.integer("Count", 1, 5, unit="people")
    unit = base.lookup("Unit", "unit", required=False)
    agreed = base.tick("Agreed", required=True)
    secret = base.password("Secret")
    proof = base.upload("Proof", ("pdf",), required=False)
    rows = base.rows("Rows", Row, max_rows=2)


GOOD: dict[str, Any] = {
    "title": " 标题 ",
    "level": "2",
    "day": "2024/05/01",
    "count": "３",
    "agreed": "y",
    "secret": " kept as typed ",
}


@pytest.fixture(autouse=True)
def english(app: Flask) -> Iterator[None]:
    with force_locale("en"):
        yield


def sent(app: Flask, **change: Any) -> Everything:
    with app.test_request_context("/", method="POST", data=GOOD | change), force_locale("en"):
        form = Everything()
        form.validate()
        return form


def test_values_are_cleaned(app: Flask) -> None:
    values = sent(app, mobile="138 0000 0000", kinds=["y", "x"], way="b").values()

    assert values["title"] == "标题"
    assert values["level"] is Level.ASSOCIATE
    assert values["day"] == date(2024, 5, 1)
    assert values["count"] == 3
    assert values["mobile"] == "13800000000"
    assert (values["way"], values["kinds"]) == ("b", ["y", "x"])
    assert values["secret"] == " kept as typed "
    assert (values["unit"], values["proof"], values["rows"]) == (None, None, [])


def test_details_are_what_was_typed_besides_the_opinion(app: Flask) -> None:
    form = sent(app, opinion="同意推荐")

    assert "opinion" not in form.details()
    assert "csrf_token" not in form.details()
    assert form.opinion.data == "同意推荐"


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("title", "", "Fill in this field."),
        ("title", "   ", "Fill in this field."),
        ("title", "123456", "at most 5"),
        ("title", "a\u200bb", "cannot be seen"),
        ("title", "<b>", "looks like a mark"),
        ("mobile", "123", "11 digits"),
        ("note", "长" * 11, "at most 10"),
        ("level", "", "Choose one."),
        ("level", "9", "not offered any more"),
        ("way", "c", "not offered any more"),
        ("kinds", "z", "not offered any more"),
        ("day", "2024-02-30", "is no day"),
        ("day", "1024-01-01", "is no day"),
        ("day", "today", "is no day"),
        ("count", "0", "from 1 to 5"),
        ("count", "1.5", "no whole number"),
        ("count", "1e3", "no whole number"),
        ("count", "²", "no whole number"),
        ("unit", "999999", "There is no such entry"),
        ("unit", "x", "There is no such entry"),
        ("unit", "9" * 40, "There is no such entry"),
        ("unit", "²", "There is no such entry"),
        ("agreed", "", "Tick this box"),
        ("secret", "", "Fill in this field."),
    ],
)
def test_a_refused_value_is_told_at_its_field_alone(
    app: Flask, field: str, typed: str, words: str
) -> None:
    form = sent(app, **{field: typed})

    assert list(form.errors) == [field]
    assert words in form[field].errors[0]


@pytest.mark.parametrize("field", ["title", "day", "count", "mobile"])
def test_a_refused_value_stays_as_typed(app: Flask, field: str) -> None:
    form = sent(app, **{field: "wrong value"})

    assert 'value="wrong value"' in form[field]()


def test_a_lookup_keeps_the_key_and_shows_the_name(app: Flask) -> None:
    unit = factories.unit("长沙市第一医院")

    form = sent(app, unit=f" {unit.id} ")

    assert form.unit.data == unit.id
    assert f'<option selected value="{unit.id}">长沙市第一医院</option>' in form.unit()


def test_a_lookup_offers_no_unit_that_is_switched_off(app: Flask) -> None:
    unit = factories.unit(is_active=False)

    assert "There is no such entry" in sent(app, unit=str(unit.id)).unit.errors[0]


def test_an_upload_is_a_file_or_nothing(app: Flask) -> None:
    chosen = sent(app, proof=(BytesIO(b"%PDF"), "证明.pdf"))
    empty = sent(app, proof=(BytesIO(b""), ""))

    assert chosen.proof.data.filename == "证明.pdf"
    assert empty.proof.data is None


def test_an_upload_names_its_limits(app: Flask) -> None:
    form = sent(app)

    assert str(form.proof.description) == "PDF, at most 5 MB each. Never upload secret material."
    assert 'accept=".pdf"' in form.proof()
    assert 'data-max-mb="5"' in form.proof()


def test_rows_are_read_in_their_order(app: Flask) -> None:
    form = sent(app, **{"rows-5-name": "乙", "rows-2-name": "甲", "rows-2-since": "2024.05"})

    assert form.values()["rows"] == [
        {"name": "甲", "since": "2024-05"},
        {"name": "乙", "since": None},
    ]


def test_rows_with_nonsense_for_a_number_are_no_rows(app: Flask) -> None:
    form = sent(app, **{"rows-²-name": "x", "rows-99999999999-name": "y", "rows-x-name": "z"})

    assert form.values()["rows"] == []


def test_too_many_rows_are_refused_and_kept(app: Flask) -> None:
    form = sent(app, **{f"rows-{n}-name": str(n) for n in range(3)})

    assert "There are 3 rows; at most 2 are allowed." in form.errors["rows"]
    assert [row["name"] for row in form.values()["rows"]] == ["0", "1", "2"]


def test_an_opinion_can_be_required(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data=GOOD), force_locale("en"):
        form = Everything()
        form.require_opinion()

        assert not form.validate()

    assert form.errors == {"opinion": ["Fill in this field."]}


def test_a_refusal_is_shown_at_the_field_it_names(app: Flask) -> None:
    form = sent(app)

    form.show(Refused("The title is taken.", "title"))
    form.show(Refused("Not now."))
    form.show(Refused("Elsewhere.", "no_such_field"))

    assert form.title.errors == ["The title is taken."]
    assert form.form_errors == ["Not now.", "Elsewhere."]


def test_every_field_draws_without_the_browsers_own_bubbles(app: Flask) -> None:
    template = "{% import 'macros/form.html' as m with context %}{{ m.sections(form) }}"
    with app.test_request_context("/"), force_locale("en"):
        drawn = render_template_string(template, form=Everything(formdata=None))

    assert 'aria-required="true"' in drawn
    assert " maxlength=" not in drawn
    assert " style=" not in drawn


# forms built from a definition


def section_form(rows: list[dict[str, Any]], **faults: str) -> Any:
    form = form_definition.load(db.session(), form_definition.newest_version(db.session()))
    section = form.section("education")
    assert section is not None
    marked = {(0, key): sentence for key, sentence in faults.items()}
    return builder.form_of(
        section, rows, form_definition.offered(db.session(), form), marked or None
    )


def test_a_built_form_shows_rows_as_typed(app: Flask) -> None:
    with app.test_request_context("/"):
        form = section_form([{"school": "湖南大学", "graduated": "去年", "is_basis": "y"}])
        fields = form.rows.entries[0].form

        assert 'value="去年"' in fields.graduated()
        assert "checked" in fields.is_basis()
        assert fields.school.flags.required


def test_a_built_form_shows_faults_at_their_places(app: Flask) -> None:
    with app.test_request_context("/"):
        form = section_form([{}, {}], school="Too long.")

        assert form.rows.entries[0].form.school.errors == ["Too long."]
        assert form.rows.errors == [{"school": ["Too long."]}, {}]


def test_a_built_form_keeps_a_code_that_is_not_offered_any_more(app: Flask) -> None:
    with app.test_request_context("/"):
        form = section_form([{"level": "77"}])

        assert '<option selected value="77">(not offered any more)</option>' in (
            form.rows.entries[0].form.level()
        )


def test_typed_rows_are_read_as_they_were_sent(app: Flask) -> None:
    rows = builder.typed_rows(
        {
            "rows-3-unit": "乙",
            "rows-1-unit": " 甲 ",
            "rows-x-unit": "?",
            "rows-1-": "?",
            "do": "save",
        }
    )

    assert rows == [{"unit": " 甲 "}, {"unit": "乙"}]
