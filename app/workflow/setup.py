"""What is set up before anybody applies: batches, review routes, quotas."""

from flask_babel import lazy_gettext as _

from app.engine import T, Workflow
from app.enums import BatchState as B
from app.enums import QuotaState as Q
from app.enums import Role
from app.enums import RouteState as R
from app.models import Batch, Quota, RouteNode
from app.services.quotas import quotas
from app.services.registers import batches
from app.services.review import routing

BATCH = Workflow(
    Batch,
    T("submit", _("Save"), (), B.SUBMITTED, (Role.OFFICE,), checks=(batches.is_own_committee, batches.is_consistent, batches.is_only_one)),
    T("revise", _("Save"), (B.RETURNED,), B.SUBMITTED, (Role.OFFICE,), guards=(batches.is_own_committee,), checks=(batches.is_consistent, batches.is_only_one)),
    T("agree", _("Agree and open"), (B.SUBMITTED,), B.OPEN, (Role.HRSS,), guards=(batches.is_in_region, batches.committee_is_valid, batches.is_only_one)),
    T("return", _("Return for changes"), (B.SUBMITTED,), B.RETURNED, (Role.HRSS,), guards=(batches.is_in_region,), needs_opinion=True),
    T("close", _("Close"), (B.OPEN,), B.CLOSED, (Role.HRSS,), guards=(batches.is_in_region, batches.has_nothing_pending)),
)  # fmt: skip

ROUTE = Workflow(
    RouteNode,
    T("place", _("Save"), (), R.PENDING, (Role.OFFICE,), checks=(routing.is_own_tree, routing.is_only_place, routing.is_acyclic)),
    T("replace", _("Save"), (R.PENDING, R.CONFIRMED, R.DISPUTED), R.PENDING, (Role.OFFICE,), guards=(routing.is_own_tree,), checks=(routing.is_acyclic,), effects=(routing.unsettle,)),
    T("confirm", _("Confirm"), (R.PENDING,), R.CONFIRMED, (Role.UNIT, Role.SUPERIOR), guards=(routing.is_own_place,), effects=(routing.settle,)),
    T("dispute", _("Dispute"), (R.PENDING,), R.DISPUTED, (Role.UNIT, Role.SUPERIOR), guards=(routing.is_own_place,), effects=(routing.settle,), needs_opinion=True),
)  # fmt: skip

QUOTA = Workflow(
    Quota,
    T("ask", _("Save"), (), Q.SUBMITTED, (Role.UNIT,), checks=(quotas.is_own_unit, quotas.is_covered), effects=(quotas.keep_proof,)),
    T("revise", _("Save"), (Q.RETURNED,), Q.SUBMITTED, (Role.UNIT,), guards=(quotas.is_own_unit,), checks=(quotas.is_covered,), effects=(quotas.keep_proof,)),
    T("approve", _("Pass"), (Q.SUBMITTED,), Q.APPROVED, (Role.SUPERIOR, Role.HRSS), guards=(quotas.is_in_charge,), checks=(quotas.grant_fits,), effects=(quotas.grant,)),
    T("refuse", _("Return for changes"), (Q.SUBMITTED,), Q.RETURNED, (Role.SUPERIOR, Role.HRSS), guards=(quotas.is_in_charge,), needs_opinion=True),
)  # fmt: skip
