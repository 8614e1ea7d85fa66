"""The life of an application, from 暂存 to the certificate."""

from flask_babel import lazy_gettext as _

from app.engine import Branch, Transition, Workflow
from app.enums import ApplicationState, Role
from app.models import Application
from app.services.dossier import drafts, eligibility, return_reasons, submissions
from app.services.registers import committee_validity
from app.services.review import (
    application_messages,
    custody,
    first_checks,
    notices,
    qualification,
    routing,
    signatures,
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
UPWARDS = Branch((ApplicationState.AT_SUPERIOR, ApplicationState.AT_OFFICE), routing.next_state)
AFTER_INQUIRY = Branch(
    (ApplicationState.IN_NOTICE, ApplicationState.NOTICE_OVER), notices.state_after_inquiry
)
AFTER_RESULT_INQUIRY = Branch(
    (ApplicationState.IN_RESULT_NOTICE, ApplicationState.RESULT_CLEAR), notices.state_after_inquiry
)

APPLICATION = Workflow(
    Application,
    # the applicant
    Transition("begin", _("Begin"), (), ApplicationState.DRAFT, (Role.APPLICANT,), guards=(eligibility.may_begin,), effects=(custody.give_to_applicant,)),
    Transition("submit", _("Submit"), (ApplicationState.DRAFT,), ApplicationState.AT_UNIT, (Role.APPLICANT,), guards=(eligibility.is_owner, eligibility.is_in_window), checks=(eligibility.is_complete, eligibility.is_committed, routing.is_usable), effects=(routing.take_snapshot, submissions.keep_submission, rule_evaluation.at_hand_in, custody.give_to_unit)),
    Transition("resubmit", _("Submit again"), (ApplicationState.RETURNED,), ApplicationState.AT_UNIT, (Role.APPLICANT,), guards=(eligibility.is_owner, eligibility.is_in_resubmit_window), checks=(eligibility.is_complete, eligibility.is_committed, routing.is_usable), effects=(routing.take_snapshot, submissions.keep_submission, rule_evaluation.at_hand_in, custody.give_to_unit)),
    Transition("take_back", _("Take back"), (ApplicationState.AT_UNIT,), ApplicationState.DRAFT, (Role.APPLICANT,), guards=(eligibility.is_owner, eligibility.is_untouched), effects=(custody.give_to_applicant,)),
    Transition("give_up", _("Withdraw"), BEFORE_REVIEW, ApplicationState.WITHDRAWN, (Role.APPLICANT,), guards=(eligibility.is_owner, drafts.was_handed_in), effects=(custody.give_to_nobody,)),
    Transition("discard", _("Delete the draft"), (ApplicationState.DRAFT,), ApplicationState.DISCARDED, (Role.APPLICANT,), guards=(eligibility.is_owner, drafts.was_never_handed_in), effects=(custody.give_to_nobody,)),
    Transition("restore", _("Restore the draft"), (ApplicationState.DISCARDED,), ApplicationState.DRAFT, (Role.APPLICANT,), guards=(eligibility.is_owner, drafts.may_come_back), effects=(custody.give_to_applicant,)),
    Transition("answer_correction", _("Hand in the supplement"), (ApplicationState.IN_CORRECTION,), ApplicationState.CORRECTED, (Role.APPLICANT,), guards=(eligibility.is_owner, qualification.is_in_correction_time), checks=(eligibility.is_complete,), effects=(submissions.keep_submission, rule_evaluation.at_hand_in, qualification.close_correction, custody.give_to_office)),
    # the unit: first check, notice, recommendation
    Transition("check_pass", _("Pass the first check"), (ApplicationState.AT_UNIT,), ApplicationState.CHECKED, (Role.UNIT,), guards=(custody.is_holder, eligibility.is_not_barred), checks=(signatures.are_two, first_checks.is_thorough,), effects=(signatures.note, first_checks.note, custody.clear_return, custody.give_to_unit)),
    Transition("check_return", _("Return for changes"), (ApplicationState.AT_UNIT,), ApplicationState.RETURNED, (Role.UNIT,), guards=(custody.is_holder,), checks=(signatures.are_two, return_reasons.names_a_section, return_reasons.say_something), effects=(signatures.note, first_checks.note, custody.note_return, custody.give_to_applicant), needs_opinion=True),
    Transition("check_end", _("End for this year"), (ApplicationState.AT_UNIT,), ApplicationState.ENDED, (Role.UNIT,), guards=(custody.is_holder,), checks=(signatures.are_two,), effects=(signatures.note, custody.give_to_nobody,), needs_opinion=True),
    Transition("publish", _("Put into notice"), (ApplicationState.CHECKED,), ApplicationState.IN_NOTICE, (Role.UNIT,), guards=(custody.is_holder,), effects=(custody.freeze, custody.give_to_unit)),
    Transition("unpublish", _("Take out of notice"), (ApplicationState.IN_NOTICE,), ApplicationState.CHECKED, (Role.UNIT,), guards=(custody.is_holder,), effects=(custody.give_to_unit,)),
    Transition("notice_over", _("Notice ended"), (ApplicationState.IN_NOTICE,), ApplicationState.NOTICE_OVER, by_clock=True, guards=(notices.is_over,), effects=(custody.give_to_unit,)),
    Transition("object", _("Objection registered"), (ApplicationState.IN_NOTICE, ApplicationState.NOTICE_OVER), ApplicationState.DISPUTED, (Role.UNIT,), guards=(custody.is_holder,), effects=(custody.give_to_unit,)),
    Transition("objection_rejected", _("Objection not upheld"), (ApplicationState.DISPUTED,), AFTER_INQUIRY, (Role.UNIT, Role.SUPERIOR), guards=(notices.has_no_open_objection,), effects=(custody.give_to_unit,)),
    Transition("objection_return", _("Objection upheld, returned"), (ApplicationState.DISPUTED,), ApplicationState.RETURNED, (Role.UNIT, Role.SUPERIOR), checks=(return_reasons.say_something,), effects=(custody.note_return, custody.give_to_applicant), needs_opinion=True),
    Transition("objection_end", _("Objection upheld, ended"), (ApplicationState.DISPUTED,), ApplicationState.ENDED, (Role.UNIT, Role.SUPERIOR), effects=(custody.give_to_nobody,), needs_opinion=True),
    Transition("report", _("Report upwards"), (ApplicationState.NOTICE_OVER,), UPWARDS, (Role.UNIT,), guards=(custody.is_holder, notices.has_finished_notice, notices.has_no_open_objection, eligibility.is_not_barred, routing.is_in_unit_window, routing.has_quota), checks=(signatures.are_two, routing.has_recommendation,), effects=(signatures.note, routing.start,)),
    # superior units, one after another along the application's own route
    Transition("superior_pass", _("Pass"), (ApplicationState.AT_SUPERIOR,), UPWARDS, (Role.SUPERIOR,), guards=(custody.is_holder, routing.is_in_superior_window), checks=(signatures.are_two,), effects=(signatures.note, routing.advance,)),
    Transition("superior_return", _("Return for changes"), (ApplicationState.AT_SUPERIOR,), ApplicationState.RETURNED, (Role.SUPERIOR,), guards=(custody.is_holder,), checks=(signatures.are_two, return_reasons.say_something,), effects=(signatures.note, custody.note_return, custody.give_to_applicant), needs_opinion=True),
    Transition("superior_end", _("End for this year"), (ApplicationState.AT_SUPERIOR,), ApplicationState.ENDED, (Role.SUPERIOR,), guards=(custody.is_holder,), checks=(signatures.are_two,), effects=(signatures.note, custody.give_to_nobody,), needs_opinion=True),
    # the committee's office
    Transition("office_pass", _("Qualified"), (ApplicationState.AT_OFFICE, ApplicationState.CORRECTED), ApplicationState.QUALIFIED, (Role.OFFICE,), guards=(committee_validity.is_own_committee, qualification.is_in_scope, eligibility.is_not_barred, qualification.is_in_office_window), checks=(signatures.are_two,), effects=(signatures.note, custody.give_to_office,)),
    Transition("office_refuse", _("Not qualified, ended for this year"), (ApplicationState.AT_OFFICE, ApplicationState.CORRECTED), ApplicationState.ENDED, (Role.OFFICE,), guards=(committee_validity.is_own_committee,), checks=(signatures.are_two,), effects=(signatures.note, custody.give_to_nobody,), needs_opinion=True),
    Transition("ask_correction", _("Ask for a supplement"), (ApplicationState.AT_OFFICE,), ApplicationState.IN_CORRECTION, (Role.OFFICE,), guards=(committee_validity.is_own_committee, qualification.was_never_corrected), checks=(signatures.are_two, qualification.has_items,), effects=(signatures.note, qualification.open_correction, custody.give_to_applicant), needs_opinion=True),
    Transition("lapse", _("Supplement missed"), (ApplicationState.IN_CORRECTION,), ApplicationState.LAPSED, by_clock=True, guards=(qualification.is_past_deadline,), effects=(qualification.miss_correction, custody.give_to_nobody)),
    # the meeting and what follows; fired by the plan, the notice and the filing
    Transition("take_in", _("Taken into the meeting"), (ApplicationState.QUALIFIED,), ApplicationState.IN_REVIEW, (Role.HRSS,), effects=(custody.give_to_office,)),
    Transition("decide_pass", _("Review passed"), (ApplicationState.IN_REVIEW,), ApplicationState.PASSED, (Role.OFFICE,), effects=(custody.give_to_office,)),
    Transition("decide_fail", _("Review not passed"), (ApplicationState.IN_REVIEW,), ApplicationState.FAILED, (Role.OFFICE,), effects=(custody.give_to_nobody,)),
    Transition("publish_result", _("Put the result into notice"), (ApplicationState.PASSED,), ApplicationState.IN_RESULT_NOTICE, (Role.OFFICE,), guards=(committee_validity.is_own_committee,), effects=(custody.give_to_office,)),
    Transition("result_over", _("Result notice ended"), (ApplicationState.IN_RESULT_NOTICE,), ApplicationState.RESULT_CLEAR, by_clock=True, guards=(notices.is_over,), effects=(custody.give_to_office,)),
    Transition("result_object", _("Result objection registered"), (ApplicationState.IN_RESULT_NOTICE, ApplicationState.RESULT_CLEAR), ApplicationState.RESULT_DISPUTED, (Role.OFFICE,), guards=(committee_validity.is_own_committee,), effects=(custody.give_to_office,)),
    Transition("result_objection_rejected", _("Result objection not upheld"), (ApplicationState.RESULT_DISPUTED,), AFTER_RESULT_INQUIRY, (Role.OFFICE,), guards=(committee_validity.is_own_committee, notices.has_no_open_objection), effects=(custody.give_to_office,)),
    Transition("result_objection_upheld", _("Result objection upheld"), (ApplicationState.RESULT_DISPUTED,), ApplicationState.CANCELLED, (Role.OFFICE,), guards=(committee_validity.is_own_committee,), effects=(custody.give_to_nobody,), needs_opinion=True),
    Transition("file", _("Handed in for filing"), (ApplicationState.RESULT_CLEAR,), ApplicationState.IN_FILING, (Role.OFFICE,), guards=(committee_validity.is_own_committee,), effects=(custody.give_to_authority,)),
    Transition("file_return", _("Filing returned"), (ApplicationState.IN_FILING,), ApplicationState.RESULT_CLEAR, (Role.HRSS,), effects=(custody.give_to_office,)),
    Transition("certify", _("Certificate issued"), (ApplicationState.IN_FILING,), ApplicationState.CERTIFIED, (Role.HRSS,), effects=(custody.give_to_nobody,)),
    Transition("revoke", _("Certificate revoked"), (ApplicationState.CERTIFIED,), ApplicationState.REVOKED, (Role.HRSS,)),
    guards=(custody.is_not_own,),
    after=(application_messages.tell_applicant,),
)  # fmt: skip
