"""Accounts that claim to be an expert's: the committee's office confirms or refuses them (menu 1.4.1)."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Transition, Workflow
from app.enums import ExpertAccountState, Role
from app.models import ExpertAccount
from app.services.accounts import expert_accounts

EXPERT_ACCOUNT = Workflow(
    ExpertAccount,
    Transition(
        event="wait",
        label=_("Waits for the office"),
        source=(),
        target=ExpertAccountState.WAITING,
        by_clock=True,
    ),
    Transition(
        event="confirm",
        label=_p("expert account", "Confirm the account"),
        source=(ExpertAccountState.WAITING, ExpertAccountState.REFUSED),
        target=ExpertAccountState.CONFIRMED,
        roles=(Role.OFFICE,),
        guards=(
            expert_accounts.is_own_committee,
            expert_accounts.is_not_own,
            expert_accounts.is_in_pool,
        ),
        effects=(expert_accounts.give_position,),
        needs_opinion=True,
    ),
    Transition(
        event="refuse",
        label=_p("expert account", "Not the expert's account"),
        source=(ExpertAccountState.WAITING,),
        target=ExpertAccountState.REFUSED,
        roles=(Role.OFFICE,),
        guards=(expert_accounts.is_own_committee, expert_accounts.is_not_own),
        needs_opinion=True,
        consequence=_("The account is not tied to the expert."),
    ),
    after=(expert_accounts.tell,),
)
