"""Builds expert pool memberships from entered data: an application, an office's entry or a roster row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import CertificateState
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Certificate, Expert, Person, Unit
from app.services.accounts import persons
from app.services.experts import experts

HELD = (
    "committee_id", "title_code", "specialty_code", "title_since", "employed_since", "research", "is_scarce",
)  # fmt: skip
FACTS = ("name", "id_kind", "id_number", "sex", "birth_date", "phone", "email", "employment")


def membership_applied_for(actor: Actor, data: Mapping[str, Any], *, at: datetime) -> Expert:
    """Return the unsaved membership that the actor applies for, with the usual term from today.

    Raises Refused for an account without a person.
    """
    person = db.session.get(Person, actor.person_id or 0)
    if person is None:
        raise Refused(gettext("You apply for yourself only. Enter your own data first."))
    expert = Expert(person_id=person.id, unit_id=person.unit_id, **_membership_values(data))
    today = clock.local_date(at)
    expert.term_from, expert.term_to = experts.usual_term(
        db.session(), person.id, expert.committee_id, today
    )
    return expert


def membership_entered(actor: Actor, data: Mapping[str, Any], *, at: datetime) -> Expert:
    """Return the unsaved membership that an office enters for a person, who is created if not yet stored.

    The person is found by ID number and name. Raises Refused with the field at fault.
    """
    person = _person(actor, {key: data.get(key) for key in FACTS}, data.get("unit_id"), at)
    return Expert(
        person_id=person.id,
        unit_id=person.unit_id,
        term_from=data["term_from"],
        term_to=data["term_to"],
        **_membership_values(data),
    )


def newest_title(session: Session, person_id: int | None) -> Certificate | None:
    """Return the person's newest valid certificate, the default for the title held."""
    query = select(Certificate).where(
        Certificate.person_id == person_id, Certificate.state == CertificateState.VALID
    )
    return session.scalars(query.order_by(Certificate.obtained_on.desc()).limit(1)).first()


def _membership_values(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: data.get(key) for key in HELD} | {
        "research": data.get("research") or "",
        "is_scarce": bool(data.get("is_scarce")),
    }


def _person(actor: Actor, facts: dict[str, Any], unit_id: int | None, at: datetime) -> Person:
    """Return the person with the ID number, enrolled in the registered unit or else in `unit_id`.

    Raises Refused if neither unit is known, or if `unit_id` is not the registered unit.
    """
    known = persons.by_number(facts["id_number"])
    registered = known.unit_id if known is not None else None
    if registered is None and unit_id is None:
        raise Refused(gettext("No unit is registered for this person. Enter the unit."), "unit_id")
    person, _is_new = persons.enroll(actor, facts, at=at, unit_id=registered or unit_id)
    if unit_id not in (None, person.unit_id):
        raise Refused(
            gettext(
                "%(name)s is registered with “%(unit)s”. Choose that unit, or leave it empty.",
                name=person.name,
                unit=db.session.get_one(Unit, person.unit_id).name,
            ),
            "unit_id",
        )
    return person
