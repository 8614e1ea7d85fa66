"""Where rows of the larger code tables are used: series, titles, specialties, regions, kinds of material."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import BatchState
from app.models import (
    Application,
    Attachment,
    Batch,
    Certificate,
    Committee,
    Extension,
    MaterialKind,
    Region,
    Series,
    Specialty,
    Title,
    Unit,
)
from app.models.base import metadata
from app.models.dictionary import Coded
from app.services.codes import dictionary_uses, rule_values, usage, used_forms
from app.services.codes.used_forms import AT_REST, label_of

MOST_NAMES = 5
COPIED: Mapping[Any, tuple[Any, ...]] = {
    Region: (Application.region_code, Certificate.region_code, Extension.region_code),
    MaterialKind: (Attachment.kind,),
}
"""Columns that hold codes of a table without referring to it."""
RUNNING = (BatchState.SUBMITTED, BatchState.OPEN)


def retiring_refusal(session: Session, row: Coded) -> str | None:
    """Return why a row cannot be retired, naming the places that need it, or None."""
    if places := list(places_needing(session, row)):
        return gettext(
            "“%(name)s” has to stay: it is needed by %(places)s. Change these places first.",
            name=row.name,
            places=dictionary_uses.joined(places),
        )
    return None


def places_needing(session: Session, row: Coded) -> Iterator[str]:
    """Yield the places that need a row: forms in force, rules, kinds of material, running batches, registers."""
    yield from NEEDED_BY[type(row)](session, row)


def code_refusal(session: Session, row: Coded) -> str | None:
    """Return why the code of a row cannot be changed, or None if no record and no place has it."""
    if any(_refers(session, column, row.code) for column in _referring(type(row))):
        return gettext("The code cannot be changed: records have it.")
    if isinstance(row, Series) and usage.count_applications(session, "series", row.code):
        return gettext("The code cannot be changed: applications name it among the titles held.")
    if places := list(places_needing(session, row)):
        return gettext(
            "The code cannot be changed: %(places)s.", places=dictionary_uses.joined(places)
        )
    return None


def _referring(model: Any) -> list[Any]:
    """Return the columns of all tables that hold codes of a code table."""
    target = model.__table__.c.code
    return [
        key.parent
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if key.column is target
    ] + list(COPIED.get(model, ()))


def _refers(session: Session, column: Any, code: str) -> bool:
    return session.scalar(select(column).where(column == code).limit(1)) is not None


def _series(session: Session, row: Any) -> Iterator[str]:
    yield from _conditions(session, "series", row.code)
    yield from _batches(session, Committee.series_code == row.code)
    yield from _committees(session, Committee.series_code == row.code)


def _title(session: Session, row: Any) -> Iterator[str]:
    yield from _conditions(session, "title", row.code)
    yield from _applications(session, Application.title_code == row.code)
    others = select(Title.code).where(
        Title.series_code == row.series_code,
        Title.level == row.level,
        Title.is_grassroots.is_(row.is_grassroots),
        Title.is_active,
        Title.code != row.code,
    )
    if session.scalar(others.limit(1)) is None:
        takes_it = (
            Committee.series_code == row.series_code,
            Batch.levels.contains(row.level.value),
        )
        yield from _batches(session, *takes_it)


def _specialty(session: Session, row: Any) -> Iterator[str]:
    yield from _applications(session, Application.specialty_code == row.code)
    others = select(Specialty.code).where(
        Specialty.series_code == row.series_code, Specialty.is_active, Specialty.code != row.code
    )
    if session.scalar(others.limit(1)) is None:
        yield from _batches(session, Committee.series_code == row.series_code)


def _region(session: Session, row: Any) -> Iterator[str]:
    yield from _committees(session, Committee.region_code == row.code)
    units = select(Unit.name).where(Unit.region_code == row.code, Unit.is_active)
    for name in session.scalars(units.order_by(Unit.id).limit(MOST_NAMES)):
        yield gettext("unit “%(name)s”", name=name)
    below = select(Region.name).where(Region.parent_code == row.code, Region.is_active)
    for name in session.scalars(below.order_by(Region.code).limit(MOST_NAMES)):
        yield gettext("region “%(name)s” below it", name=name)


def _material(session: Session, row: Any) -> Iterator[str]:
    for form in used_forms.used_forms(session):
        for section in form.sections:
            if not form.is_draft and row.code in (section.get("materials") or ()):
                yield gettext(
                    "%(form)s, section “%(section)s”", form=form, section=label_of(section)
                )
    for rule in rule_values.rules(session):
        if row.code in rule_values.codes_in(rule, rule_values.of_material):
            yield gettext("condition for applying “%(name)s”", name=rule.name)
    batches = select(Batch.name, Batch.required_materials).where(Batch.state.in_(RUNNING))
    for name, asked in session.execute(batches.order_by(Batch.id)):
        if row.code in (asked or ()):
            yield gettext("batch “%(name)s”", name=name)


NEEDED_BY: dict[type[Coded], Callable[[Session, Any], Iterator[str]]] = {
    Series: _series,
    Title: _title,
    Specialty: _specialty,
    Region: _region,
    MaterialKind: _material,
}


def _conditions(session: Session, fact: str, code: str) -> Iterator[str]:
    """Yield what applies to a series or title only: parts of forms in force, rules, kinds of material."""
    forms = [one for one in used_forms.used_forms(session) if not one.is_draft]
    for form in forms:
        for section in form.sections:
            if rule_values.names_value(section.get("shown_when"), fact, code):
                yield gettext(
                    "%(form)s, section “%(section)s”", form=form, section=label_of(section)
                )
    for place in used_forms.fields(forms):
        if rule_values.names_value(place.field.get("shown_when"), fact, code):
            yield str(place)
    for rule in rule_values.rules(session):
        if rule_values.names_value(rule.condition, fact, code):
            yield gettext("condition for applying “%(name)s”", name=rule.name)
    for kind in session.scalars(select(MaterialKind).where(MaterialKind.is_active)):
        if any(
            rule_values.names_value(one, fact, code) for one in (kind.condition, kind.required_when)
        ):
            yield gettext("kind of material “%(name)s”", name=kind.name)


def _batches(session: Session, *conditions: Any) -> Iterator[str]:
    query = select(Batch.name).join(Committee).where(Batch.state.in_(RUNNING), *conditions)
    for name in session.scalars(query.order_by(Batch.id).limit(MOST_NAMES)):
        yield gettext("batch “%(name)s”", name=name)


def _committees(session: Session, condition: Any) -> Iterator[str]:
    query = select(Committee.name).where(Committee.is_active, condition)
    for name in session.scalars(query.order_by(Committee.id).limit(MOST_NAMES)):
        yield gettext("committee “%(name)s”", name=name)


def _applications(session: Session, condition: Any) -> Iterator[str]:
    """Yield the running batches in which applications with the row are under way."""
    query = (
        select(Batch.name)
        .join(Application, Application.batch_id == Batch.id)
        .where(Batch.state.in_(RUNNING), Application.state.not_in(AT_REST), condition)
        .distinct()
    )
    for name in session.scalars(query.order_by(Batch.name).limit(MOST_NAMES)):
        yield gettext("applications in the batch “%(name)s”", name=name)
