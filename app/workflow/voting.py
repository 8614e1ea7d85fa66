"""Rounds of votes, the ballots cast in them, and who holds the key."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Fork, T, Workflow
from app.enums import BallotState as B
from app.enums import KeyState as K
from app.enums import Role
from app.enums import RoundState as R
from app.models import KeyHolder, Round, SealedBallot
from app.services.meeting import round_lock
from app.services.results import paper_rounds
from app.services.voting import ballots, key_holders, round_rules, vote_count, vote_rounds
from app.workflow.paper import PAPER_ROWS

HOLDERS = (Role.JUDGE, Role.SUPERVISOR, Role.OFFICE)
OWN = (key_holders.is_of_meeting, key_holders.is_before_the_result, key_holders.is_another_person)

ROUND = Workflow(
    Round,
    T("freeze", _("Freeze the round"), (), R.READY, (Role.OFFICE,), checks=(paper_rounds.is_own_committee, paper_rounds.is_still_in_meeting, paper_rounds.has_no_open_round, round_rules.is_day, round_rules.has_holders, round_rules.has_quorum, round_rules.is_due, round_rules.has_opinions, round_rules.has_scores), effects=(vote_rounds.freeze,)),
    T("open", _("Open the vote"), (R.READY,), R.OPEN, (Role.JUDGE,), guards=(round_rules.is_presiding, paper_rounds.is_in_meeting, round_rules.is_day, round_rules.still_has_quorum), effects=(vote_rounds.note_opened,)),
    T("close", _("Close the vote"), (R.OPEN,), R.CLOSED, (Role.JUDGE,), guards=(round_rules.is_presiding,), checks=(round_rules.have_voted_or_why_not,), effects=(vote_rounds.note_closed,)),
    T("release", _("Open the ballot box"), (R.CLOSED,), Fork((R.CLOSED, R.COUNTED), vote_count.next_state), HOLDERS, guards=(vote_count.is_holder, vote_count.has_not_given), checks=(vote_count.opens_share,), effects=(vote_count.release,)),
    T("void", _p("round", "Make void"), (R.READY, R.OPEN, R.CLOSED), R.VOID, (Role.JUDGE, Role.OFFICE), guards=(round_rules.may_void,), effects=(vote_rounds.destroy,), needs_opinion=True),
    *PAPER_ROWS,
    guards=(round_lock.is_not_own,),
)  # fmt: skip

BALLOT = Workflow(
    SealedBallot,
    T("cast", _("Vote"), (), B.CAST, (Role.JUDGE,), checks=(ballots.is_open, ballots.is_in_time, ballots.is_on_the_roll, ballots.is_first, ballots.is_sealed)),
)  # fmt: skip

KEY = Workflow(
    KeyHolder,
    T("register", _("Take a code for the ballot box"), (), K.HELD, HOLDERS, checks=OWN),
    T("replace", _("Replace the code"), (K.HELD,), K.HELD, HOLDERS, guards=(*OWN, key_holders.has_no_sealed_round), effects=(key_holders.renew,)),
)  # fmt: skip
