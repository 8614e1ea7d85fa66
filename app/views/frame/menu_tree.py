"""Holds the menu of the running application for the page frame, the start page and the permissions.

`app/menu.py` declares it and sets it here once, so that the code that shows the menu need not import its
views.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

from app.views.base.aliases import Label

KEY = "zhicheng.menu"


@dataclass(frozen=True)
class Chapter:
    """A heading of the side menu with its menus."""

    number: str
    label: Label
    views: tuple[Any, ...]


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


def current_menu() -> MenuTree:
    """Return the menu of the running application."""
    tree: MenuTree = current_app.extensions[KEY]
    return tree
