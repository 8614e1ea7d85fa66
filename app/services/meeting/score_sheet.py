"""Checks the score items of a plan: name, highest score and weight of each."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext

from app.enums import ReviewStep
from app.validators import Invalid, text
from app.validators.texts import folded

SCORED = frozenset({ReviewStep.MATERIAL_SCORE, ReviewStep.INTERVIEW})
FULL_WEIGHT = 100
HIGHEST_SCORE = 1000
FIELD = "score_items"


def faults(items: Sequence[Mapping[str, Any]], steps: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (field, sentence) for every fault in the score `items`, given the `steps` of the meeting."""
    is_scored = any(step in SCORED for step in steps)
    if is_scored and not items:
        yield FIELD, gettext("A meeting with scores needs at least one score item.")
    if items and not is_scored:
        yield (
            FIELD,
            gettext(
                "Score items serve the steps “%(material)s” and “%(interview)s”. "
                "Tick one of them, or take the items out.",
                material=ReviewStep.MATERIAL_SCORE.label,
                interview=ReviewStep.INTERVIEW.label,
            ),
        )
    for place, item in enumerate(items, start=1):
        yield from _item_faults(place, item)
    yield from _name_faults(items)
    yield from _weight_faults(items)


def _item_faults(place: int, item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        text(str(item.get("name") or ""), min_length=2, max_length=60)
    except Invalid as invalid:
        yield FIELD, gettext("Score item %(place)s, name: %(why)s", place=place, why=invalid)
    if not _is_between(item.get("max"), HIGHEST_SCORE):
        yield (
            FIELD,
            gettext(
                "Score item %(place)s: the highest score must be a whole number from 1 to %(most)s.",
                place=place,
                most=HIGHEST_SCORE,
            ),
        )
    if not _is_between(item.get("weight"), FULL_WEIGHT):
        yield (
            FIELD,
            gettext(
                "Score item %(place)s: the weight must be a whole number from 1 to 100.",
                place=place,
            ),
        )


def _is_between(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _name_faults(items: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield a fault for each name that is there twice; in a workbook they head columns, where blanks do not count."""
    names = {folded(item.get("name")): str(item.get("name")).strip() for item in items}
    counts = Counter(folded(item.get("name")) for item in items)
    for key, name in names.items():
        if counts[key] > 1:
            yield FIELD, gettext("The score item “%(name)s” is there twice.", name=name)


def _weight_faults(items: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    total = sum(item["weight"] for item in items if _is_between(item.get("weight"), FULL_WEIGHT))
    if items and total != FULL_WEIGHT:
        yield (
            FIELD,
            gettext(
                "The weights add up to %(total)s; they must add up to exactly 100.", total=total
            ),
        )
