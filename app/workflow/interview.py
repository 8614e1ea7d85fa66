"""Interviews: slots, notices, receipts, absentees."""

from app.models import Interview
from app.workflow.engine import Workflow

INTERVIEW = Workflow(Interview)
