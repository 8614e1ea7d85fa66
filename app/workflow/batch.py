"""Transitions of an annual batch (menu 1.4.2)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import BatchState, Role
from app.models import Batch
from app.services.messages import decisions
from app.services.registers import batch_closing, batches
from app.services.review import batch_deadlines

BATCH = Workflow(
    Batch,
    Transition(
        event="submit",
        label=_("Save"),
        source=(),
        target=BatchState.SUBMITTED,
        roles=(Role.OFFICE,),
        checks=(batches.is_own_committee, batches.is_consistent, batches.is_only_one),
    ),
    Transition(
        event="revise",
        label=_("Save"),
        source=(BatchState.DRAFT, BatchState.RETURNED),
        target=BatchState.SUBMITTED,
        roles=(Role.OFFICE,),
        guards=(batches.is_own_committee,),
        checks=(batches.is_consistent, batches.is_only_one),
    ),
    Transition(
        event="take_back",
        label=_("Take back"),
        source=(BatchState.SUBMITTED,),
        target=BatchState.DRAFT,
        roles=(Role.OFFICE,),
        guards=(batches.is_own_committee,),
    ),
    Transition(
        event="agree",
        label=_("Agree and open"),
        source=(BatchState.SUBMITTED,),
        target=BatchState.OPEN,
        roles=(Role.HRSS,),
        guards=(batches.is_in_region, batches.committee_is_valid, batches.is_only_one),
        effects=(decisions.tell_of_batch,),
    ),
    Transition(
        event="return",
        label=_("Return for changes"),
        source=(BatchState.SUBMITTED,),
        target=BatchState.RETURNED,
        roles=(Role.HRSS,),
        guards=(batches.is_in_region,),
        effects=(decisions.tell_of_batch,),
        needs_opinion=True,
    ),
    Transition(
        event="adjust",
        label=_("Move the deadlines"),
        source=(BatchState.OPEN,),
        target=BatchState.OPEN,
        roles=(Role.HRSS,),
        guards=(batches.is_in_region,),
        checks=(batch_deadlines.are_sound,),
        effects=(batch_deadlines.move,),
        needs_opinion=True,
    ),
    Transition(
        event="close",
        label=_("Close"),
        source=(BatchState.OPEN,),
        target=BatchState.CLOSED,
        roles=(Role.HRSS,),
        guards=(
            batches.is_in_region,
            batch_closing.has_nothing_pending,
            batch_closing.has_no_extension,
        ),
    ),
)
