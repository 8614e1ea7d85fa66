"""Recusals: requested, declared, decided (menu 1.2.3)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import RecusalState, Role
from app.models import Recusal
from app.services.draw import recusal_requests

ONE_CASE = (
    recusal_requests.is_of_meeting,
    recusal_requests.is_new,
    recusal_requests.binds_in_time,
    recusal_requests.says_why,
)

RECUSAL = Workflow(
    Recusal,
    Transition(
        event="ask",
        label=_("Ask for recusal"),
        source=(),
        target=RecusalState.ASKED,
        roles=(Role.APPLICANT,),
        checks=(
            recusal_requests.is_own_application,
            recusal_requests.is_in_time,
            recusal_requests.has_few_requests,
            recusal_requests.names_somebody,
        ),
        effects=(recusal_requests.note_asked,),
    ),
    Transition(
        event="grant",
        label=_("Grant"),
        source=(RecusalState.ASKED,),
        target=RecusalState.IN_FORCE,
        roles=(Role.OFFICE,),
        guards=(recusal_requests.is_own_committee, recusal_requests.binds_in_time),
        checks=(recusal_requests.lock,),
        effects=(
            recusal_requests.note_decided,
            recusal_requests.recuse_named_members,
            recusal_requests.tell_applicant,
        ),
    ),
    Transition(
        event="deny",
        label=_("Do not grant"),
        source=(RecusalState.ASKED,),
        target=RecusalState.REFUSED,
        roles=(Role.OFFICE,),
        guards=(recusal_requests.is_own_committee,),
        effects=(recusal_requests.note_decided, recusal_requests.tell_applicant),
        needs_opinion=True,
        consequence=_("The judge stays assigned to the case."),
    ),
    Transition(
        event="declare",
        label=_("Recuse oneself"),
        source=(),
        target=RecusalState.IN_FORCE,
        roles=(Role.JUDGE,),
        checks=(recusal_requests.is_about_oneself, *ONE_CASE),
        effects=(recusal_requests.record_recusal,),
    ),
    Transition(
        event="impose",
        label=_("Impose"),
        source=(),
        target=RecusalState.IN_FORCE,
        roles=(Role.OFFICE,),
        checks=(recusal_requests.is_own_committee, *ONE_CASE),
        effects=(recusal_requests.record_recusal,),
    ),
    Transition(
        event="note",
        label=_("By the rules"),
        source=(),
        target=RecusalState.IN_FORCE,
        roles=(Role.JUDGE, Role.OFFICE),
    ),
)
