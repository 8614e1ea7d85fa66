"""Transition tables, one file per model, and the dictionary of all of them."""

from app.engine import Workflow
from app.workflow.application import APPLICATION
from app.workflow.assessment import ASSESSMENT
from app.workflow.ballot import BALLOT
from app.workflow.batch import BATCH
from app.workflow.certificate import CERTIFICATE
from app.workflow.consent import CONSENT
from app.workflow.customising import CHANGE_SET
from app.workflow.deputy import DEPUTY
from app.workflow.draw import DRAW
from app.workflow.employment import EMPLOYMENT_CHANGE
from app.workflow.expert import EXPERT
from app.workflow.expert_account import EXPERT_ACCOUNT
from app.workflow.extension import EXTENSION
from app.workflow.filing import FILING
from app.workflow.interview import INTERVIEW
from app.workflow.key_holder import KEY
from app.workflow.meeting_reminder import MEETING_REMINDER
from app.workflow.notice import NOTICE
from app.workflow.objection import OBJECTION
from app.workflow.opinion import OPINION
from app.workflow.plan import PLAN
from app.workflow.plan_change import PLAN_CHANGE
from app.workflow.proposal import PROPOSAL
from app.workflow.quota import QUOTA
from app.workflow.recusal import RECUSAL
from app.workflow.reminder import REMINDER
from app.workflow.round import ROUND
from app.workflow.route import ROUTE
from app.workflow.route_change import ROUTE_CHANGE
from app.workflow.seat import SEAT

TABLES: dict[str, Workflow] = {
    "application": APPLICATION,
    "change_set": CHANGE_SET,
    "proposal": PROPOSAL,
    "reminder": REMINDER,
    "deputy": DEPUTY,
    "notice": NOTICE,
    "objection": OBJECTION,
    "batch": BATCH,
    "extension": EXTENSION,
    "route": ROUTE,
    "route_change": ROUTE_CHANGE,
    "quota": QUOTA,
    "plan": PLAN,
    "plan_change": PLAN_CHANGE,
    "filing": FILING,
    "certificate": CERTIFICATE,
    "expert": EXPERT,
    "expert_account": EXPERT_ACCOUNT,
    "employment_change": EMPLOYMENT_CHANGE,
    "consent": CONSENT,
    "draw": DRAW,
    "seat": SEAT,
    "recusal": RECUSAL,
    "interview": INTERVIEW,
    "assessment": ASSESSMENT,
    "opinion": OPINION,
    "round": ROUND,
    "meeting_reminder": MEETING_REMINDER,
    "ballot": BALLOT,
    "key_holder": KEY,
}
"""Name of the object → its table; the generated state diagrams follow this order."""
