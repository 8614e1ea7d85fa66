"""Other lines for an agreed plan (menu 1.2.2): asked for by the office, decided by the authority."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Transition, Workflow
from app.enums import PlanChangeState, Role
from app.models import PlanChange
from app.services.meeting import round_lock
from app.services.messages import decisions
from app.services.results import plan_changes

PLAN_CHANGE = Workflow(
    PlanChange,
    Transition(
        event="report",
        label=_p("plan change", "Report"),
        source=(),
        target=PlanChangeState.REPORTED,
        roles=(Role.OFFICE,),
        checks=(plan_changes.is_own_committee, plan_changes.is_only_one, plan_changes.is_possible),
        effects=(plan_changes.note_report,),
        needs_opinion=True,
    ),
    Transition(
        event="agree",
        label=_p("plan change", "Agree"),
        source=(PlanChangeState.REPORTED,),
        target=PlanChangeState.AGREED,
        roles=(Role.HRSS,),
        guards=(plan_changes.is_in_region,),
        checks=(plan_changes.is_possible,),
        effects=(plan_changes.apply, decisions.tell_of_plan_change),
        consequence=_("The meeting counts by these lines from now on."),
    ),
    Transition(
        event="refuse",
        label=_p("plan change", "Do not agree"),
        source=(PlanChangeState.REPORTED,),
        target=PlanChangeState.REFUSED,
        roles=(Role.HRSS,),
        guards=(plan_changes.is_in_region,),
        effects=(decisions.tell_of_plan_change,),
        needs_opinion=True,
        consequence=_("The meeting keeps the lines of its plan."),
    ),
    Transition(
        event="withdraw",
        label=_p("plan change", "Take back"),
        source=(PlanChangeState.REPORTED,),
        target=PlanChangeState.WITHDRAWN,
        roles=(Role.OFFICE,),
        guards=(plan_changes.is_own_committee,),
        consequence=_("The meeting keeps the lines of its plan."),
    ),
    guards=(round_lock.is_not_own,),
)
