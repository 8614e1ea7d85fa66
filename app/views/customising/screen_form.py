"""The form of a page that is customised: how its values are shown, read back, and tried on an invented row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from app.services.customising import screens
from app.services.customising.catalogue import Cell
from app.services.customising.screens import ScreenItem
from app.views.base.aliases import Page
from app.views.base.customised import word_key

PICKED = ("columns", "search", "sections")

"""Keys whose value is an ordered choice; `required` is one without an order."""


@dataclass
class Entry:
    """One thing to change as its field shows it."""

    key: str
    item: ScreenItem
    value: Any
    kind: str
    is_drafted: bool
    lines: list[Page] = field(default_factory=list)

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
    if item.kind in (screens.COLUMNS, screens.SELECTION):
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


def parts(
    items: Mapping[str, ScreenItem],
    values: Mapping[str, Any],
    scope: str,
    held: Mapping[Cell, Any],
    language: str,
) -> list[Page]:
    """Return the cards of the form; words stand in the language in which the page is read."""
    entries = {
        key: Entry(
            key, item, values[key], _kind(item), values[key] != held[item.target, key, scope]
        )
        for key, item in items.items()
        if _is_shown(item, key, language)
    }
    for key, entry in entries.items():
        entry.lines = _lines(key, entry, entries, language)
    cards = [
        (gettext("Words"), ("label", "tab_label", "purpose", "empty")),
        (gettext("Columns, in their order"), ("columns",)),
        (gettext("Search fields, in their order"), ("search",)),
        (gettext("How the list opens"), ("sort", "size", "filter")),
        (gettext("Words of the buttons"), ("button:",)),
        (gettext("New record: also required"), ("required",)),
        (gettext("A record: these sections first"), ("sections",)),
        (gettext("Place in the menu"), ("chapter", "place", "hidden")),
    ]
    found = [(label, _of(entries, starts)) for label, starts in cards]
    return [{"label": label, "entries": rows} for label, rows in found if rows]


def _of(entries: Mapping[str, Entry], starts: tuple[str, ...]) -> list[Entry]:
    return [
        entry
        for key, entry in entries.items()
        if key.partition("@")[0] in starts or (key.startswith("button:") and "button:" in starts)
    ]


def _is_shown(item: ScreenItem, key: str, language: str) -> bool:
    base = key.partition("@")[0]
    return item.kind is not screens.TEXT or key == word_key(base, language)


def _kind(item: ScreenItem) -> str:
    return {
        id(screens.TEXT): "long" if item.most > screens.LONGEST_WORD else "text",
        id(screens.COLUMNS): "columns",
        id(screens.SELECTION): "ordered" if item.key in PICKED else "ticks",
        id(screens.CHOICE): "choice",
        id(screens.FILTER): "filter",
        id(screens.PLACE): "place",
        id(screens.HIDDEN): "hidden",
    }[id(item.kind)]


def _lines(key: str, entry: Entry, entries: Mapping[str, Entry], language: str) -> list[Page]:
    """Return the choices of an entry, those chosen first in their order."""
    if entry.kind == "filter":
        return _filter_lines(entry, entries["search"].item.choices)
    if entry.kind not in ("columns", "ordered", "ticks"):
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


def sample(items: Mapping[str, ScreenItem], values: Mapping[str, Any]) -> Page | None:
    """Return the list as the draft makes it, with one invented row; None for a page without a list."""
    if "columns" not in items:
        return None
    names = items["columns"].choices
    keys = [key for key in values["columns"] if key in names]
    return {
        "columns": [
            {
                "label": values.get(f"column:{key}") or str(names[key]),
                "width": values.get(f"width:{key}", ""),
            }
            for key in keys
        ],
        "buttons": [
            values[key] or str(item.own_words)
            for key, item in items.items()
            if key.startswith("button:") and "@" not in key
        ],
        "cells": [_invented(key) for key in keys],
    }


def _invented(key: str) -> str:
    if key.endswith(("_at", "_on", "_from", "_to", "_end", "_since", "_start")):
        return "2026-06-30"
    return gettext("sample")
