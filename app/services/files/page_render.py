"""Render one page of a file as a PNG picture of a given width.

Run by `sandbox`: `page_render.py PATH PAGE WIDTH OUT` prints `{"width": …, "height": …}` or `{"why": …}`.
It imports no module of the application.
"""

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

DOTS = 16_000_000
TALLEST = 10_000
"""Maximum height in pixels; a very tall page is rendered narrower."""


def draw(path: Path, page: int, width: int, out: Path) -> dict[str, Any]:
    """Render page `page`, counted from 1, to `out` and return its size in pixels.

    A picture file has one page and is never enlarged.
    """
    with path.open("rb") as file:
        is_pdf = b"%PDF-" in file.read(64)
    image = _page_of_pdf(path, page, width) if is_pdf else _picture(path, width)
    # few colours suffice for text and stamps and make the file small for slow connections
    is_photo = image.mode == "RGB" and image.getcolors(4096) is None
    if not is_photo and image.mode == "RGB":
        image = image.quantize(256)
    image.save(out, "PNG", optimize=False)
    return {"width": image.width, "height": image.height}


def _page_of_pdf(path: Path, page: int, width: int) -> Any:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    found = document[page - 1]
    wide, tall = found.get_size()
    scale = min(width / wide, TALLEST / tall, (DOTS / (wide * tall)) ** 0.5)
    bitmap = found.render(scale=scale, may_draw_forms=True, rev_byteorder=True)
    return bitmap.to_pil().convert("RGB")


def _picture(path: Path, width: int) -> Any:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path, formats=["JPEG", "PNG"]) as image:
        image.draft("RGB", (width, width * image.height // image.width or 1))
        drawn = image.convert("RGBA" if "transparency" in image.info else image.mode)
    if drawn.mode not in ("L", "RGB", "RGBA"):
        drawn = drawn.convert("RGBA" if drawn.mode == "LA" else "RGB")
    scale = min(1.0, width / drawn.width, TALLEST / drawn.height)
    size = (max(1, int(drawn.width * scale)), max(1, int(drawn.height * scale)))
    return drawn.resize(size)


def main(arguments: list[str]) -> None:  # pragma: no cover - runs in a process of its own
    path, page, width, out = arguments
    warnings.simplefilter("ignore")
    try:
        found = draw(Path(path), int(page), int(width), Path(out))
    except MemoryError:
        found = {"why": "too_much"}
    except Exception:  # any error of a parser on a malicious file means the same to its reader
        found = {"why": "broken"}
    os.write(sys.stdout.fileno(), json.dumps(found).encode())


if __name__ == "__main__":  # pragma: no cover
    main(sys.argv[1:])
