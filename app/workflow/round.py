"""Rounds of votes (menu 1.3.4)."""

from flask_babel import lazy_gettext as _

from app.engine import Branch, Transition, Workflow
from app.enums import Role, RoundState
from app.models import Round
from app.services.meeting import round_lock
from app.services.results import outcomes, paper_rounds, result_proof
from app.services.review import barring
from app.services.voting import (
    key_holders,
    round_integrity,
    round_readiness,
    round_rules,
    round_voids,
    vote_count,
    vote_messages,
    vote_rounds,
)
from app.workflow.paper_round import PAPER_ROWS

LIVE = (RoundState.READY, RoundState.OPEN, RoundState.CLOSED)
HOLDERS = (Role.JUDGE, Role.SUPERVISOR, Role.OFFICE)

ROUND = Workflow(
    Round,
    Transition(
        event="freeze",
        label=_("Freeze the round"),
        source=(),
        target=RoundState.READY,
        roles=(Role.OFFICE,),
        checks=(
            paper_rounds.is_own_committee,
            paper_rounds.is_still_in_meeting,
            paper_rounds.has_no_open_round,
            round_rules.is_day,
            round_rules.is_due,
            round_readiness.is_ready,
            key_holders.are_as_registered,
            round_rules.has_nobody_barred,
            round_readiness.is_scored_enough,
        ),
        effects=(vote_rounds.freeze, round_integrity.seal_frozen, vote_messages.tell_presiding),
    ),
    Transition(
        event="open",
        label=_("Open the vote"),
        source=(RoundState.READY,),
        target=RoundState.OPEN,
        roles=(Role.JUDGE,),
        guards=(
            round_rules.is_presiding,
            paper_rounds.is_in_meeting,
            round_rules.is_day,
            round_rules.still_has_quorum,
            barring.frozen_refusal,
        ),
        checks=(round_integrity.is_as_frozen,),
        effects=(vote_rounds.note_opened, vote_messages.tell_voters),
    ),
    Transition(
        event="close",
        label=_("Close the vote"),
        source=(RoundState.OPEN,),
        target=RoundState.CLOSED,
        roles=(Role.JUDGE,),
        guards=(round_rules.is_presiding,),
        checks=(round_integrity.is_as_cast, round_rules.have_voted_or_why_not),
        effects=(vote_rounds.note_closed, vote_messages.tell_key_holders),
    ),
    Transition(
        event="release",
        label=_("Open the ballot box"),
        source=(RoundState.CLOSED,),
        target=Branch((RoundState.CLOSED, RoundState.COUNTED), vote_count.next_state),
        roles=HOLDERS,
        guards=(vote_count.is_holder, vote_count.has_not_given),
        checks=(round_integrity.is_as_cast, vote_count.opens_share),
        effects=(vote_count.release, result_proof.note_counts, outcomes.note_due),
    ),
    Transition(
        event="ask_void",
        label=_("Ask to make it void"),
        source=LIVE,
        target=Branch(LIVE, round_voids.keep_state),
        roles=HOLDERS,
        guards=(round_voids.may_ask, round_voids.is_not_asked),
        effects=(round_voids.note_asked,),
        needs_opinion=True,
    ),
    Transition(
        event="void",
        label=_("Agree, make it void"),
        source=LIVE,
        target=RoundState.VOID,
        roles=HOLDERS,
        guards=(round_voids.may_ask, round_voids.is_other_side),
        effects=(vote_rounds.delete_ballots_and_key,),
        consequence=_("The round is void and its ballots do not count."),
    ),
    Transition(
        event="keep",
        label=_("Do not agree, it stands"),
        source=LIVE,
        target=Branch(LIVE, round_voids.keep_state),
        roles=HOLDERS,
        guards=(round_voids.may_ask, round_voids.is_other_side),
        effects=(round_voids.forget_request,),
        needs_opinion=True,
    ),
    *PAPER_ROWS,
    guards=(round_lock.is_not_own,),
)
