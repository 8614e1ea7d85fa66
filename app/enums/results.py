"""Results, filings and certificates."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.enums.base import Labelled


class FilingState(Labelled):
    REPORTED = "reported", _("Under approval")
    RETURNED = "returned", _("Returned for changes")
    AGREED = "agreed", _p("filing", "Filed")


class CertificateState(Labelled):
    VALID = "valid", _("Valid")
    CORRECTED = "corrected", _("Corrected, replaced by a new number")
    REVOKED = "revoked", _("Revoked")


class ResultReason(Labelled):
    """Reason why a candidate passed or failed; computed, never typed."""

    PASSED = "passed", _("Passed")
    TOO_FEW = "too_few", _("Too few votes")
    OVER_RATE = "over_rate", _("Beyond the pass rate")
    OVER_QUOTA = "over_quota", _("Beyond the unit's posts")
    TIED = "tied", _("Equal at the cut line")
