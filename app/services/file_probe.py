"""Looks into one uploaded file, in a process of its own with hard limits: a bomb bursts here, not in a worker.

Run as a script: `file_probe.py PATH MAX_PAGES`; prints one JSON object, `{"type": …, "pages": …}` or
`{"why": …}`. It imports nothing of the program.
"""

import json
import os
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

CPU_SECONDS = 10
MEMORY = 1024 * 1024 * 1024
PIXELS = 40_000_000
HEAD = 1024
TAIL = 2048
SIGNATURES = (("jpg", b"\xff\xd8\xff"), ("png", b"\x89PNG\r\n\x1a\n"))
FORMATS = {"jpg": "JPEG", "png": "PNG"}
UTF8_MARK = b"\xef\xbb\xbf"


def limit() -> None:  # pragma: no cover - runs in a process of its own
    """Bound processor time, memory, written files and child processes of this process."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def kind_of(head: bytes) -> str | None:
    """Return the type the first bytes announce, or None."""
    if head.removeprefix(UTF8_MARK).lstrip(b"\r\n\t ").startswith(b"%PDF-"):
        return "pdf"
    return next((kind for kind, start in SIGNATURES if head.startswith(start)), None)


def look(path: Path, max_pages: int) -> dict[str, Any]:
    """Return what the file is, or why it cannot be taken."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL))
        tail = file.read()
    kind = kind_of(head)
    if kind is None:
        return {"why": "type"}
    if kind == "pdf":
        return _look_at_pdf(path, tail, max_pages)
    return _look_at_image(path, kind)


def _look_at_pdf(path: Path, tail: bytes, max_pages: int) -> dict[str, Any]:
    from pypdf import PdfReader

    if b"%%EOF" not in tail:
        return {"why": "broken"}
    reader = PdfReader(path, strict=False)
    if reader.is_encrypted:
        return {"why": "encrypted"}
    pages = 0
    for page in reader.pages:
        pages += 1
        if pages > max_pages:
            return {"why": "pages", "pages": len(reader.pages)}
        if page.mediabox.width <= 0 or page.mediabox.height <= 0:
            return {"why": "broken"}
    return {"type": "pdf", "pages": pages} if pages else {"why": "no_pages"}


def _look_at_image(path: Path, kind: str) -> dict[str, Any]:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path, formats=[FORMATS[kind]]) as image:
        width, height = image.size
        if width * height > PIXELS:
            return {"why": "pixels", "width": width, "height": height}
        image.verify()
    with Image.open(path, formats=[FORMATS[kind]]) as image:
        image.load()
    return {"type": kind, "pages": 1}


def main(arguments: list[str]) -> None:  # pragma: no cover - runs in a process of its own
    limit()
    warnings.simplefilter("ignore")
    try:
        found = look(Path(arguments[0]), int(arguments[1]))
    except MemoryError:
        found = {"why": "too_much"}
    except Exception:  # whatever a hostile file provokes in a parser means the same to its sender
        found = {"why": "broken"}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":  # pragma: no cover
    main(sys.argv[1:])
