"""Refuse a paper on which a character would be missing: a PDF or a page that a browser prints."""

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

from flask_babel import gettext

from app.engine import Refused
from app.services.exports import added_fonts

MOST_NAMED = 3
"""Number of characters that a refusal names; it counts the rest."""
AROUND = 8
"""Characters before and after the missing one that a refusal quotes."""
TAG = re.compile(r"<[^>]*>")


class Undrawable(Refused):
    """Raised when a paper has characters that no font has; the sentence names each with its place."""

    def __init__(self, faults: list[str]) -> None:
        named = faults[:MOST_NAMED]
        if (rest := len(faults) - len(named)) > 0:
            named.append(gettext("And %(count)s more.", count=rest))
        advice = gettext(
            "Nothing was printed, because these characters would be missing on the paper. If one is a slip, have it "
            "corrected where it was entered. If it is right, ask the system administrator to install a font that "
            "has it, then print again."
        )
        super().__init__(" ".join([*named, advice]))


def require_drawable(texts: Iterable[tuple[str, Any]]) -> None:
    """Raise Undrawable if a (place, text) of a paper has a character that no font has."""
    faults = [fault for place, text in texts for fault in _faults(place, str(text))]
    if faults:
        raise Undrawable(faults)


def require_drawable_page(html: str) -> str:
    """Return the HTML of a paper that a browser prints; raise Undrawable if a font lacks a character."""
    if any(added_fonts.missing(html)):
        require_drawable(("", unescape(part).strip()) for part in TAG.split(html))
    return html


def _faults(where: str, text: str) -> Iterator[str]:
    for place, character in added_fonts.missing(text):
        near = text[max(0, place - 1 - AROUND) : place + AROUND]
        fault = gettext(
            "Character %(place)s of “%(near)s”: no font has “%(character)s” (%(code)s).",
            place=min(place, AROUND + 1),
            near=" ".join(near.split()),
            character=character,
            code=f"U+{ord(character):04X}",
        )
        yield gettext("%(where)s: %(fault)s", where=where, fault=fault) if where else fault
