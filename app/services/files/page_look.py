"""Compute how the first pages of files look: a perceptual hash that saving anew and resizing hardly change.

Run by `sandbox`: `page_look.py PAGES PATH… -- FONT…` prints {"looks": {PATH: [digits or null, …]}}, an entry per
page; an unreadable file has none. It imports no module of the application.

The bits are the signs of the 1,023 lowest frequencies of the page's cosine transform, the lowest first, from 64 × 64
dots (the pHash of Zauner 2010 with more bits, so that certificates of one layout differ;
docs/adr/0011-scans-that-look-the-same.md).
"""

import json
import math
import os
import runpy
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SIDE = 64
KEPT = 32
WIDTH = 512
"""Width in pixels in which a page is drawn; much more than `SIDE`, so that thin letters keep their grey."""
DIGITS = KEPT * KEPT // 4
FLAT = 6
"""Between the darkest and the lightest dot of a blank page; what noise draws on it says nothing."""
RENDER = Path(__file__).with_name("page_render.py")
WAVES = [
    [math.cos(math.pi * wave * (2 * dot + 1) / (2 * SIDE)) for dot in range(SIDE)]
    for wave in range(KEPT)
]
ORDER = sorted(
    ((across, down) for across in range(KEPT) for down in range(KEPT) if across or down),
    key=lambda one: (one[0] ** 2 + one[1] ** 2, one),
)


def look_of(image: Any) -> str | None:
    """Return the look of a picture as hexadecimal digits, None for a blank one."""
    from PIL import Image

    small = image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    dots = small.tobytes()
    if max(dots) - min(dots) < FLAT:
        return None
    lines = [_transformed(dots[start : start + SIDE]) for start in range(0, len(dots), SIDE)]
    table = [_transformed(column) for column in zip(*lines, strict=True)]
    bits = 0
    for across, down in ORDER:
        bits = bits << 1 | (table[across][down] > 0)
    return f"{bits:0{DIGITS}x}"


def _transformed(values: Sequence[float]) -> list[float]:
    """Return the first `KEPT` values of the cosine transform (DCT-II, without factors)."""
    return [sum(map(lambda dot, wave: dot * wave, values, waves)) for waves in WAVES]


def looks_of(path: Path, pages: int, fonts: Sequence[Path]) -> list[str | None]:
    """Return the looks of the first `pages` pages; of fewer if the file has fewer, or a page cannot be drawn."""
    image_of = runpy.run_path(str(RENDER))["image_of"]
    found = []
    for page in range(1, pages + 1):
        try:
            found.append(look_of(image_of(path, page, WIDTH, fonts)))
        except Exception:  # the file ends, or a parser fails on it: the pages before count
            break
    return found


def main(arguments: list[str]) -> None:  # pragma: no cover - runs in a process of its own
    pages, *rest = arguments
    end = rest.index("--")
    warnings.simplefilter("ignore")
    fonts = list(map(Path, rest[end + 1 :]))
    looks = {path: looks_of(Path(path), int(pages), fonts) for path in rest[:end]}
    os.write(sys.stdout.fileno(), json.dumps({"looks": looks}).encode())


if __name__ == "__main__":  # pragma: no cover
    main(sys.argv[1:])
