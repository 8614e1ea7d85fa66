"""States of a draft of the form: any number of steps back and forth, and nothing left behind."""

from copy import deepcopy

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import FormDefinition, FormStep
from app.services.form import form_drafts, form_edits, form_history
from app.services.form.form_edits import Body
from tests.support import factories


@pytest.fixture
def actor(app: Flask, session: Session) -> Actor:
    return factories.actor(Role.SYSADMIN)


@pytest.fixture
def draft(actor: Actor) -> FormDefinition:
    return form_drafts.begin(actor=actor)


def add(draft: FormDefinition, actor: Actor, label: str) -> None:
    def edit(body: Body) -> str:
        section = form_edits.section_of(body, "papers")
        return form_edits.put_field(section, "", {"label": label})

    form_drafts.change(
        draft, edit, what="field_added", label=label, actor=actor, seen=draft.revision
    )


def labels(draft: FormDefinition) -> list[str]:
    fields = form_edits.section_of(draft.body, "papers")["fields"]
    return [one["label"] for one in fields if one["label"].startswith("新")]


def steps() -> int:
    return db.session.scalar(select(func.count(FormStep.id))) or 0


def test_any_number_of_steps_is_undone_and_made_again(draft: FormDefinition, actor: Actor) -> None:
    before = deepcopy(draft.body)
    for label in ("新一", "新二", "新三"):
        add(draft, actor, label)
    after = deepcopy(draft.body)

    for _turn in range(3):
        form_drafts.undo(draft, actor=actor, seen=draft.revision)
    undone = deepcopy(draft.body)
    for _turn in range(3):
        form_drafts.redo(draft, actor=actor, seen=draft.revision)

    assert undone == before
    assert draft.body == after
    with pytest.raises(Refused, match="nothing to redo"):
        form_drafts.redo(draft, actor=actor, seen=draft.revision)


def test_change_after_undoing_gives_up_what_was_undone(draft: FormDefinition, actor: Actor) -> None:
    add(draft, actor, "新一")
    add(draft, actor, "新二")
    form_drafts.undo(draft, actor=actor, seen=draft.revision)

    add(draft, actor, "新三")

    assert labels(draft) == ["新一", "新三"]
    assert [(one[0], one[2]) for one in form_history.states(draft)] == [
        (2, "新三"), (1, "新一"), (0, ""),
    ]  # fmt: skip
    with pytest.raises(Refused, match="nothing to redo"):
        form_drafts.redo(draft, actor=actor, seen=draft.revision)


def test_any_kept_state_is_reached_at_once(draft: FormDefinition, actor: Actor) -> None:
    for label in ("新一", "新二", "新三"):
        add(draft, actor, label)

    form_drafts.go_to(draft, 1, actor=actor, seen=draft.revision)

    assert labels(draft) == ["新一"]
    with pytest.raises(Refused):
        form_drafts.go_to(draft, 7, actor=actor, seen=draft.revision)


def test_undo_from_an_old_page_is_refused(draft: FormDefinition, actor: Actor) -> None:
    add(draft, actor, "新一")
    add(draft, actor, "新二")

    with pytest.raises(form_drafts.OvertakenError):
        form_drafts.undo(draft, actor=actor, seen=draft.revision - 1)
    assert labels(draft) == ["新一", "新二"]


def test_only_so_many_states_are_kept(
    draft: FormDefinition, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_history, "MOST", 2)
    for label in ("新一", "新二", "新三"):
        add(draft, actor, label)

    assert [one[0] for one in form_history.states(draft)] == [3, 2]


def test_discarded_and_published_drafts_leave_no_states(
    draft: FormDefinition, actor: Actor
) -> None:
    add(draft, actor, "新一")
    form_drafts.discard(draft, actor=actor, seen=draft.revision)
    assert steps() == 0
    db.session.expire_all()

    again = form_drafts.begin(actor=actor)
    add(again, actor, "新二")
    form_drafts.publish(again, actor=actor, at=clock.now(), seen=again.revision)

    assert steps() == 0
    assert labels(again) == ["新二"]
