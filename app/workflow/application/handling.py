"""Who handles a case inside the organisation that has it in hand (menus 1.1.1 to 1.1.3, 1.2.1)."""

from flask_babel import lazy_gettext as _

from app.engine import Branch, Transition
from app.services.handling import colleagues, handlers
from app.services.review import handovers

STAYS = Branch((), handovers.state_as_before)
"""The state stays as it is; the case only changes hands."""

ROWS = (
    Transition(
        event="entrust",
        label=_("Give to a colleague"),
        source=handlers.STATES,
        target=STAYS,
        roles=colleagues.ROLES,
        guards=(handlers.is_in_hand,),
        checks=(handlers.names_colleague,),
        effects=(handlers.entrust,),
    ),
    Transition(
        event="release",
        label=_("Take back from the colleague"),
        source=handlers.STATES,
        target=STAYS,
        roles=colleagues.ROLES,
        guards=(handlers.is_in_hand, handlers.has_handler),
        effects=(handlers.release,),
    ),
)
