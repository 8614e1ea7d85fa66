"""Fonts of the program for text in a PDF whose font is neither in the file nor on the server.

`page_render` reads this file in its limited process, so it imports no module of the application. pdfium takes one
font for a text; characters that it lacks are drawn into the finished picture from the other fonts.
"""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

SIMPLIFIED = 134
EAST_ASIAN = (128, 129, 130, SIMPLIFIED, 136)
"""Character sets for which pdfium asks for a font: Japanese, Korean (two), simplified and traditional Chinese."""
OWN = 1
"""Handle by which pdfium names the lent font in its questions."""
NO_CHARACTER = "\U0010ffff"
UPRIGHT = 0.01
"""Largest slant of a line of text that counts as upright."""


class Missing(NamedTuple):
    """A character that pdfium could not draw: where its line stands in the picture, its size and its colour."""

    character: str
    place: tuple[int, int]
    size: float
    colour: tuple[int, int, int]


def lend(font: Path) -> list[Path]:
    """Let pdfium draw East Asian text with `font` where it finds no other; return the list of what it asked for."""
    from pypdfium2 import PdfSysfontBase

    asked_for: list[Path] = []
    answers = {
        "MapFont": _finder(font, asked_for),
        "GetFontData": _answer("GetFontData", partial(_give_data, font)),
        "GetFaceName": _answer("GetFaceName", lambda *asked: 0),
        "GetFontCharset": _answer("GetFontCharset", lambda *asked: SIMPLIFIED),
        "DeleteFont": _answer("DeleteFont", lambda *asked: None),
    }
    type("LentFont", (PdfSysfontBase,), answers)().setup()
    return asked_for


def add_missing(image: Any, page: Any, scale: float, fonts: Sequence[Path]) -> None:
    """Draw the characters that the first font lacks into the picture of a page, from the other fonts.

    Lines that do not stand upright are left as they are.
    """
    from PIL import ImageDraw

    pen = ImageDraw.Draw(image)
    for one in _missing(page, scale, fonts[0]):
        font = next((font for font in fonts[1:] if _has(font, one.character)), None)
        if font is not None:
            drawn = _loaded(font, max(1, round(one.size)))
            pen.text(one.place, one.character, one.colour, drawn, anchor="ls")


def _finder(font: Path, asked_for: list[Path]) -> Callable[..., Any]:
    """Return pdfium's question for a font by its name, answered with `font` where its default knows none."""
    from pypdfium2 import PdfSysfontBase

    def find(own: Any, raw: Any, weight: int, is_italic: int, charset: int, *asked: Any) -> Any:
        found = PdfSysfontBase.MapFont(own, raw, weight, is_italic, charset, *asked)
        if found is not None or charset not in EAST_ASIAN:
            return found
        asked_for.append(font)
        return OWN

    return find


def _answer(question: str, of_own: Callable[..., Any]) -> Callable[..., Any]:
    """Return the answer to a question of pdfium about a font: `of_own` for the lent one, else its default."""
    from pypdfium2 import PdfSysfontBase

    def answer(own: Any, raw: Any, handle: Any, *asked: Any) -> Any:
        if handle == OWN:
            return of_own(*asked)
        return getattr(PdfSysfontBase, question)(own, raw, handle, *asked)

    return answer


def _give_data(font: Path, table: int, room: Any, size: int) -> int:
    """Give the whole font, which is asked for as table 0; another table would be that of a collection."""
    if table:
        return 0
    data = _content(font)
    if size >= len(data):
        ctypes.memmove(room, data, len(data))
    return len(data)


@cache
def _content(font: Path) -> bytes:
    return font.read_bytes()


def _missing(page: Any, scale: float, font: Path) -> Iterator[Missing]:
    """Yield the characters of a page that are not drawn, as neither `font` nor pdfium's Latin font has them."""
    from pypdfium2 import raw

    text = page.get_textpage()
    for number in range(text.count_chars()):
        character = chr(raw.FPDFText_GetUnicode(text, number))
        part = raw.FPDFText_GetTextObject(text, number)
        if character.isspace() or not part or _is_latin(character) or _has(font, character):
            continue
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(text, number, matrix)
        is_embedded = raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(part))
        if is_embedded == 0 and abs(matrix.b) <= UPRIGHT * abs(matrix.a):
            size = raw.FPDFText_GetFontSize(text, number) * abs(matrix.d) * scale
            yield Missing(character, _place(page, text, number, scale), size, _colour(text, number))


def _place(page: Any, text: Any, number: int, scale: float) -> tuple[int, int]:
    """Return where a character begins, in dots of the picture."""
    from pypdfium2 import raw

    x, y, across, down = ctypes.c_double(), ctypes.c_double(), ctypes.c_int(), ctypes.c_int()
    raw.FPDFText_GetCharOrigin(text, number, x, y)
    wide, tall = (round(side * scale) for side in page.get_size())
    raw.FPDF_PageToDevice(page, 0, 0, wide, tall, 0, x, y, across, down)
    return across.value, down.value


def _colour(text: Any, number: int) -> tuple[int, int, int]:
    from pypdfium2 import raw

    red, green, blue, opacity = (ctypes.c_uint() for _ in range(4))
    raw.FPDFText_GetFillColor(text, number, red, green, blue, opacity)
    return red.value, green.value, blue.value


def _is_latin(character: str) -> bool:
    """Whether pdfium draws the character itself, with the Latin font it has inside."""
    try:
        return bool(character.encode("cp1252"))
    except UnicodeEncodeError:
        return False


@cache
def _has(font: Path, character: str) -> bool:
    return _drawn(font, character) != _drawn(font, NO_CHARACTER)


@cache
def _drawn(font: Path, character: str) -> tuple[Any, bytes]:
    mask = _loaded(font, 20).getmask(character)
    return mask.size, bytes(mask)


@cache
def _loaded(font: Path, size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.truetype(str(font), size, layout_engine=ImageFont.Layout.BASIC)
