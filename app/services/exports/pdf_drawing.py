"""Printed documents as PDF: the certificate, and how text is drawn (the 评审表: `review_form`; `result_sheets`).

The fonts: Chinese from the embedded Droid Sans Fallback, cut down to the characters used; Latin letters and
digits, which that font does not have, from Helvetica. No ID number stands in any of them.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from app.ground import paths

CHINESE, LATIN = "DroidSansFallback", "Helvetica"


@cache
def _load_font() -> None:
    pdfmetrics.registerFont(TTFont(CHINESE, str(paths.FONT)))


def runs(text: str) -> Iterator[tuple[str, str]]:
    """Yield (font, part) for the parts of `text` that one font can draw."""
    _load_font()
    for font, part in groupby(_drawable(text), key=_font_of):
        yield font, "".join(part)


def _drawable(text: str) -> str:
    """Replace what no font has by what it stands for: Ⅰ by I. A rare character stays and shows a box."""
    return "".join(
        c if _has_glyph(c) or _is_latin(c) else unicodedata.normalize("NFKC", c) for c in text
    )


def _font_of(character: str) -> str:
    return LATIN if not _has_glyph(character) and _is_latin(character) else CHINESE


@lru_cache(maxsize=20_000)
def _has_glyph(character: str) -> bool:
    return ord(character) in pdfmetrics.getFont(CHINESE).face.charToGlyph


@lru_cache(maxsize=20_000)
def _is_latin(character: str) -> bool:
    """The standard fonts of PDF know the characters of Windows code page 1252."""
    try:
        return bool(character.encode("cp1252"))
    except UnicodeEncodeError:
        return False


def text_width(text: str, size: float) -> float:
    return float(sum(pdfmetrics.stringWidth(part, font, size) for font, part in runs(text)))


def draw(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    for font, part in runs(text):
        canvas.setFont(font, size)
        canvas.drawString(x, y, part)
        x += pdfmetrics.stringWidth(part, font, size)


def draw_centred(
    canvas: Canvas, x: float, y: float, text: str, size: float, limit: float = 1e9
) -> None:
    """Draw `text` around `x`, smaller when it would be wider than `limit`."""
    size = min(size, size * limit / max(text_width(text, size), 1))
    draw(canvas, x - text_width(text, size) / 2, y, text, size)


def markup(text: Any) -> str:
    """Return `text` for a Paragraph, each run in the font that has it."""
    return "".join(f'<font name="{font}">{escape(part)}</font>' for font, part in runs(str(text)))


# the certificate
