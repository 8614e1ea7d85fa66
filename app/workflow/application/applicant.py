"""The applicant's acts on an application."""

from flask_babel import lazy_gettext as _

from app.engine import Transition
from app.enums import ApplicationState, Role
from app.services.dossier import drafts, eligibility, submissions
from app.services.review import (
    custody,
    qualification,
    routing,
)
from app.services.rules import rule_evaluation

BEFORE_REVIEW = (
    ApplicationState.DRAFT,
    ApplicationState.AT_UNIT,
    ApplicationState.RETURNED,
    ApplicationState.CHECKED,
    ApplicationState.IN_NOTICE,
    ApplicationState.NOTICE_OVER,
    ApplicationState.AT_SUPERIOR,
    ApplicationState.AT_OFFICE,
    ApplicationState.IN_CORRECTION,
    ApplicationState.CORRECTED,
)

ROWS = (
    Transition(
        event="begin",
        label=_("Begin"),
        source=(),
        target=ApplicationState.DRAFT,
        roles=(Role.APPLICANT,),
        guards=(eligibility.may_begin,),
        effects=(custody.give_to_applicant,),
    ),
    Transition(
        event="submit",
        label=_("Submit"),
        source=(ApplicationState.DRAFT,),
        target=ApplicationState.AT_UNIT,
        roles=(Role.APPLICANT,),
        guards=(eligibility.is_owner, eligibility.is_in_window),
        checks=(eligibility.is_complete, eligibility.is_committed, routing.is_usable),
        effects=(
            routing.take_snapshot,
            submissions.keep_submission,
            rule_evaluation.store_count_on_submission,
            custody.give_to_unit,
        ),
    ),
    Transition(
        event="resubmit",
        label=_("Submit again"),
        source=(ApplicationState.RETURNED,),
        target=ApplicationState.AT_UNIT,
        roles=(Role.APPLICANT,),
        guards=(eligibility.is_owner, eligibility.is_in_resubmit_window),
        checks=(eligibility.is_complete, eligibility.is_committed, routing.is_usable),
        effects=(
            routing.take_snapshot,
            submissions.keep_submission,
            rule_evaluation.store_count_on_submission,
            custody.give_to_unit,
        ),
    ),
    Transition(
        event="take_back",
        label=_("Take back"),
        source=(ApplicationState.AT_UNIT,),
        target=ApplicationState.DRAFT,
        roles=(Role.APPLICANT,),
        guards=(eligibility.is_owner, eligibility.is_untouched),
        effects=(custody.give_to_applicant,),
    ),
    Transition(
        event="give_up",
        label=_("Give up the application"),
        source=BEFORE_REVIEW,
        target=ApplicationState.WITHDRAWN,
        roles=(Role.APPLICANT,),
        guards=(eligibility.is_owner, drafts.was_handed_in),
        effects=(custody.give_to_nobody,),
    ),
    Transition(
        event="discard",
        label=_("Delete the draft"),
        source=(ApplicationState.DRAFT,),
        target=ApplicationState.DISCARDED,
        roles=(Role.APPLICANT,),
        guards=(eligibility.is_owner, drafts.was_never_handed_in),
        effects=(custody.give_to_nobody,),
    ),
    Transition(
        event="restore",
        label=_("Restore the draft"),
        source=(ApplicationState.DISCARDED,),
        target=ApplicationState.DRAFT,
        roles=(Role.APPLICANT,),
        guards=(eligibility.is_owner, drafts.may_come_back),
        effects=(custody.give_to_applicant,),
    ),
    Transition(
        event="answer_correction",
        label=_("Hand in the supplement"),
        source=(ApplicationState.IN_CORRECTION,),
        target=ApplicationState.CORRECTED,
        roles=(Role.APPLICANT,),
        guards=(eligibility.is_owner, qualification.is_in_correction_time),
        checks=(eligibility.is_complete,),
        effects=(
            submissions.keep_submission,
            rule_evaluation.store_count_on_submission,
            qualification.close_correction,
            custody.give_to_office,
        ),
    ),
)
