"""Changes of employment: asked for by the person, decided by the unit."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Transition, Workflow
from app.enums import EmploymentChangeState, Role
from app.models import EmploymentChange
from app.services.accounts import employment_changes

EMPLOYMENT_CHANGE = Workflow(
    EmploymentChange,
    Transition(
        event="ask",
        label=_("Ask for the change"),
        source=(),
        target=EmploymentChangeState.ASKED,
        roles=(Role.APPLICANT,),
        checks=(employment_changes.is_own,),
    ),
    Transition(
        event="confirm",
        label=_("Confirm"),
        source=(EmploymentChangeState.ASKED,),
        target=EmploymentChangeState.CONFIRMED,
        roles=(Role.UNIT,),
        guards=(
            employment_changes.is_own_unit,
            employment_changes.still_fits,
            employment_changes.is_not_under_way,
        ),
        effects=(employment_changes.apply, employment_changes.tell),
    ),
    Transition(
        event="refuse",
        label=_("Refuse"),
        source=(EmploymentChangeState.ASKED,),
        target=EmploymentChangeState.REFUSED,
        roles=(Role.UNIT,),
        guards=(employment_changes.is_own_unit,),
        effects=(employment_changes.tell,),
        needs_opinion=True,
        consequence=_("The person stays with the present unit."),
    ),
    Transition(
        event="withdraw",
        label=_p("employment change", "Withdraw"),
        source=(EmploymentChangeState.ASKED,),
        target=EmploymentChangeState.WITHDRAWN,
        roles=(Role.APPLICANT,),
        guards=(employment_changes.is_own,),
    ),
)
