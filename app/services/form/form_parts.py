"""Data classes of a form definition (form, section, field) and the vocabulary it may use."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import get_locale

from app.models.dictionary import condition_holds

TEXT_KINDS = frozenset({"text", "area", "name", "phone", "email"})
DATE_KINDS = frozenset({"day", "month"})
PAST_KINDS = DATE_KINDS | {"year"}
NUMBER_KINDS = frozenset({"integer", "decimal"})
KINDS = TEXT_KINDS | PAST_KINDS | NUMBER_KINDS | {"choice", "tick"}
"""Kinds of fields; `section_values.READERS` has the reader for each."""

LIMITS: Mapping[str, tuple[int, int]] = {
    "text": (0, 200),
    "area": (0, 2000),
    "name": (0, 50),
    "email": (0, 100),
    "year": (1950, 2100),
    "integer": (0, 1_000_000_000),
    "decimal": (0, 1_000_000_000),
}
"""Kinds that may have `min` and `max` → their defaults.

For texts they count characters; the minimum is checked on submission, not on saving.
"""
LONGEST: Mapping[str, int] = {"text": 1000, "area": 20_000, "name": 50, "email": 120}
MOST_ROWS, USUAL_ROWS = 200, 20
MATERIALS = "materials"
"""Key of the pseudo section for material that belongs to no other section."""
CONDITION_FACTS = ("mode", "level", "series", "title", "employment", "unit_kind")
"""The facts of an application that `shown_when` and `hidden_when` may name."""
TICKED, UNTICKED = "y", ""
"""Values by which a condition inside a row names a set and an unset tick."""

COMPARED = PAST_KINDS | NUMBER_KINDS
RULES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "order": {"first": DATE_KINDS, "last": DATE_KINDS},
    "exactly_one": {"field": frozenset({"tick"})},
    "unique": {"field": KINDS - {"area", "tick"}},
    "at_most": {"field": NUMBER_KINDS, "other": NUMBER_KINDS},
    "by_cutoff": {"field": PAST_KINDS},
    "since_title": {"field": PAST_KINDS},
    "no_gap": {"first": DATE_KINDS, "last": DATE_KINDS, "note": frozenset({"text", "area"})},
    "no_overlap": {"first": DATE_KINDS, "last": DATE_KINDS, "note": frozenset({"text", "area"})},
    "every_year": {"field": frozenset({"year", "integer"})},
    "only_highest": {"field": frozenset({"text"}), "level": frozenset({"choice"})},
}
"""Rule → parameter that names a field of the section → kinds that field may have."""
RULE_NUMBERS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "no_gap": {"months": (1, 120)},
    "every_year": {"years": (1, 60)},
}
"""Rule → optional whole-number parameter → (minimum, maximum)."""

Words = tuple[str, str]
Condition = Mapping[str, Sequence[str]]
Rule = Mapping[str, Any]
Row = dict[str, Any]
Offered = dict[str, dict[str, str]]
"""Dictionary → {code: label}."""


@dataclass(frozen=True)
class Field:
    """A field of a section. A field with a `source` shows a value from elsewhere and is read-only."""

    key: str
    words: Words
    kind: str = "text"
    is_required: bool = False
    is_past: bool = False
    minimum: int = 0
    maximum: int = 200
    dictionary: str = ""
    source: str = ""
    help_words: Words = ("", "")
    unit_words: Words = ("", "")
    shown_when: Condition = field(default_factory=dict)
    hidden_when: Condition = field(default_factory=dict)
    required_when: Condition = field(default_factory=dict)
    visible_when: Condition = field(default_factory=dict)

    @property
    def label(self) -> str:
        return localized(self.words)

    @property
    def help(self) -> str:
        return localized(self.help_words)

    @property
    def unit(self) -> str:
        return localized(self.unit_words)

    def is_visible(self, row: Mapping[str, Any]) -> bool:
        """Say whether the field is visible, given the other values of its row."""
        return meets(self.visible_when, row)

    def is_needed(self, row: Mapping[str, Any]) -> bool:
        """Say whether the field is required, given the other values of its row."""
        if not self.is_visible(row):
            return False
        return self.is_required or (bool(self.required_when) and meets(self.required_when, row))


@dataclass(frozen=True)
class SectionDef:
    """A section: its fields, the rules over its rows and the kinds of material that prove it."""

    key: str
    words: Words
    fields: tuple[Field, ...]
    is_repeated: bool = False
    min_rows: int = 0
    max_rows: int = 1
    row_title: str = ""
    help_words: Words = ("", "")
    materials: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    shown_when: Condition = field(default_factory=dict)
    hidden_when: Condition = field(default_factory=dict)

    @property
    def label(self) -> str:
        return localized(self.words)

    @property
    def help(self) -> str:
        return localized(self.help_words)

    @property
    def typed_fields(self) -> tuple[Field, ...]:
        """Return the fields the applicant fills in: those without a `source`."""
        return tuple(one for one in self.fields if not one.source)

    def field(self, key: str) -> Field:
        """Return the field of that key; raise StopIteration if there is none."""
        return next(one for one in self.fields if one.key == key)

    def concerning(self, facts: Mapping[str, Any]) -> "SectionDef":
        """Return the section with the fields, and the rules over them, that apply to these facts."""
        fields: dict[str, Field] = {}
        for one in self.fields:
            if concerns(one, facts) and set(one.visible_when) <= set(fields):
                fields[one.key] = one
        return replace(
            self,
            fields=tuple(fields.values()),
            row_title=self.row_title if self.row_title in fields else "",
            rules=tuple(rule for rule in self.rules if set(named_fields(rule)) <= set(fields)),
        )


@dataclass(frozen=True)
class Form:
    """A version of the application form."""

    version: int
    words: Words
    sections: tuple[SectionDef, ...]
    commitment_version: int
    commitment_words: Words
    secrets_words: Words
    drafted: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """{dictionary: {code: label}} of dictionaries that come about with the publication of this draft."""

    @property
    def title(self) -> str:
        return localized(self.words)

    @property
    def commitment(self) -> str:
        return localized(self.commitment_words)

    @property
    def secrets(self) -> str:
        return localized(self.secrets_words)

    def section(self, key: str) -> SectionDef | None:
        """Return the section of that key, or None."""
        return next((one for one in self.sections if one.key == key), None)

    def section_of_material(self, kind: str) -> str:
        """Return the key of the section a kind of material belongs to, MATERIALS if to none."""
        found = (one.key for one in self.sections if kind in one.materials)
        return next(found, MATERIALS)

    def dictionaries(self) -> set[str]:
        """Return the dictionaries used by fields of the form."""
        return {one.dictionary for part in self.sections for one in part.fields if one.dictionary}


def for_application(form: Form, facts: Mapping[str, Any]) -> Form:
    """Return the form reduced to the sections, fields and rules that apply to these facts."""
    concerned = (one for one in form.sections if concerns(one, facts))
    return replace(form, sections=tuple(one.concerning(facts) for one in concerned))


def concerns(part: Field | SectionDef, facts: Mapping[str, Any]) -> bool:
    """Say whether a section or field is there for an application with these facts.

    Of `shown_when` every fact named must fit; one fact that fits `hidden_when` is enough to leave the part out.
    """
    is_excluded = any(facts.get(fact) in values for fact, values in part.hidden_when.items())
    return condition_holds(part.shown_when, facts) and not is_excluded


def meets(condition: Condition, row: Mapping[str, Any]) -> bool:
    """Say whether every field named by the condition has one of the listed values in `row`."""
    return all(as_condition_value(row.get(key)) in values for key, values in condition.items())


def as_condition_value(value: Any) -> str:
    """Return a stored value as text for comparison with conditions: set tick `y`, no value empty."""
    if value is None or value is False:
        return UNTICKED
    return TICKED if value is True else str(value)


def named_fields(rule: Rule) -> Iterator[str]:
    """Yield the keys of the fields a rule names."""
    for name in RULES.get(rule.get("kind", ""), ()):
        if rule.get(name):
            yield rule[name]


def localized(words: Words) -> str:
    """Return the wording in the reader's language; Chinese where there is no English one."""
    chinese, english = words
    locale = get_locale()
    return english if english and locale is not None and locale.language == "en" else chinese
