"""Which font draws a character on a printed paper: the files of app/static/fonts and the table that comes with them.

`tools/build_fonts.py` makes the files. No character is in two of them, and a character that is in none is not
printed at all: the paper is refused (`app/services/exports/pdf_drawing.py`).
"""

import gzip
import re
import struct
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from app.ground import paths

FOLDER = paths.FONT.parent
NAMES = (
    "latin", "base", "symbols", "mathematics", "signs", "enclosed",
    "han-newer", "han-b", "han-b-more", "han-cef-more",
)  # fmt: skip
"""Names of the files; their places, counted from 1, are the numbers in the table."""
BASE = "base"
INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""Characters that Unicode gives no picture: controls, joiners, direction marks, variation selectors."""
LINE_ENDS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]")


def base_font() -> Path:
    """Return the path of the TrueType font with the Chinese characters of the basic block and extension A."""
    return paths.FONT


def paths_of_all() -> tuple[Path, ...]:
    """Return the paths of all files, the base font first."""
    rest = (FOLDER / f"{name}.woff" for name in NAMES if name != BASE)
    return (base_font(), *rest)


def font_of(character: str) -> str | None:
    """Return the name of the font that has the character, None if no font has it."""
    point = ord(character)
    number = _table()[point] if point < len(_table()) else 0
    return NAMES[number - 1] if number else None


def content(name: str) -> bytes:
    """Return the TrueType font `name`."""
    if name == BASE:
        return base_font().read_bytes()
    return _unpacked((FOLDER / f"{name}.woff").read_bytes())


def visible(text: str) -> str:
    """Return `text` with a blank for every line end and tabulator and without characters that have no picture."""
    if text.isascii() and text.isprintable():
        return text
    return INVISIBLE.sub("", LINE_ENDS.sub(" ", text))


def missing(text: str) -> Iterator[tuple[int, str]]:
    """Yield (place, character) for each visible character of `text` that no font has; places count from 1."""
    for place, character in enumerate(text, start=1):
        if font_of(character) is None and not INVISIBLE.match(character):
            yield place, character


def _unpacked(woff: bytes) -> bytes:
    """Return the TrueType font inside a WOFF 1.0 file, which compresses each table by itself."""
    flavour, count = woff[4:8], struct.unpack(">H", woff[12:14])[0]
    parts, place = [], 12 + 16 * count
    directory = [flavour + struct.pack(">4H", count, 0, 0, 0)]
    for number in range(count):
        tag, start, packed, length, checksum = struct.unpack_from(">4s4L", woff, 44 + 20 * number)
        table = woff[start : start + packed]
        table = zlib.decompress(table) if packed < length else table
        directory.append(struct.pack(">4s3L", tag, checksum, place, length))
        parts.append(table.ljust(-(-length // 4) * 4, b"\0"))
        place += len(parts[-1])
    return b"".join(directory + parts)


@cache
def _table() -> bytes:
    return gzip.decompress((FOLDER / "coverage.bin.gz").read_bytes())
