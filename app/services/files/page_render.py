"""Render one page of a file as a PNG picture of a given width.

Run by `sandbox`: `page_render.py PATH PAGE WIDTH OUT FONT…` prints `{"width": …, "height": …}` or `{"why": …}`.
It imports no module of the application.

Form fields, electronic seals and other annotations are drawn as a viewer draws them. Chinese text whose font is
neither in the file nor on this server is drawn with the first FONT, and what that lacks with the other ones.
"""

import ctypes
import json
import os
import runpy
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

DOTS = 16_000_000
TALLEST = 10_000
"""Maximum height in pixels; a very tall page is rendered narrower."""
HEAD = 1024
"""First bytes of a PDF, among which its mark may follow after blank lines."""
PICTURES, FONTS = (Path(__file__).with_name(name) for name in ("pictures.py", "lent_fonts.py"))


def draw(path: Path, page: int, width: int, out: Path, fonts: Sequence[Path]) -> dict[str, Any]:
    """Render page `page`, counted from 1, to `out` and return its size in pixels.

    A picture file has one page and is never enlarged.
    """
    image = image_of(path, page, width, fonts)
    # few colours suffice for text and stamps and make the file small for slow connections
    is_photo = image.mode == "RGB" and image.getcolors(4096) is None
    if not is_photo and image.mode == "RGB":
        image = image.quantize(256)
    image.save(out, "PNG", optimize=False)
    return {"width": image.width, "height": image.height}


def image_of(path: Path, page: int, width: int, fonts: Sequence[Path]) -> Any:
    """Return page `page`, counted from 1, as a picture of at most `width` pixels. Raises IndexError beyond the last."""
    with path.open("rb") as file:
        is_pdf = b"%PDF-" in file.read(HEAD)
    if is_pdf:
        return _page_of_pdf(path, page, width, fonts)
    if page > 1:
        raise IndexError(page)
    return _picture(path, width)


def _page_of_pdf(path: Path, page: int, width: int, fonts: Sequence[Path]) -> Any:
    import pypdfium2

    lent = runpy.run_path(str(FONTS))
    asked_for = lent["lend"](fonts[0])
    document = pypdfium2.PdfDocument(path)
    _show_fields(document)
    found = document[page - 1]
    _show_loose_fields(document, found)
    wide, tall = found.get_size()
    scale = min(width / wide, TALLEST / tall, (DOTS / (wide * tall)) ** 0.5)
    bitmap = found.render(scale=scale, may_draw_forms=True, rev_byteorder=True)
    image = bitmap.to_pil().convert("RGB")
    if asked_for:
        lent["add_missing"](image, found, scale, fonts)
    return image


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


def _picture(path: Path, width: int) -> Any:
    from PIL import Image

    shown = runpy.run_path(str(PICTURES))["shown"]
    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path, formats=["JPEG", "PNG"]) as image:
        return shown(image, width, TALLEST)


def main(arguments: list[str]) -> None:  # pragma: no cover - runs in a process of its own
    path, page, width, out, *fonts = arguments
    warnings.simplefilter("ignore")
    try:
        found = draw(Path(path), int(page), int(width), Path(out), list(map(Path, fonts)))
    except MemoryError:
        found = {"why": "too_much"}
    except Exception:  # any error of a parser on a malicious file means the same to its reader
        found = {"why": "broken"}
    os.write(sys.stdout.fileno(), json.dumps(found).encode())


if __name__ == "__main__":  # pragma: no cover
    main(sys.argv[1:])
