"""Why an application goes back: a reason for each section concerned, and at single fields of it.

`Application.returned_sections` maps a section, or `kind:` and a kind of material, to its reason: a text, or
{"reason": text, "fields": {place of a field, such as "rows-0-name": text}}. Only this module reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from app.engine import Act, Refused
from app.models import Application
from app.validators import Invalid, reason

WHOLE = ""
"""The key under which a return keeps the reason that concerns no single section."""
KIND = "kind:"
"""Before the code of a kind of material, where a supplement asks for that kind alone."""
SHORTEST = 2
"""Characters of the shortest reason at a section: its place says the rest."""


@dataclass(frozen=True)
class Reason:
    """Why one section goes back; `fields` says it once more at the place of each field named."""

    text: str
    fields: Mapping[str, str] = field(default_factory=dict)


def of(application: Application) -> dict[str, Reason]:
    """Return the reasons of the last return or supplement, by section; under "" what concerns the whole."""
    return read(application.returned_sections)


def read(stored: Mapping[str, Any] | None) -> dict[str, Reason]:
    """Return stored reasons, whichever of both forms each has."""
    return {key: _one(value) for key, value in (stored or {}).items()}


def section_text(application: Application, key: str) -> str:
    """Return the reason at one section, empty where it was not returned."""
    found = of(application).get(key)
    return found.text if found else ""


def kinds_named(application: Application) -> set[str]:
    """Return the kinds of material that a supplement names one by one."""
    keys = application.returned_sections or {}
    return {key.removeprefix(KIND) for key in keys if key.startswith(KIND)}


def note(act: Act) -> dict[str, Any]:
    """Return what a return stores: the reasons typed by section, and the opinion for the whole."""
    return {**_typed(act), WHOLE: act.opinion}


def names_a_section(act: Act) -> None:
    """Refuse a return that names no section: the applicant must see where to begin (Order 40, art. 18)."""
    if not _typed(act):
        raise Refused(
            gettext("Name at least one section and say what is to be changed there."), "reasons"
        )


def say_something(act: Act) -> None:
    """Refuse a reason at a section that says nothing, such as “无” or “……”."""
    sections = act.details.get("sections") or {}
    if not isinstance(sections, Mapping):
        return
    for value in sections.values():
        one = _one(value)
        for words in (one.text, *one.fields.values()):
            _refuse_empty(words)


def _refuse_empty(words: str) -> None:
    try:
        reason(words, min_length=SHORTEST)
    except Invalid as invalid:
        raise Refused(gettext("A reason at a section: %(why)s", why=invalid), "reasons") from None


def _typed(act: Act) -> dict[str, Any]:
    sections = act.details.get("sections") or {}
    if isinstance(sections, Mapping):
        return {str(key): value for key, value in sections.items() if _one(value).text.strip()}
    return {str(key): act.opinion for key in sections}


def _one(value: Any) -> Reason:
    if isinstance(value, Mapping):
        places = value.get("fields") or {}
        return Reason(str(value.get("reason") or ""), {str(k): str(v) for k, v in places.items()})
    return Reason(str(value or ""))
