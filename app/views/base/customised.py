"""What administrators changed of a menu: its words, columns, order, fields. Read from memory, for the reader's role.

`app/services/customising/screens.py` says which values there are, `app/ground/in_force.py` holds those of the request.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from app.extensions import appbuilder
from app.ground import in_force, language
from app.services.customising.screens import AREA
from app.views.base import figures
from app.views.base.aliases import Label
from app.views.base.columns import Column
from app.views.base.declarations import Button
from app.views.base.search.field import SearchField

if TYPE_CHECKING:
    from app.views.base.declared_view import DeclaredView
    from app.views.base.detail_sections import DetailSection

WORDS = ("label", "purpose", "empty", "tab_label")
"""Class attributes of a menu that are words."""
WORDS_KEPT = "screen_words"
Words = Mapping[tuple[str, str], Mapping[str, Any]]


class ChangeableWord(LazyString):
    """A word of the code, or what an administrator put in its place. `target` is the view, `key` what of it."""

    def __init__(self, target: str, key: str, default: Label) -> None:
        super().__init__(self.shown)
        self.target, self.key = target, key
        self.default: Label = default.default if isinstance(default, ChangeableWord) else default

    def shown(self) -> Label:
        """Return the word that holds for the reader, in the reader's language."""
        # once per request: a page asks for hundreds of words, and most of them are as the program comes
        words: Words = in_force.computed(WORDS_KEPT, _changed_words, {})
        changed = words.get((self.target, self.key))
        if changed is None:
            return self.default
        return changed.get(word_key("", language.current())) or self.default


def _changed_words() -> Words:
    """Return the values that hold for the reader, words by the ending of their key in a language."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for (target, key), value in in_force.of_reader(AREA).items():
        name, sign, code = key.partition("@")
        found.setdefault((target, name), {})[sign + code] = value
    return found


def word_key(key: str, code: str) -> str:
    """Return the key under which a word is stored in the language of this code."""
    return key if code.startswith("zh") else f"{key}@{code}"


def declare_words(view: type[Any]) -> None:
    """Make the words and buttons that a view declares or inherits changeable under its own name.

    Its buttons are copies from then on: compare them by name.
    """
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


def columns(view: "DeclaredView") -> Sequence[Column]:
    """Return the columns that a list shows unless the person chooses others."""
    keys = _value(view, "columns")
    if keys is None:
        return view.columns
    offered = {one.key: one for one in view.all_columns}
    return [offered[key] for key in keys if key in offered] or view.columns


def width(view: "DeclaredView", key: str) -> str:
    """Return "narrow" or "wide" for a column that an administrator set so, else ""."""
    found: str = _value(view, f"width:{key}") or ""
    return found


def searched(view: "DeclaredView") -> Sequence[SearchField]:
    """Return the fields that the search area shows; addresses may name the others still."""
    names = _value(view, "search")
    if names is None:
        return view.searched
    offered = {one.name: one for one in view.searched}
    return [*(offered[name] for name in names if name in offered), *view.further().fields]


def sort(view: "DeclaredView") -> tuple[str, bool]:
    """Return the column by which a list is sorted unless the person chooses one, and whether downwards."""
    key, _blank, direction = (_value(view, "sort") or "").partition(" ")
    return (key, direction == "desc") if key in view.orders else ("", False)


def page_size(view: "DeclaredView") -> str | None:
    """Return how many rows a page shows unless the person chooses, None as the program comes."""
    found: str | None = _value(view, "size")
    return found


def opening_filter(view: "DeclaredView") -> Mapping[str, str]:
    """Return the search with which a list opens where nothing else is asked for, as parameters of its address."""
    wanted: Mapping[str, str] = _value(view, "filter") or {}
    names = {one.name for one in view.searched}
    return {f"q.{name}": value for name, value in wanted.items() if name in names}


def required_fields(view: "DeclaredView") -> Sequence[str]:
    """Return the fields of a new record that an administrator made required."""
    found: Sequence[str] = _value(view, "required") or ()
    return found


def in_order(view: "DeclaredView", sections: "list[DetailSection]") -> "list[DetailSection]":
    """Return the sections of a detail page, those that shall come first in front."""
    first = _value(view, "sections")
    if not first:
        return sections
    places = {key: place for place, key in enumerate(first)}
    return sorted(sections, key=lambda one: places.get(one.key, len(places)))


def home_charts() -> Sequence[str]:
    """Return the keys of the charts on the start page, in their order."""
    found: Sequence[str] = in_force.value(AREA, figures.MENU, "home", figures.USUAL_CHARTS)
    return found


def way_to_change(view: "DeclaredView") -> list[tuple[Label, str]]:
    """Return the link of a page to where its looks are changed, for who may change them."""
    if not appbuilder.sm.has_access("can_change", "ScreenView"):
        return []
    return [(_("Customise this page"), url_for("ScreenView.screen", name=type(view).__name__))]


def _value(view: "DeclaredView", key: str) -> Any:
    return in_force.value(AREA, type(view).__name__, key)
