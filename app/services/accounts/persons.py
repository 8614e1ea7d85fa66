"""Validate, register and correct persons; one row per ID number, looked up by its keyed index."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from app.engine import Refused
from app.enums import Employment, IdKind, Sex
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Person, Unit
from app.services.accounts import accounts, own_data
from app.services.ground.audit import audit
from app.services.ground.id_numbers import index_of
from app.validators import Invalid, birth_of, email, id_number, person_name, phone, sex_of
from app.validators.identity import OLDEST, YOUNGEST, age_on, is_citizen_form

__all__ = [
    "by_number",
    "correct",
    "enroll",
    "index_of",
    "read",
    "register",
    "store_new",
]

Faults = dict[str, str]


def read(
    data: Mapping[str, Any], *, at: datetime, needs_phone: bool = True
) -> tuple[dict[str, Any], Faults]:
    """Return the validated values about a person and the faults by field.

    Sex and date of birth are derived from an ID number that contains them (GB 11643) and must agree with it
    when they are given too; with any other kind of number they must be given.
    """
    values: dict[str, Any] = {}
    faults: Faults = {}

    def take(field: str, check: Callable[[str], Any], *, is_required: bool = True) -> None:
        typed = str(data.get(field) or "").strip()
        try:
            values[field] = check(typed) if typed or is_required else None
        except Invalid as invalid:
            faults[field] = str(invalid)

    take("name", person_name)
    take("phone", phone, is_required=needs_phone)
    take("email", email, is_required=False)
    birth, kind = data.get("birth_date"), data.get("id_kind")
    sex = Sex(data["sex"]) if data.get("sex") else None
    if kind:
        values["id_kind"] = IdKind(kind)
        take("id_number", _number_check(IdKind(kind), sex, birth, at))
    if number := values.get("id_number"):
        values |= {"sex": sex_of(number) or sex, "birth_date": birth_of(number) or birth}
        faults |= _missing_facts(number, values, clock.local_date(at))
    return values, faults


def _number_check(
    kind: IdKind, sex: Sex | None, birth: date | None, at: datetime
) -> Callable[[str], str]:
    today = clock.local_date(at)
    return lambda typed: id_number(kind, typed, sex=sex, birth=birth, today=today)


def _missing_facts(number: str, values: dict[str, Any], today: date) -> Faults:
    """Return the faults of sex and date of birth for an ID number that contains neither."""
    if is_citizen_form(number):
        return {}
    faults = {}
    if values["sex"] is None:
        faults["sex"] = gettext("This kind of number does not tell the sex; choose it.")
    if values["birth_date"] is None:
        faults["birth_date"] = gettext(
            "This kind of number does not tell the date of birth; enter it."
        )
    elif not YOUNGEST <= age_on(values["birth_date"], today) <= OLDEST:
        faults["birth_date"] = gettext(
            "By this date the age is %(age)s; it must be %(youngest)s to %(oldest)s.",
            age=age_on(values["birth_date"], today),
            youngest=YOUNGEST,
            oldest=OLDEST,
        )
    return faults


def by_number(number: str) -> Person | None:
    """Return the person with this ID number in any spelling, or None."""
    return db.session.scalars(
        select(Person).where(Person.id_index == index_of(number))
    ).one_or_none()


def store_new(person: Person) -> None:
    """Store a new person. Raises Refused when the ID number was stored by a concurrent request."""
    try:
        with db.session.begin_nested():
            db.session.add(person)
            db.session.flush()
    except IntegrityError:
        raise Refused(
            gettext(
                "This ID number was registered a moment ago. Sign in with it, or look for it in the list."
            ),
            "id_number",
        ) from None


def register(actor: Actor, data: dict[str, Any], *, at: datetime) -> Person:
    """Register a person with an applicant account, which has no password until the person chooses one.

    Raises Refused naming the wrong field, also for an ID number that is registered already (one account per
    ID number).
    """
    values, faults = read(data, at=at)
    for field, sentence in faults.items():
        raise Refused(sentence, field)
    if by_number(values["id_number"]) is not None:
        raise Refused(
            gettext(
                "This ID number is registered already. A person has one account; look for it in the list."
            ),
            "id_number",
        )
    unit = db.session.get(Unit, data["unit_id"]) if data.get("unit_id") else None
    user = accounts.create_account(actor, username=data["username"], name=values["name"])
    person = Person(
        **values,
        id_index=index_of(values["id_number"]),
        employment=Employment(data["employment"]),
        unit_id=unit.id if unit else None,
        user_id=user.id,
    )
    store_new(person)
    accounts.ensure_applicant_position(user)
    audit("person_add", actor=actor, subject=f"person:{person.id}")
    return person


def enroll(
    actor: Actor, values: dict[str, Any], *, at: datetime, unit_id: int | None = None
) -> tuple[Person, bool]:
    """Add a person to a unit, by default the actor's; return the person and whether anything changed.

    `values` are those of `read` plus the employment. A new person is stored, one without a unit joins.
    Raises Refused for a person of another unit or registered under another name.
    """
    unit_id = actor.unit_id if unit_id is None else unit_id
    person = by_number(values["id_number"])
    if person is None:
        person = Person(
            **values, id_index=index_of(values["id_number"]), unit_id=unit_id, user_id=None
        )
        store_new(person)
        audit("person_add", actor=actor, subject=f"person:{person.id}")
        return person, True
    _refuse_other_name(person, values)
    if person.unit_id == unit_id:
        return person, False
    _refuse_elsewhere(person)
    person.unit_id = unit_id
    db.session.flush()
    audit("person_join", actor=actor, subject=f"person:{person.id}")
    return person, True


def correct(actor: Actor, person: Person, values: dict[str, Any]) -> None:
    """Correct the data a unit entered about a person.

    Raises Refused once the person has an account or an application, or for an ID number of somebody else.
    """
    if why := why_fixed(person):
        raise Refused(why)
    other = by_number(values["id_number"])
    if other is not None and other.id != person.id:
        raise Refused(
            gettext(
                "This ID number is registered for somebody else. Compare it with the document."
            ),
            "id_number",
        )
    for name, value in values.items():
        setattr(person, name, value)
    person.id_index = index_of(values["id_number"])
    db.session.flush()
    audit("person_correct", actor=actor, subject=f"person:{person.id}")


def why_fixed(person: Person) -> str | None:
    """Return why a unit may not correct a person's data any more, or None."""
    if person.user_id is not None:
        return gettext(
            "This person has an account and keeps the own data up to date under “My data”."
        )
    if db.session.scalar(select(exists().where(Application.person_id == person.id))):
        return gettext(
            "There is an application of this person; the data stay as they were handed in."
        )
    return None


def _refuse_other_name(person: Person, values: dict[str, Any]) -> None:
    if (person.name, person.id_kind) != (values["name"], values["id_kind"]):
        raise Refused(
            gettext(
                "This ID number is registered with another name or kind of document. Compare name,"
                " kind and number with the document."
            ),
            "id_number",
        )


def _refuse_elsewhere(person: Person) -> None:
    if person.unit_id is not None:
        raise Refused(
            gettext(
                "This person is registered with another unit and stays there. Ask the person to"
                " sign in and choose your unit under “My data”."
            ),
            "id_number",
        )
    try:
        own_data.refuse_under_way(person)
    except Refused as refusal:
        raise Refused(
            gettext(
                "An application of this person without a unit is under way. Wait until it has ended."
            ),
            "id_number",
        ) from refusal
