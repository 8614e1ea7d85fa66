"""Saved views of a list in its page: which one applies, what of it still exists, and the menu of all.

`?view=<id>` alone applies a view, as does opening the list where one is the default; everything it holds then
stands in the addresses of the page. `?view=all` opens the list without any.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from app.ground.actor import Actor
from app.services.lists import saved_views
from app.views.base import customised
from app.views.base.aliases import Label, Page
from app.views.base.lists import chosen_columns

if TYPE_CHECKING:
    from app.models import SavedView
    from app.views.base.declared_view import DeclaredView

PARAMETER, ALL = "view", "all"
PLACE = frozenset({PARAMETER, "page", "size", "back"})
"""Parameters that do not say what a list shows."""
STAYS = ("todo", "sort", "dir", "size", PARAMETER, chosen_columns.PARAMETER)
"""Parameters that a search of the list leaves as they are."""


class ViewMenu:
    """The views a person is offered for a list, and `args`: what the list shows with the one that applies."""

    def __init__(self, view: "DeclaredView", actor: Actor, asked: Mapping[str, str]) -> None:
        self.view, self.actor, self.asked = view, actor, asked
        self.offered = saved_views.offered(actor, menu_of(view))
        self.default = next((one.view for one in self.offered if one.is_default), None)
        self.current = self._current()
        self.said: list[str] = self._said()
        is_plain = self.current is None and not asked.keys() - {"back"}
        self.opening = customised.opening_filter(view) if is_plain else {}
        self.args = self._args()

    def _current(self) -> "SavedView | None":
        named = self.asked.get(PARAMETER)
        if named is None:
            return None if self.asked else self.default
        return next((one.view for one in self.offered if str(one.view.id) == named), None)

    def _said(self) -> list[str]:
        named = self.asked.get(PARAMETER)
        if self.current is None and named not in (None, ALL):
            return [
                gettext(
                    "The chosen view is gone, or no longer shared with you; the list is shown without it."
                )
            ]
        return []

    def _args(self) -> dict[str, str]:
        if self.current is None or not self.asked.keys() <= PLACE:
            return {**self.opening, **self.asked}
        usable, gone = split(self.view, self.actor, self.current)
        if gone:
            self.said.append(
                gettext(
                    "The view “%(name)s” also names what this list no longer has: %(what)s. The rest applies.",
                    name=self.current.name,
                    what=gettext(", ").join(gone),
                )
            )
        return {**self.asked, **usable, PARAMETER: str(self.current.id)}

    @property
    def whole(self) -> dict[str, str]:
        """The parameters with which the list opens without any view."""
        is_narrowed = self.default is not None or customised.opening_filter(self.view)
        return {PARAMETER: ALL} if is_narrowed else {}

    def context(self) -> Page:
        """Return the menu for the page: own views, then shared ones, each with its address."""
        opened = {key: value for key, value in self.args.items() if key not in ("page", "back")}
        return {
            "current": self.current.name if self.current else "",
            "is_default": self.current is not None and self.current is self.default,
            "is_narrowed": bool(self.opening),
            "own": [self._entry(one) for one in self.offered if one.is_own],
            "shared": [self._entry(one) for one in self.offered if not one.is_own],
            "all_url": self.view.list_url(self.whole),
            "manage_url": self.view.url("saved", **opened),
        }

    def _entry(self, one: saved_views.Offered) -> Page:
        return {
            "name": one.view.name,
            "owner": one.view.user.real_name,
            "url": self.view.list_url({PARAMETER: one.view.id}),
            "is_current": one.view is self.current,
            "is_default": one.is_default,
        }


def menu_of(view: "DeclaredView") -> str:
    """Return the stable key of a list."""
    return type(view).__name__


def split(
    view: "DeclaredView", actor: Actor, saved: "SavedView"
) -> tuple[dict[str, str], list[str]]:
    """Return what of a saved view the list can show to this role, and what the rest was called."""
    usable = {k: v for k, v in saved.query.items() if _is_usable(view, actor, k, saved.query)}
    if "sort" not in usable:
        usable.pop("dir", None)
    gone = [key for key in saved.query if key not in usable and key != "dir"]
    named = chosen_columns.chosen(view, actor, {chosen_columns.PARAMETER: ",".join(saved.columns)})
    kept = [key for key in saved.columns if key not in named.gone]
    if kept:
        usable[chosen_columns.PARAMETER] = ",".join(kept)
    return usable, list(dict.fromkeys(saved.labels.get(key, key) for key in (*gone, *named.gone)))


def _is_usable(view: "DeclaredView", actor: Actor, key: str, query: Mapping[str, Any]) -> bool:
    if key == "sort":
        return query[key] in view.orders
    if key == "todo":
        return query[key] in todo_labels(view, actor)
    if key == "dir":
        return query[key] in ("asc", "desc")
    field = next((one for one in view.searched if key in one.parameters()), None)
    if field is None or field.fault(query):
        return False
    try:
        field.condition(query)
    except HTTPException:  # a value that an upgrade has taken away
        return False
    return True


def todo_labels(view: "DeclaredView", actor: Actor) -> dict[str, Label]:
    """Return the to-dos of a list that this role may have, by key."""
    return {
        todo.key: todo.label for todo in view.all_todos() if todo.is_for(type(view), actor.role)
    }


def content_of(view: "DeclaredView", actor: Actor, args: Mapping[str, str]) -> saved_views.Content:
    """Return what a saved view keeps of the list as `args` show it."""
    kept = {k: v for k, v in args.items() if k.startswith("q.") or k in ("todo", "sort", "dir")}
    query = {key: value for key, value in kept.items() if _is_usable(view, actor, key, kept)}
    columns: Sequence[str] = ()
    if args.get(chosen_columns.PARAMETER):
        columns = [one.key for one in chosen_columns.chosen(view, actor, args).columns]
    return saved_views.Content(query, columns, _labels(view, actor, query, columns))


def _labels(
    view: "DeclaredView", actor: Actor, query: Mapping[str, str], columns: Sequence[str]
) -> dict[str, str]:
    labels = {one.key: str(one.label) for one in view.offered_columns(actor)}
    named = {key: labels[key] for key in columns}
    for field in view.searched:
        named |= {key: str(field.label) for key in field.parameters() if key in query}
    if "sort" in query:
        named["sort"] = labels.get(query["sort"], query["sort"])
    if "todo" in query:
        named["todo"] = str(todo_labels(view, actor)[query["todo"]])
    return named
