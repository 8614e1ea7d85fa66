"""Sections and fields that do not concern somebody: excluded everywhere, said in words, kept in files."""

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.enums import Role
from app.models import FormDefinition
from app.services.form import condition_texts, form_definition, form_drafts, form_edits, form_files
from app.services.form.form_differences import differences
from app.services.form.form_parts import Form, for_application
from tests.support import factories

TEACHER = {"mode": "normal", "series": "02", "level": "2", "employment": "staff"}


@pytest.fixture
def draft(app: Flask, session: Session) -> FormDefinition:
    return form_drafts.begin(actor=factories.actor(Role.SYSADMIN))


def exclude(draft: FormDefinition, condition: dict[str, Any], field: str = "", **more: Any) -> None:
    section = form_edits.section_of(draft.body, "papers")
    part = form_edits.field_of(section, field) if field else section
    part.update({"hidden_when": condition, **more})


def seen_by(draft: FormDefinition, **facts: str) -> Form:
    return for_application(
        form_definition.parse(draft.form_version, draft.body), {**TEACHER, **facts}
    )


def test_section_is_gone_for_whom_it_is_not_meant(draft: FormDefinition) -> None:
    exclude(draft, {"series": ["02"]})

    assert seen_by(draft).section("papers") is None
    assert seen_by(draft, series="05").section("papers") is not None


def test_one_tick_that_fits_is_enough(draft: FormDefinition) -> None:
    exclude(draft, {"series": ["05"], "mode": ["normal"]}, "words")

    fields = {
        facts: {one.key for one in seen_by(draft, **dict(facts)).section("papers").fields}  # type: ignore[union-attr]  # it has the section
        for facts in ((), (("series", "05"), ("mode", "exceptional")), (("mode", "exceptional"),))
    }

    assert ["words" in found for found in fields.values()] == [False, False, True]


def test_exclusion_narrows_what_the_condition_lets_in(draft: FormDefinition) -> None:
    exclude(draft, {"series": ["02"]}, "words", shown_when={"level": ["2"]})

    assert form_drafts.faults(draft.body) == []
    assert seen_by(draft, series="05").section("papers").field("words")  # type: ignore[union-attr]  # it has the section
    for facts in ({}, {"series": "05", "level": "3"}):
        section = seen_by(draft, **facts).section("papers")
        assert "words" not in {one.key for one in section.fields}  # type: ignore[union-attr]  # it has the section


def test_rules_over_an_excluded_field_are_left_out(draft: FormDefinition) -> None:
    section = form_edits.section_of(draft.body, "papers")
    section["rules"] = [{"kind": "at_most", "field": "rank", "other": "authors"}]
    exclude(draft, {"series": ["02"]}, "authors")

    assert seen_by(draft).section("papers").rules == ()  # type: ignore[union-attr]  # it has the section
    assert len(seen_by(draft, series="05").section("papers").rules) == 1  # type: ignore[union-attr]  # it has the section


def test_condition_is_said_in_words_and_listed_as_a_difference(draft: FormDefinition) -> None:
    before = form_drafts.in_force().body
    exclude(draft, {"series": ["02"], "mode": ["exceptional"]}, "words")

    (found,) = differences(before, draft.body)

    assert found.changes == (("hidden_when", None, {"series": ["02"], "mode": ["exceptional"]}),)
    said = condition_texts.exclusion_text(found.changes[0][2])
    assert ", or " in said
    assert "02" in said


def test_file_keeps_it(draft: FormDefinition) -> None:
    exclude(draft, {"series": ["02"]}, "words")

    assert form_files.read(BytesIO(form_files.write(draft.body))) == draft.body


@pytest.mark.parametrize(
    ("condition", "more", "says"),
    [
        ({"series": ["02"]}, {"shown_when": {"series": ["02"]}}, "for nobody"),
        ({"mode": ["normal", "exceptional"]}, {"shown_when": {"mode": ["exceptional"]}}, "for nobody"),
        ({"series": ["99"]}, {}, "unknown value"),
        ({"weather": ["fine"]}, {}, "unknown fact"),
        ({"series": []}, {}, "needs a list"),
        ({"series": "02"}, {}, "needs a list"),
        ({"level": ["1", "2", "3", "4", "5"]}, {}, "for nobody"),
    ],
)  # fmt: skip
def test_impossible_exclusion_is_a_fault(
    draft: FormDefinition, condition: dict[str, Any], more: dict[str, Any], says: str
) -> None:
    if condition.keys() == {"level"}:
        condition = {"level": [code for code, _label in condition_texts.offered("level")]}
    exclude(draft, condition, "words", **more)

    (fault,) = form_drafts.faults(draft.body)

    assert says in fault.sentence
    assert (fault.section, fault.field) == ("papers", "words")
