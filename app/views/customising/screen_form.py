"""The form of a page that is customised: how its values are shown, read back, and tried on an invented row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from app.services.customising import screens
from app.services.customising.catalogue import Cell
from app.services.customising.screens import ScreenItem
from app.services.customising.stored_area import AS_EVERYBODY
from app.views.base import invented
from app.views.base.aliases import Page
from app.views.base.customised import word_key
from app.views.base.declared_view import DeclaredView

CHOSEN = ("columns", "ordered", "ticks")
"""Fields whose value is what was chosen among several."""
CARDS = (
    (_("Words"), ("label", "tab_label", "purpose", "empty")),
    (_("Columns, in their order"), ("columns",)),
    (_("Search fields, in their order"), ("search",)),
    (_("How the list opens"), ("sort", "size", "filter")),
    (_("Words of the buttons"), ("button",)),
    (_("New record: also required"), ("required",)),
    (_("A record: these sections first"), ("sections",)),
    (_("Figures on the start page"), ("home",)),
    (_("Place in the menu"), ("chapter", "place", "hidden")),
)
"""Cards of the form, with the keys of their entries up to the first sign."""


@dataclass(frozen=True)
class Screen:
    """A menu as it is for a scope, with the author's draft and as it holds; cells of everybody stand beside."""

    view: Any
    scope: str
    items: Mapping[str, ScreenItem]
    drafted: Mapping[Cell, Any]
    held: Mapping[Cell, Any]

    @property
    def name(self) -> str:
        return str(self.view.__name__)

    @property
    def shown(self) -> dict[str, Any]:
        """The values that the form shows: for a role without its own those for everybody."""
        return {key: self._of_scope(key) for key in self.items}

    def cells(self, typed: Mapping[str, Any]) -> dict[Cell, Any]:
        """Return the values to collect; what a role has like everybody it has not of its own."""
        return {
            (self.name, key, self.scope): AS_EVERYBODY
            if self.scope and value == self.drafted[self.name, key, ""]
            else value
            for key, value in typed.items()
        }

    def is_drafted(self, key: str) -> bool:
        cell = self.name, key, self.scope
        return bool(self.drafted[cell] != self.held[cell])

    def _of_scope(self, key: str) -> Any:
        value = self.drafted[self.name, key, self.scope]
        return self.drafted[self.name, key, ""] if value == AS_EVERYBODY else value


@dataclass
class Entry:
    """One thing to change as its field shows it."""

    key: str
    item: ScreenItem
    value: Any
    is_drafted: bool
    lines: list[Page] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.item.kind.field

    @property
    def label(self) -> str:
        return str(self.item.label)

    @property
    def own(self) -> str:
        return str(self.item.own_words)


def read(
    items: Mapping[str, ScreenItem], form: MultiDict[str, str], before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values that a form sent; what the form does not show stays as it was."""
    values = dict(before)
    shown = set(form.getlist("shown"))
    for key, item in items.items():
        if key in shown:
            values[key] = _read_one(key, item, form)
    return values


def _read_one(key: str, item: ScreenItem, form: MultiDict[str, str]) -> Any:
    typed = form.get(f"v:{key}", "").strip()
    if item.kind.field in CHOSEN:
        return form.getlist(f"v:{key}")
    if item.kind is screens.FILTER:
        return dict(chosen.partition("=")[::2] for chosen in form.getlist(f"v:{key}") if chosen)
    if item.kind is screens.PLACE:
        return (
            int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else typed or None
        )
    if item.kind is screens.HIDDEN:
        return typed == "hidden"
    return typed


def parts(screen: Screen, values: Mapping[str, Any], language: str) -> list[Page]:
    """Return the cards of the form; words stand in the language in which the page is read."""
    entries = {
        key: Entry(key, item, values[key], screen.is_drafted(key))
        for key, item in screen.items.items()
        if _is_shown(item, key, language)
    }
    for key, entry in entries.items():
        entry.lines = _lines(key, entry, entries, language)
    found = [(label, _of(entries, names)) for label, names in CARDS]
    return [{"label": label, "entries": rows} for label, rows in found if rows]


def _of(entries: Mapping[str, Entry], names: Sequence[str]) -> list[Entry]:
    return [entry for key, entry in entries.items() if re.split("[:@]", key)[0] in names]


def _is_shown(item: ScreenItem, key: str, language: str) -> bool:
    base = key.partition("@")[0]
    return item.kind is not screens.TEXT or key == word_key(base, language)


def _lines(key: str, entry: Entry, entries: Mapping[str, Entry], language: str) -> list[Page]:
    """Return the choices of an entry, those chosen first in their order."""
    if entry.kind == "filter":
        return _filter_lines(entry, entries["search"].item.choices)
    if entry.kind not in CHOSEN:
        return []
    chosen = [one for one in entry.value if one in entry.item.choices]
    rest = [one for one in entry.item.choices if one not in chosen]
    in_order = list(entry.item.choices) if entry.kind == "ticks" else [*chosen, *rest]
    return [
        {
            "key": one,
            "label": _words_of(entries, one, entry) if key == "columns" else str(entry.item.choices[one]),
            "is_on": one in chosen,
            "word": entries.get(word_key(f"column:{one}", language)) if key == "columns" else None,
            "width": entries.get(f"width:{one}") if key == "columns" else None,
        }
        for one in in_order
    ]  # fmt: skip


def _words_of(entries: Mapping[str, Entry], key: str, entry: Entry) -> str:
    word = entries.get(f"column:{key}")
    return word.own if word else str(entry.item.choices[key])


def _filter_lines(entry: Entry, fields: Mapping[str, Any]) -> list[Page]:
    """Return for each search field that offers choices what it may be narrowed to."""
    found: dict[str, list[tuple[str, str]]] = {}
    for choice, label in entry.item.choices.items():
        found.setdefault(choice.partition("=")[0], []).append((choice, str(label)))
    return [
        {
            "key": name,
            "label": str(fields[name]),
            "choices": choices,
            "chosen": f"{name}={entry.value.get(name, '')}",
        }
        for name, choices in found.items()
    ]


def sample(
    screen: Screen, built: DeclaredView | None, values: Mapping[str, Any], language: str
) -> Page | None:
    """Return the list as the draft makes it, with one invented row; None for a page without a list."""
    if built is None:
        return None
    columns = {one.key: one for one in built.all_columns}
    keys = [key for key in values["columns"] if key in columns]

    def word(key: str) -> str:
        return values[word_key(key, language)] or str(screen.items[key].own_words)

    return {
        "columns": [
            {"label": word(f"column:{key}"), "width": values.get(f"width:{key}", "")}
            for key in keys
        ],
        "buttons": [
            word(key) for key in screen.items if key.startswith("button:") and "@" not in key
        ],
        "cells": [invented.cell(built, columns[key], 1) for key in keys],
    }
