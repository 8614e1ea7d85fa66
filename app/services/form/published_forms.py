"""All published versions of the application form at once, for what concerns applications of every version."""

from collections.abc import Iterator, Sequence

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ground import in_force
from app.models import FormDefinition
from app.services.form import form_definition
from app.services.form.form_parts import Field, Form, SectionDef

KEPT = "zhicheng.published_forms"
PUBLISHED = (
    select(FormDefinition.form_version, FormDefinition.id, FormDefinition.published_at)
    .where(FormDefinition.published_at.is_not(None))
    .order_by(FormDefinition.withdrawn_at.is_not(None), FormDefinition.form_version.desc())
)
NOT_LISTED = frozenset({"area", "phone", "email"})
"""Kinds of fields that no list shows: long texts, and how a person is reached."""


def newest_first(session: Session) -> list[Form]:
    """Return every published version, those taken back last, in one statement where this process knows them."""
    return [
        form_definition.BUILT.get(known) or form_definition.load(session, known[0])
        for known in session.execute(PUBLISHED).tuples().all()
    ]


def kept(session: Session) -> list[Form]:
    """Return the same for a page, read once per worker: a publication renews the stamp of the values in force.

    Without a stamp, outside of a request, they are read.
    """
    stamp = in_force.stamp()
    held: tuple[str, list[Form]] | None = current_app.extensions.get(KEPT)
    if held is None or held[0] != stamp or not stamp:
        held = current_app.extensions[KEPT] = stamp, newest_first(session)
    return held[1]


def are_same(some: Sequence[Form], others: Sequence[Form]) -> bool:
    """Return whether these are the very same published versions, which each worker builds once."""
    pairs = zip(some, others, strict=False)
    return len(some) == len(others) and all(one is other for one, other in pairs)


def is_listed(field: Field) -> bool:
    """Return whether lists may show a field: a typed one that is neither long nor tells how to reach somebody.

    What comes from person and application, ID number included, is no part of the dossier's content.
    """
    return not field.source and field.kind not in NOT_LISTED


def listed_fields(form: Form) -> Iterator[tuple[str, SectionDef, Field]]:
    """Yield (key, section, field) of every field that lists may show, in the order of the form."""
    for section in form.sections:
        for field in section.fields:
            if is_listed(field):
                yield f"{section.key}.{field.key}", section, field


def find(forms: Sequence[Form], key: str) -> tuple[SectionDef, Field] | None:
    """Return section and field of a key as the first of `forms` that has it defines them, or None."""
    section_key, _dot, field_key = key.partition(".")
    for form in forms:
        section = form.section(section_key)
        field = (
            next((one for one in section.fields if one.key == field_key), None) if section else None
        )
        if section is not None and field is not None and is_listed(field):
            return section, field
    return None
