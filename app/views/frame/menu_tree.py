"""The menu of the running application, as its frame, its start page and its permissions read it.

`app/menu.py` declares it and hands it over here once; nothing that draws the menu imports the views in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app

KEY = "zhicheng.menu"


@dataclass(frozen=True)
class Chapter:
    """A heading of the side menu with its menus."""

    number: str
    label: Any
    views: tuple[Any, ...]


@dataclass(frozen=True)
class MenuTree:
    """The chapters in guide order; `hidden` views have permissions of their own but no entry."""

    chapters: tuple[Chapter, ...]
    hidden: tuple[Any, ...] = ()

    def views(self) -> Iterator[Any]:
        """Yield every view with permissions of its own: hidden ones, menus, and the tabs inside them."""
        yield from self.hidden
        for chapter in self.chapters:
            for view in chapter.views:
                yield view
                yield from view.tabs


def set_menu(app: Flask, tree: MenuTree) -> None:
    """Make `tree` the menu of `app`."""
    app.extensions[KEY] = tree


def current_menu() -> MenuTree:
    """Return the menu of the running application."""
    tree: MenuTree = current_app.extensions[KEY]
    return tree
