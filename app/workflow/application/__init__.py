"""Transitions of an application, from draft (暂存) to certificate: one file per acting party."""

from app.engine import Workflow
from app.models import Application
from app.services.handling import handlers
from app.services.registers import deadlines
from app.services.review import application_messages, custody, notices, proposals
from app.services.rules import standing
from app.workflow.application import applicant, decision, handling, office, superior, unit

APPLICATION = Workflow(
    Application,
    *applicant.ROWS,
    *unit.ROWS,
    *superior.ROWS,
    *office.ROWS,
    *handling.ROWS,
    *decision.ROWS,
    guards=(custody.is_not_own,),
    after=(
        handlers.note_principal,
        application_messages.tell_applicant,
        proposals.drop_overtaken,
    ),
    ahead=(deadlines.read_for, notices.read_for, proposals.read_for, standing.read_for),
)
