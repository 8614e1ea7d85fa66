"""Transitions of a round that was held on paper (menu 1.2.5)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition
from app.enums import Role, RoundState
from app.services.results import (
    offline_results,
    outcomes,
    paper_rounds,
    result_messages,
    result_proof,
)
from app.services.voting import round_rules

PAPER_ROWS = (
    Transition(
        event="enter_paper",
        label=_("Enter a round held on paper"),
        source=(),
        target=RoundState.ENTERED,
        roles=(Role.OFFICE,),
        checks=(
            paper_rounds.is_own_committee,
            paper_rounds.is_still_in_meeting,
            paper_rounds.has_no_open_round,
            round_rules.has_opinions_on_paper,
            paper_rounds.is_consistent,
            paper_rounds.has_sheet,
            round_rules.has_opinion_sheet,
        ),
        effects=(
            paper_rounds.sign_entry,
            paper_rounds.store,
            result_messages.tell_second_person_of_round,
        ),
    ),
    Transition(
        event="confirm_paper",
        label=_("Confirm the round held on paper"),
        source=(RoundState.ENTERED,),
        target=RoundState.COUNTED,
        roles=(Role.OFFICE,),
        guards=(
            paper_rounds.is_own_committee,
            paper_rounds.is_in_meeting,
            paper_rounds.is_second_person,
        ),
        checks=(paper_rounds.is_still_in_meeting,),
        effects=(
            paper_rounds.count,
            offline_results.settle,
            result_proof.note_counts,
            outcomes.note_due,
            result_messages.tell_when_decided,
        ),
    ),
    Transition(
        event="drop_paper",
        label=_("Drop the round held on paper"),
        source=(RoundState.ENTERED,),
        target=RoundState.VOID,
        roles=(Role.OFFICE,),
        guards=(paper_rounds.is_own_committee,),
        needs_opinion=True,
        consequence=_("The figures entered are dropped."),
    ),
)
