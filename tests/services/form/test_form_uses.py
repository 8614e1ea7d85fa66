"""A draft that removes or changes what something else reads is not published, and the place is named."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import EligibilityRule, FormDefinition
from app.services.form import form_drafts, form_edits
from app.services.form.form_edits import Body
from app.services.rules import rule_fields, rule_kinds
from tests.support import factories


@pytest.fixture
def actor(app: Flask, session: Session) -> Actor:
    return factories.actor(Role.SYSADMIN)


@pytest.fixture
def draft(actor: Actor) -> FormDefinition:
    return form_drafts.begin(actor=actor)


def remove(draft: FormDefinition, actor: Actor, section: str, field: str) -> None:
    def edit(body: Body) -> None:
        form_edits.remove(form_edits.section_of(body, section)["fields"], field)

    form_drafts.change(
        draft, edit, what="field_removed", label="", actor=actor, seen=draft.revision
    )


def change(draft: FormDefinition, actor: Actor, section: str, field: str, **values: Any) -> None:
    def edit(body: Body) -> None:
        form_edits.field_of(form_edits.section_of(body, section), field).update(values)

    form_drafts.change(
        draft, edit, what="field_changed", label="", actor=actor, seen=draft.revision
    )


def rule(kind: str) -> EligibilityRule:
    query = select(EligibilityRule).where(EligibilityRule.kind == kind)
    return db.session.scalars(query.where(EligibilityRule.is_active)).first() or pytest.fail(kind)


def test_field_of_a_rule_in_use_is_not_removed(draft: FormDefinition, actor: Actor) -> None:
    reader = rule("insured")
    remove(draft, actor, "basic", "insurance_unit")

    (fault,) = form_drafts.faults(draft.body)

    assert reader.name in fault.sentence
    assert (fault.section, fault.field, fault.is_use) == ("basic", "", True)
    with pytest.raises(Refused, match="Not published"):
        form_drafts.publish(draft, actor=actor, at=clock.now(), seen=draft.revision)


def test_field_is_free_once_the_rule_is_switched_off(draft: FormDefinition, actor: Actor) -> None:
    for one in db.session.scalars(select(EligibilityRule).filter_by(kind="insured")):
        one.is_active = False
    db.session.flush()

    remove(draft, actor, "basic", "insurance_unit")

    assert form_drafts.faults(draft.body) == []


@pytest.mark.parametrize(
    "values",
    [{"kind": "text", "dictionary": ""}, {"dictionary": "degree"}],
)
def test_changed_kind_or_dictionary_of_a_field_in_use_is_refused(
    draft: FormDefinition, actor: Actor, values: dict[str, Any]
) -> None:
    change(draft, actor, "education", "level", **values)

    faults = form_drafts.faults(draft.body)

    assert [(one.section, one.field) for one in faults] == [("education", "level")]


def test_label_and_requirement_of_a_field_in_use_may_change(
    draft: FormDefinition, actor: Actor
) -> None:
    change(
        draft, actor, "education", "level",
        label="学历层次", is_required=False, hidden_when={"mode": ["exceptional"]},
    )  # fmt: skip

    assert form_drafts.faults(draft.body) == []


@pytest.mark.parametrize(
    ("section", "field"), [("papers", "title"), ("patents", "number"), ("titles", "obtained_on")]
)
def test_fields_that_the_program_reads_itself_stay(
    draft: FormDefinition, actor: Actor, section: str, field: str
) -> None:
    remove(draft, actor, section, field)

    assert [one.section for one in form_drafts.faults(draft.body)] == [section]


def test_fields_that_nothing_reads_may_go(draft: FormDefinition, actor: Actor) -> None:
    remove(draft, actor, "basic", "health")
    change(draft, actor, "papers", "journal", kind="area")

    assert form_drafts.faults(draft.body) == []


def test_what_rules_read_is_in_the_form(draft: FormDefinition) -> None:
    there = {
        (section["key"], field["key"])
        for section in draft.body["sections"]
        for field in section["fields"]
    }

    assert {place for places in rule_fields.READ.values() for place in places} <= there
    assert set(rule_fields.READ) <= set(rule_kinds.KINDS)
