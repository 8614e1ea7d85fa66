"""Roles, states and kinds: every closed list of the program with its labels. Imports nothing of ours."""

from enum import StrEnum
from typing import Any, Self

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p


class Labelled(StrEnum):
    """A string enum whose members carry a translated label: `Role.UNIT == "unit"`, `Role.UNIT.label`."""

    label: Any

    def __new__(cls, value: str, label: Any = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, Any]]:
        return [(member.value, member.label) for member in cls]


class Role(Labelled):
    """Roles of users. A position is a role plus a unit or a committee."""

    APPLICANT = "applicant", _("Applicant")
    UNIT = "unit", _("Unit clerk")
    SUPERIOR = "superior", _("Superior unit")
    OFFICE = "office", _("Committee office")
    JUDGE = "judge", _("Judge")
    SUPERVISOR = "supervisor", _("Supervisor of the draw and vote")
    HRSS = "hrss", _("Human resources authority")
    SYSADMIN = "sysadmin", _("System administrator")
    SECADMIN = "secadmin", _("Security administrator")
    AUDITOR = "auditor", _("Auditor")

    @property
    def is_staff(self) -> bool:
        return self is not Role.APPLICANT

    @property
    def is_maintenance(self) -> bool:
        """Whether this is one of the three administrators, who see no business data."""
        return self in (Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR)


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


class NoticeKind(Labelled):
    UNIT = "unit", _("Notice inside the unit")
    RESULT = "result", _("Notice of a review result")


class NoticeState(Labelled):
    RUNNING = "running", _("In public notice")
    OVER = "over", _("Notice over")
    CANCELLED = "cancelled", _("Notice cancelled")


class ObjectionState(Labelled):
    OPEN = "open", _("Under inquiry")
    REJECTED = "rejected", _("Not upheld")
    UPHELD = "upheld", _("Upheld")


class BatchState(Labelled):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    OPEN = "open", _p("batch", "Open")
    RETURNED = "returned", _("Returned for changes")
    CLOSED = "closed", _("Closed")


class Stage(Labelled):
    """Stages of an application that end on a day: five of the batch, and the supplement (补正)."""

    APPLY = "apply", _p("stage", "Applying")
    RESUBMIT = "resubmit", _p("stage", "Submitting again after a return")
    UNIT = "unit", _p("stage", "Check and report by the unit")
    SUPERIOR = "superior", _p("stage", "Audit by superior units")
    OFFICE = "office", _p("stage", "Qualification check")
    SUPPLEMENT = "supplement", _p("stage", "Supplement")


class ExtensionKind(Labelled):
    """Whom an extension of a stage is for."""

    BATCH = "batch", _p("extension", "A whole batch")
    UNIT = "unit", _p("extension", "One unit")
    SERIES = "series", _p("extension", "One series")
    PERSON = "person", _p("extension", "One person")


class ExtensionState(Labelled):
    PROPOSED = "proposed", _p("extension", "Confirmation due")
    IN_FORCE = "in_force", _p("extension", "In force")
    ENDED = "ended", _p("extension", "Day has passed")
    WITHDRAWN = "withdrawn", _p("extension", "Withdrawn")


class PlanState(Labelled):
    DRAFT = "draft", _("Draft")
    REPORTED = "reported", _("Reported")
    RETURNED = "returned", _("Returned for changes")
    APPROVED = "approved", _("Agreed")
    ENTERED = "entered", _("Result entered, confirmation due")
    CONCLUDED = "concluded", _("Result confirmed")


class MeetingMode(Labelled):
    ONLINE = "online", _("Online")
    OFFLINE = "offline", _("Offline")


class FilingState(Labelled):
    REPORTED = "reported", _("Under approval")
    RETURNED = "returned", _("Returned for changes")
    AGREED = "agreed", _p("filing", "Filed")


class QuotaState(Labelled):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Under approval")
    RETURNED = "returned", _("Returned for changes")
    APPROVED = "approved", _("Approved")


class QuotaKind(Labelled):
    """Ground on which posts are claimed: a vacancy, or a special case of Hunan's quota rules."""

    VACANCY = "vacancy", _("Vacant posts")
    TALENT = "talent", _("Special case 1: talents brought by a programme")
    URGENT = "urgent", _("Special case 2: urgently needed talents")
    GRASSROOTS = "grassroots", _("Special case 3: long service at the grassroots")
    RETIREMENT = "retirement", _("Special case 4: posts freed by retirement")


class Duty(Labelled):
    """What a clerk's account does in its unit; the two are different people."""

    HANDLER = "handler", _("Handler")
    HEAD = "head", _("Person responsible")


class ProposalState(Labelled):
    PENDING = "pending", _("Waiting for the person responsible")
    CONFIRMED = "confirmed", _("Confirmed and done")
    SENT_BACK = "sent_back", _("Sent back to the handler")
    WITHDRAWN = "withdrawn", _("Withdrawn by the handler")
    OVERTAKEN = "overtaken", _("Overtaken by another step")


