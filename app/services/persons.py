"""Persons by their ID number: one row per person for ever, found by a keyed index, never by the number."""

from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app import clock, crypto
from app.actor import Actor
from app.enums import Employment, IdKind
from app.extensions import db
from app.models import Person, Unit
from app.services import accounts
from app.services.audit import audit
from app.validators import Invalid, birth_of, id_number, person_name, phone, sex_of
from app.workflow.engine import Refused


def normal(number: str) -> str:
    """Return an ID number as it is indexed: no blanks, capital X."""
    return "".join(number.split()).upper()


def index_of(number: str) -> str:
    """Return the blind index of an ID number; equal numbers of any kind and case give equal indexes."""
    cleaned = normal(number)
    if not cleaned:
        raise Invalid("empty")
    return crypto.blind_index("person", cleaned)


def register(actor: Actor, data: dict[str, Any], *, at: datetime) -> tuple[Person, str]:
    """Register a person with an account to apply with; return it and the first password, shown this once.

    Sex and date of birth follow from the number where it carries them. Raises Refused at the field at fault,
    also for a number that is registered already (one account per ID number).
    """
    number = _number(IdKind(data["id_kind"]), data["id_number"], at)
    unit = db.session.get(Unit, data["unit_id"]) if data.get("unit_id") else None
    user, password = accounts.create_account(
        actor, username=data["username"], name=data["name"], at=at
    )
    person = Person(
        name=_checked(person_name, data["name"], "name"),
        id_kind=IdKind(data["id_kind"]),
        id_number=number,
        id_index=index_of(number),
        sex=sex_of(number),
        birth_date=birth_of(number),
        phone=_checked(phone, data["phone"], "phone"),
        employment=Employment(data["employment"]),
        unit_id=unit.id if unit else None,
        user_id=user.id,
    )
    db.session.add(person)
    db.session.flush()
    accounts.ensure_applicant_position(user)
    audit("person_add", actor=actor, subject=f"person:{person.id}")
    return person, password


def _number(kind: IdKind, typed: str, at: datetime) -> str:
    def check(value: str) -> str:
        return id_number(kind, value, today=clock.local_date(at))

    number = _checked(check, typed, "id_number")
    if db.session.scalar(select(Person.id).where(Person.id_index == index_of(number))):
        raise Refused(
            gettext(
                "This ID number is registered already. A person has one account; look for it in the list."
            ),
            "id_number",
        )
    return number


def _checked(check: Any, typed: str, field: str) -> str:
    try:
        return str(check(typed))
    except Invalid as invalid:
        raise Refused(invalid, field) from None
