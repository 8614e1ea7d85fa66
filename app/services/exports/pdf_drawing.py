"""Draw text in PDF documents such as the certificate and the review form (评审表).

Every character is drawn as it was typed, with the font that has it; one that no font has refuses the whole
paper, so that nothing is printed without it. The printed documents contain no ID numbers.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from app.ground import fonts
from app.services.exports import added_fonts, pdf_fonts
from app.services.exports.paper_text import require_drawable

LATIN = "Helvetica"
"""Font of a paragraph's style; nothing is drawn with it, as each run names its own font."""


def runs(text: str) -> Iterator[tuple[str, str]]:
    """Yield (font, part) for the parts of `text` that one font can draw. Raises Undrawable."""
    for font, part in groupby(fonts.visible(text), key=_font_of):
        if font is None:
            require_drawable([("", text)])
        else:
            yield font, "".join(part)


def _font_of(character: str) -> str | None:
    return _shipped_font_of(character) or added_fonts.font_of(character)


@lru_cache(maxsize=20_000)
def _shipped_font_of(character: str) -> str | None:
    name = fonts.font_of(character)
    return pdf_fonts.loaded(name) if name else None


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
