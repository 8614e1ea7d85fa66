"""Transitions from the meeting to the certificate, fired by the plan, the result notice and the filing."""

from flask_babel import lazy_gettext as _

from app.engine import Branch, Transition
from app.enums import ApplicationState, Role
from app.services.dossier import eligibility
from app.services.registers import batch_closing, committee_validity
from app.services.review import (
    barring,
    custody,
    notices,
    objections,
)
from app.workflow.application.unit import INQUIRERS

AFTER_RESULT_INQUIRY = Branch(
    (ApplicationState.IN_RESULT_NOTICE, ApplicationState.RESULT_CLEAR), notices.state_after_inquiry
)
TAKEN_OUT = Branch((ApplicationState.ENDED, ApplicationState.CANCELLED), barring.target_of)

ROWS = (
    Transition(
        event="expire",
        label=_("Not dealt with in time, ended for this year"),
        source=batch_closing.EXPIRING,
        target=ApplicationState.ENDED,
        by_clock=True,
        guards=(batch_closing.is_closed_and_over,),
        effects=(custody.give_to_nobody,),
    ),
    Transition(
        event="take_in",
        label=_("Taken into the meeting"),
        source=(ApplicationState.QUALIFIED,),
        target=ApplicationState.IN_REVIEW,
        roles=(Role.HRSS,),
        effects=(custody.give_to_office,),
    ),
    Transition(
        event="decide_pass",
        label=_("Review passed"),
        source=(ApplicationState.IN_REVIEW,),
        target=ApplicationState.PASSED,
        roles=(Role.OFFICE,),
        effects=(custody.give_to_office,),
    ),
    Transition(
        event="decide_fail",
        label=_("Review not passed"),
        source=(ApplicationState.IN_REVIEW,),
        target=ApplicationState.FAILED,
        roles=(Role.OFFICE,),
        effects=(custody.give_to_nobody,),
    ),
    Transition(
        event="publish_result",
        label=_("Put the result into notice"),
        source=(ApplicationState.PASSED,),
        target=ApplicationState.IN_RESULT_NOTICE,
        roles=(Role.OFFICE,),
        guards=(committee_validity.is_own_committee, eligibility.is_not_barred),
        effects=(custody.give_to_office,),
    ),
    Transition(
        event="result_over",
        label=_("Result notice ended"),
        source=(ApplicationState.IN_RESULT_NOTICE,),
        target=ApplicationState.RESULT_CLEAR,
        by_clock=True,
        guards=(notices.is_over,),
        effects=(custody.give_to_office,),
    ),
    Transition(
        event="result_object",
        label=_("Result objection registered"),
        source=(ApplicationState.IN_RESULT_NOTICE, ApplicationState.RESULT_CLEAR),
        target=ApplicationState.RESULT_DISPUTED,
        roles=INQUIRERS,
        guards=(objections.is_inquirer,),
        effects=(custody.give_to_office,),
    ),
    Transition(
        event="result_objection_rejected",
        label=_("Result objection not upheld"),
        source=(ApplicationState.RESULT_DISPUTED,),
        target=AFTER_RESULT_INQUIRY,
        roles=INQUIRERS,
        guards=(objections.is_inquirer, notices.has_no_open_objection),
        effects=(custody.give_to_office,),
    ),
    Transition(
        event="result_objection_upheld",
        label=_("Result objection upheld"),
        source=(
            ApplicationState.PASSED,
            ApplicationState.IN_RESULT_NOTICE,
            ApplicationState.RESULT_DISPUTED,
            ApplicationState.RESULT_CLEAR,
            ApplicationState.IN_FILING,
        ),
        target=ApplicationState.CANCELLED,
        roles=INQUIRERS,
        guards=(objections.is_inquirer,),
        effects=(custody.give_to_nobody,),
        needs_opinion=True,
    ),
    Transition(
        event="file",
        label=_("Handed in for filing"),
        source=(ApplicationState.RESULT_CLEAR,),
        target=ApplicationState.IN_FILING,
        roles=(Role.OFFICE,),
        guards=(
            committee_validity.is_own_committee,
            notices.has_no_open_objection,
            eligibility.is_not_barred,
        ),
        effects=(custody.give_to_authority,),
    ),
    Transition(
        event="file_return",
        label=_("Filing returned"),
        source=(ApplicationState.IN_FILING,),
        target=ApplicationState.RESULT_CLEAR,
        roles=(Role.HRSS,),
        effects=(custody.give_to_office,),
    ),
    Transition(
        event="certify",
        label=_("Certificate issued"),
        source=(ApplicationState.IN_FILING,),
        target=ApplicationState.CERTIFIED,
        roles=(Role.HRSS,),
        guards=(notices.has_no_open_objection, eligibility.is_not_barred),
        effects=(custody.give_to_nobody,),
    ),
    Transition(
        event="bar_out",
        label=_("Take out, barred"),
        source=(*barring.BEFORE_RESULT, *barring.AFTER_RESULT),
        target=TAKEN_OUT,
        roles=(Role.UNIT, Role.OFFICE, Role.HRSS),
        guards=(barring.is_in_charge, barring.is_barred, barring.is_not_voted_on),
        effects=(barring.leave_plan, custody.give_to_nobody),
        needs_opinion=True,
        consequence=_("The application ends and can go no further."),
    ),
    Transition(
        event="revoke",
        label=_("Certificate revoked"),
        source=(ApplicationState.CERTIFIED,),
        target=ApplicationState.REVOKED,
        roles=(Role.HRSS,),
    ),
)
