"""Notices, objections and the integrity file."""

from flask_babel import lazy_gettext as _

from app.enums.base import Labelled


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


class IntegrityGround(Labelled):
    """Why a person stands in the integrity file (诚信档案库)."""

    REVOKED = "revoked", _("Title revoked")
    CANCELLED = "cancelled", _("Passed review cancelled after an objection")


class DeputyState(Labelled):
    NAMED = "named", _("Named")
    ENDED = "ended", _("Ended early")
