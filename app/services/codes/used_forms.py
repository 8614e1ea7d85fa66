"""Versions of the application form that codes are needed in: in force, of cases not at rest, and the draft."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState
from app.enums.application import FINAL
from app.models import Application, FormDefinition
from app.services.form import form_definition

Part = Mapping[str, Any]
AT_REST = FINAL | {ApplicationState.DISCARDED}


@dataclass(frozen=True)
class UsedForm:
    """A version of the form with its sections as they are stored."""

    version: int
    is_draft: bool
    sections: Sequence[Part]

    def __str__(self) -> str:
        if self.is_draft:
            return gettext("draft of the form, version %(version)s", version=self.version)
        return gettext("form version %(version)s", version=self.version)


@dataclass(frozen=True)
class Place:
    """A field of a form; the words name form, section and field."""

    form: UsedForm
    section: Part
    field: Part

    @property
    def is_required(self) -> bool:
        return bool(self.field.get("is_required"))

    def __str__(self) -> str:
        words = gettext(
            "%(form)s, section “%(section)s”, field “%(field)s”",
            form=self.form,
            section=label_of(self.section),
            field=label_of(self.field),
        )
        return gettext("%(place)s (required)", place=words) if self.is_required else words


def label_of(part: Part) -> str:
    return str(part.get("label") or part.get("key") or "")


def used_forms(session: Session) -> list[UsedForm]:
    """Return these versions, the newest first."""
    begun = select(Application.form_version).where(Application.state.not_in(AT_REST)).distinct()
    versions = {*session.scalars(begun), form_definition.newest_version(session)}
    query = select(FormDefinition).where(
        FormDefinition.form_version.in_(versions) | FormDefinition.published_at.is_(None)
    )
    return [
        UsedForm(one.form_version, one.published_at is None, one.body.get("sections") or ())
        for one in session.scalars(query.order_by(FormDefinition.form_version.desc()))
    ]


def fields(forms: Sequence[UsedForm]) -> Iterator[Place]:
    """Yield every field of these forms."""
    for form in forms:
        for section in form.sections:
            for one in section.get("fields", ()):
                yield Place(form, section, one)


def fields_of_dictionary(forms: Sequence[UsedForm], kind: str) -> list[Place]:
    """Return the fields that offer the values of a dictionary."""
    return [place for place in fields(forms) if place.field.get("dictionary") == kind]


def conditions_on(forms: Sequence[UsedForm], kind: str) -> Iterator[tuple[Place, frozenset[str]]]:
    """Yield each field shown or required by values of a dictionary, with the codes its condition names."""
    for place in fields(forms):
        kinds = {one.get("key"): one.get("dictionary") for one in place.section["fields"]}
        for name in ("required_when", "visible_when"):
            for key, codes in (place.field.get(name) or {}).items():
                if kinds.get(key) == kind:
                    yield place, frozenset(codes)
