"""Draw Chinese and Latin text in PDF documents such as the certificate and the review form (评审表).

Chinese characters use the embedded Droid Sans Fallback, subset to the characters used; Latin letters and
digits, which that font lacks, use Helvetica. The printed documents contain no ID numbers.
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
    """Replace characters missing in both fonts by their NFKC form (Ⅰ by I); a rare one may print as a box."""
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
    """Return whether Helvetica has the character: PDF standard fonts cover Windows code page 1252."""
    try:
        return bool(character.encode("cp1252"))
    except UnicodeEncodeError:
        return False


def text_width(text: str, size: float) -> float:
    """Return the width of `text` in points at font size `size`."""
    return float(sum(pdfmetrics.stringWidth(part, font, size) for font, part in runs(text)))


def draw(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    """Draw one line of `text` with its left end at (`x`, `y`), in points."""
    for font, part in runs(text):
        canvas.setFont(font, size)
        canvas.drawString(x, y, part)
        x += pdfmetrics.stringWidth(part, font, size)


def draw_centred(
    canvas: Canvas, x: float, y: float, text: str, size: float, limit: float = 1e9
) -> None:
    """Draw `text` centred at `x`, in a smaller size if it would be wider than `limit`."""
    size = min(size, size * limit / max(text_width(text, size), 1))
    draw(canvas, x - text_width(text, size) / 2, y, text, size)


def markup(text: Any) -> str:
    """Return `text` as markup for a reportlab Paragraph, each run in a font that has its characters."""
    return "".join(f'<font name="{font}">{escape(part)}</font>' for font, part in runs(str(text)))
