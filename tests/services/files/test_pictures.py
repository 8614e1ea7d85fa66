"""Pictures of every mode are shown as they are: scaled, not clipped; on white; upright."""

from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags, Image

from app.services.files import pictures

RAMP = Image.linear_gradient("L")
"""From black at the top to white at the bottom, each level in a line of its own."""


def deep(mode: str) -> Image.Image:
    return RAMP.convert("I").point(lambda dot: dot * 257).convert(mode)


def again(image: Image.Image, kind: str = "PNG", **options: Any) -> Image.Image:
    """Return the picture as it is read from a file."""
    made = BytesIO()
    image.save(made, kind, **options)
    return Image.open(BytesIO(made.getvalue()))


def palette() -> Image.Image:
    image = Image.new("P", (10, 10), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    return image


@pytest.mark.parametrize(
    "image", [again(deep("I;16")), deep("I;16"), deep("I;16B"), deep("I"), RAMP.convert("F")]
)
def test_deep_pictures_keep_all_their_levels(image: Image.Image) -> None:
    shown = pictures.shown(image, 900, 900)

    assert shown.mode == "L"
    assert shown.tobytes() == RAMP.tobytes()


@pytest.mark.parametrize("width", [40, 128])
def test_deep_pictures_are_scaled_down(width: int) -> None:
    shown = pictures.shown(again(deep("I;16")), width, 900)

    assert shown.size == (width, width)
    assert 100 < shown.getpixel((0, width // 2)) < 155


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (again(Image.new("LA", (10, 10), (0, 0))), (255, 255, 255)),
        (again(Image.new("LA", (10, 10), (0, 128))), (127, 127, 127)),
        (again(Image.new("RGBA", (10, 10), (255, 0, 0, 0))), (255, 255, 255)),
        (again(Image.new("RGBA", (10, 10), (255, 0, 0, 255))), (255, 0, 0)),
        (again(palette()), (255, 0, 0)),
        (again(palette(), transparency=1), (255, 255, 255)),
        (again(palette(), transparency=b"\xff\x80"), (255, 127, 127)),
        (again(Image.new("RGB", (10, 10), "red"), transparency=(255, 0, 0)), (255, 255, 255)),
        (again(Image.new("L", (10, 10), 7), transparency=7), (255, 255, 255)),
        (again(Image.new("1", (10, 10), 0), transparency=0), (255, 255, 255)),
        (again(Image.new("I;16", (10, 10), 999), transparency=999), (255, 255, 255)),
        (again(Image.new("CMYK", (10, 10), (0, 255, 255, 0)), "JPEG"), (255, 0, 0)),
        (Image.new("HSV", (10, 10), (0, 255, 255)), (255, 0, 0)),
    ],
)
def test_what_is_seen_through_stands_on_white(
    image: Image.Image, expected: tuple[int, int, int]
) -> None:
    shown = pictures.shown(image, 900, 900)

    found = shown.convert("RGB").getpixel((5, 5))
    assert all(abs(one - other) <= 2 for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("orientation", "size", "corner"), [(1, (64, 32), 0), (3, (64, 32), 255), (6, (32, 64), 255)]
)
def test_a_turned_photo_is_shown_upright(
    orientation: int, size: tuple[int, int], corner: int
) -> None:
    image = Image.new("L", (64, 32), 255)
    image.paste(0, (0, 0, 32, 32))
    facts = Image.Exif()
    facts[ExifTags.Base.Orientation] = orientation

    shown = pictures.shown(again(image, "JPEG", exif=facts), 900, 900)

    assert shown.size == size
    assert abs(shown.getpixel((2, 2)) - (0 if orientation == 6 else corner)) < 20


def test_a_large_photo_is_not_read_in_full() -> None:
    image = again(Image.new("RGB", (4000, 2000), "red"), "JPEG")

    shown = pictures.shown(image, 500, 10_000)

    assert image.size == (1000, 500)
    assert shown.size == (500, 250)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_is_kept_in_its_own_mode(mode: str) -> None:
    kept = Image.open(
        BytesIO(pictures.as_png(again(RAMP.convert(mode) if mode != "I;16" else deep(mode))))
    )

    assert kept.mode == mode


def test_a_clear_colour_of_sixteen_bits_stays_clear() -> None:
    image = again(Image.new("RGB", (10, 10), "red"))
    image.info["transparency"] = (65535, 0, 0)

    kept = Image.open(BytesIO(pictures.as_png(image)))

    assert pictures.shown(kept, 9, 9).getpixel((4, 4)) == (255, 255, 255)
