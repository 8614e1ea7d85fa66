"""Every character that has a font is drawn with ink and comes back out of the PDF; LONG=1 draws all of them."""

import io
import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pypdfium2
import pytest
from pypdf import PdfReader
from reportlab.pdfbase.ttfonts import TTFontFile
from reportlab.pdfgen.canvas import Canvas

from app.ground import fonts
from app.services.exports.pdf_drawing import draw

STEP = 1 if os.environ.get("LONG") else 97
COLUMNS, ROWS, CELL = 50, 70, 16.0
BLANK = frozenset(
    "\u0020\u00a0\u115f\u1160\u202f\u205f\u2800\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
)


def repertoire() -> dict[str, list[str]]:
    """Return font → its characters, by the table."""
    found: dict[str, list[str]] = defaultdict(list)
    for point in range(0x33000):
        if not 0xD800 <= point < 0xE000 and (name := fonts.font_of(chr(point))):
            found[name].append(chr(point))
    return found


def paper(characters: list[str]) -> bytes:
    """Return a PDF with each character in a cell of its own."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(COLUMNS * CELL, ROWS * CELL))
    for start in range(0, len(characters), COLUMNS * ROWS):
        for place, character in enumerate(characters[start : start + COLUMNS * ROWS]):
            row, column = divmod(place, COLUMNS)
            draw(canvas, column * CELL + 8, (ROWS - row - 1) * CELL + 5, character, 6)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def blank_cells(content: bytes, characters: list[str]) -> Iterator[str]:
    """Yield the characters whose cell has no ink when the PDF is rendered."""
    for number, page in enumerate(pypdfium2.PdfDocument(content)):
        picture = page.render(scale=1, grayscale=True).to_pil().point(lambda dot: 255 - dot)
        part = characters[number * COLUMNS * ROWS : (number + 1) * COLUMNS * ROWS]
        for place, character in enumerate(part):
            row, column = divmod(place, COLUMNS)
            left, top = column * CELL, row * CELL
            if picture.crop((left, top, left + CELL, top + CELL)).getbbox() is None:
                yield character


def text_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize("name", fonts.NAMES)
def test_every_character_is_drawn_and_read_back(name: str) -> None:
    characters = [c for c in repertoire()[name][::STEP] if c not in BLANK]

    content = paper(characters)

    read = set(text_of(content))
    assert [f"U+{ord(c):04X}" for c in characters if c not in read] == []
    assert [f"U+{ord(c):04X}" for c in blank_cells(content, characters)] == []


@pytest.mark.parametrize("name", fonts.NAMES)
def test_the_table_names_the_font_that_has_the_character(name: str) -> None:
    font = TTFontFile(io.BytesIO(fonts.content(name)))

    assert [c for c in repertoire()[name] if not font.charToGlyph.get(ord(c))] == []


def test_papers_of_many_fonts_drawn_at_the_same_time_are_whole() -> None:
    """Threads share the loaded fonts; each paper has its own characters."""
    found = repertoire()
    texts = [
        [c for name in fonts.NAMES for c in found[name][part::400] if c not in BLANK]
        for part in range(8)
    ]

    with ThreadPoolExecutor(max_workers=4) as pool:
        contents = list(pool.map(paper, texts))

    for characters, content in zip(texts, contents, strict=True):
        assert set(characters) <= set(text_of(content))
        assert list(blank_cells(content, characters)) == []
