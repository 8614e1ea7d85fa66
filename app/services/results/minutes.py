"""Minutes of an online meeting, and the signatures of chair and supervisor (Order 40, art. 23).

Both sign the present minutes and the counted votes; changing the minutes deletes the signatures.
"""

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Act, Refused
from app.enums import MeetingMode, SeatRole
from app.models import Plan, Seat
from app.services.meeting import seats
from app.validators import Invalid, text

SHORTEST, LONGEST = 20, 20_000
"""Length of the minutes in characters: from one sentence to about thirty pages."""


def is_written(act: Act) -> str | None:
    """Refuse minutes that are too short or too long. Raises Refused at `minutes`."""
    try:
        text(_typed(act), min_length=SHORTEST, max_length=LONGEST, multiline=True)
    except Invalid as invalid:
        raise Refused(invalid, "minutes") from None
    return None


def write(act: Act) -> None:
    """Store the minutes; a changed text deletes the signatures."""
    plan: Plan = act.record
    wanted = text(_typed(act), min_length=SHORTEST, max_length=LONGEST, multiline=True)
    if is_changed(act):
        plan.minutes = wanted
        clear_signatures(plan)


def is_changed(act: Act) -> bool:
    """Return whether the typed minutes differ from the stored ones; call it after `is_written`."""
    wanted = text(_typed(act), min_length=SHORTEST, max_length=LONGEST, multiline=True)
    return bool(wanted != act.record.minutes)


def _typed(act: Act) -> str:
    return str(act.details.get("minutes") or "")


def has_minutes(act: Act) -> str | None:
    """Refuse to sign or confirm a meeting without minutes."""
    if act.record.minutes:
        return None
    return gettext("The minutes of the meeting are not written yet; the office writes them first.")


def is_presiding(act: Act) -> str | None:
    """Refuse everyone except the chair who attended or the presiding judge (Order 40, art. 20 and 23)."""
    if signs_as_chair(act.session, act.record, act.actor.user_id):
        return None
    return gettext("Only whoever presided over this meeting signs its result for the committee.")


def signs_as_chair(session: Session, plan: Plan, user_id: int | None) -> bool:
    """Return whether the account is the chair who attended the meeting, or presides over it."""
    return user_id in chair_accounts(session, plan)


def chair_accounts(session: Session, plan: Plan) -> set[int]:
    """Return the accounts that sign for the committee: the chair who attended, and whoever presides."""
    query = select(Seat).where(
        Seat.plan_id == plan.id, Seat.state.in_(seats.MEMBERS), Seat.role.in_(seats.PRESIDING)
    )
    found = session.scalars(query.order_by(Seat.place)).all()
    attended = {
        one.user_id for one in found if one.role is SeatRole.CHAIR and one.attended_at is not None
    }
    presiding = seats.first_presiding(found)
    return attended | ({presiding.user_id} if presiding else set())


def is_unsigned_by_chair(act: Act) -> str | None:
    """Refuse a second chair signature."""
    if act.record.chair_signed_at is None:
        return None
    return gettext("The chair has signed already.")


def is_unsigned_by_supervisor(act: Act) -> str | None:
    """Refuse a second supervisor signature."""
    if act.record.supervisor_signed_at is None:
        return None
    return gettext("The supervisor has signed already.")


def is_another_person(act: Act) -> str | None:
    """Refuse to sign for the person who computed the result or has signed already; it takes three persons."""
    plan: Plan = act.record
    if act.actor.user_id == plan.entered_by:
        return gettext("You computed this result; another person must sign it.")
    if act.actor.user_id not in (plan.chair_signed_by, plan.supervisor_signed_by):
        return None
    return gettext("You have signed already; the other signature is another person's.")


def sign_as_chair(act: Act) -> None:
    """Record person and time of the chair's signature."""
    act.record.chair_signed_by, act.record.chair_signed_at = act.actor.user_id, act.at


def sign_as_supervisor(act: Act) -> None:
    """Record person and time of the supervisor's signature."""
    act.record.supervisor_signed_by, act.record.supervisor_signed_at = act.actor.user_id, act.at


def clear_signatures(plan: Plan) -> None:
    """Delete both signatures, because the signed content has changed."""
    plan.chair_signed_by = plan.chair_signed_at = None
    plan.supervisor_signed_by = plan.supervisor_signed_at = None


def is_signed(act: Act) -> str | None:
    """Refuse to confirm an online result without minutes and both signatures (Order 40, art. 23)."""
    plan: Plan = act.record
    if plan.mode is MeetingMode.OFFLINE:
        return None
    missing = [
        label
        for label, is_there in (
            (gettext("Minutes of the meeting"), plan.minutes),
            (gettext("signature of the chair"), plan.chair_signed_at),
            (gettext("signature of the supervisor"), plan.supervisor_signed_at),
        )
        if not is_there
    ]
    if not missing:
        return None
    return gettext("Still missing: %(what)s.", what=gettext(", ").join(missing))
