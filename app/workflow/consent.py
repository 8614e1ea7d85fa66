"""Acts of administrators that wait for a second administrator."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Transition, Workflow
from app.enums import ConsentState, Role
from app.models import Consent
from app.services.accounts import consents

BOTH = (Role.SYSADMIN, Role.SECADMIN)

CONSENT = Workflow(
    Consent,
    Transition(
        event="ask",
        label=_("Ask a second administrator"),
        source=(),
        target=ConsentState.ASKED,
        roles=BOTH,
        checks=(consents.may_ask,),
        effects=(consents.note,),
    ),
    Transition(
        event="agree",
        label=_p("consent", "Agree"),
        source=(ConsentState.ASKED,),
        target=ConsentState.AGREED,
        roles=BOTH,
        guards=(consents.is_second, consents.is_in_time, consents.is_possible),
        effects=(consents.note, consents.keep_answer, consents.carry_out),
    ),
    Transition(
        event="decline",
        label=_p("consent", "Decline"),
        source=(ConsentState.ASKED,),
        target=ConsentState.DECLINED,
        roles=BOTH,
        guards=(consents.is_second,),
        effects=(consents.note, consents.keep_answer),
        needs_opinion=True,
    ),
    Transition(
        event="take_back",
        label=_p("consent", "Take back"),
        source=(ConsentState.ASKED,),
        target=ConsentState.TAKEN_BACK,
        roles=BOTH,
        guards=(consents.is_asker,),
        effects=(consents.note,),
    ),
    Transition(
        event="lapse",
        label=_p("consent", "Lapsed"),
        source=(ConsentState.ASKED,),
        target=ConsentState.LAPSED,
        by_clock=True,
        guards=(consents.is_over,),
        effects=(consents.note,),
    ),
    after=(consents.tell,),
)
