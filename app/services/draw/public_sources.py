"""Public sources of randomness for a draw of judges: the fixed form of the value of each kind.

Sources: rules of 中国福利彩票双色球 (6 of 33 red, 1 of 16 blue) and 3D, of 中国体育彩票超级大乐透 (5 of 35, 2 of 12),
排列3 and 排列5; closing values of the Shanghai and Shenzhen stock indexes, which the exchanges publish with two
decimals.
"""

import re
import unicodedata
from dataclasses import dataclass

from flask_babel import gettext

from app.enums import PublicSource
from app.validators import Invalid

SEPARATORS = re.compile(r"[\s,，、;+|/-]+")
BETWEEN_DIGITS = re.compile(r"[\s,，、]+")
NUMBER = re.compile(r"[0-9]{1,2}")


@dataclass(frozen=True)
class Balls:
    """`count` different numbers from 1 to `highest`; their order does not matter."""

    count: int
    highest: int


@dataclass(frozen=True)
class SourceForm:
    """The form of a value: groups of balls, or a pattern; with an example as it is typed."""

    example: str
    balls: tuple[Balls, ...] = ()
    pattern: str = ""


FORMS = {
    PublicSource.SSQ: SourceForm("03 08 17 22 26 31 + 12", (Balls(6, 33), Balls(1, 16))),
    PublicSource.DLT: SourceForm("04 11 19 23 35 + 02 09", (Balls(5, 35), Balls(2, 12))),
    PublicSource.FC3D: SourceForm("5 0 7", pattern="[0-9]{3}"),
    PublicSource.PL3: SourceForm("2 9 4", pattern="[0-9]{3}"),
    PublicSource.PL5: SourceForm("2 9 4 0 6", pattern="[0-9]{5}"),
    PublicSource.SSE: SourceForm("3412.07", pattern=r"[1-9][0-9]{2,5}\.[0-9]{2}"),
    PublicSource.SZSE: SourceForm("11086.93", pattern=r"[1-9][0-9]{2,5}\.[0-9]{2}"),
}


def canonical(kind: PublicSource, typed: str) -> str:
    """Return the one spelling of a value, as it goes into the seed. Raises Invalid with an example.

    Numbers of balls get two digits and their order within a group; separators and the point are left out.
    """
    form, plain = FORMS[kind], unicodedata.normalize("NFKC", typed).strip()
    value = _balls(form.balls, plain) if form.balls else _matching(form.pattern, plain)
    if value is None:
        raise Invalid(
            gettext(
                "A value of “%(kind)s” looks like %(example)s. Copy it from the official announcement.",
                kind=kind.label,
                example=form.example,
            )
        )
    return value


def _balls(groups: tuple[Balls, ...], plain: str) -> str | None:
    numbers = _numbers(plain, sum(group.count for group in groups))
    parts: list[str] = []
    for group in groups:
        taken, numbers = sorted(numbers[: group.count]), numbers[group.count :]
        is_right = len(set(taken)) == group.count and all(1 <= n <= group.highest for n in taken)
        if not is_right:
            return None
        parts += [f"{number:02d}" for number in taken]
    return "".join(parts) if not numbers else None


def _numbers(plain: str, count: int) -> list[int]:
    """Return the numbers typed apart, or run together with two digits each; an empty list otherwise."""
    words = [word for word in SEPARATORS.split(plain) if word]
    if len(words) < count and len("".join(words)) == 2 * count:
        joined = "".join(words)
        words = [joined[at : at + 2] for at in range(0, len(joined), 2)]
    return [int(word) for word in words] if all(map(NUMBER.fullmatch, words)) else []


def _matching(pattern: str, plain: str) -> str | None:
    value = BETWEEN_DIGITS.sub("", plain)
    return value.replace(".", "") if re.fullmatch(pattern, value) else None
