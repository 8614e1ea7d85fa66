"""Change a person's own phone, email, employment and unit; name and ID number are fixed."""

from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Refused
from app.enums import FINAL, ApplicationState, Employment
from app.extensions import db
from app.models import Application, Person
from app.services.ground.audit import audit

NOT_UNDER_WAY = FINAL | {ApplicationState.DRAFT, ApplicationState.DISCARDED}


def change(
    person: Person,
    *,
    phone: str,
    employment: Employment,
    unit_id: int | None,
    actor: Any,
    email: str | None = None,
) -> None:
    """Store the changed data; the caller commits. An empty `email` deletes it, None leaves it unchanged.

    Raises Refused for a change of unit or employment while an application submitted with them is under way.
    """
    if (employment, unit_id) != (person.employment, person.unit_id):
        refuse_under_way(person)
    person.phone, person.employment, person.unit_id = phone, employment, unit_id
    if email is not None:
        person.email = email or None
    db.session.flush()
    audit("own_data", actor=actor, subject=f"person:{person.id}")


def refuse_under_way(person: Person) -> None:
    """Raise Refused while a submitted application of the person has not ended."""
    number = db.session.scalar(
        select(Application.number).where(
            Application.person_id == person.id, Application.state.not_in(NOT_UNDER_WAY)
        )
    )
    if number is not None:
        raise Refused(
            gettext(
                "The application %(number)s is under way with your present unit and employment. "
                "Change them after it has ended, or withdraw it first.",
                number=number,
            ),
            "unit_id",
        )
