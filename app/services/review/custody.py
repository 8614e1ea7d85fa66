"""Current holder of an application: who has to act on it, since when and until when (column "holder").

The applicant holds it where `holder_id` is empty and `held_since` is set; nobody does where both are empty.
"""

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Act
from app.enums import Role
from app.ground.actor import Actor
from app.models import Application, Position, Region, Unit, User
from app.services.dossier import return_reasons
from app.services.registers import deadlines

HANDLERS = (Role.UNIT, Role.SUPERIOR, Role.HRSS)
"""Roles besides the office that handle applications for their unit."""


def give_to_applicant(act: Act) -> None:
    """Make the applicant the holder."""
    give_to(act, None)


def give_to_unit(act: Act) -> None:
    """Make the unit the application is filed in the holder."""
    give_to(act, act.record.unit_id)


def give_to_office(act: Act) -> None:
    """Make the committee's organising unit the holder; store when the application first came there."""
    record = act.record
    if record.office_at is None:
        record.office_at = act.at
    give_to(act, record.committee.unit_id)


def give_to_authority(act: Act) -> None:
    """Make the human resources authority that decides on the filing the holder, without a deadline."""
    give_to(act, authority_of(act.session, act.record.committee.region_code))


def give_to_nobody(act: Act) -> None:
    """Clear holder and deadline, because the procedure of the application has ended."""
    record = act.record
    record.holder_id = record.held_since = record.due_at = None


def give_to(act: Act, unit_id: int | None) -> None:
    """Store the holder (None: the applicant) and the deadline of the stage the application now is in."""
    record = act.record
    record.holder_id = unit_id
    record.held_since = act.at
    deadline = deadlines.of(record)
    record.due_at = None if deadline is None else deadline.moment


def freeze(act: Act) -> None:
    """Close the material of the application for changes, from the notice on."""
    act.record.frozen_at = act.at


def clear_return(act: Act) -> None:
    """Clear the reasons of an earlier return."""
    act.record.returned_sections = {}


def note_return(act: Act) -> None:
    """Store the reasons of a return and open the material for changes again.

    `details["sections"]` maps section keys to reasons, or lists the keys that the opinion concerns
    (services/dossier/return_reasons.py).
    """
    record = act.record
    record.returned_sections = return_reasons.reasons_to_store(act)
    record.frozen_at = None
    act.notes["sections"] = record.returned_sections


def is_holder(act: Act) -> str | None:
    """Refuse every unit but the holder of the application, and a holder that is closed in the register."""
    record = act.record
    if record.holder_id is not None and record.holder_id == act.actor.unit_id:
        return closed_refusal(act.session.get_one(Unit, record.holder_id))
    return gettext(
        "The application %(number)s is now with %(holder)s, not with your unit.",
        number=record.number,
        holder=holder_name(act),
    )


def has_in_hand(application: Application, actor: Actor) -> bool:
    """Return whether `actor` handles the application for its holder, and so may read its full numbers.

    When nobody holds it any more, the unit it was filed in and the committee's office keep it.
    """
    if actor.person_id is not None and actor.person_id == application.person_id:
        return False
    is_ended = application.holder_id is None and application.held_since is None
    if actor.role is Role.OFFICE:
        is_there = is_ended or application.holder_id == application.committee.unit_id
        return is_there and application.committee_id in actor.committee_ids
    if is_ended:
        return actor.role is Role.UNIT and actor.unit_id == application.unit_id
    is_holder = actor.unit_id is not None and actor.unit_id == application.holder_id
    return is_holder and actor.role in HANDLERS


def closed_refusal(unit: Unit) -> str | None:
    """Return why a unit that is closed in the register may not act, or None."""
    if unit.is_active:
        return None
    return gettext(
        "“%(unit)s” is closed in the register, so it can take no step any more. The unit above it or the human "
        "resources authority hands its cases on to another unit (menu 1.1.4).",
        unit=unit.name,
    )


def is_not_own(act: Act) -> str | None:
    """Refuse a person who acts on their own application, in whatever role."""
    if act.actor.person_id is None or act.actor.person_id != act.record.person_id:
        return None
    return gettext(
        "The application %(number)s is your own; somebody else must handle it.",
        number=act.record.number,
    )


def holder_name(act: Act) -> str:
    """Return the name of the holder: a unit, the applicant or nobody."""
    record = act.record
    if record.holder_id is not None:
        return str(act.session.get_one(Unit, record.holder_id).name)
    return gettext("the applicant") if record.held_since else gettext("nobody")


def authority_of(session: Session, region_code: str) -> int | None:
    """Return the unit of the authority in a region, or in the nearest one above it."""
    code: str | None = region_code
    while code is not None:
        found = session.scalars(
            select(Unit.id)
            .join(Position, Position.unit_id == Unit.id)
            .join(User, User.id == Position.user_id)
            .where(
                Position.role == Role.HRSS,
                Position.is_active,
                User.active.is_(True),
                Unit.is_active,
                Unit.region_code == code,
            )
            .order_by(Unit.id)
        ).first()
        if found is not None:
            return found
        code = region_above(session, code)
    return None


def region_above(session: Session, region_code: str) -> str | None:
    """Return the region that contains another one, None for the province."""
    region = session.get(Region, region_code)
    return region.parent_code if region is not None else None


def has_people(session: Session, unit_id: int, role: Role) -> bool:
    """Return whether somebody works in a role of a unit."""
    found = (
        select(Position.id)
        .join(User, User.id == Position.user_id)
        .where(Position.unit_id == unit_id, Position.role == role)
        .where(Position.is_active, User.active.is_(True))
    )
    return session.scalars(found.limit(1)).first() is not None