class ConsentState(Labelled):
    """States of an administrator's act that a second administrator has to agree to."""

    ASKED = "asked", _("Waiting for a second administrator")
    AGREED = "agreed", _("Agreed and done")
    DECLINED = "declined", _("Declined by the second administrator")
    TAKEN_BACK = "taken_back", _("Taken back by the administrator who asked")
    LAPSED = "lapsed", _("Lapsed, nobody agreed in time")


class RouteState(Labelled):
    PENDING = "pending", _("Confirmation due")
    CONFIRMED = "confirmed", _("Confirmed")
    DISPUTED = "disputed", _("Disputed by the unit")


class CertificateState(Labelled):
    VALID = "valid", _("Valid")
    CORRECTED = "corrected", _("Corrected, replaced by a new number")
    REVOKED = "revoked", _("Revoked")


class IntegrityGround(Labelled):
    """Why a person stands in the integrity file (诚信档案库)."""

    REVOKED = "revoked", _("Title revoked")
    CANCELLED = "cancelled", _("Passed review cancelled after an objection")


class ExpertState(Labelled):
    APPLIED = "applied", _("Waiting for the unit")
    RECOMMENDED = "recommended", _("Waiting for the committee office")
    ADMITTED = "admitted", _("In the pool")
    REFUSED = "refused", _("Not admitted")
    LEFT = "left", _("Left the pool")
    EXPIRED = "expired", _("Term over")
    REMOVED = "removed", _("Removed from the pool")


class ClaimKind(Labelled):
    """How a claim code reaches the person."""

    SENT = "sent", _("Sent to the telephone on record")
    HANDED = "handed", _("Handed over by the unit")


class Proof(Labelled):
    """By what somebody who registers shows to be the person on record."""

    SENT = "sent", _("Code sent to the telephone on record")
    HANDED = "handed", _("Claim code handed over by the unit")
    PROVIDER = "provider", _("Single sign-on")


class ExpertAccountState(Labelled):
    """States of an account that claims to be an expert's; only a confirmed one becomes a judge's."""

    WAITING = "waiting", _("To be confirmed by the office")
    CONFIRMED = "confirmed", _("Confirmed by the office")
    REFUSED = "refused", _("Not the expert's account")


class EmploymentChangeState(Labelled):
    """States of a change of employment that a unit has to confirm."""

    ASKED = "asked", _p("employment change", "Waiting for the unit")
    CONFIRMED = "confirmed", _("Confirmed by the unit")
    REFUSED = "refused", _("Refused by the unit")
    WITHDRAWN = "withdrawn", _p("employment change", "Withdrawn")


class SeatRole(Labelled):
    CHAIR = "chair", _("Chair")
    VICE = "vice", _("Vice chair")
    MEMBER = "member", _("Member")


class UnitKind(Labelled):
    AUTHORITY = "authority", _("Government body")
    PUBLIC = "public", _("Public institution")
    STATE_FIRM = "state_firm", _("State-owned enterprise")
    PRIVATE_FIRM = "private_firm", _("Non-public enterprise")
    SOCIAL = "social", _("Social organisation")
    AGENCY = "agency", _("Personnel agency")

    @property
    def needs_quota(self) -> bool:
        """Whether post quotas apply; they bind only public institutions."""
        return self is UnitKind.PUBLIC

    @property
    def is_public(self) -> bool:
        """Whether its people apply through it alone; an agency files for non-public units and freelancers."""
        return self in (UnitKind.AUTHORITY, UnitKind.PUBLIC, UnitKind.STATE_FIRM)


class Employment(Labelled):
    """Kind of employment; the last two may not apply."""

    PUBLIC_POST = "public_post", _("Post in a public institution")
    ENTERPRISE = "enterprise", _("Enterprise employee")
    FREELANCE = "freelance", _("Freelance")
    CIVIL_SERVANT = "civil_servant", _("Civil servant or managed as one")
    RETIRED = "retired", _("Retired and re-employed")

    @property
    def may_apply(self) -> bool:
        return self not in (Employment.CIVIL_SERVANT, Employment.RETIRED)


class Level(Labelled):
    """Title levels; `rank` counts upwards from 1, for 逐级 checks."""

    SENIOR = "1", _("Senior (full)")
    ASSOCIATE = "2", _("Senior (associate)")
    MIDDLE = "3", _("Middle")
    ASSISTANT = "4", _("Assistant")
    CLERK = "5", _("Entry")

    @property
    def rank(self) -> int:
        return 6 - int(self.value)


class ApplyMode(Labelled):
    """Way of applying (申报方式)."""

    NORMAL = "normal", _("Regular")
    EXCEPTIONAL = "exceptional", _("Exceptional (breaking the steps)")
    GREEN = "green", _("Green channel")
    TRANSFER = "transfer", _("Change of series")
    GRASSROOTS = "grassroots", _("Grassroots title")


class IdKind(Labelled):
    RESIDENT = "resident", _("Resident identity card")
    HMT_RESIDENCE = "hmt_residence", _("Residence permit for Hong Kong, Macao and Taiwan")
    HMT_PASS = "hmt_pass", _("Travel permit for Hong Kong, Macao and Taiwan")
    FOREIGN_RESIDENCE = "foreign_residence", _("Foreigner's permanent residence card")
    PASSPORT = "passport", _("Passport")


