"""What leans on fields of the form: conditions for applying, comparisons, screens and other readers of a field by key.

A room that reads fields by their keys says so by registering a function that returns its `Use`s; a draft that removes
such a field, or changes what it holds, is not published, and the refusal names the place.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from app.services.form.form_edits import Body, Part
from app.services.form.form_parts import TEXT_KINDS


@dataclass(frozen=True)
class Use:
    """A reader of a field: `place` says where, `advice` what to do there first (empty: the program itself reads it)."""

    section: str
    field: str
    place: str
    advice: str = ""


Provider = Callable[[], Iterable[Use]]
PROVIDERS: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Register a function that returns what of the form its room reads by key."""
    PROVIDERS.append(provider)
    return provider


@dataclass(frozen=True)
class Broken:
    """A use that a draft breaks: the sentence, and the section and field it is about."""

    sentence: str
    section: str
    field: str


def broken(before: Body, after: Body) -> list[Broken]:
    """Return the uses of fields of `before` that `after` removes or makes hold something else."""
    old, new = _fields(before), _fields(after)
    gone = {place for place in old if place not in new}
    other = {place for place in old if place in new and is_other(old[place], new[place])}
    if not gone and not other:
        return []
    return list(_found(gone, other, old))


def is_other(before: Part, after: Part) -> bool:
    """Return whether a field holds something else than before: another kind, dictionary or source."""
    return _held(before) != _held(after)


def _found(
    gone: set[tuple[str, str]], other: set[tuple[str, str]], old: dict[tuple[str, str], Part]
) -> Iterator[Broken]:
    uses = {one for provider in PROVIDERS for one in provider()}
    for one in sorted(uses, key=lambda use: (use.section, use.field, use.place)):
        place = (one.section, one.field)
        if place not in gone | other:
            continue
        label = old[place]["label"]
        if place in gone:
            sentence = gettext(
                "“%(label)s” was removed, but %(place)s reads it.", label=label, place=one.place
            )
        else:
            sentence = gettext(
                "“%(label)s” changed its kind, but %(place)s reads it.",
                label=label,
                place=one.place,
            )
        yield Broken(f"{sentence} {one.advice or _usual_advice()}", *place)


def _usual_advice() -> str:
    return gettext(
        "Take this change back with 【Undo】. To ask for it no longer, make the field optional or tick under “Not for” whom it does not concern."
    )


def _fields(body: Body) -> dict[tuple[str, str], Part]:
    return {
        (section["key"], field["key"]): field
        for section in body["sections"]
        for field in section["fields"]
    }


def _held(field: Part) -> tuple[Any, ...]:
    kind = field.get("kind", "text")
    group = "text" if kind in TEXT_KINDS else kind
    return group, field.get("dictionary", ""), field.get("source", "")
