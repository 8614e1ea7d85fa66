"""The application form as data: sections, fields and rules, by version.

An application stays on the version it began with. What a field, a rule or a dictionary is called in the
definition is looked up in the tables below; an unknown word stops the publication, not the applicant.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import get_locale
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.enums import Level
from app.models import DictItem, FormDefinition, Series

FIRST = Path(__file__).parent.parent / "data" / "form_v1.json"
KINDS = frozenset({"text", "area", "day", "month", "integer", "choice", "tick", "email"})
RULES = frozenset({"order", "exactly_one", "unique", "at_most", "by_cutoff"})
MATERIALS = "materials"
"""The pseudo section of material that belongs to no other one."""

Words = tuple[str, str]
Offered = dict[str, dict[str, str]]
"""Dictionary → {code: label}."""


class BadDefinitionError(ValueError):
    """A form definition cannot be used; the text says where."""


@dataclass(frozen=True)
class Field:
    """One field. `source` names a column of the person it is shown from; such a field is not typed here."""

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
    required_when: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return spoken(self.words)

    @property
    def help(self) -> str:
        return spoken(self.help_words)

    @property
    def unit(self) -> str:
        return spoken(self.unit_words)

    def is_needed(self, row: Mapping[str, Any]) -> bool:
        """Say whether the field must be filled in, given the rest of its row."""
        if self.is_required:
            return True
        conditions = self.required_when.items()
        return bool(conditions) and all(row.get(key) in values for key, values in conditions)


@dataclass(frozen=True)
class SectionDef:
    """One section: its fields, its rules and the kinds of material that prove it."""

    key: str
    words: Words
    fields: tuple[Field, ...]
    is_repeated: bool = False
    min_rows: int = 0
    max_rows: int = 1
    row_title: str = ""
    help_words: Words = ("", "")
    materials: tuple[str, ...] = ()
    rules: tuple[dict[str, str], ...] = ()

    @property
    def label(self) -> str:
        return spoken(self.words)

    @property
    def help(self) -> str:
        return spoken(self.help_words)

    @property
    def typed_fields(self) -> tuple[Field, ...]:
        return tuple(one for one in self.fields if not one.source)

    def field(self, key: str) -> Field:
        return next(one for one in self.fields if one.key == key)


@dataclass(frozen=True)
class Form:
    """A version of the form."""

    version: int
    words: Words
    sections: tuple[SectionDef, ...]
    commitment_version: int
    commitment_words: Words
    secrets_words: Words

    @property
    def commitment(self) -> str:
        return spoken(self.commitment_words)

    @property
    def secrets(self) -> str:
        return spoken(self.secrets_words)

    def section(self, key: str) -> SectionDef | None:
        """Return the section of that key, or None."""
        return next((one for one in self.sections if one.key == key), None)

    def section_of_material(self, kind: str) -> str:
        """Return the key of the section a kind of material proves."""
        found = (one.key for one in self.sections if kind in one.materials)
        return next(found, MATERIALS)

    def dictionaries(self) -> set[str]:
        return {one.dictionary for part in self.sections for one in part.fields if one.dictionary}


def spoken(words: Words) -> str:
    """Return the Chinese or the English wording, as the reader's language is."""
    chinese, english = words
    locale = get_locale()
    return english if english and locale is not None and locale.language == "en" else chinese


def seed_form(session: Session, *, at: datetime) -> bool:
    """Publish version 1 of the form if there is none; say whether it was. The caller commits."""
    if session.scalar(select(FormDefinition.id).where(FormDefinition.form_version == 1)):
        return False
    body = json.loads(FIRST.read_text(encoding="utf-8"))
    parse(1, body)
    session.add(FormDefinition(form_version=1, title=body["title"], body=body, published_at=at))
    session.flush()
    return True


def newest_version(session: Session) -> int:
    """Return the newest published version, with which new applications begin."""
    published = FormDefinition.published_at.is_not(None)
    return int(session.scalar(select(func.max(FormDefinition.form_version)).where(published)) or 1)


def load(session: Session, version: int) -> Form:
    """Return the form of `version`."""
    row = session.scalars(
        select(FormDefinition).where(FormDefinition.form_version == version)
    ).one()
    return parse(version, row.body)


def offered(session: Session, form: Form) -> Offered:
    """Return the choices of every dictionary the form uses; items switched off are not among them."""
    found: Offered = {key: {} for key in form.dictionaries()}
    query = select(DictItem).where(DictItem.kind.in_(found), DictItem.is_active.is_(True))
    for item in session.scalars(query.order_by(DictItem.kind, DictItem.order)):
        found[item.kind][item.code] = item.label
    if "series" in found:
        found["series"] = {
            one.code: one.name for one in session.scalars(select(Series).order_by(Series.code))
        }
    if "level" in found:
        found["level"] = {level.value: str(level.label) for level in Level}
    return found


def parse(version: int, body: Mapping[str, Any]) -> Form:
    """Return the form a definition describes; raises `BadDefinitionError` naming the place."""
    sections = tuple(_section(part) for part in body["sections"])
    if len({one.key for one in sections}) != len(sections):
        raise BadDefinitionError("two sections have the same key")
    commitment = body["commitment"]
    return Form(
        version=version,
        words=_words(body, "title"),
        sections=sections,
        commitment_version=commitment["version"],
        commitment_words=_words(commitment, "text"),
        secrets_words=_words(commitment, "secrets"),
    )


def _section(part: Mapping[str, Any]) -> SectionDef:
    fields = tuple(_field(part["key"], one) for one in part["fields"])
    section = SectionDef(
        key=part["key"],
        words=_words(part, "label"),
        fields=fields,
        is_repeated=part.get("is_repeated", False),
        min_rows=part.get("min_rows", 0),
        max_rows=part.get("max_rows", 1),
        row_title=part.get("row_title", ""),
        help_words=_words(part, "help"),
        materials=tuple(part.get("materials", ())),
        rules=tuple(part.get("rules", ())),
    )
    for fault in _faults(section):
        raise BadDefinitionError(f"{section.key}: {fault}")
    return section


def _faults(section: SectionDef) -> Iterator[str]:
    keys = [one.key for one in section.fields]
    if len(set(keys)) != len(keys):
        yield "two fields have the same key"
    for rule in section.rules:
        if rule["kind"] not in RULES:
            yield f"unknown rule {rule['kind']}"
        for name in set(rule) - {"kind"}:
            if rule[name] not in keys:
                yield f"the rule {rule['kind']} names the unknown field {rule[name]}"


def _field(section: str, part: Mapping[str, Any]) -> Field:
    kind = part.get("kind", "text")
    if kind not in KINDS:
        raise BadDefinitionError(f"{section}.{part['key']}: unknown kind {kind}")
    if kind == "choice" and not part.get("dictionary"):
        raise BadDefinitionError(f"{section}.{part['key']}: a choice needs a dictionary")
    return Field(
        key=part["key"],
        words=_words(part, "label"),
        kind=kind,
        is_required=part.get("is_required", False),
        is_past=part.get("is_past", False),
        minimum=part.get("min", 0),
        maximum=part.get("max", 200),
        dictionary=part.get("dictionary", ""),
        source=part.get("source", ""),
        help_words=_words(part, "help"),
        unit_words=_words(part, "unit"),
        required_when=part.get("required_when", {}),
    )


def _words(part: Mapping[str, Any], key: str) -> Words:
    return part.get(key, ""), part.get(f"{key}_en", "")
