"""Objections against a notice (menus 1.1.1, 1.1.3, 1.1.4, 1.2.6)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import ObjectionState, Role
from app.models import Objection
from app.services.review import inquiry_bodies, objections

OBJECTION = Workflow(
    Objection,
    Transition(
        event="register",
        label=_("Register an objection"),
        source=(),
        target=ObjectionState.OPEN,
        roles=(Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS),
        checks=(
            objections.is_recorder,
            objections.is_in_time,
            objections.says_something,
            inquiry_bodies.can_be_handled,
        ),
        effects=(inquiry_bodies.assign, objections.dispute),
    ),
    Transition(
        event="take_over",
        label=_("Take over"),
        source=(ObjectionState.OPEN,),
        target=ObjectionState.OPEN,
        roles=(Role.SUPERIOR, Role.HRSS),
        guards=(inquiry_bodies.may_take_over,),
        effects=(inquiry_bodies.take_over,),
        needs_opinion=True,
    ),
    Transition(
        event="reject",
        label=_("Not upheld"),
        source=(ObjectionState.OPEN,),
        target=ObjectionState.REJECTED,
        roles=(Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS),
        guards=(objections.is_handler,),
        effects=(objections.settle_rejected,),
        needs_opinion=True,
    ),
    Transition(
        event="uphold_return",
        label=_("Upheld, return for changes"),
        source=(ObjectionState.OPEN,),
        target=ObjectionState.UPHELD,
        roles=(Role.UNIT, Role.SUPERIOR, Role.HRSS),
        guards=(objections.is_handler, objections.can_return),
        effects=(objections.settle_return,),
        needs_opinion=True,
    ),
    Transition(
        event="uphold_end",
        label=_("Upheld, end for this year"),
        source=(ObjectionState.OPEN,),
        target=ObjectionState.UPHELD,
        roles=(Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS),
        guards=(objections.is_handler, objections.can_end),
        effects=(objections.settle_end,),
        needs_opinion=True,
        consequence=_("The application ends for this year, or its pass is cancelled."),
    ),
)
