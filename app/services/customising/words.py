"""The area “words”: every text of the program in each of its languages, and the pages of the operating guide.

An item is a message of the compiled catalogue in one language, or a part of a section of the guide. What the
catalogue of a language says in place of them is built by `app/web/wording.py`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from babel.messages.catalog import Message
from flask import current_app
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from app.ground import catalogue as messages
from app.ground import in_force, paths
from app.ground.in_force import Cell
from app.services.customising import catalogue, word_rules
from app.services.customising.catalogue import Item, Place
from app.services.customising.stored_area import StoredArea

AREA = in_force.WORDS
CHINESE, ENGLISH, GUIDE = "zh_Hans_CN", "en", "guide"
"""Targets: the two languages, and the guide, which is in Chinese alone."""
TARGETS = {CHINESE: _("Chinese"), ENGLISH: _("English"), GUIDE: _("Operating guide")}
CONTEXT = "\x04"
"""Stands between context and text in a catalogue."""
SHOWN = 60
"""So many characters of a text stand in its key, that somebody who reads a key knows what is meant."""
PARTS = {
    "title": _("Title"),
    "functions": _("Functions"),
    "steps": _("Steps"),
    "remarks": _("Remarks"),
}
"""Parts of a section of the guide; all but the title have a line for each item."""


@dataclass(frozen=True)
class Word(Item):
    """A text as the program comes with it; more than one form where it depends on a number.

    `text` and `context` are those of the code; a part of the guide has neither.
    """

    forms: tuple[str, ...]
    text: str = ""
    context: str = ""
    is_counted: bool = False

    @property
    def default(self) -> Any:
        return value_of(self.forms)


class WordsArea(StoredArea):
    """Words for everybody; a value is a text, or a list of texts where there are several forms."""

    name = AREA
    label = _("Words of the pages")

    def own_default(self, item: Word) -> Any:
        return item.default

    def refusal_of(self, item: Word, scope: str, value: Any) -> str | None:
        return word_rules.why_not_forms(item.forms, forms_of(value))

    def words_of(self, item: Any, value: Any) -> str:
        return " / ".join(map(str, forms_of(value)))


def value_of(forms: Sequence[str]) -> Any:
    """Return forms as they are stored."""
    return forms[0] if len(forms) == 1 else list(forms)


def forms_of(value: Any) -> list[str]:
    """Return the forms that a stored value has."""
    return value if isinstance(value, list) else [value]


def items() -> Mapping[Place, Word]:
    """Return every text; the catalogue does not change while the program runs."""
    return _items(_root())


def entries() -> Mapping[str, tuple[Word, ...]]:
    """Return the texts by key, each in its languages."""
    return _entries(_root())


def changed_messages(cells: Mapping[Cell, Any], language: str) -> dict[Any, str]:
    """Return what the catalogue of a language says in place of its own messages.

    What an upgrade took away, and what would not take the values of its message, is left out.
    """
    found: dict[Any, str] = {}
    known = items()
    for (target, key, _scope), value in cells.items():
        word, forms = known.get((target, key)), forms_of(value)
        if target != language or word is None or word_rules.why_not_forms(word.forms, forms):
            continue
        name = f"{word.context}{CONTEXT}{word.text}" if word.context else word.text
        found |= (
            {(name, place): form for place, form in enumerate(forms)}
            if word.is_counted
            else {name: forms[0]}
        )
    return found


def guide() -> dict[str, Any]:
    """Return the operating guide's chapters and sections (titles, functions, steps) as the program comes with it."""
    content: dict[str, Any] = json.loads((paths.DATA / "guide.json").read_text(encoding="utf-8"))
    return content


def guide_section(number: str) -> dict[str, Any] | None:
    """Return a section of the guide with what was put in place of its texts, or None."""
    section = next((one for one in guide()["sections"] if one["number"] == number), None)
    if section is None:
        return None
    for part in PARTS:
        own = _guide_text(section, part)
        held = in_force.value(AREA, GUIDE, f"{number} {part}", own)
        if held != own:
            section[part] = held if part == "title" else held.split("\n")
    found: dict[str, Any] = section
    return found


def _root() -> Path:
    folders: str = current_app.config["BABEL_TRANSLATION_DIRECTORIES"]
    return Path(folders.split(";")[-1])


@cache
def _entries(root: Path) -> Mapping[str, tuple[Word, ...]]:
    found: dict[str, tuple[Word, ...]] = {}
    for word in _items(root).values():
        found[word.key] = (*found.get(word.key, ()), word)
    return found


@cache
def _items(root: Path) -> Mapping[Place, Word]:
    found = [message for message in messages.compiled(root, CHINESE) if message.id]
    words = [word for message in found for word in _words_of(message)]
    return {(word.target, word.key): word for word in (*words, *_words_of_guide())}


def _words_of(message: Message) -> Iterator[Word]:
    own, translated = _strings(message.id), _strings(message.string)
    # Babel reads the context of a compiled message as bytes
    context = message.context.decode() if isinstance(message.context, bytes) else ""
    name = CONTEXT.join([context, *own])
    key = f"{own[0][:SHOWN]} #{sha256(name.encode()).hexdigest()[:12]}"
    for language, forms in ((CHINESE, translated), (ENGLISH, own)):
        yield Word(
            language,
            key,
            group=TARGETS[language],
            menu=TARGETS[language],
            label=forms[0],
            forms=forms,
            text=own[0],
            context=context,
            is_counted=len(own) > 1,
        )


def _strings(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _words_of_guide() -> Iterator[Word]:
    for section in guide()["sections"]:
        for part, label in PARTS.items():
            if text := _guide_text(section, part):
                yield Word(
                    GUIDE,
                    f"{section['number']} {part}",
                    group=TARGETS[GUIDE],
                    menu=TARGETS[GUIDE],
                    label=_guide_label(section, label),
                    forms=(text,),
                )


def _guide_label(section: Mapping[str, Any], label: Any) -> LazyString:
    return LazyString(lambda: f"{section['number']} {section['title']} · {label}")


def _guide_text(section: Mapping[str, Any], part: str) -> str:
    value = section[part]
    return value if isinstance(value, str) else "\n".join(value)


WORDS = WordsArea(items)
catalogue.register(WORDS)
