"""The three holders of a meeting's ballot key (menu 1.3.4)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import KeyState, Role
from app.models import KeyHolder
from app.services.voting import key_holders

HOLDERS = (Role.JUDGE, Role.SUPERVISOR, Role.OFFICE)
OWN = (key_holders.is_of_meeting, key_holders.is_before_the_result, key_holders.is_another_person)

KEY = Workflow(
    KeyHolder,
    Transition(
        event="register",
        label=_("Take a code for the ballot box"),
        source=(),
        target=KeyState.HELD,
        roles=HOLDERS,
        checks=OWN,
    ),
    Transition(
        event="replace",
        label=_("Replace the code"),
        source=(KeyState.HELD,),
        target=KeyState.HELD,
        roles=HOLDERS,
        guards=(*OWN, key_holders.has_no_sealed_round),
        effects=(key_holders.renew,),
    ),
)
