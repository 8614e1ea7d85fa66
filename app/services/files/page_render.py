"""Render one page of a file as a PNG picture of a given width.

Run by `sandbox`: `page_render.py PATH PAGE WIDTH OUT FONT` prints `{"width": …, "height": …}` or `{"why": …}`.
It imports no module of the application.

Form fields, electronic seals and other annotations are drawn as a viewer draws them. Text in a Chinese font
that is not embedded is drawn with FONT, as servers often have no Chinese font and it would be missing.
"""

import ctypes
import json
import os
import runpy
import sys
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

DOTS = 16_000_000
TALLEST = 10_000
"""Maximum height in pixels; a very tall page is rendered narrower."""
HEAD = 1024
"""First bytes of a PDF, among which its mark may follow after blank lines."""
SHOWN = "pictures.py"
SIMPLIFIED = 134
EAST_ASIAN = (128, 129, 130, SIMPLIFIED, 136)
"""Character sets for which pdfium asks for a font: Japanese, Korean (two), simplified and traditional Chinese."""
OWN = 1
"""Handle by which pdfium names the lent font in its questions."""


def draw(path: Path, page: int, width: int, out: Path, font: Path) -> dict[str, Any]:
    """Render page `page`, counted from 1, to `out` and return its size in pixels.

    A picture file has one page and is never enlarged.
    """
    with path.open("rb") as file:
        is_pdf = b"%PDF-" in file.read(HEAD)
    image = _page_of_pdf(path, page, width, font) if is_pdf else _picture(path, width)
    # few colours suffice for text and stamps and make the file small for slow connections
    is_photo = image.mode == "RGB" and image.getcolors(4096) is None
    if not is_photo and image.mode == "RGB":
        image = image.quantize(256)
    image.save(out, "PNG", optimize=False)
    return {"width": image.width, "height": image.height}


def _page_of_pdf(path: Path, page: int, width: int, font: Path) -> Any:
    import pypdfium2

    _lend_font(font)
    document = pypdfium2.PdfDocument(path)
    _show_fields(document)
    found = document[page - 1]
    _show_loose_fields(document, found)
    wide, tall = found.get_size()
    scale = min(width / wide, TALLEST / tall, (DOTS / (wide * tall)) ** 0.5)
    bitmap = found.render(scale=scale, may_draw_forms=True, rev_byteorder=True)
    return bitmap.to_pil().convert("RGB")


def _show_fields(document: Any) -> None:
    """Let pdfium draw form fields, signature fields among them; without this it leaves them out.

    `PdfDocument.init_forms` does nothing for a document without a form, but seals exist in those, too.
    """
    from pypdfium2 import PdfFormEnv, raw

    config = raw.FPDF_FORMFILLINFO(version=2)
    document.formenv = PdfFormEnv(raw.FPDFDOC_InitFormFillEnvironment(document, config), config)


def _show_loose_fields(document: Any, page: Any) -> None:
    """Draw fields that belong to no form, such as a seal without a field type, as the stamps they look like."""
    from pypdfium2 import raw

    stamp = ctypes.create_string_buffer("Stamp\0".encode("utf-16-le"))
    text = ctypes.cast(stamp, raw.FPDF_WIDESTRING)
    for number in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, number)
        is_field = raw.FPDFAnnot_GetSubtype(note) == raw.FPDF_ANNOT_WIDGET
        if is_field and raw.FPDFAnnot_GetFormFieldType(document.formenv, note) < 0:
            raw.FPDFAnnot_SetStringValue(note, b"Subtype", text)
        raw.FPDFPage_CloseAnnot(note)


def _lend_font(font: Path) -> None:
    """Let pdfium draw East Asian text whose font is not embedded with `font`; other text as it does itself."""
    from pypdfium2 import PdfSysfontBase

    def map_font(own: Any, raw: Any, weight: int, is_italic: int, charset: int, *asked: Any) -> Any:
        if charset in EAST_ASIAN:
            return OWN
        return PdfSysfontBase.MapFont(own, raw, weight, is_italic, charset, *asked)

    def give_data(_table: int, room: Any, size: int) -> int:
        data = _content(font)
        if size >= len(data):
            ctypes.memmove(room, data, len(data))
        return len(data)

    answers = {
        "MapFont": map_font,
        # the whole font is asked for as table 0; it is no collection of fonts, which another table would hold
        "GetFontData": _answer("GetFontData", lambda *asked: 0 if asked[0] else give_data(*asked)),
        "GetFaceName": _answer("GetFaceName", lambda *asked: 0),
        "GetFontCharset": _answer("GetFontCharset", lambda *asked: SIMPLIFIED),
        "DeleteFont": _answer("DeleteFont", lambda *asked: None),
    }
    type("LentFont", (PdfSysfontBase,), answers)().setup()


def _answer(question: str, of_own: Callable[..., Any]) -> Callable[..., Any]:
    """Return the answer to a question of pdfium about a font: `of_own` for the lent one, else its default."""
    from pypdfium2 import PdfSysfontBase

    def answer(own: Any, raw: Any, handle: Any, *asked: Any) -> Any:
        if handle == OWN:
            return of_own(*asked)
        return getattr(PdfSysfontBase, question)(own, raw, handle, *asked)

    return answer


@cache
def _content(font: Path) -> bytes:
    return font.read_bytes()


def _picture(path: Path, width: int) -> Any:
    from PIL import Image

    shown = runpy.run_path(str(Path(__file__).with_name(SHOWN)))["shown"]
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path, formats=["JPEG", "PNG"]) as image:
        return shown(image, width, TALLEST)


def main(arguments: list[str]) -> None:  # pragma: no cover - runs in a process of its own
    path, page, width, out, font = arguments
    warnings.simplefilter("ignore")
    try:
        found = draw(Path(path), int(page), int(width), Path(out), Path(font))
    except MemoryError:
        found = {"why": "too_much"}
    except Exception:  # any error of a parser on a malicious file means the same to its reader
        found = {"why": "broken"}
    os.write(sys.stdout.fileno(), json.dumps(found).encode())


if __name__ == "__main__":  # pragma: no cover
    main(sys.argv[1:])
