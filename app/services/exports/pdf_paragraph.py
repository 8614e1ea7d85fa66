"""Flowable for long Chinese text in a PDF, with fast line breaking.

Character widths are cached, so that laying out a whole dossier takes seconds instead of minutes.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from reportlab.platypus import Flowable

from app.services.exports.pdf_drawing import draw, text_width

NOT_FIRST = frozenset("，。；：、？！）》」』】”’…—,.;:?!)]}%")
"""Characters that must not begin a line."""
FIRST_IDEOGRAPH = "\u2e80"
"""Letters before it are written in words, the characters from it on one by one."""


class RunningText(Flowable):
    """A text over the full width that may be split between any two lines at a page end."""

    def __init__(self, text: str = "", *, size: float = 9, leading: float = 13) -> None:
        super().__init__()
        self.text, self.size, self.leading = text, size, leading
        self.lines: Sequence[str] = ()
        self.broken_for = 0.0

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        if self.broken_for != width and self.text:
            self.lines, self.broken_for = list(break_lines(self.text, width / self.size)), width
        return width, len(self.lines) * self.leading

    def split(self, width: float, height: float) -> list["RunningText"]:
        self.wrap(width, height)
        fitting = int(height // self.leading)
        if fitting < 1:
            return []
        if fitting >= len(self.lines):
            return [self]
        return [self._part(self.lines[:fitting]), self._part(self.lines[fitting:])]

    def draw(self) -> None:
        y = len(self.lines) * self.leading - self.size
        for line in self.lines:
            draw(self.canv, 0, y, line, self.size)
            y -= self.leading

    def _part(self, lines: Sequence[str]) -> "RunningText":
        part = RunningText(size=self.size, leading=self.leading)
        part.lines = lines
        return part


def break_lines(text: str, width: float) -> Iterator[str]:
    """Yield the lines of `text`; `width` is the maximum line width in multiples of the font size."""
    for paragraph in text.split("\n"):
        start, place, used = 0, 0, 0.0
        for at, character in enumerate(paragraph):
            if at > start and may_break(paragraph[at - 1], character):
                place = at
            used += _width(character)
            if used > width and at > start:
                cut = place if place > start else at
                yield paragraph[start:cut]
                start, used = cut, sum(map(_width, paragraph[cut : at + 1]))
        if paragraph[start:].strip():
            yield paragraph[start:]


def may_break(before: str, after: str) -> bool:
    """Return whether a line may break between two characters.

    Not within a word of Latin, Greek or Cyrillic letters, not before an accent of its own and not before closing
    punctuation.
    """
    if after in NOT_FIRST or unicodedata.category(after)[0] == "M":
        return False
    return not (_is_of_word(before) and _is_of_word(after))


def _is_of_word(character: str) -> bool:
    return character < FIRST_IDEOGRAPH and (
        character.isalnum() or unicodedata.category(character)[0] == "M"
    )


@lru_cache(maxsize=20_000)
def _width(character: str) -> float:
    return text_width(character, 1.0)
