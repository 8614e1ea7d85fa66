"""The draw of judges, the seats it fills and who is kept from which candidate."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Fork, T, Workflow
from app.enums import DrawState as D
from app.enums import RecusalState as K
from app.enums import Role
from app.enums import SeatState as P
from app.models import Draw, Recusal, Seat
from app.services.draw import attendance, draw_voids, draws, recusal_requests, seat_invitations

LIVE = (D.FROZEN, D.COMMITTED, D.OPENING, D.DRAWN)
UNMOVED = Fork(LIVE, draw_voids.stay)
COMMITTED = Fork((D.FROZEN, D.COMMITTED), draws.next_state)
DUE = (draws.is_own_committee, draws.meeting_is_due)
SIT = (P.ACCEPTED, P.PRESENT)
BOTH = (Role.OFFICE, Role.SUPERVISOR)
ANSWER = (attendance.is_own_or_office, attendance.is_answerable)
ONE_CASE = (recusal_requests.is_of_meeting, recusal_requests.is_new, recusal_requests.binds_in_time, recusal_requests.says_why)  # fmt: skip

DRAW = Workflow(
    Draw,
    T("freeze", _("Freeze the pool"), (), D.FROZEN, (Role.OFFICE,), checks=(*DUE, draws.is_late_enough, draws.is_only_one, draws.is_composed, draws.says_why_again, draws.names_source, draws.take_pool)),
    T("commit_office", _("Commit"), (D.FROZEN,), COMMITTED, (Role.OFFICE,), guards=(*DUE, draws.is_uncommitted, draws.is_another_person), checks=(draws.is_commitment,), effects=(draws.keep_commitment,)),
    T("commit_supervisor", _("Commit"), (D.FROZEN,), COMMITTED, (Role.SUPERVISOR,), guards=(*DUE, draws.is_uncommitted, draws.is_another_person), checks=(draws.is_commitment,), effects=(draws.keep_commitment,)),
    T("open_office", _("Reveal"), (D.COMMITTED,), D.OPENING, (Role.OFFICE,), guards=(*DUE, draws.is_the_one_who_committed), checks=(draws.opens_commitment,)),
    T("open_supervisor", _("Reveal and draw"), (D.OPENING,), D.DRAWN, (Role.SUPERVISOR,), guards=(*DUE, draws.is_the_one_who_committed), checks=(draws.lock, draws.opens_commitment, draws.fits_source, draws.makes_seed), effects=(draws.fill_seats,)),
    T("ask_void", _("Ask to make it void"), LIVE, UNMOVED, BOTH, guards=(draws.is_own_committee, draw_voids.is_not_asked, draw_voids.meeting_has_not_begun), effects=(draw_voids.note_asked,), needs_opinion=True),
    T("void", _("Agree, make it void"), LIVE, D.VOID, BOTH, guards=(draws.is_own_committee, draw_voids.is_other_side, draw_voids.meeting_has_not_begun), checks=(draws.lock, draw_voids.meeting_has_not_begun), effects=(draw_voids.release_seats,)),
    T("keep", _("Do not agree, it stands"), LIVE, UNMOVED, BOTH, guards=(draws.is_own_committee, draw_voids.is_other_side), effects=(draw_voids.forget_request,), needs_opinion=True),
)  # fmt: skip

SEAT = Workflow(
    Seat,
    # fired by the draw, and by whoever makes a seat free
    T("draw", _p("seat", "Drawn"), (), P.CALLED, (Role.SUPERVISOR, Role.OFFICE, Role.JUDGE), effects=(seat_invitations.tell_judge,)),
    T("list", _("Listed as an alternate"), (), P.RESERVE, (Role.SUPERVISOR, Role.OFFICE, Role.JUDGE)),
    T("call", _("Alternate called"), (P.RESERVE,), P.CALLED, (Role.OFFICE, Role.JUDGE), effects=(seat_invitations.tell_judge,)),
    T("release", _("Released"), (P.RESERVE, P.CALLED, P.ACCEPTED), P.RELEASED, BOTH, guards=(attendance.is_own_or_office,), checks=(seat_invitations.note_reserve,), effects=(attendance.lay_down_work, seat_invitations.tell_judge)),
    # the judge, or the office for an answer by telephone
    T("accept", _p("seat", "Accept"), (P.CALLED,), P.ACCEPTED, (Role.JUDGE, Role.OFFICE), guards=ANSWER, checks=(attendance.still_answerable,), effects=(attendance.note_answer, attendance.take_up_work)),
    T("decline", _("Cannot take part"), (P.CALLED,), P.DECLINED, (Role.JUDGE, Role.OFFICE), guards=ANSWER, checks=(attendance.still_answerable,), effects=(attendance.note_answer, seat_invitations.call_next), needs_opinion=True),
    T("withdraw", _("Give the seat back"), (P.ACCEPTED,), P.DECLINED, (Role.JUDGE, Role.OFFICE), guards=ANSWER, checks=(attendance.still_answerable,), effects=(attendance.note_answer, attendance.lay_down_work, seat_invitations.call_next), needs_opinion=True),
    T("appoint", _("Appoint"), SIT, Fork(SIT, attendance.stay), (Role.OFFICE,), guards=(attendance.is_own_or_office, attendance.is_before_the_first_round), checks=(attendance.is_role,), effects=(attendance.appoint,)),
    T("attend", _p("meeting", "Sign in"), (P.ACCEPTED, P.GONE), P.PRESENT, (Role.JUDGE,), guards=(attendance.is_own_or_office, attendance.is_day_of_meeting), checks=(attendance.lock,), effects=(attendance.sign_in,)),
    T("depart", _("Leave the meeting"), (P.PRESENT,), P.GONE, (Role.JUDGE, Role.OFFICE), guards=(attendance.is_own_or_office,), effects=(attendance.sign_out,)),
)  # fmt: skip

RECUSAL = Workflow(
    Recusal,
    T("ask", _("Ask for recusal"), (), K.ASKED, (Role.APPLICANT,), checks=(recusal_requests.is_own_application, recusal_requests.is_in_time, recusal_requests.has_few_requests, recusal_requests.names_somebody), effects=(recusal_requests.note_asked,)),
    T("grant", _("Grant"), (K.ASKED,), K.IN_FORCE, (Role.OFFICE,), guards=(recusal_requests.is_own_committee, recusal_requests.binds_in_time), checks=(recusal_requests.lock,), effects=(recusal_requests.note_decided, recusal_requests.bind_named, recusal_requests.tell_applicant)),
    T("deny", _("Do not grant"), (K.ASKED,), K.REFUSED, (Role.OFFICE,), guards=(recusal_requests.is_own_committee,), effects=(recusal_requests.note_decided, recusal_requests.tell_applicant), needs_opinion=True),
    T("declare", _("Recuse oneself"), (), K.IN_FORCE, (Role.JUDGE,), checks=(recusal_requests.is_about_oneself, *ONE_CASE), effects=(recusal_requests.keep_from,)),
    T("impose", _("Impose"), (), K.IN_FORCE, (Role.OFFICE,), checks=(recusal_requests.is_own_committee, *ONE_CASE), effects=(recusal_requests.keep_from,)),
    # by the rules, when a judge accepts; or for a judge whom a granted request names
    T("note", _("By the rules"), (), K.IN_FORCE, (Role.JUDGE, Role.OFFICE)),
)  # fmt: skip
