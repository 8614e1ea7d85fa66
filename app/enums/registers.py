"""Units, batches, review trees, quotas and their stages."""

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.enums.base import Labelled


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


class RouteState(Labelled):
    PENDING = "pending", _("Confirmation due")
    CONFIRMED = "confirmed", _("Confirmed")
    DISPUTED = "disputed", _("Disputed by the unit")


class RouteChangeKind(Labelled):
    """Changes of a review tree that concern many places at once."""

    MOVE = "move", _p("route change", "A unit moves with everything below it")
    MOVE_BELOW = "move_below", _p("route change", "The units right below a unit move, it stays")
    INSERT = "insert", _p("route change", "A level is put in between")


class RouteChangeState(Labelled):
    PROPOSED = "proposed", _p("route change", "Confirmation due")
    CARRIED_OUT = "carried_out", _p("route change", "Confirmed and carried out")
    DISPUTED = "disputed", _p("route change", "Disputed")
    WITHDRAWN = "withdrawn", _p("route change", "Withdrawn")
    UNDONE = "undone", _p("route change", "Undone")


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


class Aggregation(Labelled):
    """How the scores of several judges are combined."""

    MEAN = "mean", _("Mean")
    TRIMMED = "trimmed", _("Mean without the highest and the lowest")
