"""Acts of superior units, one after another along the application's own route (menu 1.1.3)."""

from flask_babel import lazy_gettext as _

from app.engine import Branch, Transition
from app.enums import ON_THE_WAY, ApplicationState, Role
from app.services.dossier import eligibility, return_reasons
from app.services.handling import handlers
from app.services.registers import deadlines
from app.services.review import (
    custody,
    handovers,
    notices,
    routing,
    sending_back,
    signatures,
)
from app.workflow.application import handling

UPWARDS = Branch((ApplicationState.AT_SUPERIOR, ApplicationState.AT_OFFICE), routing.next_state)

DOWNWARDS = Branch(
    (ApplicationState.AT_UNIT, ApplicationState.NOTICE_OVER, ApplicationState.AT_SUPERIOR),
    sending_back.state_there,
)
"""The station of its own route, passed already, to which a case is sent back."""

ROWS = (
    Transition(
        event="hand_on",
        label=_("Hand on to another unit"),
        source=ON_THE_WAY,
        target=handling.STAYS,
        roles=(Role.SUPERIOR, Role.HRSS),
        guards=(handovers.is_stopped, handovers.is_in_charge),
        checks=(handovers.names_successor,),
        effects=(handovers.hand_on,),
        needs_opinion=True,
    ),
    Transition(
        event="superior_pass",
        label=_("Pass"),
        source=(ApplicationState.AT_SUPERIOR,),
        target=UPWARDS,
        roles=(Role.SUPERIOR,),
        guards=(
            custody.is_holder,
            handlers.is_with_actor,
            notices.has_no_open_objection,
            handovers.next_is_open,
            deadlines.is_in_time,
            eligibility.is_not_barred,
        ),
        checks=(eligibility.is_in_standing, signatures.are_two),
        effects=(signatures.record_leader, routing.advance),
        is_independent=True,
    ),
    Transition(
        event="superior_return",
        label=_("Return for changes"),
        source=(ApplicationState.AT_SUPERIOR,),
        target=ApplicationState.RETURNED,
        roles=(Role.SUPERIOR,),
        guards=(
            custody.is_holder,
            handlers.is_with_actor,
            deadlines.is_in_time,
            deadlines.leaves_time_to_change,
        ),
        checks=(signatures.are_two, return_reasons.refuse_empty_reasons, return_reasons.says_why),
        effects=(signatures.record_leader, custody.note_return, custody.give_to_applicant),
        is_independent=True,
    ),
    Transition(
        event="superior_send_back",
        label=_("Send back to an earlier station"),
        source=(ApplicationState.AT_SUPERIOR,),
        target=DOWNWARDS,
        roles=(Role.SUPERIOR,),
        guards=(
            custody.is_holder,
            handlers.is_with_actor,
            notices.has_no_open_objection,
            deadlines.is_in_time,
        ),
        checks=(signatures.are_two, sending_back.names_station),
        effects=(signatures.record_leader, sending_back.send_back),
        needs_opinion=True,
    ),
    Transition(
        event="superior_end",
        label=_("End for this year"),
        source=(ApplicationState.AT_SUPERIOR,),
        target=ApplicationState.ENDED,
        roles=(Role.SUPERIOR,),
        guards=(custody.is_holder, handlers.is_with_actor, deadlines.is_in_time),
        checks=(signatures.are_two,),
        effects=(signatures.record_leader, custody.give_to_nobody),
        needs_opinion=True,
        consequence=_("The application ends for this year and the applicant is told at once."),
        is_independent=True,
    ),
)
