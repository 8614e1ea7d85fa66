"""The score items of a plan: name, highest score, weight and step of each, and their faults."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext

from app.enums import ReviewStep
from app.validators import Invalid, text
from app.validators.texts import folded

SCORED = (ReviewStep.MATERIAL_SCORE, ReviewStep.INTERVIEW)
"""The steps in which judges give scores, in their order."""
WITH_SHEETS = (ReviewStep.MATERIAL_REVIEW, *SCORED)
"""The steps in which each judge fills in a sheet."""
FULL_WEIGHT = 100
HIGHEST_SCORE = 1000
FIELD = "score_items"


def items_of(items: Sequence[Mapping[str, Any]], step: ReviewStep) -> list[Mapping[str, Any]]:
    """Return the score items that are asked in `step`, in their order."""
    return [one for one in items if one.get("step") == step.value]


def scored_steps(steps: Sequence[str]) -> list[ReviewStep]:
    """Return the scored steps among the `steps` of a meeting, in their order."""
    return [step for step in SCORED if step.value in steps]


def with_only_step(items: Sequence[dict[str, Any]], steps: Sequence[str]) -> list[dict[str, Any]]:
    """Return the items, all of the one scored step where the meeting has just one."""
    scored = scored_steps(steps)
    if len(scored) != 1:
        return list(items)
    return [{**one, "step": scored[0].value} for one in items]


def faults(items: Sequence[Mapping[str, Any]], steps: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (field, sentence) for every fault in the score `items`, given the `steps` of the meeting."""
    scored = scored_steps(steps)
    if scored and not items:
        yield FIELD, gettext("A meeting with scores needs at least one score item.")
    if items and not scored:
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
    yield from _step_faults(items, scored)
    for step in scored:
        asked = items_of(items, step)
        yield from _name_faults(asked)
        yield from _weight_faults(asked, step)


def _step_faults(
    items: Sequence[Mapping[str, Any]], scored: Sequence[ReviewStep]
) -> Iterator[tuple[str, str]]:
    """Yield a fault for each item of no step of the meeting, and for each step without an item."""
    known = {step.value for step in scored}
    for place, item in enumerate(items, start=1):
        if known and item.get("step") not in known:
            yield (
                FIELD,
                gettext(
                    "Score item %(place)s: choose where it is asked: %(steps)s.",
                    place=place,
                    steps=gettext(" or ").join(str(step.label) for step in scored),
                ),
            )
    for step in scored:
        if items and not items_of(items, step):
            yield FIELD, gettext("The step “%(step)s” has no score item.", step=step.label)


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


def _weight_faults(
    items: Sequence[Mapping[str, Any]], step: ReviewStep
) -> Iterator[tuple[str, str]]:
    total = sum(item["weight"] for item in items if _is_between(item.get("weight"), FULL_WEIGHT))
    if items and total != FULL_WEIGHT:
        yield (
            FIELD,
            gettext(
                "%(step)s: the weights add up to %(total)s; they must add up to exactly 100.",
                step=step.label,
                total=total,
            ),
        )
