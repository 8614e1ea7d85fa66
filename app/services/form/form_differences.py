"""Differences between two form definitions, such as a draft and the published version.

Reports sections and fields added, removed or moved, and every changed property.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from app.services.form import form_dictionaries
from app.services.form.form_edits import Body, Part

DICTIONARY = "dictionaries"
"""Property of a new dictionary: its values."""
Change = tuple[str, Any, Any]
"""(property, value before, value after); None for a missing value."""


@dataclass(frozen=True)
class Difference:
    """A section or field that differs; empty keys stand for the form's own texts.

    A new dictionary has no section and its key as `field`. `what` is "added", "removed", "moved" or "changed"; `section` and `field` are keys.
    """

    what: str
    section: str
    label: str
    field: str = ""
    changes: tuple[Change, ...] = ()


def differences(before: Body, after: Body) -> Iterator[Difference]:
    """Yield the differences from `before` to `after` in the order of `after`, removed parts last."""
    if texts := _changed_properties(_form_texts(before), _form_texts(after), ()):
        yield Difference("changed", "", "", changes=texts)
    yield from _new_dictionaries(before, after)
    old = {one["key"]: one for one in before["sections"]}
    for section in after["sections"]:
        known = old.get(section["key"])
        if known is None:
            yield Difference("added", section["key"], section["label"])
            continue
        if changes := _changed_properties(known, section, ("fields",)):
            yield Difference("changed", section["key"], section["label"], changes=changes)
        yield from _field_differences(known, section)
    yield from _first_moved("", before["sections"], after["sections"])
    kept = {one["key"] for one in after["sections"]}
    for key, section in old.items():
        if key not in kept:
            yield Difference("removed", key, section["label"])


def _field_differences(before: Part, after: Part) -> Iterator[Difference]:
    section = after["key"]
    old = {one["key"]: one for one in before["fields"]}
    for one in after["fields"]:
        known = old.get(one["key"])
        if known is None:
            yield Difference("added", section, one["label"], one["key"])
        elif changes := _changed_properties(known, one, ()):
            yield Difference("changed", section, one["label"], one["key"], changes)
    yield from _first_moved(section, before["fields"], after["fields"])
    kept = {one["key"] for one in after["fields"]}
    for key, one in old.items():
        if key not in kept:
            yield Difference("removed", section, one["label"], key)


def _first_moved(section: str, before: list[Part], after: list[Part]) -> Iterator[Difference]:
    """Yield the first part whose position differs among the parts present in both."""
    both = {one["key"] for one in before} & {one["key"] for one in after}
    old = [one for one in before if one["key"] in both]
    new = [one for one in after if one["key"] in both]
    for was, now in zip(old, new, strict=True):
        if was["key"] != now["key"]:
            place = (section, now["label"], now["key"]) if section else (now["key"], now["label"])
            yield Difference("moved", *place)
            return


def _form_texts(body: Body) -> Part:
    commitment = {f"commitment.{name}": value for name, value in body["commitment"].items()}
    return {"title": body["title"], "title_en": body.get("title_en", ""), **commitment}


def _new_dictionaries(before: Body, after: Body) -> Iterator[Difference]:
    known = form_dictionaries.of(before)
    for key, one in form_dictionaries.of(after).items():
        if key not in known:
            values = gettext(", ").join(one["values"].values())
            yield Difference("added", "", one["label"], key, ((DICTIONARY, None, values),))


def _changed_properties(before: Part, after: Part, ignored: tuple[str, ...]) -> tuple[Change, ...]:
    names = [name for name in {**before, **after} if name not in ignored]
    return tuple(
        (name, before.get(name), after.get(name))
        for name in names
        if (before.get(name) or None) != (after.get(name) or None)
    )
