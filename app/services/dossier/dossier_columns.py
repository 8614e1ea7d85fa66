"""Fields of the application form as columns of an export, read for many applications at a time.

A column is named `<section>.<field>`. Staff gets what the detail page of a case shows: the content as last
submitted, ID and telephone numbers masked. Repeated sections stand in one cell, a line for each row.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import LoaderOption

from app.models import Application, Region, Section, Submission
from app.services.dossier import dossier, dossier_display
from app.services.form import condition_facts, form_definition
from app.services.form.form_parts import Field, Form, Offered, Row, SectionDef, for_application


@dataclass(frozen=True)
class FieldGroup:
    """A section of the form with its fields as (key, label)."""

    label: str
    fields: Sequence[tuple[str, str]]


class DossierColumns:
    """The fields that an export may hold, those of the newest published form, and their values."""

    loading: Sequence[LoaderOption] = (
        joinedload(Application.person),
        joinedload(Application.unit),
        joinedload(Application.batch),
        joinedload(Application.series),
        joinedload(Application.title),
        joinedload(Application.specialty),
        joinedload(Application.committee),
    )
    """What has to be loaded with the applications whose values are read."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._forms: dict[int, tuple[Form, Offered]] = {}
        self._regions: Sequence[Region] = ()

    def groups(self) -> list[FieldGroup]:
        """Return all fields by section, in the order of the form."""
        form, _offered = self._form(form_definition.newest_version(self.session))
        return [
            FieldGroup(part.label, [(f"{part.key}.{one.key}", one.label) for one in part.fields])
            for part in form.sections
        ]

    def headings(self, keys: Sequence[str]) -> list[str]:
        """Return a heading for each key, with the section in front. Raises KeyError for an unknown key."""
        labels = {
            key: f"{group.label} · {label}"
            for group in self.groups()
            for key, label in group.fields
        }
        return [labels[key] for key in keys]

    def values(
        self, applications: Sequence[Application], keys: Sequence[str]
    ) -> dict[int, list[Any]]:
        """Return the values of `keys` by application; the number of statements does not depend on how many."""
        # kept alive, so that each unit's region is found without a statement
        self._regions = self._regions or self.session.scalars(select(Region)).all()
        contents = self.contents(applications, {key.partition(".")[0] for key in keys})
        found = {}
        for application in applications:
            form, offered = self._form(application.form_version)
            own = for_application(form, condition_facts.facts_of(application))
            found[application.id] = [
                _value(application, own, offered, contents[application.id], key) for key in keys
            ]
        return found

    def contents(
        self, applications: Sequence[Application], sections: Collection[str]
    ) -> dict[int, Mapping[str, Sequence[Row]]]:
        """Return what staff reads of these sections by application: the content as last submitted."""
        stored = self._stored([one.id for one in applications], sections)
        submitted = self._submitted(applications)
        return {one.id: submitted.get(one.id) or stored.get(one.id, {}) for one in applications}

    def _form(self, version: int) -> tuple[Form, Offered]:
        if version not in self._forms:
            form = form_definition.load(self.session, version)
            self._forms[version] = form, dossier_display.all_labels(self.session, form)
        return self._forms[version]

    def _stored(
        self, ids: Sequence[int], sections: Collection[str]
    ) -> dict[int, dict[str, list[Row]]]:
        query = select(Section.application_id, Section.key, Section.rows).where(
            Section.application_id.in_(ids), Section.key.in_(sections)
        )
        found: dict[int, dict[str, list[Row]]] = {}
        for application_id, key, rows in self.session.execute(query).tuples():
            found.setdefault(application_id, {})[key] = rows
        return found

    def _submitted(
        self, applications: Sequence[Application]
    ) -> dict[int, Mapping[str, Sequence[Row]]]:
        """Return the last submission's content of those that the applicant may be changing now."""
        changing = [one.id for one in applications if one.state in dossier.EDITABLE_STATES]
        newest = (
            select(func.max(Submission.id))
            .where(Submission.application_id.in_(changing))
            .group_by(Submission.application_id)
        )
        query = select(Submission.application_id, Submission.sections).where(
            Submission.id.in_(newest)
        )
        return dict(self.session.execute(query).tuples().all()) if changing else {}


def _value(
    application: Application,
    form: Form,
    offered: Offered,
    rows_of: Mapping[str, Sequence[Row]],
    key: str,
) -> Any:
    section_key, _dot, field_key = key.partition(".")
    section = form.section(section_key)
    field = _field(section, field_key)
    if section is None or field is None:
        return ""
    if field.source:
        return dossier_display.typed_source_text(field, application, is_masked=True)
    texts = [
        dossier_display.typed_text(field, row.get(field_key), offered)
        for row in rows_of.get(section_key, ())
        if field.is_visible(row)
    ]
    return "\n".join(texts) if section.is_repeated else next(iter(texts), "")


def _field(section: SectionDef | None, key: str) -> Field | None:
    return next((one for one in section.fields if one.key == key), None) if section else None
