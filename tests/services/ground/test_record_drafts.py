"""Drafts of new records: own position only, bounded in number and length."""

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import RecordDraft
from app.services.ground import record_drafts
from app.services.ground.record_drafts import Typed
from tests.support import factories

TYPED = Typed([("name", "2026批次"), ("levels", "1"), ("levels", "2")], {"name": "Name"})


@pytest.fixture
def office(app: Flask) -> Actor:
    return factories.actor(Role.OFFICE, committee=factories.committee())


def keep(actor: Actor, title: str = "批次", typed: Typed = TYPED, key: int = 0) -> RecordDraft:
    return record_drafts.save(actor, "BatchView", title, typed, at=clock.now(), key=key)


def test_draft_is_kept_as_typed_and_changed_under_its_key(office: Actor, session: Session) -> None:
    draft = keep(office)
    again = keep(office, "新名称\x00\n", key=draft.id)
    session.expire_all()

    assert again.id == draft.id
    assert [one.title for one in record_drafts.of_menu(office, "BatchView")] == ["新名称"]
    assert draft.typed == [["name", "2026批次"], ["levels", "1"], ["levels", "2"]]
    assert draft.labels == {"name": "Name"}


def test_own_position_alone_finds_a_draft_and_only_in_its_menu(office: Actor) -> None:
    draft = keep(office)
    other = factories.actor(Role.OFFICE, committee=factories.committee())

    assert record_drafts.find(office, "BatchView", draft.id) is draft
    assert record_drafts.find(office, "PlanView", draft.id) is None
    assert record_drafts.find(office, "BatchView", 2**40) is None
    assert record_drafts.find(other, "BatchView", draft.id) is None
    assert record_drafts.of_menu(other, "BatchView") == []
    assert record_drafts.drop(other, "BatchView", draft.id) is None
    assert keep(other, key=draft.id).id != draft.id


def test_eleventh_draft_is_refused_but_an_old_one_can_still_be_kept(office: Actor) -> None:
    drafts = [keep(office, f"批次{number}") for number in range(record_drafts.MOST)]

    with force_locale("en"), pytest.raises(Refused, match="You have 10 drafts here already"):
        keep(office)
    keep(office, "改名", key=drafts[3].id)
    assert record_drafts.drop(office, "BatchView", drafts[0].id) is drafts[0]
    keep(office)

    assert len(record_drafts.of_menu(office, "BatchView")) == record_drafts.MOST


def test_too_long_a_draft_is_refused(office: Actor) -> None:
    long = Typed([("note", "长" * record_drafts.LONGEST)], {})

    with force_locale("en"), pytest.raises(Refused, match="longer than 200,000 characters"):
        keep(office, typed=long)
