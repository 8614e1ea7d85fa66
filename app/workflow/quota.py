"""Post quotas, asked for and granted (menus 1.5.1, 1.5.2)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import QuotaState, Role
from app.models import Quota
from app.services.messages import decisions
from app.services.quotas import quotas

QUOTA = Workflow(
    Quota,
    Transition(
        event="ask",
        label=_("Save"),
        source=(),
        target=QuotaState.SUBMITTED,
        roles=(Role.UNIT,),
        checks=(quotas.is_own_unit, quotas.is_covered),
        effects=(quotas.keep_proof,),
    ),
    Transition(
        event="revise",
        label=_("Save"),
        source=(QuotaState.DRAFT, QuotaState.RETURNED),
        target=QuotaState.SUBMITTED,
        roles=(Role.UNIT,),
        guards=(quotas.is_own_unit,),
        checks=(quotas.is_covered,),
        effects=(quotas.keep_proof,),
    ),
    Transition(
        event="take_back",
        label=_("Take back"),
        source=(QuotaState.SUBMITTED,),
        target=QuotaState.DRAFT,
        roles=(Role.UNIT,),
        guards=(quotas.is_own_unit,),
    ),
    Transition(
        event="approve",
        label=_("Pass"),
        source=(QuotaState.SUBMITTED,),
        target=QuotaState.APPROVED,
        roles=(Role.SUPERIOR, Role.HRSS),
        guards=(quotas.is_in_charge,),
        checks=(quotas.grant_fits,),
        effects=(quotas.grant, decisions.tell_of_quota),
    ),
    Transition(
        event="refuse",
        label=_("Return for changes"),
        source=(QuotaState.SUBMITTED,),
        target=QuotaState.RETURNED,
        roles=(Role.SUPERIOR, Role.HRSS),
        guards=(quotas.is_in_charge,),
        effects=(decisions.tell_of_quota,),
        needs_opinion=True,
    ),
)
