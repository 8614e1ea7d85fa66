"""Check one uploaded file and, where needed, write a cleaned copy of it.

Run by `sandbox`: `file_probe.py PATH MAX_PAGES CLEAN MAX_BYTES` prints one JSON object, `{"type": …,
"pages": …, "is_cleaned": …}` or `{"why": …}`. It imports no module of the application.

Pictures are always re-encoded, which removes metadata (place, comments) and data appended to the picture,
and applies their orientation. A PDF keeps its bytes, because rewriting it would break the electronic seals
of official documents; so a PDF with active content or attached files is refused, and only data behind its
end mark are cut off.
"""

import io
import json
import os
import re
import runpy
import sys
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PIXELS = 40_000_000
HEAD = 1024
FRONT = 64 * 1024
"""First bytes among which a PDF may begin after blank lines; beyond HEAD no viewer looks for its mark."""
PICTURES = Path(__file__).with_name("pictures.py")
SIGNATURES = (("jpg", b"\xff\xd8\xff"), ("png", b"\x89PNG\r\n\x1a\n"))
FORMATS = {"jpg": "JPEG", "png": "PNG"}
UTF8_MARK = b"\xef\xbb\xbf"
TEXTS = 64 * 1024 * 1024
"""Most bytes of text and colour profile beside a picture; they are read, and not kept."""
RARE_JPG = re.compile(rb"\xff[\xc0-\xc2\xc5-\xc7\xc9-\xcb\xcd-\xcf]..[^\x08]|\xff\xc3", re.DOTALL)
"""A JPG with other than eight bits per channel, or packed without loss: no ordinary program shows it."""

END = b"%%EOF"
BLANK = b"\0\t\n\v\f\r "
OBJECT = re.compile(rb"\d\s+\d+\s+obj\b")
MARKUP = re.compile(rb"<\s*(?:!doctype|html|script|svg|body|iframe|\?php)|<\?php", re.IGNORECASE)
ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
HIDDEN = re.compile(
    rb"/S\s*/(?:JavaScript|Launch)\b|/Type\s*/EmbeddedFile\b|/Subtype\s*/RichMedia\b"
)
"""Active content in objects that the cross-reference table does not list but lenient readers find."""
COMMANDS = frozenset(
    [
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToR",
        "/GoToE",
        "/Rendition",
        "/Sound",
        "/Movie",
        "/RichMediaExecute",
        "/GoTo3DView",
    ]
)
PLAYED = frozenset(["/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"])
SCRIPT_KEYS = frozenset(("/JS", "/JavaScript", "/XFA", "/RichMediaContent"))
LINKED_CODE = ("javascript:", "vbscript:", "data:")

OBJECTS = 100_000
FILTERS = 3
INFLATED = 64 * 1024 * 1024
INFLATED_PICTURE = 160 * 1024 * 1024
INFLATED_TOTAL = 1024 * 1024 * 1024
PICTURE_DOTS = 200_000_000
STEP = 1024 * 1024


class Unfit(Exception):
    """The file is refused; `why` is the reason code."""

    def __init__(self, why: str, **facts: Any) -> None:
        super().__init__(why)
        self.found = {"why": why, **facts}


def kind_of(head: bytes) -> str | None:
    """Return the file type by its first bytes, or None."""
    if head.removeprefix(UTF8_MARK).lstrip(BLANK).startswith(b"%PDF-"):
        return "pdf"
    return next((kind for kind, start in SIGNATURES if head.startswith(start)), None)


def look(path: Path, max_pages: int, clean: Path, max_bytes: int) -> dict[str, Any]:
    """Return type and pages of the file, or why it is refused; write a cleaned copy to `clean` if needed."""
    with path.open("rb") as file:
        head = file.read(FRONT)
    kind = kind_of(head)
    try:
        if kind is None:
            raise Unfit("type")
        if kind == "pdf":
            return _look_at_pdf(path.read_bytes(), max_pages, clean)
        return _look_at_picture(path, kind, clean, max_bytes)
    except Unfit as unfit:
        return unfit.found


