"""Who has an application in hand, since when and until when (column "holder").

The applicant holds it where `holder_id` is empty and `held_since` is not; nobody does where both are.
"""

from datetime import date, datetime

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Act
from app.enums import Role, S
from app.ground import clock
from app.models import Correction, Position, Region, Unit
from app.services.dossier import return_reasons


def by_applicant(act: Act) -> None:
    """Hand the application to its applicant, until the day that belongs to its state."""
    hand_to(act, None, _applicants_day(act))


def by_unit(act: Act) -> None:
    """Hand the application to the unit it is filed in, until the units' deadline of the batch."""
    hand_to(act, act.record.unit_id, act.record.batch.unit_end)


def by_office(act: Act) -> None:
    """Hand the application to the committee's organising unit and note when that was first."""
    record = act.record
    if record.office_at is None:
        record.office_at = act.at
    is_to_be_checked = record.state in (S.AT_OFFICE, S.CORRECTED)
    hand_to(act, record.committee.unit_id, record.batch.office_end if is_to_be_checked else None)


def by_authority(act: Act) -> None:
    """Hand the application to the human resources authority that decides on the filing."""
    hand_to(act, _authority_id(act), None)


def by_nobody(act: Act) -> None:
    """Take the application out of all hands: its way has ended."""
    record = act.record
    record.holder_id = record.held_since = record.due_at = None


def hand_to(act: Act, unit_id: int | None, last_day: date | None) -> None:
    """Note the holder; `last_day` ends at its 24:00, none means no deadline."""
    record = act.record
    record.holder_id = unit_id
    record.held_since = act.at
    record.due_at = _until(last_day)


def freeze(act: Act) -> None:
    """Close the material from the notice on."""
    act.record.frozen_at = act.at


def clear_return(act: Act) -> None:
    """Forget the reasons of an earlier return."""
    act.record.returned_sections = {}


def note_return(act: Act) -> None:
    """Keep why the application goes back and open its material again.

    `details["sections"]` maps section keys to reasons, or lists the keys that the opinion concerns
    (services/returns.py).
    """
    record = act.record
    record.returned_sections = return_reasons.note(act)
    record.frozen_at = None
    act.notes["sections"] = record.returned_sections


def is_holder(act: Act) -> str | None:
    """Only the unit that holds the application acts on it."""
    record = act.record
    if record.holder_id is not None and record.holder_id == act.actor.unit_id:
        return None
    return gettext(
        "The application %(number)s is now with %(holder)s, not with your unit.",
        number=record.number,
        holder=holder_name(act),
    )


def is_not_own(act: Act) -> str | None:
    """Nobody handles the own application in any role."""
    if act.actor.person_id is None or act.actor.person_id != act.record.person_id:
        return None
    return gettext(
        "The application %(number)s is your own; somebody else must handle it.",
        number=act.record.number,
    )


def holder_name(act: Act) -> str:
    """Return who has the application in hand, in words."""
    record = act.record
    if record.holder_id is not None:
        return str(act.session.get_one(Unit, record.holder_id).name)
    return gettext("the applicant") if record.held_since else gettext("nobody")


def _until(last_day: date | None) -> datetime | None:
    return None if last_day is None else clock.end_of_day(last_day)


def _applicants_day(act: Act) -> date:
    record = act.record
    if record.state is S.IN_CORRECTION:
        deadline: date = act.session.scalars(
            select(Correction.deadline).where(Correction.application_id == record.id)
        ).one()
        return deadline
    last: date = record.batch.resubmit_end if record.state is S.RETURNED else record.batch.apply_end
    return last


def _authority_id(act: Act) -> int | None:
    """Return the unit of the authority in the committee's region, or in the nearest one above it."""
    code = act.record.committee.region_code
    while code is not None:
        found = act.session.scalars(
            select(Unit.id)
            .join(Position, Position.unit_id == Unit.id)
            .where(Position.role == Role.HRSS, Position.is_active, Unit.region_code == code)
            .order_by(Unit.id)
        ).first()
        if found is not None:
            return found
        code = act.session.get_one(Region, code).parent_code
    return None
