"""Validation of a form definition before publication; each fault is a sentence that names its place.

`of_shape` checks the definition alone: known properties, right types, references to existing fields.
`of_references` checks what it refers to in the database: dictionaries, kinds of material, values of facts. A
definition may be imported from a file, so no structure is taken for granted.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.enums import Level
from app.extensions import db
from app.ground import clock
from app.models import DictItem, MaterialKind, Series
from app.services.form import condition_texts, form_dictionaries, form_rule_faults
from app.services.form.form_parts import (
    CONDITION_FACTS,
    KINDS,
    LIMITS,
    LONGEST,
    MATERIALS,
    MOST_ROWS,
    PAST_KINDS,
    TICKED,
    UNTICKED,
    USUAL_ROWS,
)
from app.services.form.form_sources import SOURCES

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
TAKEN = frozenset(
    {"data", "errors", "meta", "process", "validate", "populate_obj", "form_errors", "person"}
) | {MATERIALS}
"""Keys reserved for the program itself."""
WORDS = {"label": str, "label_en": str, "help": str, "help_en": str}
FORM_TYPES: Mapping[str, Any] = {
    "version": int, "title": str, "title_en": str, "sections": list, "commitment": dict, "dictionaries": dict,
}  # fmt: skip
SECTION_TYPES: Mapping[str, Any] = WORDS | {
    "key": str, "is_repeated": bool, "min_rows": int, "max_rows": int, "row_title": str,
    "materials": list, "shown_when": dict, "hidden_when": dict, "rules": list, "fields": list,
}  # fmt: skip
FIELD_TYPES: Mapping[str, Any] = WORDS | {
    "key": str, "kind": str, "dictionary": str, "is_required": bool, "is_past": bool, "min": int, "max": int,
    "unit": str, "unit_en": str, "source": str, "shown_when": dict, "hidden_when": dict, "required_when": dict,
    "visible_when": dict,
}  # fmt: skip
COMMITMENT_TYPES: Mapping[str, Any] = {
    "version": int, "text": str, "text_en": str, "secrets": str, "secrets_en": str,
}  # fmt: skip
CODE_TABLES = frozenset({"series", "level"})
"""Dictionaries that are not stored as dictionary items: a table and an enum of their own."""

Part = Mapping[str, Any]


def shape_faults(body: Any) -> Iterator[str]:
    """Yield the faults of a definition itself, without looking at the database."""
    if not isinstance(body, Mapping):
        yield gettext("A form definition is an object with title, sections and commitment.")
        return
    found = list(_type_faults(body, FORM_TYPES, ("title", "sections", "commitment")))
    yield from found
    if found:
        return
    yield from form_dictionaries.faults(body)
    commitment = body["commitment"]
    for fault in _type_faults(commitment, COMMITMENT_TYPES, ("version", "text", "secrets")):
        yield gettext("Commitment: %(fault)s", fault=fault)
    if not body["sections"]:
        yield gettext("The form has no section.")
    for number, part in enumerate(body["sections"], start=1):
        for fault in _section_faults(part):
            yield gettext(
                "Section %(place)s: %(fault)s", place=_place_name(part, number), fault=fault
            )
    for key in _repeated_keys(body["sections"]):
        yield gettext("Section “%(key)s”: two sections have the same key.", key=key)
    for kind in _repeated_materials(body["sections"]):
        yield gettext(
            "The kind of material “%(kind)s” belongs to two sections. Leave it in one.", kind=kind
        )


def _section_faults(part: Any) -> Iterator[str]:
    found = list(_type_faults(part, SECTION_TYPES, ("key", "label", "fields")))
    yield from found or _well_typed_section_faults(part)


def _well_typed_section_faults(part: Part) -> Iterator[str]:
    yield from _key_faults(part["key"])
    yield from _row_faults(part)
    yield from _condition_faults(part)
    fields = part["fields"]
    faulty = False
    for number, one in enumerate(fields, start=1):
        for fault in _field_faults(one, part):
            faulty = True
            yield gettext("field %(place)s: %(fault)s", place=_place_name(one, number), fault=fault)
    if faulty:
        return
    if not fields:
        yield gettext("it has no field.")
    for key in _repeated_keys(fields):
        yield gettext("field “%(key)s”: two fields have the same key.", key=key)
    yield from form_rule_faults.of_conditions(fields)
    yield from form_rule_faults.of_rules(part.get("rules", []), fields)


def _row_faults(part: Part) -> Iterator[str]:
    yield from _row_limit_faults(part)
    keys = [one.get("key") for one in part["fields"] if isinstance(one, Mapping)]
    title = part.get("row_title")
    if title and title not in keys:
        yield gettext("the heading of a row names the unknown field “%(field)s”.", field=title)
    if not all(isinstance(kind, str) for kind in part.get("materials", ())):
        yield gettext("kinds of material are given by their codes.")


def _row_limit_faults(part: Part) -> Iterator[str]:
    least, most = part.get("min_rows", 0), part.get("max_rows", 1)
    if not 0 <= least <= MOST_ROWS or not 1 <= most <= MOST_ROWS:
        yield gettext("the number of rows lies between 0 and %(most)s.", most=MOST_ROWS)
    elif not part.get("is_repeated") and least > 1:
        yield gettext("it is filled in once and cannot need %(least)s rows.", least=least)
    elif part.get("is_repeated") and least > part.get("max_rows", USUAL_ROWS):
        yield gettext(
            "at least %(least)s rows, but at most %(most)s.",
            least=least,
            most=part.get("max_rows", USUAL_ROWS),
        )


def _field_faults(part: Any, section: Part) -> Iterator[str]:
    found = list(_type_faults(part, FIELD_TYPES, ("key", "label")))
    yield from found or _well_typed_field_faults(part, section)


def _well_typed_field_faults(part: Part, section: Part) -> Iterator[str]:
    yield from _key_faults(part["key"])
    yield from _condition_faults(part)
    kind, source = part.get("kind", "text"), part.get("source")
    if kind not in KINDS:
        yield gettext("unknown kind “%(kind)s”.", kind=kind)
        return
    if source and source not in SOURCES:
        yield gettext("nothing is known as “%(source)s” to be shown here.", source=source)
    if source and section.get("is_repeated"):
        yield gettext("what is shown from elsewhere cannot stand in rows.")
    if kind == "choice" and not part.get("dictionary"):
        yield gettext("a choice needs a dictionary.")
    if kind != "choice" and part.get("dictionary"):
        yield gettext("only a choice has a dictionary.")
    if part.get("is_past") and kind not in PAST_KINDS:
        yield gettext("only a date can lie in the past.")
    yield from _limit_faults(part, kind)


def _limit_faults(part: Part, kind: str) -> Iterator[str]:
    if kind not in LIMITS:
        if "min" in part or "max" in part:
            yield gettext("this kind has no least and no greatest value.")
        return
    least, most = part.get("min", LIMITS[kind][0]), part.get("max", LIMITS[kind][1])
    if least > most:
        yield gettext(
            "the least value %(least)s is above the greatest %(most)s.", least=least, most=most
        )
    bound = LONGEST.get(kind)
    if bound and not 0 <= least <= most <= bound:
        yield gettext("the length lies between 0 and %(most)s characters.", most=bound)
    if kind == "year" and not 1900 <= least <= most <= 2100:
        yield gettext("years lie between 1900 and 2100.")
    if abs(least) > 10**12 or abs(most) > 10**12:
        yield gettext("numbers have at most twelve digits.")


def _condition_faults(part: Part) -> Iterator[str]:
    """Yield the faults of the facts for which a section or field appears or not."""
    shown, hidden = part.get("shown_when", {}), part.get("hidden_when", {})
    found = [*_fact_faults(shown), *_fact_faults(hidden)]
    yield from found
    for fact, values in () if found else shown.items():
        if set(values) <= set(hidden.get(fact, ())):
            yield gettext(
                "it appears for nobody: what is ticked under “Appears only for” is ticked under “Not for” as well (%(fact)s).",
                fact=str(condition_texts.LABELS.get(fact, fact)),
            )


def _fact_faults(condition: Part) -> Iterator[str]:
    for fact, values in condition.items():
        if fact not in CONDITION_FACTS:
            yield gettext("the condition names the unknown fact “%(fact)s”.", fact=fact)
        elif not form_rule_faults.are_texts(values) or not values:
            yield gettext("the condition on “%(fact)s” needs a list of values.", fact=fact)


def _key_faults(key: str) -> Iterator[str]:
    if not KEY.fullmatch(key):
        yield gettext(
            "a key has at most 40 lower-case letters, digits and “_”, and begins with a letter."
        )
    elif key in TAKEN:
        yield gettext("the program uses the key “%(key)s” itself; take another.", key=key)


def _type_faults(part: Any, types: Mapping[str, Any], needed: Sequence[str]) -> Iterator[str]:
    """Yield properties of `part` that are unknown, of the wrong type, or missing."""
    if not isinstance(part, Mapping):
        yield gettext("it must be an object.")
        return
    for name, value in part.items():
        wanted = types.get(name)
        if wanted is None:
            yield gettext("unknown attribute “%(name)s”.", name=str(name)[:40])
        elif not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            yield gettext("“%(name)s” has a value of the wrong kind.", name=name)
    for name in needed:
        if part.get(name) in (None, ""):
            yield gettext("“%(name)s” is missing.", name=name)


def _place_name(part: Any, number: int) -> str:
    named = isinstance(part, Mapping) and (part.get("label") or part.get("key"))
    return f"“{named}”" if isinstance(named, str) else str(number)


def _repeated_keys(parts: Sequence[Any]) -> list[str]:
    counted = Counter(
        part["key"]
        for part in parts
        if isinstance(part, Mapping) and isinstance(part.get("key"), str)
    )
    return [key for key, count in counted.items() if count > 1]


def _repeated_materials(sections: Sequence[Any]) -> list[str]:
    counted = Counter(
        kind
        for part in sections
        if isinstance(part, Mapping) and isinstance(part.get("materials"), list)
        for kind in part["materials"]
        if isinstance(kind, str)
    )
    return [kind for kind, count in counted.items() if count > 1]


def reference_faults(body: Part) -> Iterator[str]:
    """Yield dictionaries, codes, kinds of material and fact values that are not in the database.

    Call it only for a body without faults of shape.
    """
    dictionaries = _dictionaries(body)
    kinds = set(db.session.scalars(select(MaterialKind.code).where(MaterialKind.is_active)))
    values = {
        fact: {code for code, _label in condition_texts.offered(fact)} for fact in CONDITION_FACTS
    }
    for section in body["sections"]:
        for fault in _unknown_references(section, dictionaries, kinds, values):
            yield gettext(
                "Section %(place)s: %(fault)s", place=_place_name(section, 0), fault=fault
            )


def _unknown_references(
    section: Part,
    dictionaries: Mapping[str, set[str]],
    kinds: set[str],
    values: Mapping[str, set[str]],
) -> Iterator[str]:
    for kind in section.get("materials", ()):
        if kind not in kinds:
            yield gettext("there is no kind of material “%(kind)s”.", kind=kind)
    yield from _unknown_fact_values(section, values)
    by_key = {one["key"]: one for one in section["fields"]}
    for one in section["fields"]:
        place = _place_name(one, 0)
        faults = [*_unknown_fact_values(one, values), *_unknown_choices(one, by_key, dictionaries)]
        name = one.get("dictionary")
        if name and not dictionaries[name]:
            faults.append(
                gettext("there is no dictionary “%(name)s”, or it offers nothing.", name=name)
            )
        for fault in faults:
            yield gettext("field %(place)s: %(fault)s", place=place, fault=fault)


def _unknown_fact_values(part: Part, known: Mapping[str, set[str]]) -> Iterator[str]:
    for name in ("shown_when", "hidden_when"):
        for fact, values in part.get(name, {}).items():
            label = str(condition_texts.LABELS.get(fact, fact))
            for value in values:
                if value not in known[fact]:
                    yield gettext(
                        "the condition on “%(fact)s” names the unknown value “%(value)s”.",
                        fact=label,
                        value=value,
                    )
            if name == "hidden_when" and known[fact] <= set(values):
                yield gettext(
                    "it appears for nobody: under “Not for” everything of “%(fact)s” is ticked.",
                    fact=label,
                )


def _unknown_choices(
    one: Part, by_key: Mapping[str, Part], dictionaries: Mapping[str, set[str]]
) -> Iterator[str]:
    for name in ("required_when", "visible_when"):
        for key, values in one.get(name, {}).items():
            other = by_key[key]
            if other.get("kind") == "choice":
                known = {*dictionaries[other["dictionary"]], UNTICKED}
            elif other.get("kind") == "tick":
                known = {TICKED, UNTICKED}
            else:
                continue
            for value in values:
                if value not in known:
                    yield gettext(
                        "the condition names the unknown value “%(value)s” of “%(field)s”.",
                        value=value,
                        field=other["label"],
                    )


def _dictionaries(body: Part) -> dict[str, set[str]]:
    named = {one.get("dictionary", "") for part in body["sections"] for one in part["fields"]}
    found: dict[str, set[str]] = {name: set() for name in named}
    query = select(DictItem.kind, DictItem.code).where(
        DictItem.kind.in_(named), DictItem.is_offered_on(clock.local_date(clock.now()))
    )
    for kind, code in db.session.execute(query):
        found[kind].add(code)
    for key, one in form_dictionaries.of(body).items():
        found.setdefault(key, set()).update(one["values"])
    found["level"] = {level.value for level in Level}
    found["series"] = set(db.session.scalars(select(Series.code).where(Series.is_active)))
    return found
