"""Extensions of a stage (menu 1.4.2): entered and confirmed by the authority, ended by the clock."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Transition, Workflow
from app.enums import ExtensionState, Role
from app.models import Extension
from app.services.review import extension_effects, extensions

EXTENSION = Workflow(
    Extension,
    Transition(
        event="propose",
        label=_("Save"),
        source=(),
        target=ExtensionState.PROPOSED,
        roles=(Role.HRSS,),
        checks=(extensions.is_own, extensions.is_sound),
        effects=(extension_effects.note,),
    ),
    Transition(
        event="confirm",
        label=_p("extension", "Confirm"),
        source=(ExtensionState.PROPOSED,),
        target=ExtensionState.IN_FORCE,
        roles=(Role.HRSS,),
        guards=(extensions.is_own, extensions.is_second_person),
        checks=(extensions.is_sound,),
        effects=(extension_effects.apply,),
    ),
    Transition(
        event="drop",
        label=_p("extension", "Do not confirm"),
        source=(ExtensionState.PROPOSED,),
        target=ExtensionState.WITHDRAWN,
        roles=(Role.HRSS,),
        guards=(extensions.is_own,),
        effects=(extension_effects.note,),
        needs_opinion=True,
        consequence=_("The extension does not come into force."),
    ),
    Transition(
        event="withdraw",
        label=_p("extension", "Withdraw"),
        source=(ExtensionState.IN_FORCE,),
        target=ExtensionState.WITHDRAWN,
        roles=(Role.HRSS,),
        guards=(extensions.is_own,),
        effects=(extension_effects.take_away,),
        needs_opinion=True,
        consequence=_("The earlier deadlines hold again at once."),
    ),
    Transition(
        event="end",
        label=_p("extension", "Ended"),
        source=(ExtensionState.IN_FORCE,),
        target=ExtensionState.ENDED,
        by_clock=True,
        guards=(extensions.is_over,),
    ),
)
