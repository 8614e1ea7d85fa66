"""Holds the menu of the running application for the page frame, the start page and the permissions.

`app/menu.py` declares it and sets it here once, so that the code that shows the menu need not import its
views.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from flask import Flask, current_app

from app.ground import in_force
from app.services.customising.screens import AREA
from app.views.base.aliases import Label

KEY = "zhicheng.menu"


@dataclass(frozen=True)
class Chapter:
    """A heading of the side menu with its menus."""

    number: str
    label: Label
    views: tuple[Any, ...]
    name: str = ""
    """A stable name, where it has no number."""

    @property
    def key(self) -> str:
        return self.number or self.name


@dataclass(frozen=True)
class MenuTree:
    """The chapters in guide order; `hidden` views have their own permissions but no menu entry."""

    chapters: tuple[Chapter, ...]
    hidden: tuple[Any, ...] = ()

    def views(self) -> Iterator[Any]:
        """Return every view that has its own permissions: hidden views, menus, and the tabs inside them."""
        return (view for _menu, view in self.entries())

    def entries(self) -> Iterator[tuple[Any, Any]]:
        """Yield the same views, each after the menu it belongs to: (menu, menu), (menu, tab), …"""
        yield from ((view, view) for view in self.hidden)
        for chapter in self.chapters:
            for menu in chapter.views:
                yield from ((menu, view) for view in (menu, *menu.tabs))


def set_menu(app: Flask, tree: MenuTree) -> None:
    """Make `tree` the menu of `app`."""
    app.extensions[KEY] = tree


def arranged() -> tuple[Chapter, ...]:
    """Return the chapters as administrators arranged them for the reader: menus moved, in another order, or hidden."""
    chapters = current_menu().chapters
    if not in_force.of_area(AREA):
        return chapters
    placed: dict[str, list[tuple[int, Any]]] = {chapter.key: [] for chapter in chapters}
    for chapter in chapters:
        for place, view in enumerate(chapter.views):
            name = view.__name__
            if in_force.value(AREA, name, "hidden"):
                continue
            wanted = in_force.value(AREA, name, "place")
            # before the menu that has this place by itself
            order = 2 * place if wanted is None else 2 * wanted - 3
            key = in_force.value(AREA, name, "chapter", chapter.key)
            placed[key if key in placed else chapter.key].append((order, view))
    return tuple(
        replace(chapter, views=tuple(view for _order, view in sorted(placed[chapter.key], key=itemgetter(0))))
        for chapter in chapters
    )  # fmt: skip


def current_menu() -> MenuTree:
    """Return the menu of the running application."""
    tree: MenuTree = current_app.extensions[KEY]
    return tree
