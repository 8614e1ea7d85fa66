"""Fonts that the operator adds in DATA_DIR/fonts, for characters that the shipped fonts lack."""

import io
import logging
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from struct import error as StructError

from flask import current_app, has_app_context
from reportlab.pdfbase.ttfonts import TTFError

from app.ground import fonts
from app.services.exports.pdf_fonts import PaperFont, register

log = logging.getLogger(__name__)


def font_of(character: str) -> str | None:
    """Return the name of the first added font that has the character, None if none has it."""
    for path in _files():
        font = _opened(path, path.stat().st_mtime_ns)
        if font is not None and font.face.charToGlyph.get(ord(character)):
            return register(font)
    return None


def missing(text: str) -> Iterator[tuple[int, str]]:
    """Yield (place, character) for each visible character that neither a shipped nor an added font has."""
    for place, character in fonts.missing(text):
        if font_of(character) is None:
            yield place, character


def _files() -> list[Path]:
    if not has_app_context():
        return []
    return sorted((Path(current_app.config["DATA_DIR"]) / "fonts").glob("*.ttf"))


@lru_cache(maxsize=20)
def _opened(path: Path, _changed: int) -> PaperFont | None:
    """Return the font, None if it is no TrueType font with outlines."""
    try:
        content = path.read_bytes()
        font = PaperFont(f"Added-{sha256(content).hexdigest()[:16]}", io.BytesIO(content))
    except (TTFError, OSError, ValueError, LookupError, StructError) as error:
        log.warning("font %s cannot be used: %s", path.name, error)
        return None
    # reportlab takes two fonts of one face name for the same; a newer file often has the name of the older
    font.face.name = font.fontName.encode()
    return font
