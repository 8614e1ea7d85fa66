"""The pools of experts: apply, recommend, admit, leave."""

from flask_babel import lazy_gettext as _

from app.enums import ExpertState as E
from app.enums import Role
from app.models import Expert
from app.workflow.engine import T, Workflow

EXPERT = Workflow(
    Expert,
    T("apply", _("Apply"), (), E.APPLIED, (Role.APPLICANT,)),
)  # fmt: skip