def _look_at_pdf(data: bytes, max_pages: int, clean: Path) -> dict[str, Any]:
    whole = _without_tail(_without_far_front(data))
    _refuse_two_in_one(whole)
    reader = _open(whole)
    pages = _count(reader, max_pages)
    _inspect(reader)
    if HIDDEN.search(whole):
        raise Unfit("active")
    if _count_as_viewers_do(whole) != pages:
        raise Unfit("broken")
    if is_cut := len(whole) < len(data):
        clean.write_bytes(whole)
    return {"type": "pdf", "pages": pages, "is_cleaned": is_cut}


def _without_far_front(data: bytes) -> bytes:
    """Return the PDF without blank lines before its mark, if these are more than viewers skip."""
    start = data.index(b"%PDF-")
    return data[start:] if start > HEAD - len(b"%PDF-1.7") else data


def _open(data: bytes) -> Any:
    """Open a PDF; refuse one that asks for a password, not one that only restricts printing or copying."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        is_open = not reader.is_encrypted or reader.decrypt("")
    except NotImplementedError as error:  # locked for single recipients, or by a program of its own
        raise Unfit("encrypted") from error
    if not is_open:
        raise Unfit("encrypted")
    return reader


def _without_tail(data: bytes) -> bytes:
    """Return the PDF up to its last end mark, without data appended behind it.

    Objects behind the last mark mean that the file is truncated: refuse it as broken.
    """
    at = data.rfind(END)
    if at < 0:
        raise Unfit("broken")
    tail = data[at + len(END) :]
    if not tail.strip(BLANK):
        return data
    if OBJECT.search(tail):
        raise Unfit("broken")
    return data[: at + len(END)] + b"\n"


def _refuse_two_in_one(data: bytes) -> None:
    """Refuse a PDF that is also an HTML page or an archive (polyglot file)."""
    if (
        MARKUP.search(data[:HEAD])
        or data[257:262] == b"ustar"
        or data[0x8001:0x8006] == b"CD001"
        or any(mark in data for mark in ARCHIVES)
        or zipfile.is_zipfile(io.BytesIO(data))
    ):
        raise Unfit("two_in_one")


def _count(reader: Any, max_pages: int) -> int:
    pages = 0
    for page in reader.pages:
        pages += 1
        if pages > max_pages:
            raise Unfit("pages", pages=len(reader.pages))
        # some programs name the corners of the box in another order; viewers accept that
        if not page.mediabox.width or not page.mediabox.height:
            raise Unfit("broken")
    if not pages:
        raise Unfit("no_pages")
    return pages


def _count_as_viewers_do(data: bytes) -> int:
    """Return the number of pages found by a second PDF library, which must be able to open the first page.

    A file that two libraries read differently could show other content to viewers than was checked here.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    document[0].get_size()
    return len(document)


def _inspect(reader: Any) -> None:
    """Check every object in the file, used or not; refuse active content and decompression bombs."""
    from pypdf.generic import IndirectObject

    numbers = {number for table in reader.xref.values() for number in table} | set(
        reader.xref_objStm
    )
    if len(numbers) > OBJECTS:
        raise Unfit("objects")
    left = INFLATED_TOTAL
    generations = {n: g for g, table in reader.xref.items() for n in table}
    for number in sorted(numbers):
        found = reader.get_object(IndirectObject(number, generations.get(number, 0), reader))
        for one in _dictionaries(found):
            _refuse_active(one)
        if hasattr(found, "_data"):
            left -= _inflated(found)
            if left < 0:
                raise Unfit("unpacked")


