"""Dictionaries made together with a field: there with the publication, gone with the draft."""

import json
from io import BytesIO
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
from app.models import AuditLog, Dictionary, DictItem, FormDefinition
from app.services.form import (
    draft_dictionaries,
    form_definition,
    form_dictionaries,
    form_drafts,
    form_edits,
    form_files,
)
from app.services.form.form_differences import differences
from app.services.form.form_edits import Body
from tests.support import factories

LINES = "知网\n万方\n 维普 \n\n"


@pytest.fixture
def actor(app: Flask, session: Session) -> Actor:
    return factories.actor(Role.SYSADMIN)


@pytest.fixture
def draft(actor: Actor) -> FormDefinition:
    return form_drafts.begin(actor=actor)


def add(draft: FormDefinition, actor: Actor, name: str = "收录平台", lines: str = LINES) -> str:
    """Add a choice with a new dictionary and return the key of the dictionary."""
    found: list[str] = []

    def edit(body: Body) -> str:
        found.append(draft_dictionaries.put(body, "", name, lines))
        values = {"label": "平台", "kind": "choice", "dictionary": found[0]}
        return form_edits.put_field(form_edits.section_of(body, "papers"), "", values)

    form_drafts.change(
        draft, edit, what="field_added", label="平台", actor=actor, seen=draft.revision
    )
    return found[0]


def stored(key: str) -> list[tuple[str, str]]:
    query = select(DictItem.code, DictItem.label).where(DictItem.kind == key)
    return list(db.session.execute(query.order_by(DictItem.order)).tuples())


def test_dictionary_comes_about_with_the_publication(draft: FormDefinition, actor: Actor) -> None:
    key = add(draft, actor)
    form = form_definition.parse(draft.form_version, draft.body)
    previewed = form_definition.offered(db.session(), form)[key]
    before = stored(key)

    form_drafts.publish(draft, actor=actor, at=clock.now(), seen=draft.revision)

    assert previewed == {"01": "知网", "02": "万方", "03": "维普"}
    assert before == []
    assert stored(key) == list(previewed.items())
    assert db.session.get_one(Dictionary, key).name == "收录平台"
    logged = select(AuditLog).where(AuditLog.subject == f"dict_item:{key}")
    assert "维普" in db.session.scalars(logged).one().details["to"]


def test_discarded_or_undone_dictionary_leaves_nothing(draft: FormDefinition, actor: Actor) -> None:
    key = add(draft, actor)
    form_drafts.undo(draft, actor=actor, seen=draft.revision)
    undone = form_dictionaries.of(draft.body)
    add(draft, actor)

    form_drafts.discard(draft, actor=actor, seen=draft.revision)

    assert undone == {}
    assert stored(key) == []


def test_dictionary_goes_with_the_last_field_that_uses_it(
    draft: FormDefinition, actor: Actor
) -> None:
    add(draft, actor)
    field = form_edits.section_of(draft.body, "papers")["fields"][-1]["key"]

    form_drafts.change(
        draft,
        lambda body: form_edits.remove(form_edits.section_of(body, "papers")["fields"], field),
        what="field_removed", label="", actor=actor, seen=draft.revision,
    )  # fmt: skip

    assert "dictionaries" not in draft.body


def test_values_keep_their_codes_while_the_draft_changes(
    draft: FormDefinition, actor: Actor
) -> None:
    key = add(draft, actor)

    def edit(body: Body) -> str:
        return draft_dictionaries.put(body, key, "平台", "维普\n知网\n超星")

    form_drafts.change(
        draft, edit, what="field_changed", label="", actor=actor, seen=draft.revision
    )

    assert form_dictionaries.of(draft.body)[key] == {
        "label": "平台", "values": {"03": "维普", "01": "知网", "04": "超星"},
    }  # fmt: skip


def test_next_draft_has_no_part_of_it_any_more(draft: FormDefinition, actor: Actor) -> None:
    add(draft, actor)
    form_drafts.publish(draft, actor=actor, at=clock.now(), seen=draft.revision)

    following = form_drafts.begin(actor=actor)

    assert "dictionaries" not in following.body
    assert list(differences(draft.body, following.body)) == []
    assert form_drafts.faults(following.body) == []


def test_file_takes_the_dictionary_to_another_installation(
    draft: FormDefinition, actor: Actor
) -> None:
    key = add(draft, actor)

    read = form_files.read(BytesIO(form_files.write(draft.body)))

    assert form_dictionaries.of(read)[key]["label"] == "收录平台"


@pytest.mark.parametrize(
    ("name", "lines", "field"),
    [
        ("", LINES, "new_name"),
        ("   ", LINES, "new_name"),
        ("收录平台", "", "new_values"),
        ("收录平台", " \n \n", "new_values"),
        ("收录平台", "知网\n万方\n知网", "new_values"),
        ("收录平台", "知\u200b网", "new_values"),
        ("收录平台", "<b>知网</b>", "new_values"),
        ("收录平台", "长" * 61, "new_values"),
        ("收录平台", "\n".join(str(one) for one in range(501)), "new_values"),
    ],
)
def test_unusable_dictionary_is_refused_at_its_field(
    draft: FormDefinition, name: str, lines: str, field: str
) -> None:
    with pytest.raises(Refused) as refusal:
        draft_dictionaries.put(draft.body, "", name, lines)

    assert refusal.value.field == field


def test_name_that_another_dictionary_has_is_refused(draft: FormDefinition, actor: Actor) -> None:
    add(draft, actor)
    with pytest.raises(Refused, match="already"):
        draft_dictionaries.put(draft.body, "", "收录平台", LINES)
    form_drafts.publish(draft, actor=actor, at=clock.now(), seen=draft.revision)
    following = form_drafts.begin(actor=actor)

    with pytest.raises(Refused, match="already"):
        draft_dictionaries.put(following.body, "", "收录平台", LINES)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"x": 1},
        {"x": {"label": "甲"}},
        {"x": {"label": "甲", "values": {}}},
        {"x": {"label": "甲", "values": ["一"]}},
        {"x": {"label": "", "values": {"1": "一"}}},
        {"x": {"label": "甲", "values": {"1": 2}}},
        {"x": {"label": "甲", "values": {"1": "一"}, "more": 1}},
        {"x" * 33: {"label": "甲", "values": {"1": "一"}}},
    ],
)
def test_file_with_an_unusable_dictionary_is_refused(
    draft: FormDefinition, spoilt: dict[str, Any]
) -> None:
    content = json.dumps({**draft.body, "dictionaries": spoilt}).encode()

    with pytest.raises(form_files.UnreadableError):
        form_files.read(BytesIO(content))
