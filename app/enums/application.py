"""An application on its way up: its states, ways of applying, corrections."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.enums.base import Labelled


class ApplicationState(Labelled):
    """States of an application, in the order of the process."""

    DRAFT = "draft", _("Draft")
    AT_UNIT = "at_unit", _("Waiting for the unit's first check")
    RETURNED = "returned", _("Returned for changes")
    CHECKED = "checked", _("First check passed, notice due")
    IN_NOTICE = "in_notice", _("In public notice")
    DISPUTED = "disputed", _("Objection under inquiry")
    NOTICE_OVER = "notice_over", _("Notice over, recommendation due")
    AT_SUPERIOR = "at_superior", _("With a superior unit")
    AT_OFFICE = "at_office", _("Waiting for the qualification check")
    IN_CORRECTION = "in_correction", _("Supplement asked")
    CORRECTED = "corrected", _("Supplement handed in")
    QUALIFIED = "qualified", _("Qualified, review due")
    IN_REVIEW = "in_review", _("In review")
    PASSED = "passed", _("Passed, result notice due")
    FAILED = "failed", _("Not passed")
    IN_RESULT_NOTICE = "in_result_notice", _("Result in public notice")
    RESULT_DISPUTED = "result_disputed", _("Result objection under inquiry")
    RESULT_CLEAR = "result_clear", _("Result notice over, filing due")
    IN_FILING = "in_filing", _("Filing under approval")
    CERTIFIED = "certified", _("Certificate issued")
    ENDED = "ended", _("Ended for this year")
    LAPSED = "lapsed", _("Supplement missed, taken as given up")
    CANCELLED = "cancelled", _("Pass cancelled")
    WITHDRAWN = "withdrawn", _("Withdrawn by the applicant")
    DISCARDED = "discarded", _("Draft deleted")
    REVOKED = "revoked", _("Certificate revoked")


FINAL = frozenset(
    {
        ApplicationState.FAILED,
        ApplicationState.CERTIFIED,
        ApplicationState.ENDED,
        ApplicationState.LAPSED,
        ApplicationState.CANCELLED,
        ApplicationState.WITHDRAWN,
        ApplicationState.REVOKED,
    }
)
"""Final states; only the revocation of a certificate leads out of one."""


AT_REST = FINAL | {ApplicationState.DRAFT, ApplicationState.DISCARDED}
"""States in which nobody has to go on: ended, or not handed in."""


FREES_THE_YEAR = frozenset({ApplicationState.WITHDRAWN, ApplicationState.DISCARDED})
"""States after which the person may begin another application of the same review year."""


AT_OWN_UNIT = (
    ApplicationState.AT_UNIT,
    ApplicationState.RETURNED,
    ApplicationState.CHECKED,
    ApplicationState.IN_NOTICE,
    ApplicationState.DISPUTED,
    ApplicationState.NOTICE_OVER,
)
"""States in which the unit that the application is filed in has the case, or gets it back."""


ON_THE_WAY = (*AT_OWN_UNIT, ApplicationState.AT_SUPERIOR)
"""States from submission until the committee's office gets the case."""


class ProposalState(Labelled):
    PENDING = "pending", _("Waiting for the person responsible")
    CONFIRMED = "confirmed", _("Confirmed and done")
    SENT_BACK = "sent_back", _("Sent back to the handler")
    WITHDRAWN = "withdrawn", _("Withdrawn by the handler")
    OVERTAKEN = "overtaken", _("Overtaken by another step")


class ApplyMode(Labelled):
    """Way of applying (申报方式)."""

    NORMAL = "normal", _("Regular")
    EXCEPTIONAL = "exceptional", _("Exceptional (breaking the steps)")
    GREEN = "green", _("Green channel")
    TRANSFER = "transfer", _("Change of series")
    GRASSROOTS = "grassroots", _("Grassroots title")


class CorrectionState(Labelled):
    OPEN = "open", _("Waiting for the applicant")
    ANSWERED = "answered", _("Answered")
    MISSED = "missed", _("Missed")


class FingerprintKind(Labelled):
    """What two applications may have in common, in the order of display."""

    PAPER = "paper", _("Paper")
    DOI = "doi", _("DOI")
    PATENT = "patent", _("Patent, registration or standard number")
    CERTIFICATE = "certificate", _("Certificate number")
    ACHIEVEMENT = "achievement", _("Achievement or project")
    FILE = "file", _("File with the same content")


class ReminderState(Labelled):
    SENT = "sent", _p("reminder", "Sent")
