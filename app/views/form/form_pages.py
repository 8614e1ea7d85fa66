"""Display texts of the form editor: sections and fields in words, and the changes a draft makes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import gettext, pgettext
from sqlalchemy import select

from app.extensions import db
from app.forms.form import KINDS, PROPERTIES, SOURCE_WORDS, rule_sentence
from app.ground import clock
from app.models import Dictionary, DictItem, MaterialKind
from app.services.form import (
    condition_texts,
    form_dictionaries,
    form_differences,
    form_edits,
    form_uses,
)
from app.services.form.form_edits import Body, Part
from app.services.form.form_faults import CODE_TABLES
from app.services.form.form_parts import localized
from app.views.base.aliases import Label

Pair = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """A field of the form as the version page shows it."""

    key: str
    label: str
    kind: str
    marks: list[str]


@dataclass(frozen=True)
class Shown:
    """A section of the form as the version page shows it."""

    key: str
    label: str
    marks: list[str]
    lines: list[Line]
    rules: list[str]


@dataclass(frozen=True)
class Changed:
    """A difference in words: its place, its kind, and each changed property as (name, before, after)."""

    what: str
    place: str
    section: str
    field: str
    changes: list[tuple[str, str, str]]


def sections(body: Body) -> list[Shown]:
    """Return the sections of a form definition for display."""
    kinds, drafted = material_names(), form_dictionaries.of(body)
    return [
        Shown(
            one["key"],
            one["label"],
            _section_marks(one, kinds),
            [
                Line(
                    field["key"],
                    field["label"],
                    kind_of(field, drafted),
                    _field_marks(field, one, drafted),
                )
                for field in one["fields"]
            ],
            [rule_sentence(rule, one["fields"]) for rule in one.get("rules", ())],
        )
        for one in body["sections"]
    ]


def kind_of(field: Part, drafted: Mapping[str, Any] | None = None) -> str:
    """Return the kind of a field in words, with its dictionary."""
    if source := field.get("source"):
        return gettext("Shown: %(source)s", source=SOURCE_WORDS.get(source, source))
    kind = field.get("kind", "text")
    words = str(KINDS.get(kind, kind))
    if name := field.get("dictionary"):
        words += gettext(": ") + dictionary_name(name, drafted)
    return words


def _section_marks(section: Part, kinds: Mapping[str, str]) -> list[str]:
    marks = []
    if section.get("is_repeated"):
        marks.append(gettext("Several rows"))
    marks += _whom_marks(section)
    if codes := section.get("materials"):
        names = gettext(", ").join(kinds.get(code, code) for code in codes)
        marks.append(gettext("Material: %(names)s", names=names))
    return marks


def _field_marks(field: Part, section: Part, drafted: Mapping[str, Any]) -> list[str]:
    marks = [pgettext("form", "Required")] if field.get("is_required") else []
    marks += [_range_text(field)] if "min" in field or "max" in field else []
    marks += [str(field["unit"])] if field.get("unit") else []
    marks += [gettext("Not in the future")] if field.get("is_past") else []
    marks += _whom_marks(field)
    if said := row_condition_text(field.get("required_when"), section, drafted):
        marks.append(gettext("Required when %(when)s", when=said))
    if said := row_condition_text(field.get("visible_when"), section, drafted):
        marks.append(gettext("Appears when %(when)s", when=said))
    return marks


def _whom_marks(part: Part) -> list[str]:
    marks = []
    if said := condition_texts.condition_text(part.get("shown_when")):
        marks.append(gettext("Only for %(whom)s", whom=said))
    if said := condition_texts.exclusion_text(part.get("hidden_when")):
        marks.append(gettext("Not for %(whom)s", whom=said))
    return marks


def _range_text(field: Part) -> str:
    least, most = field.get("min"), field.get("max")
    if most is None:
        return gettext("at least %(least)s", least=least)
    if least is None:
        return gettext("at most %(most)s", most=most)
    return f"{least}–{most}"


def row_condition_text(
    condition: Mapping[str, list[str]] | None,
    section: Part,
    drafted: Mapping[str, Any] | None = None,
) -> str:
    """Return a condition on other fields of the same row in words."""
    by_key = {one["key"]: one for one in section["fields"]}
    parts = []
    for key, values in (condition or {}).items():
        other = by_key.get(key, {"label": key})
        words = _choices(other.get("dictionary", ""), drafted)
        marks = {"y": gettext("ticked"), "": gettext("empty")}
        said = [words.get(value, marks.get(value, value)) for value in values]
        parts.append(f"{other['label']}{gettext(': ')}{gettext(', ').join(said)}")
    return gettext("; ").join(parts)


def _choices(name: str, drafted: Mapping[str, Any] | None) -> dict[str, str]:
    return dictionary_choices([name], drafted).get(name, {}) if name else {}


def dictionary_choices(
    names: Iterable[str], drafted: Mapping[str, Any] | None = None
) -> dict[str, dict[str, str]]:
    """Return {dictionary: {code: label}} for the named dictionaries and code tables, those of the draft as well."""
    wanted = {name for name in names if name}
    found: dict[str, dict[str, str]] = {
        name: dict((drafted or {}).get(name, {}).get("values", {})) for name in wanted
    }
    today = clock.local_date(clock.now())
    query = select(DictItem).where(DictItem.kind.in_(wanted), DictItem.is_offered_on(today))
    for item in db.session.scalars(query.order_by(DictItem.kind, DictItem.order)):
        found[item.kind][item.code] = item.label
    for name in wanted & CODE_TABLES:
        found[name] = dict(condition_texts.offered(name))
    return found


def dictionary_pairs(drafted: Mapping[str, Any]) -> list[Pair]:
    """Return the dictionaries and code tables for choice fields as (code, name), sorted by name, new ones first."""
    names = {
        *db.session.scalars(select(Dictionary.code).where(Dictionary.is_active)),
        *CODE_TABLES,
    } - set(drafted)
    known = sorted(((name, dictionary_name(name)) for name in names), key=lambda pair: pair[1])
    new = [(name, dictionary_name(name, drafted)) for name in drafted]
    return [*new, *known]


def dictionary_name(name: str, drafted: Mapping[str, Any] | None = None) -> str:
    """Return the name of a dictionary; `drafted` are those that come about with the draft."""
    if drafted and name in drafted:
        return gettext("%(name)s (new)", name=drafted[name]["label"])
    if name in CODE_TABLES:
        return f"{condition_texts.LABELS[name]}（{name}）"
    if "dictionary_names" not in g:
        g.dictionary_names = {
            one.code: f"{localized((one.name, one.name_en))}（{one.code}）"
            for one in db.session.scalars(select(Dictionary))
        }
    return str(g.dictionary_names.get(name, name))


def material_names() -> dict[str, str]:
    query = select(MaterialKind).order_by(MaterialKind.order, MaterialKind.code)
    return {one.code: one.name for one in db.session.scalars(query)}


def material_pairs(body: Body, section: str) -> list[Pair]:
    """Return the kinds of material a section may ask for: those of applicants that no other section has."""
    taken = {
        code
        for one in body["sections"]
        if one["key"] != section
        for code in one.get("materials", ())
    }
    query = (
        select(MaterialKind)
        .where(MaterialKind.is_active)
        .order_by(MaterialKind.order, MaterialKind.code)
    )
    return [
        (one.code, one.name)
        for one in db.session.scalars(query)
        if one.code not in taken and "applicant" in (one.condition or {}).get("by", ["applicant"])
    ]


def differences(before: Body, after: Body) -> list[Changed]:
    """Return the differences between two form definitions in words."""
    names = {one["key"]: one["label"] for one in [*before["sections"], *after["sections"]]}
    return [
        Changed(
            WHAT[one.what](),
            _place(one, names),
            one.section,
            one.field,
            [
                (
                    str(PROPERTIES.get(name, name)),
                    _value_text(name, was, before, one.section),
                    _value_text(name, now, after, one.section),
                )
                for name, was, now in one.changes
            ],
        )
        for one in form_differences.differences(before, after)
    ]


def kind_warnings(bodies: list[Body], body: Body) -> list[str]:
    """Return a warning for every field of `body` whose kind differs from its published one."""
    known = form_edits.published_fields(bodies)
    return [
        kind_warning(known[place], field)
        for section in body["sections"]
        for field in section["fields"]
        if (place := (section["key"], field["key"])) in known
        and form_uses.is_other(known[place], field)
    ]


def kind_warning(before: Part, after: Part) -> str:
    return gettext(
        "“%(label)s” changes its kind from “%(before)s” to “%(after)s”: what was filled in before cannot be taken over into it. If something else is meant, add a new field instead.",
        label=after["label"],
        before=kind_of(before),
        after=kind_of(after),
    )


WHAT: dict[str, Callable[[], str]] = {
    "added": lambda: pgettext("form", "Added"),
    "removed": lambda: pgettext("form", "Removed"),
    "moved": lambda: pgettext("form", "Moved"),
    "changed": lambda: pgettext("form", "Changed"),
}


def _place(one: form_differences.Difference, names: Mapping[str, str]) -> str:
    if not one.section and one.field:
        return gettext("New dictionary “%(label)s”", label=one.label)
    if not one.section:
        return gettext("Title, commitment, declaration")
    if not one.field:
        return gettext("Section “%(label)s”", label=one.label)
    return gettext("“%(section)s”, field “%(label)s”", section=names[one.section], label=one.label)


def _value_text(name: str, value: Any, body: Body, section: str) -> str:
    """Return the value of a property in words."""
    if name == "dictionary" and value:
        return dictionary_name(value, form_dictionaries.of(body))
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if name in SAID:
        nothing: Part = {"fields": []}
        part = next((one for one in body["sections"] if one["key"] == section), nothing)
        return str(SAID[name](value, part))
    return str(value)


SAID: dict[str, Callable[[Any, Part], Label]] = {
    "kind": lambda value, part: KINDS.get(value, value),
    "source": lambda value, part: SOURCE_WORDS.get(value, value),
    "shown_when": lambda value, part: condition_texts.condition_text(value),
    "hidden_when": lambda value, part: condition_texts.exclusion_text(value),
    "required_when": row_condition_text,
    "visible_when": row_condition_text,
    "materials": lambda value, part: gettext(", ").join(
        material_names().get(code, code) for code in value
    ),
    "rules": lambda value, part: " ".join(rule_sentence(rule, part["fields"]) for rule in value),
    "row_title": lambda value, part: next(
        (one["label"] for one in part["fields"] if one["key"] == value), value
    ),
}
