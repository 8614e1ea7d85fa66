"""Reasons of a return (退回) or supplement request (补正), per section and per field.

`Application.returned_sections` maps a section key, or `kind:` plus a kind of material, to a reason: a text or
{"reason": text, "fields": {place of a field, such as "rows-0-name": text}}. Only this module reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from app.engine import Act, Refused, require_reason
from app.models import Application
from app.validators import Invalid, reason

WHOLE = ""
"""Key of the reason that concerns the whole application."""
KIND = "kind:"
"""Prefix of keys that name a single kind of material by its code; used by supplement requests."""
SHORTEST = 2
"""Minimum characters of a reason at a section; short, because the place says what it is about."""


@dataclass(frozen=True)
class Reason:
    """Reason for returning one section; `fields` has the reasons of single fields by anchor."""

    text: str
    fields: Mapping[str, str] = field(default_factory=dict)


def reasons_of(application: Application) -> dict[str, Reason]:
    """Return the reasons of the last return or supplement request by section key or WHOLE."""
    return read(application.returned_sections)


def read(stored: Mapping[str, Any] | None) -> dict[str, Reason]:
    """Parse stored reasons of either form (text or mapping) into `Reason` by key."""
    return {key: _as_reason(value) for key, value in (stored or {}).items()}


def section_text(application: Application, key: str) -> str:
    """Return the reason at one section, or an empty text if there is none."""
    found = reasons_of(application).get(key)
    return found.text if found else ""


def kinds_named(application: Application) -> set[str]:
    """Return the codes of the kinds of material that a supplement request names singly."""
    keys = application.returned_sections or {}
    return {key.removeprefix(KIND) for key in keys if key.startswith(KIND)}


def reasons_to_store(act: Act) -> dict[str, Any]:
    """Return the value a return stores: the typed reasons by section, and the opinion, if any, under WHOLE."""
    whole = {WHOLE: act.opinion} if act.opinion else {}
    return {**_typed_reasons(act), **whole}


def names_a_section(act: Act) -> None:
    """Refuse a return that names no section: the applicant must see what to change (Order 40, art. 18)."""
    if not _typed_reasons(act):
        raise Refused(
            gettext("Name at least one section and say what is to be changed there."), "reasons"
        )


def says_why(act: Act) -> None:
    """Refuse a return without any reason: at a section, or as the opinion on the whole."""
    if not _typed_reasons(act):
        require_reason(act.opinion, "opinion")
    refuse_empty_opinion(act)


def refuse_empty_opinion(act: Act) -> None:
    """Refuse an opinion that says nothing; none at all is enough where reasons stand at the sections."""
    if act.opinion:
        require_reason(act.opinion, "opinion")


def refuse_empty_reasons(act: Act) -> None:
    """Refuse a section or field reason without content, such as “无” or “……”."""
    sections = act.details.get("sections") or {}
    if not isinstance(sections, Mapping):
        return
    for value in sections.values():
        one = _as_reason(value)
        for words in (one.text, *one.fields.values()):
            _refuse_empty(words)


def _refuse_empty(words: str) -> None:
    try:
        reason(words, min_length=SHORTEST)
    except Invalid as invalid:
        raise Refused(gettext("A reason at a section: %(why)s", why=invalid), "reasons") from None


def _typed_reasons(act: Act) -> dict[str, Any]:
    sections = act.details.get("sections") or {}
    if isinstance(sections, Mapping):
        return {
            str(key): value for key, value in sections.items() if _as_reason(value).text.strip()
        }
    return {str(key): act.opinion for key in sections}


def _as_reason(value: Any) -> Reason:
    if isinstance(value, Mapping):
        places = value.get("fields") or {}
        return Reason(str(value.get("reason") or ""), {str(k): str(v) for k, v in places.items()})
    return Reason(str(value or ""))
