"""Plans and steps of a meeting, its judges' pool, interviews, sheets and opinions."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.enums.base import Labelled


class PlanState(Labelled):
    DRAFT = "draft", _("Draft")
    REPORTED = "reported", _("Reported")
    RETURNED = "returned", _("Returned for changes")
    APPROVED = "approved", _("Agreed")
    ENTERED = "entered", _("Result entered, confirmation due")
    CONCLUDED = "concluded", _("Result confirmed")


class PlanChangeState(Labelled):
    REPORTED = "reported", _p("plan change", "Reported")
    AGREED = "agreed", _p("plan change", "Agreed, in force")
    REFUSED = "refused", _p("plan change", "Not agreed")
    WITHDRAWN = "withdrawn", _p("plan change", "Taken back")


class MeetingMode(Labelled):
    ONLINE = "online", _("Online")
    OFFLINE = "offline", _("Offline")


class ExpertState(Labelled):
    APPLIED = "applied", _("Waiting for the unit")
    RECOMMENDED = "recommended", _("Waiting for the committee office")
    ADMITTED = "admitted", _("In the pool")
    REFUSED = "refused", _("Not admitted")
    LEFT = "left", _("Left the pool")
    EXPIRED = "expired", _("Term over")
    REMOVED = "removed", _("Removed from the pool")


class ExpertAccountState(Labelled):
    """States of an account that claims to be an expert's; only a confirmed one becomes a judge's."""

    WAITING = "waiting", _("To be confirmed by the office")
    CONFIRMED = "confirmed", _("Confirmed by the office")
    REFUSED = "refused", _("Not the expert's account")


class MeetingDuty(Labelled):
    """What the office reminds single persons of in a meeting, in the order of its course."""

    SEAT = "seat", _("Answer about the seat")
    SIGN_IN = "sign_in", _p("meeting", "Sign-in")
    SHEETS = "sheets", _("Sheets and scores")
    OPINIONS = "opinions", _("Opinions of the groups")
    KEY = "key", _("Code for the ballot box")
    SIGNATURE = "signature", _("Signature under the result")


class OverCap(Labelled):
    """What happens when more pass the vote than the cap allows."""

    LIMIT_YES = "limit_yes", _("Each judge may say yes no more often than the cap")
    RANK = "rank", _("Rank by votes, then by score")
    SECOND_ROUND = "second_round", _("A second round")


class ReviewStep(Labelled):
    MATERIAL_REVIEW = "material_review", _("Material review")
    MATERIAL_SCORE = "material_score", _("Material score")
    INTERVIEW = "interview", _("Interview")
    OPINION = "opinion", _("Group opinion")
    VOTE = "vote", _("Vote")


class Denominator(Labelled):
    """Basis of the two-thirds majority (Order 40, art. 21)."""

    PRESENT = "present", _("Everybody present")
    ELIGIBLE = "eligible", _("Those present who are not recused")


class InterviewState(Labelled):
    PLANNED = "planned", _("Planned, notice due")
    SENT = "sent", _("Notice sent")
    CONFIRMED = "confirmed", _("Received by the applicant")
    MOVE_ASKED = "move_asked", _("Another time asked for")
    HEARD = "heard", _("Interview held")
    ABSENT = "absent", _("Absent")


class AssessmentState(Labelled):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")


class OpinionState(Labelled):
    DRAFT = "draft", _("Signatures due")
    COMPLETE = "complete", _("Complete")
