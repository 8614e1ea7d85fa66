"""Preview pictures of the pages of stored files, rendered on demand and cached under DATA_DIR/previews.

The cache is bounded, evicts the least recently used pictures and needs no backup, as it can be rendered
again. A page that cannot be rendered is cached as an empty file, so that it is not tried at every request.
"""

import os
import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import current_app

from app.ground import fonts
from app.models import StoredFile
from app.services.files import file_store, sandbox

WIDTHS = {"thumb": 180, "page": 900, "large": 1800}
"""Widths in pixels by the name used in requests."""
KEPT_BYTES = 1024 * 1024 * 1024
DRAWN_BYTES = KEPT_BYTES // 8
"""New bytes after which a process evicts at once; the hourly cleanup would be too late for a flood."""
LARGEST = 64 * 1024 * 1024
WAIT_SECONDS = 5.0
CPU_SECONDS = 4
"""Limit of CPU time for a page; users read slower pages by downloading the file."""
SCRIPT = Path(__file__).parent / "page_render.py"
FONTS = fonts.paths_of_all()
"""Fonts for text whose own is neither in the file nor on the server; the first one has the Chinese characters."""
EDITION = 2
"""Counted up when pages are drawn differently, so that pictures of an older program are not shown any more."""

_drawn = Counter[str]()


class Busy(Exception):
    """Too many pages are being rendered now; ask again in a few seconds."""


def page(stored: StoredFile, number: int, width: str) -> Path | None:
    """Return the picture of a page, counted from 1; None when it does not exist or cannot be rendered.

    Raises FileNotFoundError when the content is missing and Busy when too many pages are being rendered.
    """
    if not 1 <= number <= stored.pages or width not in WIDTHS:
        return None
    kept = _folder() / stored.digest[:2] / stored.digest / f"{number}-{width}.{EDITION}.png"
    if not kept.is_file():
        _draw(file_store.path_of(stored.digest), number, WIDTHS[width], kept)
    with suppress(OSError):
        os.utime(kept)
    return kept if kept.is_file() and kept.stat().st_size else None


def shrink(most: int | None = None) -> int:
    """Delete the least recently used pictures until the others fit into `most` bytes; return how many."""
    most = KEPT_BYTES if most is None else most
    found = []
    for path in _folder().glob("*/*/*"):
        # another process may delete it at the same moment
        with suppress(FileNotFoundError):
            found.append((path, path.stat()))
    excess = sum(facts.st_size for _path, facts in found) - most
    gone = 0
    for path, facts in sorted(found, key=lambda one: one[1].st_mtime):
        if excess <= 0:
            break
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()
        excess -= facts.st_size
        gone += 1
    return gone


def _draw(source: Path, number: int, width: int, kept: Path) -> None:
    """Render a page into the cache, or an empty file when it cannot be rendered. Raises Busy."""
    out = file_store.empty_file()
    try:
        limits: dict[str, Any] = {"written": LARGEST, "cpu": CPU_SECONDS, "wait": WAIT_SECONDS}
        found = sandbox.run(SCRIPT, source, number, width, out, *FONTS, **limits)
        if found.get("why") == "busy":
            raise Busy
        if "why" in found:
            os.truncate(out, 0)
        _make_room(out.stat().st_size)
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.move(out, kept)
    finally:
        out.unlink(missing_ok=True)


def _make_room(size: int) -> None:
    """Count newly rendered bytes and shrink the cache after every `DRAWN_BYTES`."""
    _drawn["bytes"] += size
    if _drawn["bytes"] >= DRAWN_BYTES:
        _drawn.clear()
        shrink()


def _folder() -> Path:
    folder = Path(current_app.config["DATA_DIR"]) / "previews"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
