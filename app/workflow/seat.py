"""Seats of a meeting: invited, answered, signed in (menu 1.2.3)."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Branch, Transition, Workflow
from app.enums import Role, SeatState
from app.models import Seat
from app.services.draw import attendance, phone_declines, seat_invitations

SIT = (SeatState.ACCEPTED, SeatState.PRESENT)
CALLED = (SeatState.CALLED, SeatState.ACCEPTED)
BOTH = (Role.OFFICE, Role.SUPERVISOR)
ANSWER = (attendance.is_own_or_office, attendance.is_answerable)

SEAT = Workflow(
    Seat,
    Transition(
        event="draw",
        label=_p("seat", "Drawn"),
        source=(),
        target=SeatState.CALLED,
        roles=(Role.SUPERVISOR, Role.OFFICE, Role.JUDGE),
        effects=(seat_invitations.tell_judge,),
    ),
    Transition(
        event="list",
        label=_("Listed as an alternate"),
        source=(),
        target=SeatState.RESERVE,
        roles=(Role.SUPERVISOR, Role.OFFICE, Role.JUDGE),
    ),
    Transition(
        event="call",
        label=_("Alternate called"),
        source=(SeatState.RESERVE,),
        target=SeatState.CALLED,
        roles=(Role.OFFICE, Role.SUPERVISOR, Role.JUDGE),
        effects=(seat_invitations.tell_judge,),
    ),
    Transition(
        event="release",
        label=_("Released"),
        source=(SeatState.RESERVE, SeatState.CALLED, SeatState.ACCEPTED),
        target=SeatState.RELEASED,
        roles=BOTH,
        guards=(attendance.is_own_or_office,),
        checks=(seat_invitations.note_reserve,),
        effects=(attendance.clear_assignments, seat_invitations.tell_judge),
    ),
    Transition(
        event="accept",
        label=_p("seat", "Accept"),
        source=(SeatState.CALLED,),
        target=SeatState.ACCEPTED,
        roles=(Role.JUDGE, Role.OFFICE),
        guards=ANSWER,
        checks=(attendance.still_answerable,),
        effects=(
            attendance.note_answer,
            phone_declines.forget_note,
            attendance.assign_new_member,
        ),
    ),
    Transition(
        event="decline",
        label=_("Cannot take part"),
        source=(SeatState.CALLED,),
        target=SeatState.DECLINED,
        roles=(Role.JUDGE,),
        guards=ANSWER,
        checks=(attendance.still_answerable,),
        effects=(attendance.note_answer, phone_declines.forget_note, seat_invitations.call_next),
        needs_opinion=True,
    ),
    Transition(
        event="withdraw",
        label=_("Give the seat back"),
        source=(SeatState.ACCEPTED,),
        target=SeatState.DECLINED,
        roles=(Role.JUDGE,),
        guards=ANSWER,
        checks=(attendance.still_answerable,),
        effects=(
            attendance.note_answer,
            phone_declines.forget_note,
            attendance.clear_assignments,
            seat_invitations.call_next,
        ),
        needs_opinion=True,
    ),
    Transition(
        event="note_decline",
        label=_("Note a refusal by telephone"),
        source=CALLED,
        target=Branch(CALLED, attendance.keep_state),
        roles=(Role.OFFICE,),
        guards=(*ANSWER, phone_declines.is_not_noted),
        checks=(attendance.still_answerable,),
        effects=(phone_declines.note,),
        needs_opinion=True,
    ),
    Transition(
        event="confirm_decline",
        label=_("Confirm the refusal"),
        source=CALLED,
        target=SeatState.DECLINED,
        roles=(Role.SUPERVISOR,),
        guards=(*ANSWER, phone_declines.is_noted, phone_declines.is_another_person),
        checks=(attendance.still_answerable,),
        effects=(phone_declines.confirm,),
    ),
    Transition(
        event="drop_decline",
        label=_("Do not confirm, the seat stays"),
        source=CALLED,
        target=Branch(CALLED, attendance.keep_state),
        roles=(Role.SUPERVISOR,),
        guards=(attendance.is_own_or_office, phone_declines.is_noted),
        effects=(phone_declines.drop,),
        needs_opinion=True,
    ),
    Transition(
        event="object_decline",
        label=_("I did not refuse"),
        source=(*CALLED, SeatState.DECLINED),
        target=Branch((*CALLED, SeatState.DECLINED), attendance.keep_state),
        roles=(Role.JUDGE,),
        guards=(attendance.is_own_or_office, phone_declines.is_noted),
        effects=(phone_declines.object_to,),
        needs_opinion=True,
    ),
    Transition(
        event="appoint",
        label=_("Appoint"),
        source=SIT,
        target=Branch(SIT, attendance.keep_state),
        roles=(Role.OFFICE,),
        guards=(attendance.is_own_or_office, attendance.is_before_the_first_round),
        checks=(attendance.is_role,),
        effects=(attendance.appoint,),
    ),
    Transition(
        event="attend",
        label=_p("meeting", "Sign in"),
        source=(SeatState.ACCEPTED, SeatState.GONE),
        target=SeatState.PRESENT,
        roles=(Role.JUDGE,),
        guards=(attendance.is_own_or_office, attendance.is_day_of_meeting),
        checks=(attendance.lock,),
        effects=(attendance.sign_in,),
    ),
    Transition(
        event="depart",
        label=_("Leave the meeting"),
        source=(SeatState.PRESENT,),
        target=SeatState.GONE,
        roles=(Role.JUDGE, Role.OFFICE),
        guards=(attendance.is_own_or_office,),
        effects=(attendance.sign_out,),
    ),
)
