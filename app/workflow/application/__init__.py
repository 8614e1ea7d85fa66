"""The life of an application, from 暂存 to the certificate: one file of transitions per party that acts."""

from app.engine import Workflow
from app.models import Application
from app.services.review import application_messages, custody
from app.workflow.application import applicant, decision, office, superior, unit

APPLICATION = Workflow(
    Application,
    *applicant.ROWS,
    *unit.ROWS,
    *superior.ROWS,
    *office.ROWS,
    *decision.ROWS,
    guards=(custody.is_not_own,),
    after=(application_messages.tell_applicant,),
)
