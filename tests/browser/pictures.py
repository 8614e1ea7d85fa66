"""Pictures of the program for the pages under docs/customise, made by the tests that play their tasks.

Written only where PICTURES=1 asks for it (`make pictures`); otherwise a test leaves no trace.
"""

import os
from collections.abc import Sequence
from io import BytesIO

from PIL import Image
from playwright.sync_api import FloatRect, Locator, Page

from app.views.frame.how_to_pages import IMAGES

IS_ASKED = os.environ.get("PICTURES") == "1"
MARGIN = 10
COLOURS = 48
"""Enough for text and the few colours of the pages; a third of the bytes of a full picture."""
SHOW = """node => {
  node.scrollIntoView({block: 'start', behavior: 'instant'});
  scrollBy({top: -90, behavior: 'instant'});
}"""
MARK = "(node, on) => { node.style.outline = on ? '3px solid #d1242f' : ''; node.style.outlineOffset = on ? '2px' : ''; }"


def take(
    page: Page, name: str, parts: Sequence[Locator], pressed: Locator | None, tall: int
) -> None:
    """Write docs/customise/images/NAME.png: what the parts cover, at most `tall` pixels, with a frame around what is pressed."""
    if not IS_ASKED:
        return
    parts[0].evaluate(SHOW)
    if pressed is not None:
        pressed.first.evaluate(MARK, True)
    cut = _around([*parts, *([pressed.first] if pressed is not None else [])], page, tall)
    drawn = page.screenshot(clip=cut, animations="disabled", caret="hide")
    if pressed is not None:
        pressed.first.evaluate(MARK, False)
    IMAGES.mkdir(exist_ok=True)
    picture = Image.open(BytesIO(drawn)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def _around(parts: Sequence[Locator], page: Page, tall: int) -> FloatRect:
    """Return the rectangle around the parts that is on the screen, without the side menu."""
    boxes = [box for part in parts if (box := part.bounding_box())]
    screen = page.viewport_size or {"width": 0, "height": 0}
    menu = page.locator(".side").bounding_box()
    edge = menu["x"] + menu["width"] if menu else 0.0
    left = max(edge, min(box["x"] for box in boxes) - MARGIN)
    top = max(0.0, min(box["y"] for box in boxes) - MARGIN)
    right = min(screen["width"], max(box["x"] + box["width"] for box in boxes) + MARGIN)
    bottom = min(
        screen["height"], top + tall, max(box["y"] + box["height"] for box in boxes) + MARGIN
    )
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}
