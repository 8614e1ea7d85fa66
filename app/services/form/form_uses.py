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
MOST_NAMED = 5


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
    leaning = {place: [one for one in uses if (one.section, one.field) == place] for place in old}
    for place, readers in leaning.items():
        if place not in gone | other or not readers:
            continue
        named = sorted({one.place for one in readers})
        facts = {"label": old[place]["label"], "places": gettext(", ").join(named[:MOST_NAMED])}
        if len(named) > MOST_NAMED:
            facts["places"] += gettext(" and %(count)s more", count=len(named) - MOST_NAMED)
        said = (
            gettext("“%(label)s” was removed, but it is read by %(places)s.", **facts)
            if place in gone
            else gettext(
                "“%(label)s” holds something else now, but it is read by %(places)s.", **facts
            )
        )
        advice = min((one.advice for one in readers), key=bool) or _usual_advice()
        yield Broken(gettext("%(said)s %(advice)s", said=said, advice=advice), *place)


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
