"""What judges hand in: reviews and scores, the opinion of a group."""

from app.models import Assessment, Opinion
from app.workflow.engine import Workflow

ASSESSMENT = Workflow(Assessment)
OPINION = Workflow(Opinion)
