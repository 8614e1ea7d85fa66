"""Draws invented certificates of one layout and pages of papers, and disturbs the pictures as offices and phones do."""

import random
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from app.ground import fonts

PAPER, INK = 250, 40
FAMILY_NAMES, GIVEN_NAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡",
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞",
)
MAJORS = ("机械工程", "汉语言文学", "数学与应用数学", "临床医学", "土木工程")


def certificate(chance: random.Random) -> Image.Image:
    """Draw a diploma; all have one layout and differ in name, dates, major, number and photograph."""
    image = Image.new("L", (1240, 877), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 40, 1200, 837), outline=90, width=6)
    draw.text((360, 100), "普通高等学校毕业证书", font=_font(52), fill=INK)
    for place, line in enumerate(_lines(chance)):
        draw.text((420, 240 + 70 * place), line, font=_font(34), fill=INK)
    draw.ellipse((900, 580, 1100, 780), outline=120, width=8)
    draw.text((930, 660), "无名大学", font=_font(34), fill=120)
    _photograph(draw, chance)
    return image


def page(chance: random.Random) -> Image.Image:
    """Draw the first page of a paper."""
    image = Image.new("L", (1240, 1754), PAPER)
    draw = ImageDraw.Draw(image)
    top = 140
    while top < 1600:
        text = "".join(
            chr(chance.randint(0x4E00, 0x6FFF)) for _place in range(chance.randint(20, 32))
        )
        draw.text((110, top), text, font=_font(30), fill=INK)
        top += chance.choice((46, 46, 46, 80))
    return image


def _lines(chance: random.Random) -> list[str]:
    name = chance.choice(FAMILY_NAMES) + "".join(chance.choices(GIVEN_NAMES, k=2))
    year = chance.randint(1960, 1995)
    born = f"{year}年{chance.randint(1, 12)}月{chance.randint(1, 28)}日生，"
    return [
        f"学生{name}，性别{chance.choice('男女')}，{born}",
        f"于{year + 18}年九月至{year + 22}年六月在本校",
        f"{chance.choice(MAJORS)}专业四年制本科学习，",
        "修完教学计划规定的全部课程，成绩合格，准予毕业。",
        f"证书编号：1053{year + 22}0{chance.randint(10_000_000, 99_999_999)}",
    ]


def _photograph(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    draw.rectangle((110, 240, 350, 560), fill=chance.randint(150, 220))
    middle, chin = 230 + chance.randint(-8, 8), 290 + chance.randint(160, 190)
    draw.ellipse((middle - 70, 290, middle + 70, chin), fill=chance.randint(90, 200))
    draw.rectangle((middle - 110, 480, middle + 110, 560), fill=chance.randint(20, 120))


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts.base_font()), size)


def jpg(image: Image.Image, quality: int) -> bytes:
    """Return the picture as a JPG file."""
    written = BytesIO()
    image.save(written, "JPEG", quality=quality)
    return written.getvalue()


def saved_as_jpg(image: Image.Image, quality: int) -> Image.Image:
    return Image.open(BytesIO(jpg(image, quality))).convert("L")


def resized(image: Image.Image, scale: float) -> Image.Image:
    return image.resize((int(image.width * scale), int(image.height * scale)))


def noisy(image: Image.Image) -> Image.Image:
    return Image.blend(image, Image.effect_noise(image.size, 40), 0.06)


def turned(image: Image.Image, degrees: float) -> Image.Image:
    return image.rotate(degrees, fillcolor=PAPER, resample=Image.Resampling.BICUBIC)


def moved(image: Image.Image, dots: int) -> Image.Image:
    by = (1, 0, dots, 0, 1, dots)
    return image.transform(image.size, Image.Transform.AFFINE, by, fillcolor=PAPER)


Disturbance = Callable[[Image.Image], Image.Image]
SAVED_ANEW: dict[str, Disturbance] = {
    "saved as JPG of quality 40": lambda image: saved_as_jpg(image, 40),
    "half as large": lambda image: resized(image, 0.5),
    "1.7 times as large, JPG of quality 60": lambda image: saved_as_jpg(resized(image, 1.7), 60),
    "darker by 15 %": lambda image: ImageEnhance.Brightness(image).enhance(0.85),
    "more contrast by 30 %": lambda image: ImageEnhance.Contrast(image).enhance(1.3),
    "with noise, JPG of quality 70": lambda image: saved_as_jpg(noisy(image), 70),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
}
"""What happens to one scan when it is sent around."""
SCANNED_ANEW: dict[str, Disturbance] = {
    "turned by 0.3°": lambda image: turned(image, 0.3),
    "turned by 1°": lambda image: turned(image, 1),
    "moved by 0.3 %": lambda image: moved(image, 4),
    "moved by 1 %": lambda image: moved(image, 12),
}
"""How a second scan of the same paper differs."""
