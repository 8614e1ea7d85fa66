"""Change texts of the program in tests: find their cells, publish others."""

from collections.abc import Mapping
from typing import Any

from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import ChangeSet
from app.services.customising import change_sets, words
from app.services.customising.catalogue import Cell
from app.services.customising.words import CHINESE, ENGLISH
from tests.support import factories as make


def cell(text: str, language: str = ENGLISH, context: str = "") -> Cell:
    """Return the cell of a text, named as in the code."""
    keys = [
        word.key
        for word in words.items().values()
        if (word.target, word.text, word.context) == (language, text, context)
    ]
    return language, keys[0], ""


def chinese(text: str, context: str = "") -> Cell:
    return cell(text, CHINESE, context)


def author(name: str = "周文") -> Actor:
    return make.actor(Role.SYSADMIN, user=make.user(name))


def collected(actor: Actor, values: Mapping[Cell, Any]) -> ChangeSet:
    """Return the draft of `actor` with `values` collected."""
    change_sets.collect(actor, words.WORDS, values, at=clock.now())
    db.session.commit()
    found = change_sets.draft_of(actor)
    assert found is not None
    return found


def published(actor: Actor, values: Mapping[Cell, Any]) -> ChangeSet:
    """Return a set with `values` that `actor` published."""
    draft = collected(actor, values)
    change_sets.publish(actor, draft, note="", at=clock.now())
    db.session.commit()
    return draft
