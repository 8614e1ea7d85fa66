"""Edit sections, fields and rules of a drafted form: find, add, change, copy, move, remove.

Works on the JSON of the definition only. Impossible edits raise Refused with a sentence; whether the
definition is complete is checked on publication.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from flask_babel import gettext

from app.engine import Refused
from app.services.form.form_faults import KEY, TAKEN
from app.services.form.form_parts import LIMITS, PAST_KINDS, USUAL_ROWS

MOST_SECTIONS = 60
MOST_FIELDS = 100
MOST_RULES = 30
LENGTHS: Mapping[str, int] = {
    "title": 120,
    "title_en": 200,
    "label": 60,
    "label_en": 120,
    "help": 500,
    "help_en": 1000,
    "unit": 20,
    "unit_en": 40,
    "text": 3000,
    "text_en": 6000,
    "secrets": 1000,
    "secrets_en": 2000,
}
"""Text property → maximum number of characters."""
SEVERAL_LINES = frozenset({"help", "help_en", "text", "text_en", "secrets", "secrets_en"})

Part = dict[str, Any]
Body = dict[str, Any]


def section_of(body: Body, key: str) -> Part:
    """Return a section of the draft; raises Refused when it does not exist any more."""
    part: Part = body["sections"][_position(body["sections"], key)]
    return part


def field_of(section: Part, key: str) -> Part:
    """Return a field of a section; raises Refused when it does not exist any more."""
    part: Part = section["fields"][_position(section["fields"], key)]
    return part


def put_section(body: Body, key: str, values: Mapping[str, Any]) -> str:
    """Add a section (empty `key`) or change one; return its resulting key."""
    parts = body["sections"]
    if not key and len(parts) >= MOST_SECTIONS:
        raise Refused(gettext("A form has at most %(most)s sections.", most=MOST_SECTIONS))
    _refuse_row_limits(values)
    blank: Part = {"key": "", "label": "", "fields": []}
    return _add_or_change(parts, section_of(body, key) if key else blank, key, values)


def put_field(section: Part, key: str, values: Mapping[str, Any]) -> str:
    """Add a field (empty `key`) or change one; return its resulting key.

    References to a renamed field, in rules and conditions of its section, are renamed too.
    """
    parts = section["fields"]
    if not key and len(parts) >= MOST_FIELDS:
        raise Refused(gettext("A section has at most %(most)s fields.", most=MOST_FIELDS))
    _refuse_unfit(values)
    blank: Part = {"key": "", "label": ""}
    wanted = _add_or_change(parts, field_of(section, key) if key else blank, key, values)
    if key and key != wanted:
        _rename_references(section, key, wanted)
    return wanted


def copy(parts: list[Part], key: str) -> str:
    """Insert a copy of a section or field right after it; return the key of the copy."""
    place = _position(parts, key)
    twin = deepcopy(parts[place])
    twin["label"] = gettext("%(label)s (copy)", label=twin["label"])[: LENGTHS["label"]]
    twin["key"] = key_for(f"{key} copy", (one["key"] for one in parts))
    # a kind of material may belong to one section only
    twin.pop("materials", None)
    parts.insert(place + 1, twin)
    return str(twin["key"])


def move(parts: list[Part], key: str, step: int) -> None:
    """Move a section or field by `step` positions (-1 up, 1 down); at either end it stays."""
    place = _position(parts, key)
    parts.insert(max(place + step, 0), parts.pop(place))


def remove(parts: list[Part], key: str) -> None:
    """Remove a section or field; references left to it are reported as faults of the draft."""
    parts.pop(_position(parts, key))


def add_rule(section: Part, rule: Mapping[str, Any]) -> None:
    """Add a rule to a section; raises Refused if it exists already or the section has MOST_RULES."""
    rules = section.setdefault("rules", [])
    if dict(rule) in rules:
        raise Refused(gettext("This rule is there already."))
    if len(rules) >= MOST_RULES:
        raise Refused(gettext("A section has at most %(most)s rules.", most=MOST_RULES))
    rules.append(dict(rule))


def remove_rule(section: Part, number: int) -> None:
    """Remove the rule with that number, counted from 0; raises Refused when it does not exist any more."""
    rules = section.get("rules", [])
    if number >= len(rules):
        raise Refused(gettext("This rule is not in the draft any more. Load the draft again."))
    rules.pop(number)


def key_for(label: str, taken: Iterable[str]) -> str:
    """Return an unused key made of a label: its Latin letters, plus a short hash if needed."""
    used = {*taken, *TAKEN}
    words = "_".join(re.findall("[a-z]+", label.lower()))[:30].strip("_")
    candidates = [words] if len(words) > 1 else []
    candidates += [f"{words or 'f'}_{_short_hash(label, turn)}" for turn in range(len(used) + 1)]
    return next(one for one in candidates if one not in used)


def published_fields(bodies: Iterable[Body]) -> dict[tuple[str, str], Part]:
    """Return {(section key, field key): field} over all bodies; later bodies override earlier ones."""
    return {
        (section["key"], field["key"]): field
        for body in bodies
        for section in body["sections"]
        for field in section["fields"]
    }


def _short_hash(label: str, turn: int) -> str:
    return hashlib.sha256(f"{label}{turn or ''}".encode()).hexdigest()[:6]


def _position(parts: list[Part], key: str) -> int:
    for place, one in enumerate(parts):
        if one["key"] == key:
            return place
    raise Refused(
        gettext("“%(key)s” is not in the draft any more. Load the draft again.", key=key[:40])
    )


def _add_or_change(parts: list[Part], part: Part, key: str, values: Mapping[str, Any]) -> str:
    wanted = _checked_key(parts, key, values)
    part |= {**values, "key": wanted}
    # empty properties are left out, so that two ways of writing "empty" do not count as a difference
    for name in part.keys() - {"key", "label", "fields"}:
        if part[name] is None or part[name] is False or part[name] in ("", [], {}):
            del part[name]
    if not key:
        parts.append(part)
    return wanted


def _checked_key(parts: list[Part], key: str, values: Mapping[str, Any]) -> str:
    others = {one["key"] for one in parts if one["key"] != key}
    wanted = str(values.get("key") or key)
    if not wanted:
        return key_for(str(values.get("label_en") or values["label"]), others)
    if not KEY.fullmatch(wanted):
        raise Refused(
            gettext(
                "A key has at most 40 small letters a to z, digits and “_” and begins with a letter, for example work_place. Leave it empty to have one made."
            ),
            "key",
        )
    if wanted in others or wanted in TAKEN:
        raise Refused(
            gettext("The key “%(key)s” is used already. Choose another one.", key=wanted), "key"
        )
    return wanted


def _refuse_row_limits(values: Mapping[str, Any]) -> None:
    least, most = values.get("min_rows") or 0, values.get("max_rows")
    if not values.get("is_repeated"):
        _refuse_several_rows(least)
    elif most is None and least > USUAL_ROWS:
        raise Refused(
            gettext(
                "At least %(least)s rows, but without a number here at most %(most)s fit. Enter how many "
                "rows fit at most.",
                least=least,
                most=USUAL_ROWS,
            ),
            "max_rows",
        )
    elif most is not None and least > most:
        raise Refused(
            gettext(
                "At least %(least)s rows but at most %(most)s: no one can fill that in. Correct one of them.",
                least=least,
                most=most,
            ),
            "max_rows",
        )


def _refuse_several_rows(least: int) -> None:
    if least > 1:
        raise Refused(
            gettext(
                "The section is filled in once and cannot need %(least)s rows. Tick that several rows can be "
                "entered, or enter at most 1 here.",
                least=least,
            ),
            "min_rows",
        )


def _refuse_unfit(values: Mapping[str, Any]) -> None:
    """Refuse properties that do not fit the kind of a field; the refusal names the input concerned."""
    kind, least, most = values.get("kind", "text"), values.get("min"), values.get("max")
    if kind == "choice" and not values.get("dictionary"):
        raise Refused(gettext("Say which dictionary offers the choices."), "dictionary")
    if kind != "choice" and values.get("dictionary"):
        raise Refused(
            gettext("Only a choice has a dictionary. Take it out, or make the field a choice."),
            "dictionary",
        )
    if kind not in LIMITS and not (least is None and most is None):
        raise Refused(
            gettext("Only texts, years and numbers have limits. Leave both empty."),
            "min" if most is None else "max",
        )
    if least is not None and most is not None and least > most:
        raise Refused(
            gettext(
                "The greatest (%(most)s) is below the least (%(least)s). Correct one of them.",
                most=most,
                least=least,
            ),
            "max",
        )
    if values.get("is_past") and kind not in PAST_KINDS:
        raise Refused(gettext("Only days, months and years can lie in the past."), "is_past")


def _rename_references(section: Part, old: str, new: str) -> None:
    if section.get("row_title") == old:
        section["row_title"] = new
    for rule in section.get("rules", []):
        rule |= {name: new for name, value in rule.items() if name != "kind" and value == old}
    for field in section["fields"]:
        for name in ("required_when", "visible_when"):
            if old in field.get(name, {}):
                field[name] = {
                    new if key == old else key: values for key, values in field[name].items()
                }
