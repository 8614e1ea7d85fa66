"""Notices and the objections against them (menus 1.1.1 and 1.2.6)."""

from flask_babel import lazy_gettext as _

from app.engine import T, Workflow
from app.enums import NoticeState as N
from app.enums import ObjectionState as O
from app.enums import Role
from app.models import Notice, Objection
from app.services.review import notices, objections

NOTICE = Workflow(
    Notice,
    T("open", _("Open the notice"), (), N.RUNNING, (Role.UNIT, Role.OFFICE), checks=(notices.is_long_enough, notices.has_candidates), effects=(notices.publish_candidates,)),
    T("close", _("Notice ended"), (N.RUNNING,), N.OVER, by_clock=True, guards=(notices.has_ended,), effects=(notices.release_candidates,)),
    T("cancel", _("Cancel the notice"), (N.RUNNING,), N.CANCELLED, (Role.UNIT,), guards=(notices.is_own, notices.has_no_dispute), effects=(notices.take_back_candidates,), needs_opinion=True),
)  # fmt: skip

OBJECTION = Workflow(
    Objection,
    T("register", _("Register an objection"), (), O.OPEN, (Role.UNIT, Role.OFFICE), checks=(objections.is_recorder, objections.is_in_time), effects=(objections.dispute,)),
    T("reject", _("Not upheld"), (O.OPEN,), O.REJECTED, (Role.UNIT, Role.SUPERIOR, Role.OFFICE), guards=(objections.is_handler,), effects=(objections.settle_rejected,), needs_opinion=True),
    T("uphold_return", _("Upheld, return for changes"), (O.OPEN,), O.UPHELD, (Role.UNIT, Role.SUPERIOR), guards=(objections.is_handler,), effects=(objections.settle_return,), needs_opinion=True),
    T("uphold_end", _("Upheld, end for this year"), (O.OPEN,), O.UPHELD, (Role.UNIT, Role.SUPERIOR, Role.OFFICE), guards=(objections.is_handler,), effects=(objections.settle_end,), needs_opinion=True),
)  # fmt: skip
