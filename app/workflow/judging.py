"""What judges hand in: reviews and scores, the opinion of a group."""

from flask_babel import lazy_gettext as _

from app.engine import Fork, T, Workflow
from app.enums import AssessmentState as A
from app.enums import OpinionState as O
from app.enums import Role
from app.models import Assessment, Opinion
from app.services.judging import assessments, opinions
from app.services.meeting import round_lock

ASSESSMENT = Workflow(
    Assessment,
    T("begin", _("Begin"), (), A.DRAFT, (Role.JUDGE,), checks=(assessments.is_own_case, assessments.is_meeting_on, assessments.uses_step, assessments.is_heard, round_lock.is_before_the_round)),
    T("submit", _("Submit"), (A.DRAFT,), A.SUBMITTED, (Role.JUDGE,), guards=(assessments.is_own_case, assessments.is_meeting_on, assessments.uses_step, assessments.is_heard, round_lock.is_before_the_round), checks=(assessments.is_complete,), effects=(assessments.lock,)),
)  # fmt: skip

OPINION = Workflow(
    Opinion,
    T("write", _("Write the opinion"), (), O.DRAFT, (Role.JUDGE,), checks=(assessments.is_own_case, assessments.is_meeting_on, round_lock.is_before_the_round, opinions.is_worded), effects=(opinions.word,)),
    T("rewrite", _("Write it anew"), (O.DRAFT, O.COMPLETE), O.DRAFT, (Role.JUDGE,), guards=(assessments.is_own_case, assessments.is_meeting_on, round_lock.is_before_the_round), checks=(opinions.is_worded,), effects=(opinions.word,)),
    T("sign", _("Sign"), (O.DRAFT,), Fork((O.DRAFT, O.COMPLETE), opinions.state_after_signing), (Role.JUDGE,), guards=(assessments.is_own_case, assessments.is_meeting_on, round_lock.is_before_the_round, opinions.has_not_signed), checks=(opinions.is_as_read,), effects=(opinions.sign,)),
)  # fmt: skip
