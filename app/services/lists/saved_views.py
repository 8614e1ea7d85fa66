"""Saved views of lists: who sees which, keeping, changing, sharing and deleting them, the one a list opens with.

A view holds what the address of a list holds; it widens nothing, as the list is still asked within the scope.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, or_, select
from sqlalchemy.orm import joinedload

from app import settings
from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import ListDefault, SavedView

MOST_SHARED = 50
"""Most views of others that a list offers."""
OWN, WITH_ROLE, WITH_UNIT = "own", "role", "unit"

CLERKS = frozenset({Role.UNIT, Role.SUPERIOR, Role.OFFICE})


@dataclass(frozen=True)
class Content:
    """What a view keeps: parameters of the list's address, keys of columns, and what both are called."""

    query: Mapping[str, str]
    columns: Sequence[str]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Offered:
    """A view as a person is offered it: `is_own` to change, `is_default` to open the list with."""

    view: SavedView
    is_own: bool
    is_default: bool


def offered(actor: Actor, menu: str) -> list[Offered]:
    """Return the actor's own views of a list and those shared with the actor, own ones first, in one statement."""
    asked = {
        "user_id": actor.user_id,
        "role": actor.role,
        "unit_id": actor.unit_id,
        "menu": menu,
    }
    return [
        Offered(view, view.user_id == actor.user_id, default is not None)
        for view, default in db.session.execute(_offered(), asked).tuples()
    ]


@cache
def _offered() -> Select[tuple[SavedView, int]]:
    """Return the statement of `offered`, put together once: every list asks it."""
    user_id: Any = bindparam("user_id")
    menu: Any = bindparam("menu")
    chosen = and_(
        ListDefault.view_id == SavedView.id,
        ListDefault.user_id == user_id,
        ListDefault.menu == menu,
    )
    is_own = SavedView.user_id == user_id
    return (
        select(SavedView, ListDefault.id)
        .outerjoin(ListDefault, chosen)
        .where(SavedView.menu == menu, _visible(user_id, bindparam("role"), bindparam("unit_id")))
        .options(joinedload(SavedView.user))
        .order_by(is_own.desc(), SavedView.name, SavedView.id)
        .limit(settings.NUMBERS["saved_views_max"].maximum + MOST_SHARED)
    )


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for views the actor may take: own ones, those of the own role and the own unit."""
    return _visible(actor.user_id, actor.role, actor.unit_id)


def _visible(user_id: Any, role: Any, unit_id: Any) -> ColumnElement[bool]:
    return or_(
        SavedView.user_id == user_id,
        SavedView.shared_role == role,
        and_(SavedView.shared_unit_id.is_not(None), SavedView.shared_unit_id == unit_id),
    )


def ways_to_share(actor: Actor) -> list[str]:
    """Return with whom the actor may share a view; only staff shares, a judge with nobody.

    A role of clerks has tens of thousands of people who do not know each other: they share within their unit.
    """
    if not actor.role.is_staff or actor.role is Role.JUDGE:
        return [OWN]
    with_role = [] if actor.role in CLERKS else [WITH_ROLE]
    return [OWN, *with_role, *([WITH_UNIT] if actor.unit_id else [])]


def way_of(view: SavedView) -> str:
    """Return with whom a view is shared."""
    if view.shared_role is not None:
        return WITH_ROLE
    return OWN if view.shared_unit_id is None else WITH_UNIT


def find(actor: Actor, menu: str, key: int) -> SavedView | None:
    """Return a view that the actor may take, None if there is none (any more)."""
    query = select(SavedView).where(SavedView.id == key, SavedView.menu == menu, visible(actor))
    return db.session.scalars(query).one_or_none()


def find_own(actor: Actor, menu: str, key: int) -> SavedView:
    """Return an own view. Raises Refused for one that is gone or somebody else's."""
    view = find(actor, menu, key)
    if view is None:
        raise Refused(
            gettext("This view is gone, or no longer shared with you. Choose another one.")
        )
    if view.user_id != actor.user_id:
        raise Refused(
            gettext(
                "“%(name)s” belongs to %(owner)s. You can use it, and save it as a view of your own to change it.",
                name=view.name,
                owner=view.user.real_name,
            )
        )
    return view


def save(actor: Actor, menu: str, name: str, sharing: str, content: Content) -> SavedView:
    """Keep a new view. Raises Refused at the limit, for a name in use, and for a sharing that is not the actor's."""
    own = (SavedView.user_id == actor.user_id, SavedView.menu == menu)
    count = db.session.scalar(select(func.count()).select_from(SavedView).where(*own)) or 0
    most = settings.get("saved_views_max")
    if count >= most:
        raise Refused(
            gettext(
                "You have %(count)s views of this list, which is the limit. Delete one you no longer need.",
                count=count,
            )
        )
    view = SavedView(user_id=actor.user_id, menu=menu)
    _name(view, name)
    share(actor, view, sharing)
    db.session.add(view)
    update(view, content)
    return view


def rename(view: SavedView, name: str) -> None:
    """Give a view another name. Raises Refused for a name in use."""
    _name(view, name)
    db.session.flush()


def update(view: SavedView, content: Content) -> None:
    """Keep another filter, order and columns under the name of a view."""
    view.query, view.columns = dict(content.query), list(content.columns)
    view.labels = dict(content.labels)
    db.session.flush()


def share(actor: Actor, view: SavedView, sharing: str) -> None:
    """Share a view with the actor's role, the actor's unit or nobody. Raises Refused for any other."""
    if sharing not in ways_to_share(actor):
        raise Refused(
            gettext("Your position cannot share views this way. Choose one of the ways offered."),
            "sharing",
        )
    view.shared_role = actor.role if sharing == WITH_ROLE else None
    view.shared_unit_id = actor.unit_id if sharing == WITH_UNIT else None


def remove(view: SavedView) -> None:
    """Delete a view, also as the one with which lists open."""
    db.session.execute(delete(ListDefault).where(ListDefault.view_id == view.id))
    db.session.delete(view)
    db.session.flush()


def open_with(actor: Actor, menu: str, view: SavedView | None) -> None:
    """Let a list open with this view for the actor, with None as it is without any."""
    mine = (ListDefault.user_id == actor.user_id, ListDefault.menu == menu)
    db.session.execute(delete(ListDefault).where(*mine))
    if view is not None:
        db.session.add(ListDefault(user_id=actor.user_id, menu=menu, view_id=view.id))
    db.session.flush()


def _name(view: SavedView, name: str) -> None:
    taken: tuple[Any, ...] = (
        SavedView.user_id == view.user_id,
        SavedView.menu == view.menu,
        SavedView.name == name,
    )
    with db.session.no_autoflush:
        other = db.session.scalar(select(SavedView.id).where(*taken))
    if other is not None and other != view.id:
        raise Refused(
            gettext(
                "You already have a view “%(name)s” of this list. Choose another name, or update that one.",
                name=name,
            ),
            "name",
        )
    view.name = name
