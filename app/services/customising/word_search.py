"""Finds texts by what stands on a page: a word of it, the whole text, or the text with the values it was shown with."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from app.services.customising import words
from app.services.customising.catalogue import Place

WHOLE, WITH_VALUES, BEGINS, HOLDS, LOOSE, PART = range(6)
"""How a text answers what was typed, the best first; `PART` stands in what was typed."""
HALF = 0.5
"""A text with values answers well if so much of what is seen is its own."""
SHORTEST_PART = 2
HAS_LETTERS = re.compile(r"\w")
LONGEST = 500
"""Further characters of what was typed are not looked at."""


class Rank(NamedTuple):
    """How well a text answers; smaller is better."""

    kind: int
    distance: int


@dataclass(frozen=True)
class Sought:
    """A text as it is compared, and what of it stands between its values."""

    text: str
    pieces: tuple[str, ...]

    @property
    def own_length(self) -> int:
        return sum(map(len, self.pieces))

    def rank(self, typed: str, parts: Sequence[str]) -> Rank | None:
        """Return how well this text answers what was typed, `parts` its words; None if not at all."""
        if self.text == typed:
            return Rank(WHOLE, 0)
        if len(self.pieces) > 1 and self._has_values_as(typed):
            is_close = self.own_length >= HALF * len(typed)
            return Rank(WITH_VALUES if is_close else LOOSE, -self.own_length)
        if self.text.startswith(typed):
            return Rank(BEGINS, len(self.text))
        if all(part in self.text for part in parts):
            return Rank(HOLDS, len(self.text))
        is_part = len(self.pieces) == 1 and len(self.text) >= SHORTEST_PART and self.text in typed
        return Rank(PART, -len(self.text)) if is_part else None

    def _has_values_as(self, typed: str) -> bool:
        first, *more = self.pieces
        if not typed.startswith(first) or not typed.endswith(more[-1]):
            return False
        if not HAS_LETTERS.search("".join(self.pieces)):
            return False
        at, end = len(first), len(typed) - len(more[-1])
        for piece in more[:-1]:
            found = typed.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return at <= end


def folded(text: str) -> str:
    """Return a text as it is compared: without the differences of width, case and blanks."""
    return " ".join(unicodedata.normalize("NFKC", text[:LONGEST]).casefold().split())


def find(typed: str, changed: Mapping[Place, Sequence[str]]) -> list[str]:
    """Return the keys of the texts that answer what was typed, the best first.

    `changed` are the texts that were put in place of the program's own, which are found by both.
    """
    what = folded(typed)
    if not what:
        return list(words.entries())
    parts, ranks = what.split(), {}
    others: dict[str, list[Sought]] = defaultdict(list)
    for (_target, key), forms in changed.items():
        others[key] += map(_sought, forms)
    for key, own in _own_texts().items():
        if found := [
            rank for one in (*own, *others.get(key, ())) if (rank := one.rank(what, parts))
        ]:
            ranks[key] = min(found)
    # what merely stands in the text typed is of use where nothing else is found
    if any(rank.kind < LOOSE for rank in ranks.values()):
        ranks = {key: rank for key, rank in ranks.items() if rank.kind < PART}
    return sorted(ranks, key=lambda key: (ranks[key], key))


@cache
def _own_texts() -> Mapping[str, tuple[Sought, ...]]:
    return {
        key: tuple(_sought(form) for word in entry for form in word.forms)
        for key, entry in words.entries().items()
    }


def _sought(text: str) -> Sought:
    plain = folded(text.replace("%%", "%"))
    pieces = re.split(r"%\(\w+\)[-+ #0-9.]*[a-z]|\{[^{}]*\}", plain)
    return Sought(plain, tuple(pieces))