def _dictionaries(found: Any) -> Iterator[Any]:
    """Yield all dictionaries nested in an object, without following references."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting.extend(dict.values(one))
        elif isinstance(one, list):
            waiting.extend(list.__iter__(one))


def _refuse_active(one: Any) -> None:
    subtype, kind = _plain(one, "/Subtype"), _plain(one, "/Type")
    if "/EF" in one or kind == "/EmbeddedFile" or subtype == "/FileAttachment":
        raise Unfit("attached")
    is_command = kind != "/StructElem" and _plain(one, "/S") in COMMANDS
    target = str(_plain(one, "/URI") or "").strip().lower()
    if (
        is_command
        or subtype in PLAYED
        or not SCRIPT_KEYS.isdisjoint(one)
        or target.startswith(LINKED_CODE)
    ):
        raise Unfit("active")


def _plain(one: Any, key: str) -> Any:
    """Return a value of a dictionary, with an indirect reference resolved."""
    return _item(dict.get(one, key))


def _inflated(stream: Any) -> int:
    """Return the unpacked size of a stream in bytes; refuse one that exceeds the limits."""
    filters = _plain(stream, "/Filter") or []
    names = [str(_item(name)) for name in (filters if isinstance(filters, list) else [filters])]
    flates = sum(name in ("/FlateDecode", "/Fl", "/LZWDecode", "/LZW") for name in names)
    if len(names) > FILTERS or flates > 1:
        raise Unfit("packed")
    is_picture = _plain(stream, "/Subtype") == "/Image"
    if is_picture and _dots(stream) > PICTURE_DOTS:
        raise Unfit("dots")
    if not names or names[0] not in ("/FlateDecode", "/Fl"):
        return len(stream._data)
    return _unpacked(stream._data, INFLATED_PICTURE if is_picture else INFLATED)


def _item(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def _dots(stream: Any) -> int:
    return int(_plain(stream, "/Width") or 0) * int(_plain(stream, "/Height") or 0)


def _unpacked(data: bytes, most: int) -> int:
    unpacker, total, rest = zlib.decompressobj(), 0, data
    try:
        while rest and not unpacker.eof:
            total += len(unpacker.decompress(rest, STEP))
            rest = unpacker.unconsumed_tail
            if total > most:
                raise Unfit("unpacked")
    except zlib.error:
        return total
    return total


def _look_at_picture(path: Path, kind: str, clean: Path, max_bytes: int) -> dict[str, Any]:
    from PIL import Image, PngImagePlugin, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None
    PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = TEXTS
    try:
        drawn = _draw_anew(path, kind, max_bytes)
    except UnidentifiedImageError as error:
        is_rare = kind == "jpg" and RARE_JPG.search(path.read_bytes())
        raise Unfit("rare" if is_rare else "broken") from error
    except ValueError as error:
        raise Unfit("texts" if "MAX_TEXT" in str(error) else "broken") from error
    if len(drawn) > max_bytes:
        raise Unfit("large")
    clean.write_bytes(drawn)
    return {"type": kind, "pages": 1, "is_cleaned": True}


def _draw_anew(path: Path, kind: str, max_bytes: int) -> bytes:
    from PIL import Image

    pictures = runpy.run_path(str(PICTURES))
    with Image.open(path, formats=[FORMATS[kind]]) as image:
        width, height = image.size
        if width * height > PIXELS:
            raise Unfit("pixels", width=width, height=height)
        image.verify()
    with Image.open(path, formats=[FORMATS[kind]]) as image:
        image.load()
        drawn: bytes = (
            pictures["as_jpg"](image, max_bytes) if kind == "jpg" else pictures["as_png"](image)
        )
    return drawn


def reason_of(error: Exception) -> str:
    """Return the reason code for an error of a parser: a limit is no damage, any other error means it."""
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, RecursionError):
        return "nested"
    # by its name, as this file is read before the parser that raises it
    return "unpacked" if type(error).__name__ == "LimitReachedError" else "broken"


def main(arguments: list[str]) -> None:  # pragma: no cover - runs in a process of its own
    path, max_pages, clean, max_bytes = arguments
    warnings.simplefilter("ignore")
    try:
        found = look(Path(path), int(max_pages), Path(clean), int(max_bytes))
    except Exception as error:
        found = {"why": reason_of(error)}
    os.write(sys.stdout.fileno(), json.dumps(found).encode())


if __name__ == "__main__":  # pragma: no cover
    main(sys.argv[1:])