class Sex(Labelled):
    MALE = "1", _("Male")
    FEMALE = "2", _("Female")


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


class CorrectionState(Labelled):
    OPEN = "open", _("Waiting for the applicant")
    ANSWERED = "answered", _("Answered")
    MISSED = "missed", _("Missed")


class Aggregation(Labelled):
    """How the scores of several judges are combined."""

    MEAN = "mean", _("Mean")
    TRIMMED = "trimmed", _("Mean without the highest and the lowest")


class Denominator(Labelled):
    """Basis of the two-thirds majority (Order 40, art. 21)."""

    PRESENT = "present", _("Everybody present")
    ELIGIBLE = "eligible", _("Those present who are not recused")


class RecusalRule(Labelled):
    """What follows when judge and candidate belong to the same unit."""

    UNIT = "unit", _("Nobody of a candidate's unit is drawn")
    CASE = "case", _("Kept from the candidates of the own unit only")


class RelationKind(Labelled):
    KIN = "kin", _("Relative")
    TEACHER = "teacher", _("Teacher or student")
    AUTHOR = "author", _("Joint paper")
    PROJECT = "project", _("Joint project")
    OTHER = "other", _("Other relation")


class RecusalSource(Labelled):
    """Ground of a judge's recusal from a candidate."""

    PERSON = "person", _("The same person")
    UNIT = "unit", _("The same unit")
    RELATION = "relation", _("Declared relation")
    AUTHOR = "author", _("Joint work")
    STAFF = "staff", _("Staff of the committee's office")
    JUDGE = "judge", _("The judge's own request")
    APPLICANT = "applicant", _("The applicant's request")
    OFFICE = "office", _("Decided by the office")


class RecusalState(Labelled):
    ASKED = "asked", _("Decision due")
    IN_FORCE = "in_force", _("Recused")
    REFUSED = "refused", _("Not granted")


class DrawState(Labelled):
    """A draw of judges: pool frozen, both secrets committed, the office's opened, drawn; or void."""

    FROZEN = "frozen", _("Pool frozen, commitments due")
    COMMITTED = "committed", _("Committed, opening due")
    OPENING = "opening", _("The office has opened, the supervisor is due")
    DRAWN = "drawn", _p("draw", "Drawn")
    VOID = "void", _p("draw", "Void")


class PublicSource(Labelled):
    """Kinds of public sources of randomness (`app/services/draw/public_sources.py` has their forms)."""

    SSQ = "ssq", _("Welfare lottery, Double Colour Ball")
    DLT = "dlt", _("Sports lottery, Super Lotto")
    FC3D = "fc3d", _("Welfare lottery, 3D")
    PL3 = "pl3", _("Sports lottery, Pick 3")
    PL5 = "pl5", _("Sports lottery, Pick 5")
    SSE = "sse", _("Closing value of the Shanghai Composite Index")
    SZSE = "szse", _("Closing value of the Shenzhen Component Index")


class SeatState(Labelled):
    RESERVE = "reserve", _("Alternate")
    CALLED = "called", _("Drawn, answer due")
    ACCEPTED = "accepted", _p("seat", "Accepted")
    PRESENT = "present", _p("seat", "Present")
    GONE = "gone", _("Left the meeting")
    DECLINED = "declined", _p("seat", "Declined")
    RELEASED = "released", _("Released, the draw is void")

    @property
    def is_member(self) -> bool:
        """Whether the seat counts as a member of the meeting, present or not."""
        return self in (SeatState.ACCEPTED, SeatState.PRESENT, SeatState.GONE)


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


class KeyRole(Labelled):
    """Which of the three ballot-key holders somebody is."""

    CHAIR = "chair", _("Chair")
    SUPERVISOR = "supervisor", _("Supervisor of the draw and vote")
    OFFICE = "office", _("Committee office")


class KeyState(Labelled):
    HELD = "held", _("Code taken")


class RoundState(Labelled):
    """States of a voting round: frozen, open, closed, counted; on paper: entered, counted."""

    READY = "ready", _("Frozen, opening due")
    OPEN = "open", _p("round", "Open")
    CLOSED = "closed", _("Closed, count due")
    ENTERED = "entered", _("Entered from paper, confirmation due")
    COUNTED = "counted", _("Counted")
    VOID = "void", _p("round", "Void")


class BallotState(Labelled):
    CAST = "cast", _("Cast")


class Choice(Labelled):
    """Vote on one candidate; one character each, so that all ballots have the same length."""

    YES = "y", _p("vote", "Yes")
    NO = "n", _p("vote", "No")
    ABSTAIN = "a", _("Abstained")


class ResultReason(Labelled):
    """Reason why a candidate passed or failed; computed, never typed."""

    PASSED = "passed", _("Passed")
    TOO_FEW = "too_few", _("Too few votes")
    OVER_RATE = "over_rate", _("Beyond the pass rate")
    OVER_QUOTA = "over_quota", _("Beyond the unit's posts")
    TIED = "tied", _("Equal at the cut line")
