"""The draw of judges, the seats it fills and who is kept from which candidate."""

from app.models import Draw, Recusal, Seat
from app.workflow.engine import Workflow

DRAW = Workflow(Draw)
SEAT = Workflow(Seat)
RECUSAL = Workflow(Recusal)
