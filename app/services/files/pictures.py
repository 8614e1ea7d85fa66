"""Draw pictures anew: to keep without metadata, and to look at and to print, upright in eight bits on white.

`file_probe` and `page_render` read this file in their limited process, so it imports no module of the application.
"""

import io
import math
from typing import Any

DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I")
"""Modes with more than eight bits per dot; converting them to `L` would make all but the darkest dots white."""
LEVELS = 65_536
EIGHT_BITS = [(level * 255 + 32_767) // 65_535 for level in range(LEVELS)]
SEEN_THROUGH = ("RGBA", "LA", "PA", "RGBa", "La")
WHITE = (255, 255, 255, 255)
DRAWN_JPG = ("L", "RGB")
DRAWN_PNG = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
QUALITIES = (90, 80, 70)


def shown(image: Any, width: int, height: int) -> Any:
    """Return the picture in mode `L` or `RGB`, at most `width` × `height` dots and never enlarged."""
    from PIL import ImageOps

    image.draft(None, _size_needed(image.size, width, height))
    upright = ImageOps.exif_transpose(image)
    plain = _in_eight_bits(upright)
    scale = min(1.0, width / plain.width, height / plain.height)
    size = (max(1, int(plain.width * scale)), max(1, int(plain.height * scale)))
    return _on_white(plain if size == plain.size else plain.resize(size))


def _size_needed(sides: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """Return the size in which a JPG is to be read so that it need not be enlarged, upright or lying."""
    wide, high = sides
    scale = max(min(width / wide, height / high), min(width / high, height / wide))
    return math.ceil(wide * min(1.0, scale)), math.ceil(high * min(1.0, scale))


def _in_eight_bits(image: Any) -> Any:
    """Return the picture in mode `L`, `RGB` or `RGBA`, its deep or real-valued dots scaled."""
    if image.mode in DEEP:
        return _scaled(image)
    if image.mode == "F":
        return _spread(image)
    if image.mode in SEEN_THROUGH:
        return image.convert("RGBA")
    if "transparency" in image.info:
        _scale_clear_colour(image)
        return image.convert("RGBA")
    return (
        image if image.mode in ("L", "RGB") else image.convert("L" if image.mode == "1" else "RGB")
    )


def _scaled(image: Any) -> Any:
    """Return a picture of 16 bits per dot in 8 bits; its one transparent level becomes transparent."""
    deep = image.convert("I")
    grey = deep.point(EIGHT_BITS, "L")
    clear = image.info.get("transparency")
    if clear is None:
        return grey
    opaque = [255] * LEVELS
    opaque[min(clear, LEVELS - 1)] = 0
    seen = grey.convert("RGBA")
    seen.putalpha(deep.point(opaque, "L"))
    return seen


def _spread(image: Any) -> Any:
    """Return a picture of real numbers with its darkest dot black and its lightest white."""
    low, high = image.getextrema()
    scale = 255 / (high - low) if high > low else 0
    return image.point(lambda dot: dot * scale - low * scale).convert("L")


def _scale_clear_colour(image: Any) -> None:
    """Scale the one transparent colour of a picture that came in 16 bits per channel and is read in eight."""
    clear = image.info.get("transparency")
    if isinstance(clear, tuple) and max(clear) > 255:
        image.info["transparency"] = tuple(level >> 8 for level in clear)


def _on_white(image: Any) -> Any:
    from PIL import Image

    if image.mode != "RGBA":
        return image
    white = Image.new("RGBA", image.size, WHITE)
    return Image.alpha_composite(white, image).convert("RGB")


def as_jpg(image: Any, max_bytes: int) -> bytes:
    """Return the picture re-encoded in its own quality, or in a lower one if it exceeds `max_bytes`."""
    from PIL import ImageOps, JpegImagePlugin

    own: dict[str, Any] = {"quality": QUALITIES[0]}
    if image.mode in DRAWN_JPG and image.quantization:
        own = {
            "qtables": image.quantization,
            "subsampling": JpegImagePlugin.get_sampling(image),
        }
    ImageOps.exif_transpose(image, in_place=True)
    drawn = _bare(image if image.mode in DRAWN_JPG else _in_eight_bits(image))
    for options in (own, *({"quality": quality} for quality in QUALITIES)):
        written = io.BytesIO()
        drawn.save(written, "JPEG", optimize=True, **options)
        if written.tell() <= max_bytes:
            break
    return written.getvalue()


def as_png(image: Any) -> bytes:
    """Return the picture re-encoded in its own mode, and 16 bits per dot stay as they are."""
    from PIL import ImageOps

    ImageOps.exif_transpose(image, in_place=True)
    _scale_clear_colour(image)
    drawn = image if image.mode in DRAWN_PNG else _in_eight_bits(image)
    written = io.BytesIO()
    _bare(drawn).save(written, "PNG")
    return written.getvalue()


def _bare(image: Any) -> Any:
    """Remove all metadata from a picture except its transparency."""
    image.info = {key: value for key, value in image.info.items() if key == "transparency"}
    return image
