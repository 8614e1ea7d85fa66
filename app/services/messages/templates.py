"""The messages as shipped: wording, channels and kind of each, and the variables its wording may name."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask_babel import get_locale

from app.enums import MessageKind
from app.ground import paths

DEFAULTS = paths.DATA / "message_templates.csv"
VARIABLES = paths.DATA / "message_variables.csv"
PLACE = re.compile(r"\{(\w{1,40})\}")
"""A variable in a wording: a plain name in braces, without attributes, positions or formats."""


@dataclass(frozen=True)
class Variable:
    """A variable of a message: its name, what it stands for (Chinese, English) and an invented value."""

    name: str
    words: tuple[str, str]
    example: str

    @property
    def label(self) -> str:
        locale = get_locale()
        return self.words[1 if locale is not None and locale.language == "en" else 0]


@cache
def defaults() -> Mapping[str, tuple[str, str]]:
    """Return the default templates: key → subject and text."""
    return {row["key"]: (row["subject"], row["body"]) for row in _rows()}


@cache
def external_channels() -> Mapping[str, frozenset[str]]:
    """Return the external channels of each template: key → channel names, empty for none."""
    return {row["key"]: frozenset((row["channels"] or "").split()) for row in _rows()}


@cache
def kinds() -> Mapping[str, MessageKind]:
    """Return what the messages of each template are about: key → kind."""
    return {row["key"]: MessageKind(row["kind"]) for row in _rows()}


@cache
def variables_of(key: str) -> Mapping[str, Variable]:
    """Return the variables that the message `key` fills in: those of its default wording and of its group."""
    declared = _declared()
    groups = [of for of in declared if of == key or (of.endswith(".") and key.startswith(of))]
    places = " ".join(defaults().get(key, ()))
    names = [*PLACE.findall(places), *(name for of in groups for name in declared[of])]
    return {name: _variable(name, [*groups, "*"]) for name in dict.fromkeys(names)}


def fill(wording: str, payload: Mapping[str, Any]) -> str:
    """Return a wording with its variables filled in; one without a value is left out, never shown in braces.

    Only plain names in braces are variables: format specifications could exhaust the memory.
    """
    return PLACE.sub(lambda place: str(payload.get(place[1], "")), wording).strip()


def _variable(name: str, groups: list[str]) -> Variable:
    rows = [row for of in groups if (row := _declared()[of].get(name))]

    def first(column: str) -> str:
        return next((row[column] for row in rows if row[column]), "")

    return Variable(name, (first("label") or name, first("label_en") or name), first("example"))


@cache
def _declared() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return group → variable → row; a group is a key, the beginning of keys that ends with a dot, or “*”."""
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    with VARIABLES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["of"], {})[row["name"]] = row
    return found


def _rows() -> list[dict[str, str]]:
    with DEFAULTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
