"""The written opinion of a group on one case (menu 1.3.5)."""

from flask_babel import lazy_gettext as _

from app.engine import Branch, Transition, Workflow
from app.enums import OpinionState, Role
from app.models import Opinion
from app.services.judging import assessments, opinions
from app.services.meeting import round_lock

OPINION = Workflow(
    Opinion,
    Transition(
        event="write",
        label=_("Write the opinion"),
        source=(),
        target=OpinionState.DRAFT,
        roles=(Role.JUDGE,),
        checks=(
            assessments.is_own_case,
            assessments.is_meeting_on,
            round_lock.is_before_the_round,
            opinions.is_worded,
        ),
        effects=(opinions.set_wording,),
    ),
    Transition(
        event="rewrite",
        label=_("Write it anew"),
        source=(OpinionState.DRAFT, OpinionState.COMPLETE),
        target=OpinionState.DRAFT,
        roles=(Role.JUDGE,),
        guards=(assessments.is_own_case, assessments.is_meeting_on, round_lock.is_before_the_round),
        checks=(opinions.is_worded,),
        effects=(opinions.set_wording,),
    ),
    Transition(
        event="sign",
        label=_("Sign"),
        source=(OpinionState.DRAFT,),
        target=Branch((OpinionState.DRAFT, OpinionState.COMPLETE), opinions.state_after_signing),
        roles=(Role.JUDGE,),
        guards=(
            assessments.is_own_case,
            assessments.is_meeting_on,
            round_lock.is_before_the_round,
            opinions.has_not_signed,
        ),
        checks=(opinions.is_as_read,),
        effects=(opinions.sign,),
    ),
)
