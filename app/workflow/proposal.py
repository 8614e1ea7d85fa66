"""Acts proposed by the handler and confirmed by the person responsible (menus 1.1.1, 1.1.3, 1.2.1)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import ProposalState, Role
from app.models import Proposal
from app.services.handling import handlers
from app.services.review import proposals

BOTH = (Role.UNIT, Role.SUPERIOR, Role.OFFICE)

PROPOSAL = Workflow(
    Proposal,
    Transition(
        event="propose",
        label=_("Propose to the person responsible"),
        source=(),
        target=ProposalState.PENDING,
        roles=BOTH,
        effects=(proposals.note, handlers.note_principal),
    ),
    Transition(
        event="confirm",
        label=_("Confirm"),
        source=(ProposalState.PENDING,),
        target=ProposalState.CONFIRMED,
        roles=BOTH,
        guards=(proposals.is_head,),
        effects=(proposals.note, proposals.carry_out),
    ),
    Transition(
        event="send_back",
        label=_("Send back to the handler"),
        source=(ProposalState.PENDING,),
        target=ProposalState.SENT_BACK,
        roles=BOTH,
        guards=(proposals.is_head,),
        effects=(proposals.note, proposals.keep_answer),
        needs_opinion=True,
    ),
    Transition(
        event="overtake",
        label=_("Overtaken by another step"),
        source=(ProposalState.PENDING,),
        target=ProposalState.OVERTAKEN,
        by_clock=True,
        effects=(proposals.note,),
    ),
    Transition(
        event="withdraw",
        label=_("Withdraw the proposal"),
        source=(ProposalState.PENDING,),
        target=ProposalState.WITHDRAWN,
        roles=BOTH,
        guards=(proposals.is_handler,),
        effects=(proposals.note,),
        consequence=_("The proposal ends; the case stays where it is."),
    ),
)
