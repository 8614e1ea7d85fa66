"""A refusal by telephone: the office notes it, the judge is told and may object, the supervisor confirms it.

Otherwise the office could keep a drawn judge out by noting a refusal that nobody gave.
"""

from flask_babel import gettext

from app.engine import Act
from app.enums import Role, SeatState
from app.models import Plan, Seat
from app.services.draw import attendance, draw_messages, seat_invitations
from app.services.draw.seat_invitations import OWN_SEATS, SEATS
from app.services.messages import outbox


def is_not_noted(act: Act) -> str | None:
    """Refuse a second note while one waits for the supervisor."""
    if act.record.decline_noted_by is None:
        return None
    return gettext("A refusal by telephone is noted already; the supervisor decides on it.")


def is_noted(act: Act) -> str | None:
    """Refuse a decision on, or an objection to, a refusal that the office has not noted."""
    if act.record.decline_noted_by is not None:
        return None
    return gettext("The office has noted no refusal by telephone for this seat.")


def is_another_person(act: Act) -> str | None:
    """Refuse the confirmation by the person who noted the refusal."""
    if act.record.decline_noted_by != act.actor.user_id:
        return None
    return gettext("You noted this refusal; somebody else confirms it.")


def note(act: Act) -> None:
    """Store who noted the refusal and why; tell the judge and the supervisor."""
    seat: Seat = act.record
    seat.decline_noted_by = act.actor.user_id
    seat.reason = act.opinion[: attendance.REASON_LENGTH]
    _tell_judge(act, "seat.decline_noted", opinion=seat.reason)
    _tell_side(act, Role.SUPERVISOR, "seat.decline_check")


def confirm(act: Act) -> None:
    """Vacate the seat, call the next expert and tell the judge, who may still object.

    `decline_noted_by` stays, as the mark of a refusal that the judge did not give in the program.
    """
    act.record.answered_at = act.at
    attendance.clear_assignments(act)
    seat_invitations.call_next(act)
    _tell_judge(act, "seat.decline_confirmed", opinion=act.record.reason)


def drop(act: Act) -> None:
    """Delete the note: the judge keeps the seat."""
    _forget(act)
    _tell_side(act, Role.OFFICE, "seat.decline_dropped", opinion=act.opinion)


def object_to(act: Act) -> None:
    """Delete the note if it is not confirmed yet; tell both sides that the judge refused nothing.

    After the confirmation the seat stays vacated; both sides may make the draw void.
    """
    if act.record.state is not SeatState.DECLINED:
        _forget(act)
    for role in (Role.OFFICE, Role.SUPERVISOR):
        _tell_side(act, role, "seat.decline_objected", opinion=act.opinion)


def forget_note(act: Act) -> None:
    """Delete a waiting note, because the judge answered."""
    act.record.decline_noted_by = None


def _forget(act: Act) -> None:
    act.record.decline_noted_by, act.record.reason = None, ""


def _tell_judge(act: Act, template: str, **payload: str) -> None:
    plan = act.session.get_one(Plan, act.record.plan_id)
    outbox.queue_message(
        act.session,
        act.record.user_id,
        template,
        at=act.at,
        url=OWN_SEATS,
        plan=plan.name,
        **payload,
    )


def _tell_side(act: Act, role: Role, template: str, **payload: str) -> None:
    plan = act.session.get_one(Plan, act.record.plan_id)
    place = str(act.record.place)
    draw_messages.tell_side(act, plan, role, template, url=SEATS, place=place, **payload)
