"""Rounds of votes and the ballots cast in them."""

from app.models import Round, SealedBallot
from app.workflow.engine import Workflow

ROUND = Workflow(Round)
BALLOT = Workflow(SealedBallot)
