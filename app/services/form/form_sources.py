"""Read-only values of the form, taken from person and application, by source name."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import object_session

from app.enums import Labelled
from app.extensions import db
from app.ground import read_once
from app.models import Application, Person, Region
from app.services.form.form_parts import Field
from app.validators import mask_id

PERSONAL = (
    "name", "id_kind", "id_number", "sex", "birth_date", "phone", "email", "employment",
)  # fmt: skip
"""Sources that are columns of the person; the applicant edits them under “own data”."""
MASKED = frozenset({"id_number", "phone"})


def _region(application: Application) -> str:
    session = object_session(application) or db.session()
    code = application.unit.region_code
    found = read_once.of(session, ("region", code), (Region,), lambda: session.get(Region, code))
    return found.name if found else ""


OF_APPLICATION: Mapping[str, Callable[[Application], Any]] = {
    "application.number": lambda one: one.number,
    "application.review_year": lambda one: one.review_year,
    "application.batch.name": lambda one: one.batch.name,
    "application.mode": lambda one: one.mode,
    "application.series.name": lambda one: one.series.name,
    "application.level": lambda one: one.level,
    "application.title.name": lambda one: one.title.name,
    "application.specialty.name": lambda one: one.specialty.name,
    "application.committee.name": lambda one: one.committee.name,
    "application.unit.name": lambda one: one.unit.name,
    "application.unit.kind": lambda one: one.unit.kind,
    "application.unit.region": _region,
}
SOURCES = frozenset(PERSONAL) | frozenset(OF_APPLICATION)
"""All names a field's `source` may have."""


def value_of(one: Field, application: Application) -> Any:
    """Return the stored value of a field's source."""
    if one.source in OF_APPLICATION:
        return OF_APPLICATION[one.source](application)
    return getattr(application.person, one.source)


def text_of(one: Field, of: Application | Person, *, is_masked: bool = True) -> str:
    """Return the display text of a field's source, empty if unknown.

    ID and telephone number are masked unless `is_masked` is False. A person alone, without an application,
    has only the sources in PERSONAL.
    """
    if isinstance(of, Application):
        value = value_of(one, of)
    else:
        value = getattr(of, one.source, None) if one.source in PERSONAL else None
    if value is None:
        return ""
    if is_masked and one.source in MASKED:
        return mask_id(value)
    return str(value.label) if isinstance(value, Labelled) else str(value)
