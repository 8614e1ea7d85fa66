"""Filing the result of a meeting (menu 1.2.7)."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.engine import Transition, Workflow
from app.enums import FilingState, Role
from app.models import Filing
from app.services.certificates import filing_checks, filings
from app.services.messages import decisions

FILING = Workflow(
    Filing,
    Transition(
        event="file",
        label=_p("filing", "File"),
        source=(),
        target=FilingState.REPORTED,
        roles=(Role.OFFICE,),
        checks=(filings.is_own_committee, filings.is_ready, filings.has_papers),
        effects=(filings.hand_in,),
    ),
    Transition(
        event="refile",
        label=_("File again"),
        source=(FilingState.RETURNED,),
        target=FilingState.REPORTED,
        roles=(Role.OFFICE,),
        guards=(filings.is_own_committee,),
        checks=(filings.is_ready, filings.has_papers),
        effects=(filings.hand_in,),
    ),
    Transition(
        event="agree",
        label=_("Agree"),
        source=(FilingState.REPORTED,),
        target=FilingState.AGREED,
        roles=(Role.HRSS,),
        guards=(filings.is_in_region, filing_checks.is_right),
        checks=(filings.has_approval_number,),
        effects=(filings.issue, decisions.tell_of_filing),
    ),
    Transition(
        event="return",
        label=_("Return for changes"),
        source=(FilingState.REPORTED,),
        target=FilingState.RETURNED,
        roles=(Role.HRSS,),
        guards=(filings.is_in_region,),
        effects=(filings.return_candidates, decisions.tell_of_filing),
        needs_opinion=True,
    ),
)
