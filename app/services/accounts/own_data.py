"""Change a person's own phone, email, employment and unit; name and ID number are fixed."""

from datetime import datetime
from typing import Any

from app.engine import Refused
from app.enums import Employment
from app.extensions import db
from app.models import EmploymentChange, Person
from app.services.accounts import employment_changes
from app.services.ground.audit import audit


def change(
    person: Person,
    *,
    phone: str,
    employment: Employment,
    unit_id: int | None,
    actor: Any,
    at: datetime,
    email: str | None = None,
) -> EmploymentChange | None:
    """Store the changed data; the caller commits. An empty `email` deletes it, None leaves it unchanged.

    Another employment of a person with a unit is not stored but asked of the unit; the change asked for is
    returned. Raises Refused for a change of unit or employment while an application submitted with them is
    under way.
    """
    asked = None
    if (employment, unit_id) != (person.employment, person.unit_id):
        refuse_under_way(person)
        asked = _change_employment(person, employment, unit_id, actor=actor, at=at)
    person.phone = phone
    if email is not None:
        person.email = email or None
    db.session.flush()
    audit("own_data", actor=actor, subject=f"person:{person.id}")
    return asked


def _change_employment(
    person: Person, employment: Employment, unit_id: int | None, *, actor: Any, at: datetime
) -> EmploymentChange | None:
    if employment_changes.needs_confirmation(person, employment, unit_id):
        asked = employment_changes.ask(person, employment, unit_id, actor=actor, at=at)
        person.unit_id = unit_id or person.unit_id
        return asked
    # the unit asked before is not the person's any more
    employment_changes.withdraw_open(person, actor=actor, at=at)
    person.employment, person.unit_id = employment, unit_id
    return None


def refuse_under_way(person: Person) -> None:
    """Raise Refused while a submitted application of the person has not ended."""
    if why := employment_changes.under_way_refusal(person):
        raise Refused(why, "unit_id")
