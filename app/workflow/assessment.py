"""A judge's review or score sheet of one case (menus 1.3.1 to 1.3.3)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import AssessmentState, Role
from app.models import Assessment
from app.services.judging import assessments
from app.services.meeting import round_lock

ASSESSMENT = Workflow(
    Assessment,
    Transition(
        event="begin",
        label=_("Begin"),
        source=(),
        target=AssessmentState.DRAFT,
        roles=(Role.JUDGE,),
        checks=(
            assessments.is_own_case,
            assessments.is_meeting_on,
            assessments.uses_step,
            assessments.is_heard,
            round_lock.is_before_the_round,
        ),
    ),
    Transition(
        event="submit",
        label=_("Submit"),
        source=(AssessmentState.DRAFT,),
        target=AssessmentState.SUBMITTED,
        roles=(Role.JUDGE,),
        guards=(
            assessments.is_own_case,
            assessments.is_meeting_on,
            assessments.uses_step,
            assessments.is_heard,
            round_lock.is_before_the_round,
        ),
        checks=(assessments.is_complete,),
        effects=(assessments.lock,),
    ),
)
