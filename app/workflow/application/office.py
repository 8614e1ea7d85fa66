"""The qualification check of the committee's office (menu 1.2.1)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition
from app.enums import ApplicationState, Role
from app.services.dossier import eligibility, return_reasons
from app.services.handling import handlers
from app.services.registers import committee_validity, deadlines
from app.services.review import (
    custody,
    notices,
    qualification,
    sending_back,
    signatures,
)
from app.workflow.application.superior import DOWNWARDS

ROWS = (
    Transition(
        event="office_pass",
        label=_("Qualified"),
        source=(ApplicationState.AT_OFFICE, ApplicationState.CORRECTED),
        target=ApplicationState.QUALIFIED,
        roles=(Role.OFFICE,),
        guards=(
            committee_validity.is_own_committee,
            handlers.is_with_actor,
            notices.has_no_open_objection,
            qualification.is_in_scope,
            eligibility.is_not_barred,
            deadlines.is_in_time,
        ),
        checks=(eligibility.is_in_standing, signatures.are_two),
        effects=(signatures.record_leader, custody.give_to_office),
        is_independent=True,
    ),
    Transition(
        event="office_refuse",
        label=_("Not qualified, ended for this year"),
        source=(ApplicationState.AT_OFFICE, ApplicationState.CORRECTED),
        target=ApplicationState.ENDED,
        roles=(Role.OFFICE,),
        guards=(committee_validity.is_own_committee, handlers.is_with_actor, deadlines.is_in_time),
        checks=(signatures.are_two,),
        effects=(signatures.record_leader, custody.give_to_nobody),
        needs_opinion=True,
        consequence=_("The application ends for this year and the applicant is told at once."),
        is_independent=True,
    ),
    Transition(
        event="ask_correction",
        label=_("Ask for a supplement"),
        source=(ApplicationState.AT_OFFICE,),
        target=ApplicationState.IN_CORRECTION,
        roles=(Role.OFFICE,),
        guards=(
            committee_validity.is_own_committee,
            handlers.is_with_actor,
            deadlines.is_in_time,
            qualification.was_never_corrected,
        ),
        checks=(signatures.are_two, qualification.has_items, return_reasons.refuse_empty_opinion),
        effects=(
            signatures.record_leader,
            qualification.open_correction,
            custody.give_to_applicant,
        ),
    ),
    Transition(
        event="office_send_back",
        label=_("Send back to an earlier station"),
        source=(ApplicationState.AT_OFFICE, ApplicationState.CORRECTED),
        target=DOWNWARDS,
        roles=(Role.OFFICE,),
        guards=(
            committee_validity.is_own_committee,
            handlers.is_with_actor,
            notices.has_no_open_objection,
            deadlines.is_in_time,
        ),
        checks=(signatures.are_two, sending_back.names_station),
        effects=(signatures.record_leader, sending_back.send_back),
        needs_opinion=True,
    ),
    Transition(
        event="lapse",
        label=_("Supplement missed"),
        source=(ApplicationState.IN_CORRECTION,),
        target=ApplicationState.LAPSED,
        by_clock=True,
        guards=(qualification.is_past_deadline,),
        effects=(qualification.miss_correction, custody.give_to_nobody),
    ),
)
