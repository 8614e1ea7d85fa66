"""How many applications have a value of a dictionary, counted in the stored rows of their sections."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, exists, false, func, or_, select
from sqlalchemy.orm import Session

from app.enums import ApplicationState
from app.models import Application, FormDefinition, Section, Submission

Fields = dict[int, dict[str, frozenset[str]]]
"""Version of the form → section → fields that take values of the dictionary."""


def fields_by_version(session: Session, kind: str) -> Fields:
    """Return where each version of the form has the dictionary."""
    found: Fields = {}
    for version, body in session.execute(select(FormDefinition.form_version, FormDefinition.body)):
        for section in body.get("sections") or ():
            keys = frozenset(
                one["key"] for one in section.get("fields", ()) if one.get("dictionary") == kind
            )
            if keys:
                found.setdefault(version, {})[section["key"]] = keys
    return found


def has_value(fields: Fields, code: str, *columns: Any) -> ColumnElement[bool]:
    """Return the condition for sections joined to their application that have a code in one of `columns`.

    Columns are stored as JSON, whose text has `"field": "code"` for the field and nothing else.
    """
    places: dict[tuple[str, frozenset[str]], list[int]] = defaultdict(list)
    for version, sections in fields.items():
        for place in sections.items():
            places[place].append(version)
    return or_(
        false(),
        *(
            and_(
                Section.key == section,
                Application.form_version.in_(versions),
                or_(*(holds(column, key, code) for column in columns for key in sorted(keys))),
            )
            for (section, keys), versions in places.items()
        ),
    )


def holds(column: Any, key: str, code: str) -> ColumnElement[bool]:
    """Return the condition that the text of a JSON column has the value `code` under `key`."""
    return cast(column, Text).contains(f'"{key}": "{code}"', autoescape=True)


def count_applications(session: Session, kind: str, code: str) -> int:
    """Return how many applications that were not discarded have a value now."""
    fields = fields_by_version(session, kind)
    if not fields:
        return 0
    query = (
        select(func.count(Section.application_id.distinct()))
        .join(Application, Application.id == Section.application_id)
        .where(
            has_value(fields, code, Section.rows),
            Application.state != ApplicationState.DISCARDED,
        )
    )
    return int(session.scalar(query) or 0)


def is_stored(session: Session, kind: str, code: str) -> bool:
    """Return whether any section or submission has the value, discarded drafts and undone changes included."""
    fields = fields_by_version(session, kind)
    if not fields:
        return False
    kept = exists().where(
        Section.application_id == Application.id,
        has_value(fields, code, Section.rows, Section.previous_rows),
    )
    if session.scalar(select(Application.id).where(kept).limit(1)):
        return True
    keys = sorted(
        {key for sections in fields.values() for keys in sections.values() for key in keys}
    )
    handed_in = or_(*(holds(Submission.sections, key, code) for key in keys))
    return session.scalar(select(Submission.id).where(handed_in).limit(1)) is not None


def count_filling_in(session: Session, versions: Sequence[int]) -> int:
    """Return how many applications are being filled in with one of these versions of the form."""
    query = select(func.count(Application.id)).where(
        Application.state.in_((ApplicationState.DRAFT, ApplicationState.RETURNED)),
        Application.form_version.in_(versions),
    )
    return int(session.scalar(query) or 0)
