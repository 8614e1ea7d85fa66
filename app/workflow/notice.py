"""Notices of applications and of results (menus 1.1.1, 1.2.6)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import NoticeState, Role
from app.models import Notice
from app.services.review import notices

NOTICE = Workflow(
    Notice,
    Transition(
        event="open",
        label=_("Open the notice"),
        source=(),
        target=NoticeState.RUNNING,
        roles=(Role.UNIT, Role.OFFICE),
        checks=(notices.is_long_enough, notices.has_candidates),
        effects=(notices.publish_candidates,),
    ),
    Transition(
        event="close",
        label=_("Notice ended"),
        source=(NoticeState.RUNNING,),
        target=NoticeState.OVER,
        by_clock=True,
        guards=(notices.has_ended,),
        effects=(notices.release_candidates,),
    ),
    Transition(
        event="cancel",
        label=_("Cancel the notice"),
        source=(NoticeState.RUNNING,),
        target=NoticeState.CANCELLED,
        roles=(Role.UNIT,),
        guards=(notices.is_own, notices.has_no_dispute),
        effects=(notices.take_back_candidates,),
        needs_opinion=True,
        consequence=_("The notice ends and everybody in it needs a new one."),
    ),
)
