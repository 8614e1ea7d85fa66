"""Interviews: slots, notices, receipts, absentees."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Fork, T, Workflow
from app.enums import InterviewState as I
from app.enums import Role
from app.models import Interview
from app.services.interviews import interview_acts as acts
from app.services.meeting import round_lock

INTERVIEW = Workflow(
    Interview,
    T("plan", _("Generate"), (), I.PLANNED, (Role.OFFICE,), guards=(acts.is_candidate,), effects=(acts.note_lot,)),
    T("redraw", _("Draw the order anew"), (I.PLANNED,), I.PLANNED, (Role.OFFICE,), guards=(acts.is_candidate,), effects=(acts.note_lot,), needs_opinion=True),
    T("send", _p("notice", "Send"), (I.PLANNED,), I.SENT, (Role.OFFICE,), guards=(acts.is_candidate, acts.is_ahead), effects=(acts.send,)),
    T("receive", _("Confirm receipt"), (I.SENT,), I.CONFIRMED, (Role.APPLICANT,), guards=(acts.is_mine, acts.is_meeting_on), effects=(acts.receive,)),
    T("ask_move", _("Ask for another time"), (I.SENT, I.CONFIRMED), I.MOVE_ASKED, (Role.APPLICANT,), guards=(acts.is_mine, acts.is_meeting_on, acts.is_ahead), checks=(acts.has_short_reason,), effects=(acts.keep_reason,), needs_opinion=True),
    T("move", _("Move the interview"), (I.PLANNED, I.SENT, I.CONFIRMED, I.MOVE_ASKED), Fork((I.PLANNED, I.SENT), acts.after_move), (Role.OFFICE,), guards=(acts.is_candidate,), checks=(acts.has_free_slot,), effects=(acts.move,)),
    T("refuse_move", _("Keep the time"), (I.MOVE_ASKED,), I.SENT, (Role.OFFICE,), effects=(acts.tell_refusal,), needs_opinion=True),
    T("hold", _("Interview held"), (I.PLANNED, I.SENT, I.CONFIRMED, I.MOVE_ASKED), I.HEARD, (Role.OFFICE,), guards=(acts.has_begun,)),
    T("miss", _("Absent"), (I.SENT, I.CONFIRMED, I.MOVE_ASKED), I.ABSENT, (Role.OFFICE,), guards=(acts.has_begun, round_lock.is_before_the_round, acts.has_no_sheet)),
    T("correct_absence", _("Correct the absence"), (I.ABSENT,), I.HEARD, (Role.OFFICE,), guards=(acts.is_same_day, round_lock.is_before_the_round), needs_opinion=True),
    guards=(acts.is_own_committee, acts.is_not_own, acts.is_meeting_on),
)  # fmt: skip
