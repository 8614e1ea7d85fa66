"""Deputies (代理人), who handle the cases of a colleague for some days."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import DeputyState
from app.models import Deputy
from app.services.handling import colleagues, deputies

DEPUTY = Workflow(
    Deputy,
    Transition(
        event="name_deputy",
        label=_("Name a deputy"),
        source=(),
        target=DeputyState.NAMED,
        roles=colleagues.ROLES,
        checks=(
            deputies.is_own,
            deputies.has_days_ahead,
            deputies.is_colleague,
            deputies.is_only_one,
        ),
        effects=(deputies.tell_deputy,),
    ),
    Transition(
        event="end_deputy",
        label=_("End early"),
        source=(DeputyState.NAMED,),
        target=DeputyState.ENDED,
        roles=colleagues.ROLES,
        guards=(deputies.is_own, deputies.is_not_over),
        effects=(deputies.tell_deputy,),
        consequence=_("The deputy handles these cases no longer and is told at once."),
    ),
)
