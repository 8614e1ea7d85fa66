"""Sealed ballots (menu 1.3.4)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import BallotState, Role
from app.models import SealedBallot
from app.services.voting import ballots

BALLOT = Workflow(
    SealedBallot,
    Transition(
        event="cast",
        label=_("Vote"),
        source=(),
        target=BallotState.CAST,
        roles=(Role.JUDGE,),
        checks=(
            ballots.is_open,
            ballots.is_in_time,
            ballots.is_on_the_roll,
            ballots.is_first,
            ballots.box_is_untouched,
            ballots.is_sealed,
        ),
        effects=(ballots.note_round,),
    ),
)
