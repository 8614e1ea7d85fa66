"""Rounds of votes and the ballots cast in them."""

from app.models import Round, SealedBallot
from app.workflow.engine import Workflow
from app.workflow.paper import PAPER_ROWS

ROUND = Workflow(Round, *PAPER_ROWS)
BALLOT = Workflow(SealedBallot)
