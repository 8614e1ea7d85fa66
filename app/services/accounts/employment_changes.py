"""Changes of employment (身份) of a registered person, which the unit confirms or refuses.

Employment decides who may apply at all and under which conditions (Order 40, art. 2 and 14), so a person who
belongs to a unit does not change it alone, nor leaves the unit alone. Until the unit has decided, what is
registered stays.
"""

from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app import engine
from app.engine import Act
from app.enums import FINAL, ApplicationState, Employment, EmploymentChangeState, Role
from app.extensions import db
from app.ground import clock
from app.models import Application, EmploymentChange, Person
from app.services.ground.audit import audit
from app.services.messages import outbox

NOT_UNDER_WAY = FINAL | {ApplicationState.DRAFT, ApplicationState.DISCARDED}
OWN_DATA = "/me/person/"


def needs_confirmation(person: Person, employment: Employment, unit_id: int | None) -> bool:
    """Return whether a unit has to confirm the change: of the employment, or out of every unit."""
    if person.unit is None or (unit_id in (None, person.unit_id) and not person.unit.is_active):
        return False  # nobody is left there who could confirm
    return employment is not person.employment or unit_id is None


def open_change(person: Person) -> EmploymentChange | None:
    """Return the person's change that waits for a unit, or None."""
    return db.session.scalars(
        select(EmploymentChange).where(
            EmploymentChange.person_id == person.id,
            EmploymentChange.state == EmploymentChangeState.ASKED,
        )
    ).one_or_none()


def ask(
    person: Person, employment: Employment, unit_id: int | None, *, actor: Any, at: datetime
) -> EmploymentChange:
    """Ask the unit to confirm the change; the caller commits. An earlier open one is withdrawn.

    The unit the person will belong to confirms; a person who leaves asks the unit left.
    """
    withdraw_open(person, actor=actor, at=at)
    change = EmploymentChange(
        person_id=person.id,
        unit_id=unit_id or person.unit_id,
        before=person.employment,
        employment=employment,
        asked_at=at,
        leaves_unit=unit_id is None,
    )
    engine.fire(change, "ask", actor=actor, at=at)
    return change


def withdraw_open(person: Person, *, actor: Any, at: datetime) -> bool:
    """Withdraw the person's open change; return whether there was one. The caller commits."""
    change = open_change(person)
    if change is None:
        return False
    engine.fire(change, "withdraw", actor=actor, at=at)
    return True


def under_way_refusal(person: Person) -> str | None:
    """Return why unit and employment stay as they are: a submitted application has not ended."""
    number = db.session.scalar(
        select(Application.number).where(
            Application.person_id == person.id, Application.state.not_in(NOT_UNDER_WAY)
        )
    )
    if number is None:
        return None
    return gettext(
        "The application %(number)s is under way with your present unit and employment. "
        "Change them after it has ended, or withdraw it first.",
        number=number,
    )


def is_own(act: Act) -> str | None:
    """Refuse everybody but the person concerned."""
    if act.actor.person_id is not None and act.actor.person_id == act.record.person_id:
        return None
    return gettext("You can change your own data only.")


def is_own_unit(act: Act) -> str | None:
    """Refuse a unit that is not asked, and a clerk who would confirm the own change."""
    record, actor = act.record, act.actor
    if record.unit_id != actor.unit_id:
        return gettext("This belongs to another unit. Switch to your position in that unit.")
    if not record.unit.is_active:
        return gettext("The unit “%(unit)s” is closed.", unit=record.unit.name)
    if actor.person_id is not None and actor.person_id == record.person_id:
        return gettext("This is your own change; a colleague must decide on it.")
    return None


def is_not_under_way(act: Act) -> str | None:
    """Refuse while a submitted application of the person has not ended."""
    why = under_way_refusal(act.record.person)
    if why is None or act.actor.role is Role.APPLICANT:
        return why
    return gettext(
        "%(name)s has an application under way, which goes on with the employment it was submitted with. "
        "Decide after it has ended.",
        name=act.record.person.name,
    )


def still_fits(act: Act) -> str | None:
    """Refuse to confirm for a person who belongs to another unit by now."""
    if act.record.person.unit_id == act.record.unit_id:
        return None
    return gettext(
        "%(name)s does not belong to your unit any more. Refuse the change.",
        name=act.record.person.name,
    )


def apply(act: Act) -> None:
    """Write the confirmed employment to the person."""
    record, person = act.record, act.record.person
    person.employment = record.employment
    if record.leaves_unit:
        person.unit_id = None
    act.notes["employment"] = [record.before.value, record.employment.value]
    act.session.flush()
    audit("own_data", actor=act.actor, subject=f"person:{person.id}")


def tell(act: Act) -> None:
    """Send the person a message about the unit's decision."""
    record = act.record
    if record.person.user_id is None:
        return
    outbox.queue_message(
        act.session,
        record.person.user_id,
        f"employment.{act.event}",
        at=act.at,
        url=OWN_DATA,
        unit=record.unit.name,
        employment=str(record.employment.label),
        opinion=act.opinion,
        time=f"{clock.local(act.at):%Y-%m-%d %H:%M}",
    )
