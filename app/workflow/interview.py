"""Interviews of candidates (menu 1.2.4)."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Branch, Transition, Workflow
from app.enums import InterviewState, Role
from app.models import Interview
from app.services.interviews import interview_acts as acts
from app.services.meeting import round_lock

INTERVIEW = Workflow(
    Interview,
    Transition(
        event="plan",
        label=_("Generate"),
        source=(),
        target=InterviewState.PLANNED,
        roles=(Role.OFFICE,),
        guards=(acts.is_candidate,),
        effects=(acts.note_lot,),
    ),
    Transition(
        event="redraw",
        label=_("Draw the order anew"),
        source=(InterviewState.PLANNED,),
        target=InterviewState.PLANNED,
        roles=(Role.OFFICE,),
        guards=(acts.is_candidate,),
        effects=(acts.note_lot,),
        needs_opinion=True,
    ),
    Transition(
        event="send",
        label=_p("notice", "Send"),
        source=(InterviewState.PLANNED,),
        target=InterviewState.SENT,
        roles=(Role.OFFICE,),
        guards=(acts.is_candidate, acts.is_ahead),
        effects=(acts.send,),
    ),
    Transition(
        event="receive",
        label=_("Confirm receipt"),
        source=(InterviewState.SENT,),
        target=InterviewState.CONFIRMED,
        roles=(Role.APPLICANT,),
        guards=(acts.is_mine, acts.is_meeting_on),
        effects=(acts.receive,),
    ),
    Transition(
        event="ask_move",
        label=_("Ask for another time"),
        source=(InterviewState.SENT, InterviewState.CONFIRMED),
        target=InterviewState.MOVE_ASKED,
        roles=(Role.APPLICANT,),
        guards=(acts.is_mine, acts.is_meeting_on, acts.is_ahead),
        checks=(acts.has_short_reason,),
        effects=(acts.keep_reason,),
        needs_opinion=True,
    ),
    Transition(
        event="move",
        label=_("Move the interview"),
        source=(
            InterviewState.PLANNED,
            InterviewState.SENT,
            InterviewState.CONFIRMED,
            InterviewState.MOVE_ASKED,
        ),
        target=Branch((InterviewState.PLANNED, InterviewState.SENT), acts.after_move),
        roles=(Role.OFFICE,),
        guards=(acts.is_candidate,),
        checks=(acts.has_free_slot,),
        effects=(acts.move,),
    ),
    Transition(
        event="refuse_move",
        label=_("Keep the time"),
        source=(InterviewState.MOVE_ASKED,),
        target=InterviewState.SENT,
        roles=(Role.OFFICE,),
        effects=(acts.tell_refusal,),
        needs_opinion=True,
    ),
    Transition(
        event="hold",
        label=_("Interview held"),
        source=(
            InterviewState.PLANNED,
            InterviewState.SENT,
            InterviewState.CONFIRMED,
            InterviewState.MOVE_ASKED,
        ),
        target=InterviewState.HEARD,
        roles=(Role.OFFICE,),
        guards=(acts.has_begun,),
    ),
    Transition(
        event="miss",
        label=_("Absent"),
        source=(InterviewState.SENT, InterviewState.CONFIRMED, InterviewState.MOVE_ASKED),
        target=InterviewState.ABSENT,
        roles=(Role.OFFICE,),
        guards=(acts.has_begun, round_lock.is_before_the_round, acts.has_no_sheet),
    ),
    Transition(
        event="correct_absence",
        label=_("Correct the absence"),
        source=(InterviewState.ABSENT,),
        target=InterviewState.HEARD,
        roles=(Role.OFFICE,),
        guards=(acts.is_same_day, round_lock.is_before_the_round),
        needs_opinion=True,
    ),
    guards=(acts.is_own_committee, acts.is_not_own, acts.is_meeting_on),
)
