"""Words of a menu that administrators can change: what the code declares, with what was put in their place.

A changed word is looked up each time it is shown, for the reader's role and from memory (`app/ground/in_force.py`).
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask_babel.speaklater import LazyString

from app.ground import in_force
from app.views.base.aliases import Label
from app.views.base.columns import Column
from app.views.base.declarations import Button

AREA = "screens"
"""Area of the catalogue under which what is changed on screens is stored."""
WORDS = ("label", "purpose", "empty", "tab_label")
"""Class attributes of a menu that are words."""


class ChangeableWord(LazyString):
    """A word of the code, or what an administrator put in its place. `target` is the view, `key` what of it."""

    def __init__(self, target: str, key: str, default: Label) -> None:
        super().__init__(self.shown)
        self.target, self.key = target, key
        self.default: Label = default.default if isinstance(default, ChangeableWord) else default

    def shown(self) -> Label:
        """Return the word that holds for the reader."""
        found: Label = in_force.value(AREA, self.target, self.key, self.default)
        return found


def declare_words(view: type[Any]) -> None:
    """Make the words and buttons that a view declares or inherits changeable under its own name."""
    for name in WORDS:
        if word := getattr(view, name, ""):
            setattr(view, name, ChangeableWord(view.__name__, name, word))
    buttons: Iterable[Button] = getattr(view, "buttons", ())
    if buttons:
        view.buttons = tuple(_button(view.__name__, one) for one in buttons)


def _button(target: str, button: Button) -> Button:
    word = ChangeableWord(target, f"button:{button.name}", button.label)
    return replace(button, label=word)


def column(view: type[Any], declared: Column) -> Column:
    """Return a column of a view with a changeable heading."""
    word = ChangeableWord(view.__name__, f"column:{declared.key}", declared.label)
    return replace(declared, label=word)
