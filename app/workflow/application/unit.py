"""The unit's acts: first check, notice, objections, recommendation (menus 1.1.1, 1.1.2)."""

from flask_babel import lazy_gettext as _

from app.engine import Branch, Transition
from app.enums import ApplicationState, Role
from app.services.dossier import eligibility, return_reasons
from app.services.handling import handlers
from app.services.registers import deadlines
from app.services.review import (
    custody,
    first_checks,
    handovers,
    notices,
    objections,
    routing,
    signatures,
)
from app.workflow.application.superior import UPWARDS

AFTER_INQUIRY = Branch(
    (ApplicationState.IN_NOTICE, ApplicationState.NOTICE_OVER), notices.state_after_inquiry
)
INQUIRERS = (Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS)
"""Roles of the bodies that inquire into objections; the objection's own guards say whose it is."""
REPORTABLE = (
    custody.is_holder,
    handlers.is_with_actor,
    notices.has_finished_notice,
    notices.has_no_open_objection,
    eligibility.is_not_barred,
    handovers.next_is_open,
    deadlines.is_in_time,
    routing.has_quota,
)
"""Guards for reporting (【上报】) an application whose notice has ended."""

ROWS = (
    Transition(
        event="check_pass",
        label=_("Pass the first check"),
        source=(ApplicationState.AT_UNIT,),
        target=ApplicationState.CHECKED,
        roles=(Role.UNIT,),
        guards=(
            custody.is_holder,
            handlers.is_with_actor,
            deadlines.is_in_time,
            eligibility.is_not_barred,
        ),
        checks=(eligibility.is_in_standing, signatures.are_two, first_checks.is_thorough),
        effects=(
            signatures.record_leader,
            first_checks.note,
            custody.clear_return,
            custody.give_to_unit,
        ),
        is_independent=True,
    ),
    Transition(
        event="check_return",
        label=_("Return for changes"),
        source=(ApplicationState.AT_UNIT,),
        target=ApplicationState.RETURNED,
        roles=(Role.UNIT,),
        guards=(
            custody.is_holder,
            handlers.is_with_actor,
            deadlines.is_in_time,
            deadlines.leaves_time_to_change,
        ),
        checks=(
            signatures.are_two,
            return_reasons.names_a_section,
            return_reasons.refuse_empty_reasons,
            return_reasons.refuse_empty_opinion,
        ),
        effects=(
            signatures.record_leader,
            first_checks.note,
            custody.note_return,
            custody.give_to_applicant,
        ),
        is_independent=True,
    ),
    Transition(
        event="check_end",
        label=_("End for this year"),
        source=(ApplicationState.AT_UNIT,),
        target=ApplicationState.ENDED,
        roles=(Role.UNIT,),
        guards=(custody.is_holder, handlers.is_with_actor, deadlines.is_in_time),
        checks=(signatures.are_two,),
        effects=(signatures.record_leader, custody.give_to_nobody),
        needs_opinion=True,
        consequence=_("The application ends for this year and the applicant is told at once."),
        is_independent=True,
    ),
    Transition(
        event="publish",
        label=_("Put into notice"),
        source=(ApplicationState.CHECKED,),
        target=ApplicationState.IN_NOTICE,
        roles=(Role.UNIT,),
        guards=(custody.is_holder, deadlines.is_in_time, eligibility.is_not_barred),
        effects=(custody.freeze, custody.give_to_unit),
    ),
    Transition(
        event="unpublish",
        label=_("Take out of notice"),
        source=(ApplicationState.IN_NOTICE,),
        target=ApplicationState.CHECKED,
        roles=(Role.UNIT,),
        guards=(custody.is_holder,),
        effects=(custody.give_to_unit,),
    ),
    Transition(
        event="notice_over",
        label=_("Notice ended"),
        source=(ApplicationState.IN_NOTICE,),
        target=ApplicationState.NOTICE_OVER,
        by_clock=True,
        guards=(notices.is_over,),
        effects=(custody.give_to_unit,),
    ),
    Transition(
        event="object",
        label=_("Objection registered"),
        source=(ApplicationState.IN_NOTICE, ApplicationState.NOTICE_OVER),
        target=ApplicationState.DISPUTED,
        roles=INQUIRERS,
        guards=(objections.is_inquirer,),
        effects=(custody.give_to_unit,),
    ),
    Transition(
        event="objection_rejected",
        label=_("Objection not upheld"),
        source=(ApplicationState.DISPUTED,),
        target=AFTER_INQUIRY,
        roles=INQUIRERS,
        guards=(objections.is_inquirer, notices.has_no_open_objection),
        effects=(custody.give_to_unit,),
    ),
    Transition(
        event="objection_return",
        label=_("Objection upheld, returned"),
        source=(
            ApplicationState.DISPUTED,
            ApplicationState.AT_UNIT,
            ApplicationState.CHECKED,
            ApplicationState.AT_SUPERIOR,
        ),
        target=ApplicationState.RETURNED,
        roles=INQUIRERS,
        guards=(objections.is_inquirer, deadlines.leaves_time_to_change),
        checks=(return_reasons.refuse_empty_reasons,),
        effects=(custody.note_return, custody.give_to_applicant),
        needs_opinion=True,
    ),
    Transition(
        event="objection_end",
        label=_("Objection upheld, ended"),
        source=(
            ApplicationState.DISPUTED,
            ApplicationState.AT_UNIT,
            ApplicationState.RETURNED,
            ApplicationState.CHECKED,
            ApplicationState.AT_SUPERIOR,
            ApplicationState.AT_OFFICE,
            ApplicationState.IN_CORRECTION,
            ApplicationState.CORRECTED,
            ApplicationState.QUALIFIED,
        ),
        target=ApplicationState.ENDED,
        roles=INQUIRERS,
        guards=(objections.is_inquirer,),
        effects=(custody.give_to_nobody,),
        needs_opinion=True,
    ),
    Transition(
        event="report",
        label=_("Report upwards"),
        source=(ApplicationState.NOTICE_OVER,),
        target=UPWARDS,
        roles=(Role.UNIT,),
        guards=REPORTABLE,
        checks=(eligibility.is_in_standing, signatures.are_two, routing.has_recommendation),
        effects=(signatures.record_leader, routing.start),
    ),
)
