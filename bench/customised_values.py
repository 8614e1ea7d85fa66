"""The 200 values that `bench.customised` publishes: pages, words, columns from the dossier, ticks of an own role."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from sqlalchemy import select

from app.enums import ChangeSetState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import ChangeSet, OwnRole, User
from app.services.accounts import own_roles
from app.services.customising import change_sets, screens, words
from app.services.customising.catalogue import AREAS, Cell
from app.services.customising.dossier_area import listed
from app.views.customising.dossier_catalogue import DOSSIER
from app.views.customising.rights_catalogue import RIGHTS
from app.views.customising.screen_catalogue import SCREENS

SEEN = ("ApplicationQueryView", "FirstCheckView", "QuotaApplyView", "StatisticsView")
"""Menus that the measured pages are of, and one more; the others follow."""
TEXTS, WIDTHS, TEXTS_OF_PROGRAM, COLUMNS, TICKS = 96, 8, 70, 10, 15
NAME = "测量"


def publish() -> int:
    """Publish everything and return how many values that are; the caller commits."""
    count = 0
    for role, areas in (
        (Role.SYSADMIN, {"screens": _pages(), "words": _words(), "dossier": _columns()}),
        (Role.SECADMIN, {"rights": _ticks()}),
    ):
        _write()
        actor = _actor(role)
        for name, values in areas.items():
            count += change_sets.collect(actor, AREAS[name], values, at=clock.now())
        draft = change_sets.draft_of(actor)
        assert draft is not None
        change_sets.publish(actor, draft, note="", at=clock.now())
        db.session.commit()
    return count


def undo() -> int:
    """Undo what `publish` published last, if anything, and return 0; the caller commits."""
    published = select(ChangeSet).where(ChangeSet.state == ChangeSetState.PUBLISHED)
    while True:
        _write()
        newest = db.session.scalars(published.order_by(ChangeSet.id.desc()).limit(1)).first()
        if newest is None:
            return 0
        change_sets.undo(_actor(newest.author_role), newest, at=clock.now())
        db.session.commit()


def own_role() -> OwnRole:
    """Return the role whose ticks are changed; made full when first asked for."""
    found = db.session.scalars(select(OwnRole).where(OwnRole.name == NAME)).first()
    if found is None:
        data = {"base": Role.UNIT.value, "name": NAME, "name_en": "Bench", "remark": ""}
        found = own_roles.build({**data, "start": "full"})
        db.session.commit()
    return found


def _write() -> None:
    """Begin a transaction that writes; SQLite would not let one that has read become one after a write of a request."""
    db.session.rollback()
    db.session.connection(execution_options={"immediate": True})


def _actor(role: Role) -> Actor:
    key = db.session.scalar(select(User.id).order_by(User.id).limit(1))
    return Actor(role=role, user_id=key, name=role.value)


def _pages() -> Mapping[Cell, Any]:
    """Return texts, widths and another order of columns: as many columns as before, in the same order of rows."""
    items = SCREENS.items()
    inside = [one for one in items.values() if one.target in SEEN]
    outside = [one for one in items.values() if one.target not in SEEN]
    texts = (
        ((one.target, one.key, ""), f"{one.own_words}·")
        for one in (*inside, *outside)
        if one.kind is screens.TEXT and "@" not in one.key and len(str(one.own_words)) < one.most
    )
    widths = ((one.target, one.key, "") for one in inside if one.key.startswith("width:"))
    columns = items[SEEN[0], "columns"]
    return {
        **dict(islice(texts, TEXTS)),
        **dict.fromkeys(islice(widths, WIDTHS), "narrow"),
        (SEEN[0], "columns", ""): list(reversed(columns.default)),
    }


def _words() -> Mapping[Cell, Any]:
    plain = (one for one in words.items().values() if len(one.forms) == 1 and one.text)
    chosen = islice(plain, 0, TEXTS_OF_PROGRAM * 20, 20)
    return {(one.target, one.key, ""): f"{one.forms[0]}·" for one in chosen}


def _columns() -> Mapping[Cell, Any]:
    """Return fields that can be chosen as columns: one that is shown is more on the page, not the same dearer."""
    keys = (key for view, key in DOSSIER.items() if view == SEEN[0])
    return {(SEEN[0], key, ""): listed() for key in islice(keys, COLUMNS)}


def _ticks() -> Mapping[Cell, bool]:
    """Return rights of other menus that are taken from the own role."""
    scope = own_role().scope
    cells = [(*place, scope) for place in RIGHTS.items() if place[0] not in SEEN]
    held = RIGHTS.present(cells)
    return dict(islice(((cell, False) for cell in cells if held[cell]), TICKS))
