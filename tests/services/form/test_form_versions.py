"""Taking a published version back: the one before holds again, applications keep what they began with."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import ApplicationState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import AuditLog, FormDefinition
from app.services.form import form_definition, form_drafts, form_edits, form_versions
from app.services.form.form_edits import Body
from tests.support import factories


@pytest.fixture
def actor(app: Flask, session: Session) -> Actor:
    return factories.actor(Role.SYSADMIN)


def published(actor: Actor, label: str, **texts: Any) -> FormDefinition:
    draft = form_drafts.begin(actor=actor)

    def edit(body: Body) -> None:
        form_edits.put_field(form_edits.section_of(body, "papers"), "", {"label": label})
        if texts:
            form_drafts.write_texts(body, {**body, **body["commitment"], **texts})

    form_drafts.change(draft, edit, what="field_added", label=label, actor=actor, seen=1)
    form_drafts.publish(draft, actor=actor, at=clock.now(), seen=draft.revision)
    return draft


def test_version_before_holds_again_and_cases_keep_theirs(actor: Actor) -> None:
    former = form_versions.in_force()
    made = published(actor, "收录平台")
    begun = factories.application(ApplicationState.DRAFT)

    holds = form_versions.take_back(made, actor=actor, at=clock.now())

    assert holds.id == former.id
    assert form_versions.in_force().id == former.id
    assert factories.application(ApplicationState.DRAFT).form_version == former.form_version
    assert begun.form_version == made.form_version
    fields = form_definition.of_application(begun).section("papers").fields  # type: ignore[union-attr]  # it has the section
    assert "收录平台" in [one.label for one in fields]
    row = db.session.scalars(select(AuditLog).where(AuditLog.kind == "form_withdraw")).one()
    assert (row.subject, row.details["holds"], row.details["kept_by"]) == (
        f"form_definition:{made.form_version}", former.form_version, 1,
    )  # fmt: skip


def test_only_the_version_in_use_can_be_taken_back(actor: Actor) -> None:
    first = form_versions.in_force()
    second = published(actor, "一")
    published(actor, "二")

    with pytest.raises(Refused, match="not in use"):
        form_versions.take_back(second, actor=actor, at=clock.now())
    with pytest.raises(Refused, match="not in use"):
        form_versions.take_back(first, actor=actor, at=clock.now())


def test_first_version_cannot_be_taken_back(actor: Actor) -> None:
    for earlier in form_versions.published()[:-1]:
        earlier.withdrawn_at = clock.now()
    db.session.flush()

    with pytest.raises(Refused, match="no earlier version"):
        form_versions.take_back(form_versions.in_force(), actor=actor, at=clock.now())


def test_version_taken_back_twice_is_refused(actor: Actor) -> None:
    made = published(actor, "收录平台")
    form_versions.take_back(made, actor=actor, at=clock.now())

    with pytest.raises(Refused, match="not in use"):
        form_versions.take_back(made, actor=actor, at=clock.now())


def test_draft_after_taking_back_has_a_number_and_a_commitment_of_its_own(actor: Actor) -> None:
    former = form_versions.in_force()
    made = published(actor, "收录平台", text="我承诺一。")
    form_versions.take_back(made, actor=actor, at=clock.now())

    draft = form_drafts.begin(actor=actor)
    body = dict(draft.body)
    form_drafts.write_texts(body, {**body, **body["commitment"], "text": "我承诺二。"})

    assert draft.form_version == made.form_version + 1
    assert draft.body["sections"] == former.body["sections"]
    assert body["commitment"]["version"] == made.body["commitment"]["version"] + 1


def test_version_taken_back_is_begun_anew(actor: Actor) -> None:
    made = published(actor, "收录平台")
    form_versions.take_back(made, actor=actor, at=clock.now())

    draft = form_drafts.begin(actor=actor, body=made.body, what="begun")

    assert draft.body["sections"] == made.body["sections"]
    assert form_drafts.faults(draft.body) == []
