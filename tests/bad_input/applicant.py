"""What an applicant has and sends: a draft, a complete application, the choices of the chooser, addresses."""

from typing import Any

from app.enums import ApplicationState
from app.extensions import db
from app.models import Application, Batch, Person
from tests.services import dossiers
from tests.support import factories

TICKED = {"is_true": "y", "is_secret_free": "y"}
"""What is ticked at 【提交】."""


def draft(
    person: Person, state: ApplicationState = ApplicationState.DRAFT, **values: Any
) -> Application:
    application = factories.application(state, person=person, **values)
    factories.route(application.committee, application.unit)
    return application


def complete(person: Person, rows: dict[str, Any] | None = None, **values: Any) -> Application:
    """Return a draft that could be handed in, with `rows` instead of the usual ones where given."""
    application = draft(person, **values)
    dossiers.fill(application, **(rows or {}))
    dossiers.upload(application)
    db.session.commit()
    return application


def chosen(batch: Batch, person: Person, **change: Any) -> dict[str, Any]:
    return {
        "batch": batch.id,
        "mode": "normal",
        "level": "2",
        "title_code": factories.title().code,
        "specialty_code": batch.committee.specialties[0].code,
        "unit_id": person.unit_id,
    } | change


def address(application: Application, page: str = "submit") -> str:
    return f"/me/application/{application.id}/{page}"


def section_url(application: Application, key: str = "work", base: str = "/me") -> str:
    return f"{base}/application/{application.id}/section/{key}"
